/* hosted_zone.h - which of the account's hosted zones is meant. Only for this folder. */
#ifndef REGISTRARS_ROUTE53_HOSTED_ZONE_H
#define REGISTRARS_ROUTE53_HOSTED_ZONE_H

#include "registrars/route53/session.h"

/* The bare id of "/hostedzone/Z1D633PJN98FT9" or "Z1D633PJN98FT9"; NULL when it is none. */
const char *hosted_zone_id(struct arena *a, const char *text);
/* Sets s->zone_id, once: the given one when it is a public zone of our name, else the one public
 * zone that has it. */
int hosted_zone_find(struct session *s, struct err *e);

#endif
