/*
 * dmarc_record.h - one DMARC record (RFC 7489 §6.3; RFC 9989 for np, psd and t) and where its
 * reports go.
 */
#ifndef DNS_DMARC_RECORD_H
#define DNS_DMARC_RECORD_H

#include "base/arena.h"

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
/* "none", "quarantine", "reject". */
const char *dmarc_policy_name(enum dmarc_policy p);

enum { DMARC_MISTAKES_MAX = 8, DMARC_REPORTS_MAX = 16 };

struct dmarc_mistake {
	struct slice tag; /* its name as written */
	const char *why;  /* static; a clause */
};

/* Slices borrow the text. */
struct dmarc_record {
	bool has_p;                  /* a valid one */
	enum dmarc_policy p, sp, np; /* sp is p where none is written, np is sp */
	unsigned pct;                /* 100 where none is written */
	bool testing;                /* t=y: the policy is not applied (RFC 9989 §4.7) */
	char psd;                    /* 'y', 'n' or 'u' */
	bool strict_dkim, strict_spf;
	size_t report_n;                         /* mailto: URIs of rua and ruf */
	struct slice reports[DMARC_REPORTS_MAX]; /* their addresses: "a@x.net" */
	size_t mistake_n;                        /* of them at most DMARC_MISTAKES_MAX are kept */
	struct dmarc_mistake mistakes[DMARC_MISTAKES_MAX];
};

/* True when receivers take the text for a DMARC record: it begins with v=DMARC1, exactly. */
bool dmarc_is_record(struct slice text);
/* True for what was meant as one: "v=dmarc1", "v=DMARC1:". */
bool dmarc_resembles(struct slice text);
/* Reads any text, best one for which dmarc_is_record() holds. */
void dmarc_parse(struct slice text, struct dmarc_record *r);
/* What a receiver does with mail of the record's own domain that fails: nothing when it is only
 * tested (t=y, pct=0). */
enum dmarc_policy dmarc_applied(const struct dmarc_record *r);

/* The domains of report addresses that are neither `domain` nor above nor below it, canonical,
 * each once: they must allow it (RFC 7489 §7.1). `domain` canonical: where the record is.
 * Returns their number. */
size_t dmarc_external_domains(struct arena *a, const char *domain, struct slice text,
			      const char *const **domains_r);

#endif
