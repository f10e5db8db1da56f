/*
 * The snapshot asks for what every domain has; here the project's own names are added: the
 * ownership record, selectors, subdomains, both sides' mail hosts, the panel's servers.
 */
#include "flow/asking.h"

#include "base/file.h"
#include "base/vec.h"
#include "flow/flow_priv.h"
#include "zone/dname.h"

enum { RESOLV_CONF_MAX = 64 << 10 };

typedef VEC(struct dns_question) question_list;

static void want(struct arena *a, question_list *list, const char *name, uint16_t type)
{
	if (name == NULL)
		return;
	for (size_t i = 0; i < list->n; i++)
		if (dname_equal(list->at[i].name, name) && list->at[i].type == type)
			return;
	*vec_push(a, list) = (struct dns_question){ name, type };
}

/* NULL, which want() skips, for what makes no name. */
static const char *selector_name(struct arena *a, const struct project *p, const char *selector)
{
	struct err e = { 0 };
	return dname_canon(a, arena_printf(a, "%s._domainkey.%s", selector, p->domain), &e);
}

const char *asking_tlsa_name(struct arena *a, const char *host, const char *zone)
{
	struct err e = { 0 };
	return dname_is_within(host, zone) ? dname_in_zone(a, "_25._tcp", host, &e) : NULL;
}

/* Both sides' MX hosts, as far as their TLSA can be the domain's own. */
static void want_tlsa(struct arena *a, const struct project *p, question_list *list)
{
	for (size_t i = 0; p->target_mx != NULL && i < p->target_mx->n; i++) {
		struct mx mx;
		if (mx_parse(a, p->target_mx->rdata[i], &mx))
			want(a, list, asking_tlsa_name(a, mx.host, p->domain), RR_TLSA);
	}
	for (size_t i = 0; p->source_mx != NULL && p->source_mx[i] != NULL; i++)
		want(a, list, asking_tlsa_name(a, p->source_mx[i], p->domain), RR_TLSA);
}

/* At every server: each name and type that a plan for this project may touch, and the old
 * provider's selectors. */
static void at_every_server(struct arena *a, const struct project *p, question_list *list)
{
	const char *autodiscover = arena_printf(a, "autodiscover.%s", p->domain);
	want(a, list, p->domain, RR_MX);
	want(a, list, p->domain, RR_TXT);
	want(a, list, p->ownership_name, RR_TXT);
	want(a, list, autodiscover, RR_CNAME);
	want(a, list, autodiscover, RR_A);
	want(a, list, autodiscover, RR_AAAA);
	want_tlsa(a, p, list);
	/* An alias may take the place of a key, and a key that of an alias. */
	for (size_t i = 0; i < p->dkim_n; i++) {
		want(a, list, p->dkim[i].name, RR_CNAME);
		want(a, list, p->dkim[i].name, RR_TXT);
	}
	for (const char *const *s = p->source_dkim_selectors; s != NULL && *s != NULL; s++)
		want(a, list, selector_name(a, p, *s), RR_TXT);
}

/* Once each: where selectors lead, who else has mail, and where the token may stand by
 * mistake. */
static void at_any_server(struct arena *a, const struct project *p, question_list *list)
{
	for (size_t i = 0; i < p->dkim_n; i++)
		want(a, list, p->dkim[i].name, RR_TXT);
	for (const char *const *s = p->source_dkim_selectors; s != NULL && *s != NULL; s++)
		want(a, list, selector_name(a, p, *s), RR_TXT);
	for (const char *const *s = p->subdomains; s != NULL && *s != NULL; s++)
		want(a, list, *s, RR_MX);
	if (p->ownership_name != NULL && !dname_equal(p->ownership_name, p->domain)) {
		struct err e = { 0 };
		want(a, list,
		     dname_canon(a, arena_printf(a, "%s%s", p->ownership_name, p->domain), &e),
		     RR_TXT);
	}
}

