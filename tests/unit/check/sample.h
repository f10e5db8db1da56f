/*
 * sample.h - a healthy domain as a snapshot that a test can spoil: x.net, two servers,
 * one resolver, MX with TTL 300, SPF that covers the old and the new provider.
 */
#ifndef TESTS_UNIT_CHECK_SAMPLE_H
#define TESTS_UNIT_CHECK_SAMPLE_H

#include "dns/check/check.h"

enum { SERVERS = 2, QUESTIONS = 6, QUESTIONS_MAX = 24, LOOKUPS_MAX = 48 };
/* The questions' numbers. */
enum { Q_SOA, Q_NS, Q_MX, Q_TXT, Q_DMARC, Q_AUTODISCOVER };

/* 2026-11-27T18:00:00Z */
#define SAMPLE_NOW_MS INT64_C(1795802400000)

struct sample {
	struct arena *a;
	struct snapshot s;
	struct dns_question questions[QUESTIONS_MAX];
	struct server_view servers[SERVERS];
	struct seen seen[SERVERS][QUESTIONS_MAX];
	struct resolver_view resolver;
	struct seen panel[QUESTIONS_MAX];
	struct host_view hosts[4];
	struct spf_view spf[3];
	struct lookup lookups[LOOKUPS_MAX];
	struct check_input in; /* phase audit, a plan that fits */
};

void sample_init(struct sample *x);
void sample_release(struct sample *x);
/* The switch was made: phase post, MX and autodiscover lead to the new provider. */
void sample_switch(struct sample *x);

/* A set for x.net or what else the question asks for; records end with NULL. */
const struct rrset *sample_set(struct sample *x, size_t question, uint32_t ttl,
			       const char *const *rdata);
#define RDATA(...) ((const char *const[]){ __VA_ARGS__, NULL })
/* What server number `i` says from now on. */
void sample_data(struct sample *x, size_t i, size_t question, uint32_t ttl,
		 const char *const *rdata);
void sample_state(struct sample *x, size_t i, size_t question, enum seen_state state);
/* The same at every server. */
void sample_data_all(struct sample *x, size_t question, uint32_t ttl, const char *const *rdata);
void sample_state_all(struct sample *x, size_t question, enum seen_state state);
/* All servers say that the name is an alias of a name that is none of theirs. */
void sample_away_all(struct sample *x, size_t question, const char *alias);
/* One more question to every server and the panel, answered "no such name" until a test says
 * otherwise; returns its number. */
size_t sample_ask(struct sample *x, const char *name, uint16_t type);
/* What the panel's resolver says; ttl is what remains. */
void sample_panel(struct sample *x, size_t question, uint32_t ttl, const char *const *rdata);
/* One more lookup, with data (rdata) or with none (rdata NULL, then `state` counts). */
struct lookup *sample_lookup(struct sample *x, const char *name, uint16_t type,
			     enum seen_state state, const char *const *rdata);
/* How many findings of this check the sample gives now, and the first of them (may be NULL). */
size_t sample_run(struct sample *x, const char *check, const struct finding **first_r);
/* The domain's own SPF texts in the tree; follows what servers say. */
void sample_spf(struct sample *x, size_t n, const char *const *texts);

#endif
