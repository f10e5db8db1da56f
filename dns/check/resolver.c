/*
 * The panel. A resolver that does not even answer for the control name says nothing about
 * the domain; all others are held against what the authoritative servers say.
 */
#include "dns/check/resolver.h"

#include "dns/check/mx.h"
#include "dns/check/ownership.h"
#include "zone/dname.h"

/* RFC 8914 §4.4 and §4.20; and the TTL that RFC 8767 §5 gives to such answers. */
enum { EDE_STALE_ANSWER = 3, EDE_STALE_NXDOMAIN = 19, STALE_TTL = 30 };

/* Shown like a server whose name is that word. */
void resolver_saw(struct checking *c, const struct resolver_view *r, const struct seen *seen)
{
	check_saw_seen(c, &(struct server_view){ .name = "resolver.", .address = r->address },
		       seen);
}

/* Some working server says just that. */
static bool is_served(const struct checking *c, const struct seen *seen)
{
	const struct dns_question *q = &seen->question;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *own = server_seen(v, q->name, q->type);
		if (v->state == SERVER_OK && check_is_readable(own) &&
		    rrset_equal(own->rrset, seen->rrset))
			return true;
	}
	return false;
}

/* What a change of the plan found there before it was made. */
static bool is_before_image(const struct checking *c, const struct seen *seen)
{
	for (size_t i = 0; i < c->in->change_n; i++) {
		const struct check_change *ch = &c->in->changes[i];
		const struct rrset *some = ch->before != NULL ? ch->before : ch->after;
		if (some != NULL && some->type == seen->question.type &&
		    dname_equal(some->name, seen->question.name) &&
		    rrset_equal(ch->before, seen->rrset))
			return true;
	}
	return false;
}

static bool names_old_host(const struct checking *c, const struct seen *seen)
{
	struct mx_list list = mx_list_of(c, seen->rrset);
	for (size_t i = 0; seen->question.type == RR_MX && i < list.n; i++) {
		if (mx_is_old_host(c, list.at[i].host))
			return true;
	}
	return false;
}

/* The moment by which every cache must have let go of what it held before a change of this
 * record; 0: no change is known. */
static int64_t bound_ms(const struct checking *c, const struct seen *seen)
{
	const struct dns_question *q = &seen->question;
	if (q->type == RR_MX && dname_equal(q->name, c->s->domain))
		return clocks_mx_clear_ms(&c->in->history);
	if (q->type == RR_TXT && c->in->ownership_name != NULL &&
	    dname_equal(q->name, c->in->ownership_name))
		return clocks_txt_clear_ms(c->s, &c->in->history);
	return 0;
}

enum resolver_shows resolver_shows(const struct checking *c, const struct seen *seen)
{
	const struct dns_question *q = &seen->question;
	if (!check_is_readable(seen) || check_first_readable(c, q->name, q->type) == NULL)
		return RESOLVER_UNREADABLE;
	if (is_served(c, seen))
		return RESOLVER_CURRENT;
	if (is_before_image(c, seen) || names_old_host(c, seen) || seen->at_ms < bound_ms(c, seen))
		return RESOLVER_OLD;
	return RESOLVER_ELSE;
}

bool resolver_says_stale(const struct seen *seen)
{
	return seen->has_ede && (seen->ede == EDE_STALE_ANSWER || seen->ede == EDE_STALE_NXDOMAIN);
}

/* Old data that no TTL explains any more: the bound is over, or the TTL is the one that stale
 * answers are given. */
static bool is_beyond_ttl(const struct checking *c, const struct seen *seen)
{
	int64_t bound = bound_ms(c, seen);
	return (bound != 0 && seen->at_ms > bound) ||
	       (seen->rrset != NULL && seen->rrset->ttl == STALE_TTL);
}

/* What lives for as long as the zone's versions is no data that a cutover changes. */
static bool is_of_interest(const struct seen *seen)
{
	uint16_t type = seen->question.type;
	return type != RR_SOA && type != RR_NS && type != RR_DNSKEY;
}

/* Calls fn for every answer worth a look of every resolver that works. */
static void each_answer(struct checking *c,
			void (*fn)(struct checking *, const struct resolver_view *,
				   const struct seen *))
{
	for (size_t i = 0; i < c->s->resolver_n; i++) {
		const struct resolver_view *r = &c->s->resolvers[i];
		for (size_t k = 0; r->works && k < r->n; k++) {
			if (is_of_interest(&r->seen[k]) && check_is_readable(&r->seen[k]))
				fn(c, r, &r->seen[k]);
		}
	}
}

static const char *subject_of(struct checking *c, const struct resolver_view *r,
			      const struct seen *seen)
{
	return arena_printf(c->a, "%s at %s",
			    check_subject(c, seen->question.name, seen->question.type), r->address);
}

/* When it will ask again; 0: it did not tell. */
static int64_t forgets_ms(const struct seen *seen)
{
	uint32_t ttl = seen->rrset != NULL ? seen->rrset->ttl : seen->negative_ttl;
	return ttl != 0 ? seen->at_ms + (int64_t)ttl * 1000 : 0;
}

