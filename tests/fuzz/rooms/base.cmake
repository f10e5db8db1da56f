cutover_fuzzer(xml base)
