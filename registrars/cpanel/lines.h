/*
 * lines.h - a zone as cPanel's parse_zone gives it: the lines of its file, base64 in pieces,
 * each record with the line that it begins in. Only for this folder.
 */
#ifndef REGISTRARS_CPANEL_LINES_H
#define REGISTRARS_CPANEL_LINES_H

#include "base/json.h"
#include "base/vec.h"
#include "zone/zone.h"

/* One record. All texts are the arena's. */
struct line {
	uint32_t index;   /* what edits and removals name it by */
	const char *name; /* canonical */
	uint16_t type;    /* 0: a type that we do not know */
	uint32_t ttl;
	const char *rdata;   /* canonical; NULL: it could not be read, see `trouble` */
	const char *trouble; /* NULL: none */
};

struct lines {
	const char *zone; /* canonical; borrowed */
	uint32_t serial;
	VEC(struct line) list;
};

/* Reads the list of an answer. Comments and $TTL lines are passed over. -1: ERR_WORLD when it is
 * not of that shape or has no SOA; ERR_REFUSED for a line that may make or rename records
 * ($GENERATE, $INCLUDE, another $ORIGIN). A record that cannot be read is kept as such. */
int lines_parse(struct arena *a, const char *zone, const struct js *data, struct lines *lines_r,
		struct err *e);
/* The RRset of these lines; *rrset_r NULL when there is none. Two lines may differ in TTL: the
 * lowest counts (RFC 2181 §5.2). ERR_REFUSED when one of them could not be read. */
int lines_rrset(struct arena *a, const struct lines *l, const char *name, uint16_t type,
		const struct rrset **rrset_r, struct err *e);
/* The whole zone. ERR_REFUSED when a line of it could not be read. */
int lines_zone(struct arena *a, const struct lines *l, const struct zone **zone_r, struct err *e);
/* Whether this line is a record of that RRset. */
bool line_is_of(const struct line *line, const char *name, uint16_t type);

#endif
