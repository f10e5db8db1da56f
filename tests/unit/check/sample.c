#include "sample.h"

#include <string.h>

#define AT_MS (SAMPLE_NOW_MS - 1000)

static const struct dns_question questions[QUESTIONS] = {
	{ "x.net.", RR_SOA }, { "x.net.", RR_NS },         { "x.net.", RR_MX },
	{ "x.net.", RR_TXT }, { "_dmarc.x.net.", RR_TXT }, { "autodiscover.x.net.", RR_CNAME },
};

const struct rrset *sample_set(struct sample *x, size_t question, uint32_t ttl,
			       const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	while (rdata[n] != NULL)
		n++;
	const struct dns_question *q = &x->questions[question];
	const struct rrset *s = rrset_make(x->a, q->name, q->type, ttl, n, rdata, &e);
	if (s == NULL)
		abort();
	return s;
}

static struct seen data(struct sample *x, size_t question, uint32_t ttl, const char *const *rdata)
{
	return (struct seen){ .question = x->questions[question],
			      .state = SEEN_DATA,
			      .rrset = sample_set(x, question, ttl, rdata),
			      .at_ms = AT_MS };
}

void sample_data(struct sample *x, size_t i, size_t question, uint32_t ttl,
		 const char *const *rdata)
{
	x->seen[i][question] = data(x, question, ttl, rdata);
}

void sample_state(struct sample *x, size_t i, size_t question, enum seen_state state)
{
	x->seen[i][question] =
		(struct seen){ .question = x->questions[question], .state = state, .at_ms = AT_MS };
}

void sample_data_all(struct sample *x, size_t question, uint32_t ttl, const char *const *rdata)
{
	for (size_t i = 0; i < SERVERS; i++)
		sample_data(x, i, question, ttl, rdata);
}

void sample_state_all(struct sample *x, size_t question, enum seen_state state)
{
	for (size_t i = 0; i < SERVERS; i++)
		sample_state(x, i, question, state);
}

void sample_away_all(struct sample *x, size_t question, const char *alias)
{
	sample_state_all(x, question, SEEN_NODATA);
	for (size_t i = 0; i < SERVERS; i++)
		x->seen[i][question].alias = alias;
}

size_t sample_ask(struct sample *x, const char *name, uint16_t type)
{
	size_t q = x->s.question_n;
	if (q >= QUESTIONS_MAX)
		abort();
	x->questions[q] = (struct dns_question){ name, type };
	x->s.question_n = x->resolver.n = q + 1;
	for (size_t i = 0; i < SERVERS; i++)
		x->servers[i].n = q + 1;
	sample_state_all(x, q, SEEN_NXDOMAIN);
	x->panel[q] = x->seen[0][q];
	return q;
}

void sample_panel(struct sample *x, size_t question, uint32_t ttl, const char *const *rdata)
{
	x->panel[question] = data(x, question, ttl, rdata);
}

struct lookup *sample_lookup(struct sample *x, const char *name, uint16_t type,
			     enum seen_state state, const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	while (rdata != NULL && rdata[n] != NULL)
		n++;
	if (x->s.lookup_n >= LOOKUPS_MAX)
		abort();
	struct lookup *l = &x->lookups[x->s.lookup_n++];
	*l = (struct lookup){ .seen = { .question = { name, type },
					.state = rdata != NULL ? SEEN_DATA : state,
					.at_ms = AT_MS },
			      .zone = "x.net.",
			      .address = "127.0.0.1" };
	if (rdata != NULL)
		l->seen.rrset = rrset_make(x->a, name, type, 300, n, rdata, &e);
	if (rdata != NULL && l->seen.rrset == NULL)
		abort();
	return l;
}

size_t sample_run(struct sample *x, const char *check, const struct finding **first_r)
{
	struct findings *out = ARENA_NEW(x->a, struct findings);
	size_t n = 0;
	check_run(x->a, &x->in, out);
	for (size_t i = 0; i < out->list.n; i++) {
		if (!str_eq(out->list.at[i].check, check))
			continue;
		if (n++ == 0 && first_r != NULL)
			*first_r = &out->list.at[i];
	}
	return n;
}

void sample_spf(struct sample *x, size_t n, const char *const *texts)
{
	x->spf[0].n = n;
	x->spf[0].texts = texts;
	x->spf[0].state = n > 0 ? SEEN_DATA : SEEN_NODATA;
}

