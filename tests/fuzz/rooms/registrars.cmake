cutover_fuzzer(zonefile registrars_zonefile)
cutover_fuzzer(rfc2136_reply registrars_rfc2136)
cutover_fuzzer(description registrars_rest)
cutover_fuzzer(rest_answer registrars_rest)
if(BUILD_TESTING)
  target_link_libraries(fuzz_rest_answer PRIVATE cutover_registrars cutover_registrars_providers)
  # Beside the built-in ones those of the tests, for what no built-in one does.
  file(GLOB described CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/replay/registrars/*.json)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/described_in_tests.c)
  add_custom_command(OUTPUT ${table}
    COMMAND ${CMAKE_COMMAND} -DDIR=${PROJECT_SOURCE_DIR}/tests/replay/registrars -DOUT=${table} -DNAME=described_in_test
      -P ${PROJECT_SOURCE_DIR}/registrars/providers/table.cmake
    DEPENDS ${described} ${PROJECT_SOURCE_DIR}/registrars/providers/table.cmake
    VERBATIM)
  target_sources(fuzz_rest_answer PRIVATE ${table})
endif()
cutover_fuzzer(cpanel registrars_cpanel registrars)
cutover_fuzzer(route53_answer registrars_route53 registrars)
cutover_fuzzer(namecheap registrars_namecheap registrars)
