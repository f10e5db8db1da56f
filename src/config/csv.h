/*
 * csv.h - RFC 4180 records out of a buffer, decoded in place so that no second copy of a
 * password arises; only for src/config.
 */
#ifndef CONFIG_CSV_H
#define CONFIG_CSV_H

#include "base/str.h"

enum { CSV_FIELDS_MAX = 32 };

struct csv {
	char *at, *end; /* borrowed; the bytes are changed; *end must be writable */
	size_t line;    /* of `at`, from 1 */
};
struct csv_field {
	char *text; /* NUL-terminated, in the buffer */
	size_t len;
	size_t line; /* where it begins */
};
struct csv_record {
	size_t line, n;
	struct csv_field fields[CSV_FIELDS_MAX];
};
enum csv_result { CSV_RECORD, CSV_END, CSV_BAD };

/* The next record; empty lines are passed over. On CSV_BAD *why_r says what is wrong in
 * line c->line (static). LF and CRLF end a record; inside quotes they are data. */
enum csv_result csv_next(struct csv *c, struct csv_record *record_r, const char **why_r);

#endif
