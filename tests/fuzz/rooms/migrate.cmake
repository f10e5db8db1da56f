cutover_fuzzer(headkey migrate)
cutover_fuzzer(repair migrate)
