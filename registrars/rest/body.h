/*
 * body.h - bodies of requests, from templates that are JSON themselves:
 *
 *   "{name}" in a text     the variable
 *   "{#ttl}" as a whole    the variable as a number
 *   "priority?": …         the member is left out when the variable `priority` has no value
 *   { "$rows": T }         a list: T once for each value of the RRset
 *   { "$changes": T }      a list: T once for each change; or { "replace": T, "delete": T }
 *   { "$row": T }          T for the only value; a set of several has no such form
 *   { "$removed": T }      a list: T once for each RRset that a change takes away, as it was
 *   { "$added": T }        a list: T once for each RRset that a change leaves behind
 *   { "$create": T }       a list: T once for each record that a batch makes; so "$update" and
 *   { "$delete": T }       those that it changes and removes
 *   { "$chunks": true }    a list: the character-strings of a TXT value
 *   { "$type": { "MX": T, "*": T } }   the template for the record's type
 *   { "$zone": T }         a list: all rows of the zone, those that stay in their own bytes, T for
 *                          each that the changes make
 *   { "$as_read": "a/b" }  what stands there in the answer that the rows were read from; a member
 *                          that is not there is left out
 */
#ifndef REGISTRARS_REST_BODY_H
#define REGISTRARS_REST_BODY_H

#include "base/json.h"
#include "registrars/rest/vars.h"

struct body_scope;
struct body_scopes {
	size_t n;
	const struct body_scope *at;
};
/* One row of a whole zone. */
struct body_piece {
	struct slice kept;             /* JSON as it came; ptr NULL: `made` */
	const struct body_scope *made; /* what T is expanded in */
};
struct body_zone {
	size_t n;
	const struct body_piece *at;
	const struct js *around; /* the answer without the rows; NULL: nothing is taken from it */
	struct buf *rows;        /* what $zone leaves behind, for body_put_rows */
};

struct body_scope {
	struct vars vars;
	bool removes; /* a change that leaves nothing */
	size_t row_n;
	const struct body_scope *rows;                /* their `up` is this scope's vars */
	struct body_scopes creates, updates, deletes; /* of a batch, one a record */
	size_t change_n;
	const struct body_scope *changes;
	const struct body_scope
		*before;              /* of a change: its RRset as it was; NULL: there was none */
	const char *const *chunks;    /* NULL-terminated; NULL: none */
	const struct body_zone *zone; /* for $zone and $as_read; NULL: there is none */
};

/* The caller frees it. NULL with ERR_USAGE when the template is wrong. */
struct js *body_expand(const struct js *template, const struct body_scope *s, struct err *e);

/* The rows of $zone into the text of the body that it was expanded in, in which no tree could hold
 * them byte for byte. ERR_USAGE when they have no place there, or two. */
int body_put_rows(const struct body_zone *zone, struct buf *body, struct err *e);

/* The member, list item … at a path ("result/0/id"); NULL when there is none. "" is the value
 * itself. A member's name may differ in case, for some APIs answer now TTL and now ttl; one that
 * does not comes first. */
const struct js *body_at(const struct js *v, const char *path);
/* Its text, or its number or truth value as text, in the arena; NULL for anything else. */
const char *body_text_at(struct arena *a, const struct js *v, const char *path);

#endif
