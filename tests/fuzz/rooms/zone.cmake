cutover_fuzzer(dns_answer zone)
cutover_fuzzer(zone_text zone)
