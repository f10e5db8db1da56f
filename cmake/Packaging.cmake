# What is installed, and the .deb that CPack makes of it:
#
#   cmake --preset release && cmake --build --preset release
#   cmake --install build/release            (or)   cd build/release && cpack -G DEB
#
# The man page and the bash completion are what the program says of itself, so they cannot
# be out of step with it. Include this file after the rooms.
if(NOT TARGET cutover)
  return()
endif()

set(generated ${PROJECT_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${generated})
foreach(page "man;cutover.1" "bash;cutover.bash")
  list(GET page 0 format)
  list(GET page 1 name)
  add_custom_command(OUTPUT ${generated}/${name}
    COMMAND $<TARGET_FILE:cutover> help --format ${format} > ${generated}/${name}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${generated}/${name}.new ${generated}/${name}
    DEPENDS cutover
    COMMENT "cutover help --format ${format}"
    VERBATIM)
endforeach()
# Debian wants manual pages compressed, without a time stamp.
add_custom_command(OUTPUT ${generated}/cutover.1.gz
  COMMAND gzip -9n -k -f ${generated}/cutover.1
  DEPENDS ${generated}/cutover.1
  VERBATIM)
add_custom_target(pages ALL DEPENDS ${generated}/cutover.1.gz ${generated}/cutover.bash)

install(TARGETS cutover RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${generated}/cutover.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${generated}/cutover.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME cutover)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/copyright ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
  FILES_MATCHING PATTERN "*.md")
# The pipeline's step, to be copied into a repository.
install(PROGRAMS ${PROJECT_SOURCE_DIR}/docs/pipeline/audit-step DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs/pipeline)
install(FILES ${PROJECT_SOURCE_DIR}/docs/pipeline/action.yml ${PROJECT_SOURCE_DIR}/docs/pipeline/gitlab.yml
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs/pipeline)
# DNS providers that are programs: `command: NAME` is cutover-dns-NAME in here.
install(PROGRAMS ${PROJECT_SOURCE_DIR}/plugins/cutover-dns-lexicon DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/cutover)
# The descriptions of DNS providers: data that the program reads, and that anyone may add to.
install(DIRECTORY DESTINATION ${CMAKE_INSTALL_DATADIR}/cutover/providers)
if(EXISTS ${PROJECT_SOURCE_DIR}/registrars/providers)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/registrars/providers/
    DESTINATION ${CMAKE_INSTALL_DATADIR}/cutover/providers
    FILES_MATCHING PATTERN "*.json" PATTERN "*.yaml")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cutover)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "cutover")
set(CPACK_PACKAGE_CONTACT "The cutover authors <cutover@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "move a domain's mail from one provider to another")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
" Audits a domain's DNS, proves ownership, stages the record changes, copies
 every mailbox over IMAP, and lets the MX record switch only when the evidence
 says that nothing is missing.")
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS dns-root-data)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "lexicon, python3")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_SOURCE_GENERATOR TXZ)
set(CPACK_SOURCE_IGNORE_FILES "/build/;/\\\\.git/;/\\\\.lab/")
include(CPack)

if(BUILD_TESTING)
  add_test(NAME packaging/deb COMMAND ${PROJECT_SOURCE_DIR}/packaging/check_deb
    ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR} ${CMAKE_CPACK_COMMAND})
  set_tests_properties(packaging/deb PROPERTIES LABELS packaging TIMEOUT 300)
endif()
