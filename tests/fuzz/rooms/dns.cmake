cutover_fuzzer(snapshot_json check)
