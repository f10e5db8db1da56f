cutover_fuzzer(deflate io)
