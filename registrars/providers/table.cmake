# The descriptions of a folder as a C file: cmake -DDIR=… -DOUT=… [-DNAME=…] -P table.cmake
if(NOT NAME)
  set(NAME builtin)
endif()
file(GLOB files ${DIR}/*.json)
list(SORT files)
set(texts "")
set(rows "")
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} word)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND texts "static const unsigned char ${word}[] = { ${bytes} };\n")
  string(APPEND rows "\t{ \"${name}\", ${word}, sizeof(${word}) },\n")
endforeach()
file(WRITE ${OUT} "/* Made of descriptions of providers. */
#include \"registrars/providers/builtin.h\"

${texts}
extern const struct builtin ${NAME}s[];
extern const size_t ${NAME}_n;
const struct builtin ${NAME}s[] = {
${rows}};
const size_t ${NAME}_n = sizeof(${NAME}s) / sizeof(${NAME}s[0]);
")
