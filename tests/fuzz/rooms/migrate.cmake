cutover_fuzzer(headkey migrate)
