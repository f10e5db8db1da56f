/*
 * ownership.h - the record that proves ownership: is it there, and if not, what happened to
 * it? Only for dns/check.
 */
#ifndef DNS_CHECK_OWNERSHIP_H
#define DNS_CHECK_OWNERSHIP_H

#include "dns/check/rows.h"

/* Name and token are known and still wanted: after the switch the record may go. */
bool ownership_is_wanted(const struct checking *c);
/* All readable servers have it, but this answer of a resolver to the same question has not. */
bool ownership_lags(const struct checking *c, const struct seen *seen);
/* The token is one whole TXT record of the set; character-strings are joined. NULL: no. */
bool ownership_has_token(const struct checking *c, const struct rrset *set);

/* Why the record is not there; one reason, so that one mistake is said once. */
enum ownership_fault {
	OWNERSHIP_FINE,      /* at one server at least, or nothing could be read */
	OWNERSHIP_ALIAS,     /* the name is a CNAME */
	OWNERSHIP_QUOTED,    /* it is there, with quotes inside */
	OWNERSHIP_MISTYPED,  /* something very like it is there */
	OWNERSHIP_ELSEWHERE, /* it is there at another name */
	OWNERSHIP_OTHER,     /* another value with the same beginning ("MS=") */
	OWNERSHIP_ABSENT,
};
struct ownership_case {
	enum ownership_fault fault;
	const char *value;           /* what is there instead (QUOTED, MISTYPED, OTHER), printable;
				      * the alias's target (ALIAS) */
	const struct lookup *lookup; /* where it is (ELSEWHERE); NULL: at the domain itself */
	const char *name;            /* the same as a name */
};
struct ownership_case ownership_judge(struct checking *c);

/* How the value differs from the wanted one, in words ("only upper and lower case differ"). */
const char *ownership_difference(struct arena *a, const char *want, const char *have);
/* As much alike as a typing error leaves two values. */
bool ownership_is_near(struct arena *a, const char *want, const char *have);

#endif
