/* pages.h - reading RRsets: one, those at some names, or the whole zone page by page. Only for this
 * folder. */
#ifndef REGISTRARS_ROUTE53_PAGES_H
#define REGISTRARS_ROUTE53_PAGES_H

#include "registrars/route53/session.h"

/* The contract's read, list and pick; the zone's id is known. An alias and the like is refused by
 * the first, and left out by the others: nothing can be planned of it. pick leaves out what cannot
 * be read, too. */
int pages_read(struct session *s, struct arena *a, const char *name, uint16_t type,
	       const struct rrset **rrset_r, struct err *e);
int pages_zone(struct session *s, struct arena *a, const struct zone **zone_r, struct err *e);
int pages_pick(struct session *s, struct arena *a, const struct registrar_names *names,
	       const struct zone **zone_r, struct err *e);

#endif
