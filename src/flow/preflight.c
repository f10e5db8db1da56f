/*
 * The MX is what will be changed, so it is what is read: if the provider's MX is the one that the
 * delegated servers give, the provider's zone is the zone that the world sees.
 */
#include "flow/preflight.h"

#include "base/vec.h"
#include "flow/observe.h"
#include "flow/provider.h"

struct checking_provider {
	struct flow *f;
	struct arena *a;
	const struct snapshot *snap;
	struct provider *provider; /* NULL: it did not open */
	bool bad;
	VEC(struct preflight_line) lines;
};

static void add(struct checking_provider *k, enum preflight_mark mark, const char *text,
		const char *hint)
{
	k->bad |= mark == PREFLIGHT_BAD;
	*vec_push(k->a, &k->lines) = (struct preflight_line){ mark, text, hint };
}

static void add_error(struct checking_provider *k, const struct err *e)
{
	add(k, PREFLIGHT_BAD, arena_strdup(k->a, e->text),
	    e->hint[0] != '\0' ? arena_strdup(k->a, e->hint) : NULL);
}

/* The first authoritative server's answer; NULL: none was readable. */
static const struct seen *served_mx(const struct checking_provider *k, const char **by_r)
{
	const struct project *p = flow_project(k->f);
	for (size_t i = 0; i < k->snap->server_n; i++) {
		const struct server_view *v = &k->snap->servers[i];
		const struct seen *seen = server_seen(v, p->domain, RR_MX);
		if (seen == NULL || (seen->state != SEEN_DATA && seen->state != SEEN_NODATA))
			continue;
		*by_r = v->name;
		return seen;
	}
	return NULL;
}

static const char *hosts_of(struct arena *a, const struct rrset *mx)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; mx != NULL && i < mx->n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", mx->rdata[i]);
	const char *text = b.len > 0 ? arena_slice(a, buf_slice(&b)) : "no MX";
	buf_release(&b);
	return text;
}

static void compare_mx(struct checking_provider *k, const struct rrset *own)
{
	const char *by = "";
	const struct seen *seen = served_mx(k, &by);
	if (seen == NULL) {
		add(k, PREFLIGHT_NOTE, "no authoritative server gave a readable MX to compare with",
		    "see `cutover audit`");
		return;
	}
	const struct rrset *served = seen->state == SEEN_DATA ? seen->rrset : NULL;
	if (rrset_equal(own, served)) {
		add(k, PREFLIGHT_GOOD,
		    arena_printf(k->a, "its zone is the zone that is served: %s has the same MX",
				 by),
		    NULL);
		return;
	}
	add(k, PREFLIGHT_BAD,
	    arena_printf(k->a, "the provider's zone has %s, but %s serves %s", hosts_of(k->a, own),
			 by, hosts_of(k->a, served)),
	    "the delegation points at another DNS host, or a change is still on its way: compare "
	    "the name servers in the registrar's panel with the provider's");
}

static void check_zone(struct checking_provider *k)
{
	const struct rrset *mx = NULL;
	struct err e;
	struct registrar_call *call = provider_call(k->provider);
	if (provider_is_by_hand(k->provider)) {
		add(k, PREFLIGHT_NOTE,
		    "a person makes the changes in the panel; the zone's DNS servers are watched",
		    NULL);
		return;
	}
	if (registrar_read(call, k->a, flow_project(k->f)->domain, RR_MX, &mx, &e) != 0) {
		provider_offer_by_hand(k->f, "stage", &e);
		add_error(k, &e);
		return;
	}
	add(k, PREFLIGHT_GOOD,
	    arena_printf(k->a, "the credentials work, and the zone is there: %s",
			 hosts_of(k->a, mx)),
	    NULL);
	compare_mx(k, mx);
	if (registrar_writable(call, &e) != 0)
		add_error(k, &e);
	if (registrar_warning(call) != NULL)
		add(k, PREFLIGHT_NOTE, arena_strdup(k->a, registrar_warning(call)), NULL);
}

static void check_ttl(struct checking_provider *k)
{
	const struct project *p = flow_project(k->f);
	const struct registrar *r = registrar_of(provider_call(k->provider));
	uint32_t ttl = registrar_ttl(r, p->policy.staged_mx_ttl);
	if (ttl == p->policy.staged_mx_ttl)
		return;
	add(k, PREFLIGHT_NOTE,
	    arena_printf(k->a, "an MX TTL of %u s cannot be had there; it will be %u s",
			 (unsigned)p->policy.staged_mx_ttl, (unsigned)ttl),
	    "the plan says so too, and the clocks reckon with it");
}

/* Reading proves nothing about writing, and nothing is written here. */
static void check_powers(struct checking_provider *k)
{
	if (provider_is_by_hand(k->provider))
		return;
	if (!provider_is_atomic(k->provider))
		add(k, PREFLIGHT_NOTE,
		    "changes are made one after another: an interrupted one is finished or undone "
		    "by the next run",
		    NULL);
	add(k, PREFLIGHT_NOTE,
	    "whether the credentials may write shows only when something is written", NULL);
}

static int check_all(struct checking_provider *k, struct err *e)
{
	const struct project *p = flow_project(k->f);
	struct err why;
	if (provider_open(k->f, k->snap->zone != NULL ? k->snap->zone : p->domain, &k->provider,
			  &why) != 0) {
		if (why.kind == ERR_CANCELLED || p->dns_provider == NULL) {
			*e = why;
			return -1;
		}
		add_error(k, &why);
		return 0;
	}
	check_zone(k);
	check_ttl(k);
	check_powers(k);
	return 0;
}

int flow_preflight(struct flow *f, struct arena *a, struct preflight *p_r, struct err *e)
{
	struct checking_provider k = { .f = f, .a = a };
	if (flow_observe(f, a, ASK_RECORDS, &k.snap, e) != 0 || check_all(&k, e) != 0)
		return -1;
	*p_r = (struct preflight){
		.provider = flow_project(f)->dns_provider,
		.title = k.provider != NULL
				 ? arena_strdup(a, registrar_of(provider_call(k.provider))->title)
				 : flow_project(f)->dns_provider,
		.ready = !k.bad,
		.n = k.lines.n,
		.lines = k.lines.at,
	};
	provider_close(k.provider);
	return 0;
}

struct js *preflight_to_js(const struct preflight *p)
{
	static const char *const marks[] = { "good", "bad", "note" };
	struct js *v = js_object();
	struct js *lines = js_array();
	js_set_int(v, "version", 1);
	js_set_str(v, "provider", p->provider);
	js_set_bool(v, "ready", p->ready);
	for (size_t i = 0; i < p->n; i++) {
		struct js *line = js_object();
		js_set_str(line, "mark", marks[p->lines[i].mark]);
		js_set_str(line, "text", p->lines[i].text);
		js_set_str(line, "remedy", p->lines[i].hint);
		js_push(lines, line);
	}
	js_set(v, "lines", lines);
	return v;
}
