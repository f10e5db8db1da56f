# dns/who.tsv as the rows of a C array: cmake -DTSV=… -DOUT=… -P who_table.cmake
# A line that is not of seven columns is left as it is, and the compiler stops at it.
file(READ ${TSV} text)
string(REGEX REPLACE "#[^\n]*\n" "" text "${text}")
set(column "\t([^\t\n\"]+)")
string(REGEX REPLACE "(mail|dns)${column}${column}${column}${column}${column}\t[^\t\n]+\n"
  "ROW(WHO_KIND_\\1, \"\\2.\", \"\\3\", \"\\4\", \\5, \"\\6\")\n" text "${text}")
string(REPLACE "\"-\"" "NULL" text "${text}")
file(WRITE ${OUT} "${text}")