/* Both sides' MX hosts: the gates need the new ones' addresses, the checks tell the old from
 * the new. */
static void hosts_of_interest(struct arena *a, const struct project *p, struct snapshot_opts *opts)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; p->target_mx != NULL && i < p->target_mx->n; i++) {
		struct mx mx;
		if (mx_parse(a, p->target_mx->rdata[i], &mx) && !str_eq(mx.host, "."))
			*vec_push(a, &list) = mx.host;
	}
	for (size_t i = 0; p->source_mx != NULL && p->source_mx[i] != NULL; i++)
		*vec_push(a, &list) = p->source_mx[i];
	if (p->target_autodiscover != NULL)
		*vec_push(a, &list) = p->target_autodiscover;
	opts->hosts = list.at;
	opts->host_n = list.n;
}

/* The machine's own resolvers, for a project that names none. */
static const char *const *system_resolvers(struct arena *a)
{
	VEC(const char *) list = { 0 };
	struct buf text;
	struct err ignored;
	buf_init(&text);
	if (file_read("/etc/resolv.conf", RESOLV_CONF_MAX, &text, &ignored) == 0) {
		struct slice rest = buf_slice(&text);
		while (rest.len > 0) {
			struct slice line = slice_trim(slice_until(&rest, '\n'));
			if (!slice_starts_nocase(line, SLICE_LIT("nameserver ")))
				continue;
			line.ptr += sizeof("nameserver");
			line.len -= sizeof("nameserver");
			*vec_push(a, &list) = arena_slice(a, slice_trim(line));
		}
	}
	buf_release(&text);
	*vec_push(a, &list) = NULL;
	return list.at;
}

/* What resolvers have in their caches is a sample of what the world has. Thousands of
 * strangers' domains are not this machine's resolvers' business. */
static const char *const *panel(struct arena *a, const struct project *p, enum asking_depth depth)
{
	static const char *const none[] = { NULL };
	bool given = p->network.resolvers != NULL && p->network.resolvers[0] != NULL;
	if (given)
		return p->network.resolvers;
	return depth == ASK_BULK ? none : system_resolvers(a);
}

int flow_asking_about(struct flow *f, struct arena *a, const struct project *p,
		      enum asking_depth depth, struct snapshot_opts *opts_r, struct err *e)
{
	question_list every = { 0 };
	question_list single = { 0 };
	*opts_r = (struct snapshot_opts){
		.domain = p->domain,
		.rng = f->opts.rng,
		.budget_ms = p->network.dns_budget_ms,
		.probe_servers = depth == ASK_ALL || depth == ASK_BULK,
		.spf_planned = depth == ASK_PLAN ? p->target_spf : NULL,
		.no_old_system = p->source_mx == NULL || p->source_mx[0] == NULL,
		.no_token = p->ownership_txt == NULL,
		.panel_ns = p->dns_nameservers,
		.previous_ns = p->history.previous_ns,
	};
	if (flow_root_hints(f, &opts_r->root_hints, e) != 0 ||
	    flow_engine(f, &opts_r->engine, e) != 0)
		return -1;
	if (depth != ASK_RECORDS && flow_http(f, &opts_r->http, e) != 0)
		return -1;
	opts_r->resolvers = panel(a, p, depth);
	at_every_server(a, p, &every);
	opts_r->extra = every.at;
	opts_r->extra_n = every.n;
	at_any_server(a, p, &single);
	opts_r->single = single.at;
	opts_r->single_n = single.n;
	hosts_of_interest(a, p, opts_r);
	return 0;
}

int flow_asking(struct flow *f, struct arena *a, enum asking_depth depth,
		struct snapshot_opts *opts_r, struct err *e)
{
	if (flow_asking_about(f, a, f->opts.project, depth, opts_r, e) != 0)
		return -1;
	opts_r->ahead = f->ahead;
	return 0;
}
