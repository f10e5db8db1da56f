/*
 * What the answers name and mail depends on: the hosts of MX and NS, and the SPF tree.
 */
#include "dns/judge.h"
#include "dns/spf_terms.h"
#include "dns/taking.h"
#include "zone/dname.h"

/* "." is the null MX's host. */
static void want_hosts_of(struct taking *t, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(t->a, set->type, set->rdata[i]);
		if (host != NULL && !str_eq(host, "."))
			(void)walk_want_host(t->walk, host);
	}
}

/* The hosts that any server's MX or NS set names. */
void taking_want_hosts(struct taking *t)
{
	want_hosts_of(t, t->s->parent_ns);
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct server_view *v = &t->servers.at[i];
		const struct seen *mx = server_seen(v, t->opts->domain, RR_MX);
		const struct seen *ns = server_seen(v, t->s->zone, RR_NS);
		want_hosts_of(t, mx != NULL ? mx->rrset : NULL);
		want_hosts_of(t, ns != NULL ? ns->rrset : NULL);
	}
}

/* Wishing again gives the finished task, with no further question. */
static void take_host(struct taking *t, const char *name)
{
	for (size_t i = 0; i < t->hosts.n; i++) {
		if (dname_equal(t->hosts.at[i].name, name))
			return;
	}
	const struct walk_task *w = walk_want_host(t->walk, name);
	if (w != NULL && w->done && t->hosts.n < HOSTS_MAX)
		*vec_push(t->a, &t->hosts) = walk_host_view(t->a, w);
}

/* The same sets as were wished for; here only their results are taken. */
static void take_hosts_of(struct taking *t, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(t->a, set->type, set->rdata[i]);
		if (host != NULL && !str_eq(host, "."))
			take_host(t, host);
	}
}

void taking_take_hosts(struct taking *t)
{
	for (size_t i = 0; i < t->servers.n; i++) {
		const struct seen *mx = server_seen(&t->servers.at[i], t->opts->domain, RR_MX);
		take_hosts_of(t, mx != NULL ? mx->rrset : NULL);
	}
	for (size_t i = 0; i < t->opts->host_n; i++)
		take_host(t, t->opts->hosts[i]);
	take_hosts_of(t, t->s->parent_ns);
	take_hosts_of(t, t->s->child_ns);
	t->s->host_n = t->hosts.n;
	t->s->hosts = t->hosts.at;
}

/* Each name once: SPF trees have loops. */
static bool spf_known(const struct taking *t, const char *name)
{
	for (size_t i = 0; i < t->spf.n; i++) {
		if (dname_equal(t->spf.at[i].name, name))
			return true;
	}
	return false;
}

/* The names that number i pulls in go to the end of the list. */
static void spf_expand(struct taking *t, size_t i)
{
	for (size_t k = 0; k < t->spf.at[i].n; k++) {
		const struct spf_term *terms = NULL;
		size_t n = spf_terms(t->a, t->spf.at[i].texts[k], &terms);
		for (size_t m = 0; m < n; m++) {
			if (terms[m].name == NULL || spf_known(t, terms[m].name) ||
			    t->spf.n >= SPF_NAMES_MAX)
				continue;
			*vec_push(t->a, &t->spf) = (struct spf_view){ .name = terms[m].name,
								      .via = terms[m].redirect
										     ? "redirect"
										     : "include" };
			(void)walk_want(t->walk, terms[m].name, RR_TXT);
		}
	}
}

/* The domain's own SPF, as its first readable server has it. */
void taking_spf_begin(struct taking *t)
{
	struct spf_view own = { .name = t->opts->domain, .state = SEEN_UNREADABLE };
	for (size_t i = 0; i < t->servers.n && own.state == SEEN_UNREADABLE; i++) {
		const struct seen *txt = server_seen(&t->servers.at[i], own.name, RR_TXT);
		if (t->servers.at[i].state != SERVER_OK || txt == NULL)
			continue;
		own.state = txt->state;
		own.n = spf_records(t->a, txt->rrset, &own.texts);
	}
	*vec_push(t->a, &t->spf) = own;
	spf_expand(t, 0);
}

/* Level by level; each is one run of the walk. */
int taking_spf_finish(struct taking *t, struct err *e)
{
	for (size_t i = 1; i < t->spf.n;) {
		if (walk_run(t->walk, e) != 0)
			return -1;
		/* `end` is kept: names that are added here belong to the next level. */
		for (size_t end = t->spf.n; i < end; i++) {
			const struct walk_task *w = walk_want(t->walk, t->spf.at[i].name, RR_TXT);
			if (w == NULL || !w->done)
				continue;
			t->spf.at[i].state = w->states[0];
			t->spf.at[i].n = spf_records(t->a, w->sets[0], &t->spf.at[i].texts);
			spf_expand(t, i);
		}
	}
	t->s->spf_n = t->spf.n;
	t->s->spf = t->spf.at;
	return 0;
}
