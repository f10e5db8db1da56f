# What is at the target already, what was refused, and what proves it.
target_sources(cutover_migrate PRIVATE altered.c headkey.c heads.c match_pair.c match_read.c
  dates.c mend.c merged.c merged_ask.c mirror.c mirror_folder.c mirror_rule.c proof.c quarantine.c repair.c surplus.c)
