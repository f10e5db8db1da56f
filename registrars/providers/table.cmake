# The descriptions beside this file as a C file: cmake -DDIR=… -DOUT=… -P table.cmake
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
file(WRITE ${OUT} "/* Made of the descriptions in registrars/providers. */
#include \"registrars/providers/builtin.h\"

${texts}
const struct builtin builtins[] = {
${rows}};
const size_t builtin_n = sizeof(builtins) / sizeof(builtins[0]);
")
