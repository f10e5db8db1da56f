/*
 * axfr.h - a zone transfer as it comes, message by message (RFC 5936): counted, and of its records
 * only the names kept that take mail. Pure values; only for dns/.
 */
#ifndef DNS_AXFR_H
#define DNS_AXFR_H

#include "base/vec.h"

enum {
	AXFR_OCTETS_MAX = 2 * 1024 * 1024,
	AXFR_RECORDS_MAX = 20000,
	AXFR_NAMES_MAX = 256,
};

enum axfr_state {
	AXFR_NOTHING, /* no message yet */
	AXFR_REFUSED, /* an error, or something else than the zone's SOA came first */
	AXFR_RUNNING, /* it has begun; when nothing more comes, there may be more */
	AXFR_WHOLE,   /* the SOA came again: that was all */
	AXFR_CUT,     /* a limit was met */
	AXFR_BROKEN,  /* nonsense came after its beginning */
};

struct axfr {
	struct arena *a;    /* of the names; borrowed */
	const char *zone;   /* canonical; borrowed */
	const char *domain; /* names strictly below it are kept; canonical, borrowed */
	enum axfr_state state;
	size_t octets, records;
	VEC(const char *) names; /* owners of MX, canonical, each once */
};

/* One message of any content. True while more is wanted. */
bool axfr_take(struct axfr *x, struct slice wire);
/* More than the SOA was given away. */
bool axfr_is_open(const struct axfr *x);
/* It is open, and not all of it was seen. */
bool axfr_is_cut(const struct axfr *x);

#endif
