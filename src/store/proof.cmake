# The ledger beyond what a copy needs: what is at the target already, remarks by name.
target_sources(cutover_store PRIVATE ledger_head.c ledger_note.c)
