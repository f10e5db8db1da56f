#include "sample.h"

#include "base/vec.h"

enum { SEEN_MAX = 16 };

static const struct dns_question asked[] = {
	{ DOMAIN, RR_MX },
	{ DOMAIN, RR_TXT },
	{ "autodiscover." DOMAIN, RR_CNAME },
	{ "autodiscover." DOMAIN, RR_A },
	{ "autodiscover." DOMAIN, RR_AAAA },
	{ "selector1._domainkey." DOMAIN, RR_CNAME },
	{ "selector1._domainkey." DOMAIN, RR_TXT },
	{ "_mta-sts." DOMAIN, RR_TXT },
	{ "_25._tcp.mx1." DOMAIN, RR_TLSA },
	{ "_25._tcp.mx2." DOMAIN, RR_TLSA },
};
enum { ASKED = sizeof(asked) / sizeof(asked[0]) };

static struct seen *view(struct sample *s, size_t i, const char *name, uint16_t type)
{
	const struct seen *list = i < SERVERS ? s->servers[i].seen : s->resolver.seen;
	for (size_t q = 0; q < ASKED; q++)
		if (str_eq(asked[q].name, name) && asked[q].type == type)
			return (struct seen *)&list[q];
	abort();
}

static struct seen *nothing(struct arena *a)
{
	struct seen *list = ARENA_ARRAY(a, ASKED, struct seen);
	for (size_t q = 0; q < ASKED; q++)
		list[q] = (struct seen){ .question = asked[q],
					 .state = SEEN_NODATA,
					 .negative_ttl = 300,
					 .at_ms = SAMPLE_NOW_MS };
	return list;
}

const struct rrset *sample_rrset(struct sample *s, const char *name, uint16_t type, uint32_t ttl,
				 const char *rdata)
{
	struct err e;
	const struct rrset *r = rrset_make(s->a, name, type, ttl, 1, &rdata, &e);
	if (r == NULL)
		abort();
	return r;
}

void sample_shows(struct sample *s, size_t i, const char *name, uint16_t type,
		  const struct rrset *rrset)
{
	struct seen *seen = view(s, i, name, type);
	seen->state = rrset != NULL ? SEEN_DATA : SEEN_NODATA;
	seen->rrset = rrset;
}

void sample_all_show(struct sample *s, const char *name, uint16_t type, const struct rrset *rrset)
{
	for (size_t i = 0; i <= SERVERS; i++)
		sample_shows(s, i, name, type, rrset);
}

void sample_away(struct sample *s, size_t i, const char *name, uint16_t type)
{
	struct seen *seen = view(s, i, name, type);
	seen->state = SEEN_REFERRAL;
	seen->rrset = NULL;
}

void sample_unreadable(struct sample *s, size_t i, const char *name, uint16_t type)
{
	view(s, i, name, type)->state = SEEN_UNREADABLE;
}

static void make_servers(struct sample *s)
{
	static const char *const names[] = { "ns51.domaincontrol.com.", "ns52.domaincontrol.com." };
	static const char *const addresses[] = { "127.53.0.1", "127.53.0.2" };
	for (size_t i = 0; i < SERVERS; i++)
		s->servers[i] = (struct server_view){
			.name = names[i],
			.address = addresses[i],
			.in_parent = true,
			.in_child = true,
			.state = SERVER_OK,
			.has_soa = true,
			.soa = { .serial = 7 },
			.n = ASKED,
			.seen = nothing(s->a),
		};
	s->resolver = (struct resolver_view){
		.address = "127.0.0.53", .works = true, .n = ASKED, .seen = nothing(s->a)
	};
}

void sample_init(struct sample *s)
{
	static const char *const source_mx[] = { "mx1.nwtraders.com.", NULL };
	*s = (struct sample){ .a = arena_new() };
	make_servers(s);
	s->snap = (struct snapshot){
		.domain = DOMAIN,
		.zone = DOMAIN,
		.started_ms = SAMPLE_NOW_MS,
		.ended_ms = SAMPLE_NOW_MS,
		.delegation = DELEGATION_OK,
		.parent = "com.",
		.question_n = ASKED,
		.questions = asked,
		.server_n = SERVERS,
		.servers = s->servers,
		.resolver_n = 1,
		.resolvers = &s->resolver,
	};
	s->project = (struct project){
		.path = "cutover.yaml",
		.dir = ".",
		.domain = DOMAIN,
		.target_mx_ttl = 300,
		.target_spf = "include:spf.protection.outlook.com",
		.target_autodiscover = "autodiscover.outlook.com.",
		.source_mx = source_mx,
		.ownership_name = DOMAIN,
		.ownership_txt = "MS=ms87257449",
		.policy = { .max_mx_ttl = 3600,
			    .staged_mx_ttl = 300,
			    .max_age_of_last_pass_ms = 24 * 3600 * 1000 },
	};
	s->project.target_mx = sample_rrset(s, DOMAIN, RR_MX, 300,
					    "0 treyresearch-com.mail.protection.outlook.com.");
	sample_all_show(s, DOMAIN, RR_MX,
			sample_rrset(s, DOMAIN, RR_MX, 86400, "10 mx1.nwtraders.com."));
	sample_all_show(
		s, DOMAIN, RR_TXT,
		sample_rrset(s, DOMAIN, RR_TXT, 3600, "\"v=spf1 include:nwtraders.com -all\""));
}

void sample_release(struct sample *s)
{
	arena_free(s->a);
}