static void report_stale(struct checking *c, const struct resolver_view *r, const struct seen *seen)
{
	int64_t until = forgets_ms(seen);
	if (resolver_shows(c, seen) != RESOLVER_OLD || resolver_says_stale(seen) ||
	    is_beyond_ttl(c, seen) || ownership_lags(c, seen))
		return;
	resolver_saw(c, r, seen);
	check_report(c, (struct check_report){
				.severity = check_level(c),
				.subject = subject_of(c, r, seen),
				.message = arena_printf(
					c->a,
					"resolver %s still gives the old data%s%s: whoever asks "
					"it does not see the change yet",
					r->address, until != 0 ? ", until " : "",
					until != 0 ? check_show_moment(c, until) : ""),
				.remedy = "wait until then; meanwhile keep what the old record "
					  "names up and running" });
}

static void resolver_stale(struct checking *c)
{
	each_answer(c, report_stale);
}

/* With data that is still right, too: then it is the authoritative servers that it cannot
 * reach. */
static void report_serve_stale(struct checking *c, const struct resolver_view *r,
			       const struct seen *seen)
{
	bool over = resolver_shows(c, seen) == RESOLVER_OLD && is_beyond_ttl(c, seen) &&
		    !ownership_lags(c, seen);
	if (!over && !resolver_says_stale(seen))
		return;
	resolver_saw(c, r, seen);
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = subject_of(c, r, seen),
			   .message = arena_printf(
				   c->a,
				   "resolver %s gives an answer whose time is over%s: it could not "
				   "reach the name servers when it should have asked again",
				   r->address, resolver_says_stale(seen) ? ", and says so" : ""),
			   .remedy = "look at the findings about name servers that do not answer; "
				     "whoever runs the resolver can flush the name" });
}

static void resolver_serve_stale(struct checking *c)
{
	each_answer(c, report_serve_stale);
}

/* A TTL that was lowered is still out there for as long as the old one lasted. */
static bool was_longer_before(const struct checking *c, const struct seen *seen)
{
	const struct history *h = &c->in->history;
	int64_t ends = forgets_ms(seen);
	if (seen->question.type == RR_MX && h->mx_ttl_lowered_ms != 0 &&
	    ends <= h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000)
		return true;
	for (size_t i = 0; i < c->in->change_n; i++) {
		const struct rrset *before = c->in->changes[i].before;
		if (before != NULL && before->type == seen->question.type &&
		    dname_equal(before->name, seen->question.name) &&
		    before->ttl >= seen->rrset->ttl)
			return true;
	}
	return false;
}

static void report_raised(struct checking *c, const struct resolver_view *r,
			  const struct seen *seen)
{
	uint32_t ttl = 0;
	if (seen->state != SEEN_DATA || resolver_shows(c, seen) != RESOLVER_CURRENT ||
	    !snapshot_rrset(c->s, seen->question.name, seen->question.type, NULL, &ttl) ||
	    seen->rrset->ttl <= ttl || was_longer_before(c, seen))
		return;
	resolver_saw(c, r, seen);
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = subject_of(c, r, seen),
			   .message = arena_printf(
				   c->a,
				   "resolver %s keeps the record for %u s more, though the name "
				   "servers give it %u s: it raises short TTLs, or the TTL was "
				   "lowered a short time ago",
				   r->address, (unsigned)seen->rrset->ttl, (unsigned)ttl),
			   .remedy = arena_printf(c->a,
						  "expect its users to see a change only after %s",
						  check_show_moment(c, forgets_ms(seen))) });
}

static void resolver_ttl_raised(struct checking *c)
{
	each_answer(c, report_raised);
}

static void resolver_broken(struct checking *c)
{
	for (size_t i = 0; i < c->s->resolver_n; i++) {
		const struct resolver_view *r = &c->s->resolvers[i];
		if (r->works)
			continue;
		check_report(
			c, (struct check_report){
				   .severity = check_level(c),
				   .subject = arena_printf(c->a, "resolver %s", r->address),
				   .message = arena_printf(
					   c->a,
					   "resolver %s does not answer for any name (%s); what "
					   "it says is not counted",
					   r->address, r->note != NULL ? r->note : "no answer"),
				   .remedy = "nothing to do for the domain; give another resolver "
					     "in network.resolvers to have its view as well" });
	}
}

const struct check resolver_checks[] = {
	{ .info = { .id = "resolver-stale",
		    .what = "a resolver still gives the data from before a change",
		    .rfc = "RFC 1035 §3.2.1",
		    .levels = "wwww",
		    .example = "The MX was changed, but this resolver has the old one for 2400 s "
			       "more. That is what its users' mail goes by. It is not an error: "
			       "wait." },
	  .run = resolver_stale },
	{ .info = { .id = "resolver-serve-stale",
		    .what = "a resolver gives an answer whose TTL is over",
		    .rfc = "RFC 8767, RFC 8914 §4.4",
		    .levels = "wwww",
		    .example = "Resolvers may keep answering with old data for days when they "
			       "cannot reach the name servers. So look there first." },
	  .run = resolver_serve_stale },
	{ .info = { .id = "resolver-ttl-raised",
		    .what = "a resolver keeps a record longer than its TTL",
		    .rfc = "RFC 8767 §7",
		    .levels = "wwww",
		    .example = "The MX has a TTL of 300 s, the resolver says 3600 s. Some raise "
			       "short TTLs to a minimum of their own; count with that at the "
			       "switch." },
	  .run = resolver_ttl_raised },
	{ .info = { .id = "resolver-broken",
		    .what = "a resolver of the panel answers nothing at all",
		    .rfc = "-",
		    .levels = "iiii",
		    .example = "It fails for a control name as well, so the fault is not the "
			       "domain's. Its view is left out of everything else." },
	  .run = resolver_broken },
	{ .run = NULL },
};
