# A room of the house: one folder, one static library, whose unit tests link only it and
# the floors that it names. An upward call does not link (docs/architecture.md).
#
#   cutover_room(zone SOURCES dname.c rrset.c DEPS base LIBS PkgConfig::LDNS)
#
# The library is cutover_zone; includes are spelled from the floor: "zone/rrset.h".
function(cutover_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_library(cutover_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(cutover_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  list(TRANSFORM ROOM_DEPS PREPEND cutover_)
  target_link_libraries(cutover_${name} PUBLIC ${ROOM_DEPS} cutover_flags PRIVATE ${ROOM_LIBS})
endfunction()

# A unit test: tests/unit/<room>/test_<x>.c, run without network.
#
#   cutover_unit_test(zone test_rrset.c)
function(cutover_unit_test room source)
  if(NOT BUILD_TESTING)
    return()
  endif()
  get_filename_component(stem ${source} NAME_WE)
  set(target unit_${room}_${stem})
  add_executable(${target} ${source} ${ARGN})
  target_link_libraries(${target} PRIVATE cutover_${room} PkgConfig::CMOCKA)
  add_test(NAME unit/${room}/${stem} COMMAND ${target} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(unit/${room}/${stem} PROPERTIES LABELS unit TIMEOUT 240)
endfunction()

# A fuzzer: tests/fuzz/fuzz_<x>.c with LLVMFuzzerTestOneInput. In the fuzz preset it is a
# libFuzzer program; elsewhere a small driver replays the kept corpus (tests/fuzz/corpus/<x>).
#
#   cutover_fuzzer(imap_response migrate_imap)
function(cutover_fuzzer name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  set(target fuzz_${name})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  set(rooms ${ARGN})
  list(TRANSFORM rooms PREPEND cutover_)
  if(CUTOVER_FUZZ)
    add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/${target}.c)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/${target}.c
                             ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.c)
    add_test(NAME fuzz/${name} COMMAND ${target} ${corpus})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
  target_link_libraries(${target} PRIVATE ${rooms})
endfunction()
