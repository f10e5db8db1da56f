/*
 * bulk.h - audits of many domains side by side on one thread: domains in, audits out, in
 * constant memory.
 *
 * Nothing of a domain is kept but its audit, and that only until it was handed over. A
 * domain that does not answer takes its own time and nobody else's.
 */
#ifndef FLOW_BULK_H
#define FLOW_BULK_H

#include "flow/audit.h"

enum bulk_next { BULK_DOMAIN, BULK_NOT_YET, BULK_END };

struct bulk_opts {
	enum phase phase;
	size_t at_once; /* domains under way; 1 or more */
	/* The next domain, as somebody wrote it, valid until the next call. Must not block:
	 * the others would wait too. */
	enum bulk_next (*next)(void *ctx, const char **domain_r);
	/* One audit; false ends it all (nobody reads any more). */
	bool (*audit)(void *ctx, const struct audit *audit);
	/* A domain that is no name, or that could not be audited at all. */
	bool (*failed)(void *ctx, const char *domain, const struct err *e);
	void *ctx;
};

/* Over the flow's engine, with the options of the flow's project but its domain. 0 when all were
 * handed over or `audit` or `failed` said false; -1 with ERR_CANCELLED, or ERR_USAGE for
 * options of the project that cannot be (root hints, anchor). */
int flow_bulk(struct flow *f, const struct bulk_opts *opts, struct err *e);

/* ---- going on where an earlier run stopped ---- */

/* The domains that a file of audits (one JSON object a line) has already; 16 octets each. */
struct bulk_seen;
/* A line that is no audit, such as a half one at the end, is left out: that domain is audited
 * again. ERR_USAGE when the file cannot be read; a file that is not there has none.
 * *half_r: the last line does not end, so what is appended must begin on a new one. */
int bulk_seen_load(const char *path, struct bulk_seen **seen_r, bool *half_r, struct err *e);
/* Takes NULL. */
void bulk_seen_free(struct bulk_seen *s);
/* As it is written in the list of domains: case and a final dot do not matter. */
bool bulk_seen_has(const struct bulk_seen *s, const char *domain);
/* The domain of one line, the arena's; NULL when it is no audit. For the fuzzer too. */
const char *bulk_line_domain(struct arena *a, struct slice line);

#endif
