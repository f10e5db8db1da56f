/*
 * spf_terms.h - what the snapshot must know of SPF (RFC 7208): which texts are records,
 * and which other names they pull in.
 */
#ifndef DNS_SPF_TERMS_H
#define DNS_SPF_TERMS_H

#include "zone/rrset.h"

/* The v=spf1 texts of a TXT set, each joined to one printable string; returns their
 * number. NULL set gives none. */
size_t spf_records(struct arena *a, const struct rrset *txt, const char *const **texts_r);

struct spf_term {
	bool redirect;    /* else include */
	const char *name; /* canonical; NULL when it has macros or is no name */
};
/* The include and redirect terms of a record, in order; returns their number. */
size_t spf_terms(struct arena *a, const char *record, const struct spf_term **terms_r);

#endif
