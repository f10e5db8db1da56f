cutover_fuzzer(snapshot_json check)
cutover_fuzzer(snapshot_take dns)
cutover_fuzzer(axfr dns)
