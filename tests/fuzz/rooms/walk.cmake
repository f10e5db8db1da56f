cutover_fuzzer(walk dns)
