/*
 * who_row.h - a line of who.tsv as it is compiled in; only for who.c and the file that
 * who_table.cmake writes.
 */
#ifndef DNS_WHO_ROW_H
#define DNS_WHO_ROW_H

#include "dns/who.h"

/* What may stand in the column flags. */
enum { WHO_FLAG_none = 0, WHO_FLAG_one_name = 1, WHO_FLAG_own_sts = 2 };

struct who_row {
	const char *pattern; /* canonical but for its stars */
	struct who who;
};

/* In the file's order. */
extern const struct who_row who_rows[];
extern const size_t who_row_n;

#endif
