# Every target links cutover_flags: the warnings that must stay silent, and what a preset asks for.
add_library(cutover_flags INTERFACE)
target_compile_definitions(cutover_flags INTERFACE _GNU_SOURCE CUTOVER_VERSION="${PROJECT_VERSION}")
target_compile_options(cutover_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
  -Wundef -Wpointer-arith -Wwrite-strings
  $<$<BOOL:${CUTOVER_WERROR}>:-Werror>
  -fno-common -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
  -include ${PROJECT_SOURCE_DIR}/src/base/banned.h)
target_link_libraries(cutover_flags INTERFACE Threads::Threads)

# Two hundred test programs are linked with every sanitizer inside: mold takes a tenth of the time.
find_program(CUTOVER_MOLD mold)
if(CUTOVER_MOLD AND (CUTOVER_SANITIZE OR CUTOVER_FUZZ))
  target_link_options(cutover_flags INTERFACE -fuse-ld=mold)
endif()
if(CUTOVER_SANITIZE OR CUTOVER_FUZZ)
  target_compile_options(cutover_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cutover_flags INTERFACE -fsanitize=address,undefined)
endif()
if(CUTOVER_FUZZ)
  target_compile_options(cutover_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CUTOVER_COVERAGE)
  target_compile_options(cutover_flags INTERFACE --coverage)
  target_link_options(cutover_flags INTERFACE --coverage)
endif()
if(CUTOVER_TEST_HOOKS)
  target_compile_definitions(cutover_flags INTERFACE CUTOVER_TEST_HOOKS=1)
endif()
# Rooms are libraries of small functions: over their borders they are inlined at the end.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT CUTOVER_IPO LANGUAGES C OUTPUT CUTOVER_IPO_WHY)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${CUTOVER_IPO})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(cutover_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  target_link_options(cutover_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