static void init_answers(struct sample *x)
{
	sample_data_all(x, Q_SOA, 3600, RDATA("ns1.x.net. h.x.net. 7 600 120 604800 300"));
	sample_data_all(x, Q_NS, 3600, RDATA("ns1.x.net.", "ns2.x.net."));
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.old.org."));
	sample_data_all(x, Q_TXT, 600,
			RDATA("\"v=spf1 include:old.org include:new.org -all\"", "\"MS=ms1\""));
	sample_data_all(x, Q_DMARC, 600, RDATA("\"v=DMARC1; p=none\""));
	sample_data_all(x, Q_AUTODISCOVER, 600, RDATA("autodiscover.old.org."));
	memcpy(x->panel, x->seen[0], sizeof(x->panel));
}

static void init_views(struct sample *x)
{
	static const char *const names[SERVERS] = { "ns1.x.net.", "ns2.x.net." };
	static const char *const addresses[SERVERS] = { "127.0.0.1", "127.1.0.2" };
	for (size_t i = 0; i < SERVERS; i++)
		x->servers[i] = (struct server_view){ .name = names[i],
						      .address = addresses[i],
						      .in_parent = true,
						      .in_child = true,
						      .has_soa = true,
						      .soa = { 7, 600, 120, 604800, 300 },
						      .soa_ttl = 3600,
						      .n = QUESTIONS,
						      .seen = x->seen[i] };
	x->resolver = (struct resolver_view){
		.address = "127.0.0.53", .works = true, .n = QUESTIONS, .seen = x->panel
	};
}

static void init_trees(struct sample *x)
{
	static const char *const addresses[] = { "127.0.0.9", "127.0.0.10" };
	static const char *const names[] = { "mx.old.org.", "mx.new.org.", "ns1.x.net.",
					     "ns2.x.net." };
	static const char *const own[] = { "v=spf1 include:old.org include:new.org -all" };
	static const char *const other[] = { "v=spf1 ip4:127.0.0.9 -all" };
	for (size_t i = 0; i < 4; i++)
		x->hosts[i] = (struct host_view){ names[i], NULL, SEEN_DATA, 2, addresses };
	x->spf[0] = (struct spf_view){ "x.net.", NULL, SEEN_DATA, 1, own };
	x->spf[1] = (struct spf_view){ "old.org.", "include", SEEN_DATA, 1, other };
	x->spf[2] = (struct spf_view){ "new.org.", "include", SEEN_DATA, 1, other };
}

static void init_snapshot(struct sample *x)
{
	x->s = (struct snapshot){ .domain = "x.net.",
				  .zone = "x.net.",
				  .started_ms = AT_MS - 10,
				  .ended_ms = AT_MS,
				  .delegation = DELEGATION_OK,
				  .parent = "net.",
				  .parent_ns = x->seen[0][Q_NS].rrset,
				  .child_ns = x->seen[0][Q_NS].rrset,
				  .question_n = QUESTIONS,
				  .questions = x->questions,
				  .server_n = SERVERS,
				  .servers = x->servers,
				  .resolver_n = 1,
				  .resolvers = &x->resolver,
				  .host_n = 4,
				  .hosts = x->hosts,
				  .spf_n = 3,
				  .spf = x->spf,
				  .lookups = x->lookups,
				  .random_label = "cutover-probe-7f3a" };
}

void sample_init(struct sample *x)
{
	static const char *const old_mx[] = { "mx.old.org.", NULL };
	static const char *const lab[] = { "127.0.0.0/8", NULL };
	memset(x, 0, sizeof(*x));
	x->a = arena_new();
	memcpy(x->questions, questions, sizeof(questions));
	init_answers(x);
	init_views(x);
	init_trees(x);
	init_snapshot(x);
	x->in = (struct check_input){ .snap = &x->s,
				      .phase = PHASE_AUDIT,
				      .now_ms = SAMPLE_NOW_MS,
				      .max_mx_ttl = 3600,
				      .target_mx = sample_set(x, Q_MX, 300, RDATA("0 mx.new.org.")),
				      .source_mx = old_mx,
				      .target_spf = "include:new.org",
				      .ownership_name = "x.net.",
				      .ownership_txt = "MS=ms1",
				      .treat_as_public = lab };
}

void sample_switch(struct sample *x)
{
	x->in.phase = PHASE_POST;
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org."));
	sample_panel(x, Q_MX, 300, RDATA("0 mx.new.org."));
	sample_data_all(x, Q_AUTODISCOVER, 600, RDATA("autodiscover.new.org."));
	sample_panel(x, Q_AUTODISCOVER, 600, RDATA("autodiscover.new.org."));
}

void sample_release(struct sample *x)
{
	arena_free(x->a);
}
