cutover_fuzzer(audit_line flow)
