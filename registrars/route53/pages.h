/* pages.h - reading RRsets: one, or the whole zone page by page. Only for this folder. */
#ifndef REGISTRARS_ROUTE53_PAGES_H
#define REGISTRARS_ROUTE53_PAGES_H

#include "registrars/route53/session.h"

/* The contract's read and list; the zone's id is known. An alias and the like is refused by the
 * first, and left out by the second: nothing can be planned of it. */
int pages_read(struct session *s, struct arena *a, const char *name, uint16_t type,
	       const struct rrset **rrset_r, struct err *e);
int pages_zone(struct session *s, struct arena *a, const struct zone **zone_r, struct err *e);

#endif
