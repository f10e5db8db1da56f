/*
 * dname.h - domain names as text: lower case, absolute, with the final dot
 * ("treyresearch.com."), escapes as in RFC 1035 §5.1. That form is canonical: two
 * names are equal when their texts are.
 */
#ifndef ZONE_DNAME_H
#define ZONE_DNAME_H

#include "base/arena.h"

/* The canonical form of what a person or a server wrote; a missing final dot is
 * added. NULL with *e (ERR_ITEM) when it is no domain name: empty label, label over
 * 63 or name over 255 octets, bad escape. Non-ASCII is refused (IDN: use A-labels). */
const char *dname_canon(struct arena *a, const char *text, struct err *e);

/* "@" or a relative or absolute name, seen from `origin` (canonical). */
const char *dname_in_zone(struct arena *a, const char *text, const char *origin, struct err *e);

/* Without the final dot, for people; the root stays ".". */
const char *dname_show(struct arena *a, const char *name);

/* Both canonical. */
bool dname_equal(const char *a, const char *b);
/* True for the zone's own name and every name below it. Both canonical. */
bool dname_is_within(const char *name, const char *zone);
/* The name without its first label; "." for the root itself. */
const char *dname_parent(const char *name);
/* 0 for the root; an escaped dot does not end a label. */
size_t dname_labels(const char *name);
/* The canonical order of RFC 4034 §6.1 (by labels, the last first): <0, 0, >0. */
int dname_compare(const char *a, const char *b);

#endif
