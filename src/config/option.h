/*
 * option.h - the table's rows as the loader needs them: where a value goes, and what it
 * must look like beyond its type; only for src/config.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "config/project.h"

struct option_row {
	struct option_info info;
	enum option_type of; /* what a LIST of scalars holds */
	size_t at, size;     /* the field of struct project; size 0: read by project_parts */
	/* A further promise of the text; the reason why it is broken, or NULL. */
	const char *(*check)(const char *text);
};

/* option_count() of them, in the order of the file that `init` writes. */
const struct option_row *option_rows(void);

/* The row of a key as the file has it in a section (a row's path, "" for the top); the
 * section's "*" row when the key has none of its own; NULL when there is neither. */
const struct option_row *option_row_in(const char *section, const char *key);
/* True when the row stands directly in the section ("" for the top). */
bool option_is_in(const struct option_row *row, const char *section);
/* The last part of a path: "max_mx_ttl" of "policy.max_mx_ttl". */
const char *option_key(const char *path);

/* "LO..HI" of whole numbers; false when the text is no such range. */
bool range_numbers(const char *range, uint64_t *lo_r, uint64_t *hi_r);
/* True when `word` is one of "a | b | c". */
bool range_has(const char *range, const char *word);

#endif
