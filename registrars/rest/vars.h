/*
 * vars.h - the variables of templates: "/zones/{zone_id}/records". A scope sees those of the scope
 * above it. "{{" is a brace.
 */
#ifndef REGISTRARS_REST_VARS_H
#define REGISTRARS_REST_VARS_H

#include "base/buf.h"
#include "base/vec.h"

struct var {
	const char *name, *text; /* borrowed */
};

struct vars {
	const struct vars *up; /* borrowed; NULL: the outermost */
	VEC(struct var) list;
};

/* Texts are borrowed as long as the scope is used; the list grows in the arena. An older variable
 * of that name in the same scope is replaced. NULL: it has no value. */
void vars_set(struct vars *v, struct arena *a, const char *name, const char *text);
/* The value; NULL when there is no such variable, or it has none or an empty one. */
const char *vars_get(const struct vars *v, const char *name);

enum vars_as {
	VARS_PLAIN,
	VARS_ENCODED, /* values percent-encoded (RFC 3986 §2.1), all but unreserved characters */
};
/* Appends the template with the values in their places. ERR_USAGE for a variable that nobody knows
 * or a brace that nothing closes: the description is wrong. A known one without value is "". */
int vars_expand(const struct vars *v, const char *template, enum vars_as how, struct buf *out,
		struct err *e);
/* The same as a text of the arena's; NULL with *e. */
const char *vars_text(const struct vars *v, struct arena *a, const char *template, struct err *e);

/* Percent-encoding of a value. */
void vars_encode(struct slice text, struct buf *out);

#endif
