cutover_fuzzer(dnssec dns)
# What the fuzzer reads is signed on the way, as in the unit tests.
if(BUILD_TESTING)
  target_sources(fuzz_dnssec PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/dns/signed.c)
  target_include_directories(fuzz_dnssec PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/dns)
  target_link_libraries(fuzz_dnssec PRIVATE PkgConfig::LDNS)
endif()
