cutover_fuzzer(process registrars_process)
if(BUILD_TESTING)
  target_link_libraries(fuzz_process PRIVATE cutover_registrars)
endif()
