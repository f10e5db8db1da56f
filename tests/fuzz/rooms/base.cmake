cutover_fuzzer(xml base)
cutover_fuzzer(json_items base)
