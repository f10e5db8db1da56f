/*
 * sample.h - a healthy domain as a snapshot that a test can spoil: x.net, two servers,
 * one resolver, MX with TTL 300, SPF that covers the old and the new provider.
 */
#ifndef TESTS_UNIT_CHECK_SAMPLE_H
#define TESTS_UNIT_CHECK_SAMPLE_H

#include "dns/check/check.h"

enum { SERVERS = 2, QUESTIONS = 6 };
/* The questions' numbers. */
enum { Q_SOA, Q_NS, Q_MX, Q_TXT, Q_DMARC, Q_AUTODISCOVER };

/* 2026-11-27T18:00:00Z */
#define SAMPLE_NOW_MS INT64_C(1795802400000)

struct sample {
	struct arena *a;
	struct snapshot s;
	struct dns_question questions[QUESTIONS];
	struct server_view servers[SERVERS];
	struct seen seen[SERVERS][QUESTIONS];
	struct resolver_view resolver;
	struct seen panel[QUESTIONS];
	struct host_view hosts[4];
	struct spf_view spf[3];
	struct check_input in; /* phase audit, a plan that fits */
};

void sample_init(struct sample *x);
void sample_release(struct sample *x);

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
/* The domain's own SPF texts in the tree; follows what servers say. */
void sample_spf(struct sample *x, size_t n, const char *const *texts);

#endif
