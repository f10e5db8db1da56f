/*
 * value.h - one scalar of the project file against its type and range; only for src/config.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/option.h"

struct value {
	const char *text; /* canonical; for all types but numbers and times */
	uint64_t number;  /* UINT */
	int64_t ms;       /* DURATION, TIME */
};

/* What a type is judged by. */
struct value_opts {
	enum option_type type;
	const struct option_row *row; /* for range, unit and further check */
	const char *dir;              /* paths are taken from here */
};

/* Reads `text`. NULL when it went well, else the reason as the end of a sentence about the
 * option ("must be …"), from the arena. The reason never repeats the text. */
const char *value_parse(struct arena *a, const struct value_opts *o, const char *text,
			struct value *value_r);

#endif
