/*
 * domains.h - whether the zone is a domain of the account, and how the API wants its name cut in
 * two. Only for this folder.
 */
#ifndef REGISTRARS_NAMECHEAP_DOMAINS_H
#define REGISTRARS_NAMECHEAP_DOMAINS_H

#include "registrars/namecheap/xmlapi.h"

struct domain {
	const char *sld, *tld; /* "nwtraders", "co.uk" */
};

/* Looks the zone (canonical) up in the account's list of domains; texts in the arena. ERR_REFUSED
 * when it is not there, or the list may be cut. */
int domains_find(const struct xmlapi *x, struct arena *a, const char *zone, struct domain *domain_r,
		 struct err *e);

#endif
