# dns/who.tsv as a C file: cmake -DTSV=… -DOUT=… -P who_table.cmake
# A line that is not of seven columns is left as it is, and the compiler stops at it.
file(READ ${TSV} text)
string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
string(REGEX REPLACE "(none|one_name|own_sts)([|\t])" "WHO_FLAG_\\1\\2" text "${text}")
set(column "\t([^\t\n\"]+)")
string(REGEX REPLACE "(mail|dns)${column}${column}${column}${column}${column}\t[^\t\n]+\n"
  "\t{ \"\\2.\", { WHO_KIND_\\1, \"\\3\", \"\\4\", \"\\6\", ((\\5) & WHO_FLAG_one_name) != 0, ((\\5) & WHO_FLAG_own_sts) != 0 } },\n"
  text "${text}")
string(REPLACE "WHO_KIND_mail" "WHO_MAIL" text "${text}")
string(REPLACE "WHO_KIND_dns" "WHO_DNS" text "${text}")
string(REPLACE "\"-\"" "NULL" text "${text}")
file(WRITE ${OUT} "/* Made of dns/who.tsv. */
#include \"dns/who_row.h\"

const struct who_row who_rows[] = {
${text}};
const size_t who_row_n = sizeof(who_rows) / sizeof(who_rows[0]);
")
