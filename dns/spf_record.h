/*
 * spf_record.h - one SPF record (RFC 7208 §4.6, §5, §6, §12) as directives, and what is wrong
 * with it and where.
 *
 * One wrong term makes the whole record a permanent error for receivers (§4.6); here the rest
 * is read nevertheless, so that a person sees all of it at once.
 */
#ifndef DNS_SPF_RECORD_H
#define DNS_SPF_RECORD_H

#include "base/arena.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* from here on: modifiers */
	SPF_EXP,
	SPF_OTHER, /* a modifier that nobody knows: ignored (§6) */
};

struct spf_directive {
	enum spf_kind kind;
	char qualifier;        /* '+', '-', '~' or '?'; '+' where none is written */
	struct slice text;     /* as written */
	struct slice value;    /* behind ":" or "=", without the prefix length of a and mx */
	const char *name;      /* canonical; NULL: no domain-spec, macros, or no name */
	bool has_macros;       /* the name depends on the message */
	unsigned cidr4, cidr6; /* 32 and 128 where none is written */
};

struct spf_mistake {
	size_t at;         /* characters before the term */
	struct slice term; /* as written */
	const char *why;   /* static; a clause */
	bool glued;        /* two terms without the blank between them (§3.3) */
};

enum { SPF_MISTAKES_MAX = 8 };

/* Directives and slices borrow the text. */
struct spf_record {
	size_t n;
	const struct spf_directive *directives; /* in order; wrong ones are left out */
	size_t all_at;                          /* the first "all" among them; n: there is none */
	size_t mistake_n;                       /* of them at most SPF_MISTAKES_MAX are kept */
	struct spf_mistake mistakes[SPF_MISTAKES_MAX];
};

/* True for "v=spf1" followed by a blank or the end; case does not count (§4.5). */
bool spf_is_record(struct slice text);
/* Reads a text for which spf_is_record() holds; never NULL. The text stays as long as the
 * result. Linear in its length. */
const struct spf_record *spf_parse(struct arena *a, struct slice text);
/* The terms that are evaluated: those behind the first "all" never are, and with an "all" a
 * redirect is not either (§5.1, §6.1). True for directive number i. */
bool spf_is_live(const struct spf_record *r, size_t i);
/* The domain's own name stands for a missing domain-spec of a, mx and ptr (§5.3 to §5.5); NULL
 * when macros decide. `domain` canonical: where the record is. */
const char *spf_directive_name(const struct spf_directive *d, const char *domain);

#endif
