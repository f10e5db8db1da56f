/*
 * size.h - sizes as people write and read them: "35MB", "1.4 GB". Decimal units, as servers' limits
 * and disks are sold; KiB, MiB and GiB are read, too.
 */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include "base/str.h"

enum { SIZE_TEXT_MAX = 16 };

/* "1.4 GB", "12 kB": three figures at most; returns text. */
const char *size_format(uint64_t bytes, char text[SIZE_TEXT_MAX]);
/* Digits, with a fraction where a unit follows ("1.5GB"), a blank between allowed, case of the unit
 * ignored; no unit is bytes. False for anything else and for overflow. */
bool size_parse(struct slice s, uint64_t *bytes_r);

#endif
