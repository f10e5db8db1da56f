/*
 * Does a resolver show what no server of the zone serves? Age alone explains most of that;
 * another view is what remains.
 */
#include "dns/check/resolver.h"
#include "zone/dname.h"

/* Addresses are given by who asks, and say nothing; a CNAME counts where the plan needs it. */
static bool is_judged(const struct check_input *in, const struct dns_question *q)
{
	if (q->type == RR_MX || q->type == RR_TXT || q->type == RR_NS)
		return true;
	for (size_t i = 0; q->type == RR_CNAME && i < in->change_n; i++) {
		const struct rrset *after = in->changes[i].after;
		if (after != NULL && dname_equal(after->name, q->name))
			return true;
	}
	return false;
}

static bool gives(const struct server_view *v, const struct seen *odd)
{
	const struct seen *seen = server_seen(v, odd->question.name, odd->question.type);
	return seen != NULL && rrset_equal(seen->rrset, odd->rrset);
}

/* Every working server was read, and none gives it. Aliases end elsewhere and are left out. */
static bool differs_from_all(const struct snapshot *s, const struct seen *odd)
{
	size_t read = 0;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *v = &s->servers[i];
		const struct seen *seen = server_seen(v, odd->question.name, odd->question.type);
		if (v->state != SERVER_OK)
			continue;
		if (!check_is_readable(seen) || seen->alias != NULL || gives(v, odd))
			return false;
		read++;
	}
	return read > 0;
}

/* Servers of before, and the panel's, have checks of their own. */
static bool is_given_elsewhere(const struct snapshot *s, const struct seen *odd)
{
	for (size_t i = 0; i < s->other_n; i++) {
		if (gives(&s->others[i].server, odd))
			return true;
	}
	return odd->question.type == RR_NS && rrset_equal(s->parent_ns, odd->rrset);
}

/* While the servers themselves are changing, the old ones' word explains anything. */
static bool is_ns_clock_running(const struct checking *c)
{
	const struct history *h = &c->in->history;
	uint32_t parent = c->s->parent_ns != NULL ? c->s->parent_ns->ttl : 0;
	uint32_t ttl = parent > h->ns_old_ttl ? parent : h->ns_old_ttl;
	return h->ns_changed_ms != 0 && c->in->now_ms < h->ns_changed_ms + (int64_t)ttl * 1000;
}

/* "No such record" may be the memory of before it was entered; only data is told. What is old
 * is for resolver-stale. */
static bool is_other_view(const struct checking *c, const struct seen *odd)
{
	return odd->state == SEEN_DATA && odd->rrset != NULL && odd->alias == NULL &&
	       !odd->has_ede && resolver_shows(c, odd) == RESOLVER_ELSE &&
	       differs_from_all(c->s, odd) && !is_given_elsewhere(c->s, odd) &&
	       !is_ns_clock_running(c);
}

static void saw_servers(struct checking *c, const struct dns_question *q)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], q->name, q->type);
		if (c->s->servers[i].state == SERVER_OK && seen != NULL)
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

/* One finding a record; every resolver that shows it in the evidence. */
static void split_horizon(struct checking *c)
{
	for (size_t k = 0; k < c->s->question_n; k++) {
		const struct dns_question *q = &c->s->questions[k];
		const struct resolver_view *first = NULL;
		const struct seen *shown = NULL;
		for (size_t i = 0; is_judged(c->in, q) && i < c->s->resolver_n; i++) {
			const struct resolver_view *r = &c->s->resolvers[i];
			const struct seen *odd = r->works ? resolver_seen(r, q->name, q->type)
							  : NULL;
			if (odd == NULL || !is_other_view(c, odd))
				continue;
			resolver_saw(c, r, odd);
			first = first != NULL ? first : r;
			shown = shown != NULL ? shown : odd;
		}
		if (first == NULL)
			continue;
		const char *subject = check_subject(c, q->name, q->type);
		saw_servers(c, q);
		check_report(
			c,
			(struct check_report){
				check_level(c), subject,
				arena_printf(c->a,
					     "resolver %s shows for %s what no server of the "
					     "zone gives: %s; whoever uses it sees another zone",
					     first->address, subject,
					     check_show_rdata(c, shown->rrset)),
				"look whether that resolver, or the network it is in, has a copy "
				"of "
				"the zone of its own (internal DNS); make the same change there" });
	}
}

const struct check horizon_checks[] = {
	{ .info = { .id = "split-horizon",
		    .what = "a resolver shows another zone than all its servers",
		    .rfc = "-",
		    .levels = "wwww",
		    .example =
			    "The office's resolver has an internal copy of treyresearch.com with "
			    "an MX "
			    "of its own; outside nobody sees that one. The switch will not reach "
			    "the office until the internal copy is changed too. What is merely "
			    "old is not meant: `resolver-stale` tells that." },
	  .run = split_horizon },
	{ .run = NULL },
};
