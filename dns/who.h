/*
 * who.h - whose mail host or name server is this? From a data file (dns/who.tsv) that is
 * compiled in; each row has its source.
 */
#ifndef DNS_WHO_H
#define DNS_WHO_H

#include "base/arena.h"

enum who_kind { WHO_MAIL, WHO_DNS };

struct who {
	enum who_kind kind;
	const char *id;   /* "microsoft365", "godaddy", … ; a DNS host's id is the provider's that
			   * would change it, where there is one */
	const char *name; /* "GoDaddy Workspace Email" */
	const char *note; /* what a person moving away should know; NULL */
	bool one_name;    /* one MX name with many addresses behind it is normal there */
	bool own_sts;     /* publishes MTA-STS or DANE for its customers' MX */
};

/* `host` canonical. NULL when nobody is known by that name. Static. */
const struct who *who_is(enum who_kind kind, const char *host);
/* True for names under .msv1.invalid, which Microsoft has people publish as an MX only to
 * verify the domain: no mail goes there. */
bool who_is_verification_mx(const char *host);

#endif
