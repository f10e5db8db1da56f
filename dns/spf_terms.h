/*
 * spf_terms.h - what the snapshot must know of SPF (RFC 7208): which texts are records,
 * which other names they pull in, and which hosts a receiver would look up.
 */
#ifndef DNS_SPF_TERMS_H
#define DNS_SPF_TERMS_H

#include "dns/engine.h"

/* The v=spf1 texts of a TXT set, each joined to one printable string; returns their
 * number. NULL set gives none. */
size_t spf_records(struct arena *a, const struct rrset *txt, const char *const **texts_r);

struct spf_term {
	bool redirect;    /* else include */
	const char *name; /* canonical; NULL when it has macros */
};
/* The include and redirect terms of a record, in order; returns their number. Terms that are
 * wrong are passed over. */
size_t spf_terms(struct arena *a, const char *record, const struct spf_term **terms_r);

/* What a receiver asks for the a, mx and exists terms of the record at `domain` (canonical;
 * their name where they have none): A and AAAA, MX, A. Names with macros are passed over, and
 * so is what stands behind "all". Each question once; returns their number. */
size_t spf_questions(struct arena *a, const char *domain, const char *record,
		     const struct dns_question **questions_r);

#endif
