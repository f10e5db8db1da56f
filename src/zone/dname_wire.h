/*
 * dname_wire.h - names between text and the wire's labels; only for src/zone.
 */
#ifndef ZONE_DNAME_WIRE_H
#define ZONE_DNAME_WIRE_H

#include "zone/dname.h"

/* Text needs at most four characters an octet (\DDD). */
enum { DNAME_WIRE_MAX = 255, DNAME_LABEL_MAX = 63, DNAME_TEXT_MAX = 4 * DNAME_WIRE_MAX + 1 };

/* Uncompressed (RFC 1035 §3.1), the root's empty label included. */
struct dname_wire {
	size_t len;
	unsigned char at[DNAME_WIRE_MAX];
};

/* NULL when it went well, else why the text is no name (static, for the end of a
 * sentence). A missing final dot is added; case is kept. */
const char *dname_encode(const char *text, struct dname_wire *w);
/* The text of a well-formed wire name, in lower case when `lower`. */
void dname_decode(const struct dname_wire *w, bool lower, char text[DNAME_TEXT_MAX]);

#endif
