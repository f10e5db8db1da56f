/*
 * bulk_errors.h - what goes wrong with a list of thousands, told so that a person can read it: each
 * refused line by its number up to a limit, and a failure of the whole world once.
 */
#ifndef CLI_BULK_ERRORS_H
#define CLI_BULK_ERRORS_H

#include "cli/term.h"

enum { BULK_REFUSED_TOLD = 20, BULK_SAME_ENDS = 3, BULK_NAME_MAX = 256 };

struct bulk_errors {
	struct term *term; /* borrowed */
	uint64_t refused;  /* lines that are no domain */
	uint64_t failed;   /* domains that could not be looked at */
	bool any_good;     /* set when the first audit came */
	size_t held_n;     /* failures that are not told yet, all of them the same */
	struct {
		char name[BULK_NAME_MAX];
		struct err e;
	} held[BULK_SAME_ENDS - 1];
};

/* A line that is no domain: told with its number; after BULK_REFUSED_TOLD of them only counted. */
void bulk_errors_refused(struct bulk_errors *b, uint64_t line_no, const char *name,
			 const struct err *e);
/* A domain that could not be looked at. False, with one error told, when the first
 * BULK_SAME_ENDS of the list failed alike: then it is no domain's fault, and no other will do
 * better. `name` is printable. */
bool bulk_errors_failed(struct bulk_errors *b, const char *name, const struct err *e);
/* Tells what was held back: call at the first audit, and at the end. */
void bulk_errors_flush(struct bulk_errors *b);

#endif
