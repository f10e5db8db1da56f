cutover_fuzzer(imap_response migrate_imap)
cutover_fuzzer(mutf7 migrate_imap)
cutover_fuzzer(imap_date migrate_imap)
cutover_fuzzer(imap_session migrate)
