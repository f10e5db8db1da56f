/* sample.h - a small world: two authoritative servers and a resolver, and what they show. */
#ifndef TESTS_UNIT_FLOW_SAMPLE_H
#define TESTS_UNIT_FLOW_SAMPLE_H

#include "config/project.h"
#include "dns/snapshot.h"

enum { SAMPLE_NOW_S = 1790000000, SERVERS = 2 };
#define SAMPLE_NOW_MS ((int64_t)SAMPLE_NOW_S * 1000)
#define DOMAIN        "treyresearch.com."

struct sample {
	struct arena *a;
	struct project project;
	struct server_view servers[SERVERS];
	struct resolver_view resolver;
	struct snapshot snap;
};

/* An old-style zone: MX at the old provider (TTL 86400), SPF at the apex. */
void sample_init(struct sample *s);
void sample_release(struct sample *s);

const struct rrset *sample_rrset(struct sample *s, const char *name, uint16_t type, uint32_t ttl,
				 const char *rdata);
/* What server i (SERVERS: the resolver) says from now on; NULL: the name has no such type. */
void sample_shows(struct sample *s, size_t i, const char *name, uint16_t type,
		  const struct rrset *rrset);
/* All of them. */
void sample_all_show(struct sample *s, const char *name, uint16_t type, const struct rrset *rrset);
/* Delegated to somebody else's servers. */
void sample_away(struct sample *s, size_t i, const char *name, uint16_t type);
void sample_unreadable(struct sample *s, size_t i, const char *name, uint16_t type);

#endif
