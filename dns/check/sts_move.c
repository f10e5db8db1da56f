/*
 * MTA-STS and the move: a sender that keeps to a policy delivers to no host that the policy
 * does not list, and it may keep a policy for weeks.
 */
#include "dns/check/sts.h"
#include "dns/check/txt.h"
#include "zone/dname.h"

static bool is_host_of(struct checking *c, const struct rrset *set, const char *host)
{
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		struct mx mx;
		if (mx_parse(c->a, set->rdata[i], &mx) && dname_equal(mx.host, host))
			return true;
	}
	return false;
}

static bool is_old(const struct checking *c, const char *host)
{
	for (size_t i = 0; c->in->source_mx != NULL && c->in->source_mx[i] != NULL; i++) {
		if (dname_equal(c->in->source_mx[i], host))
			return true;
	}
	return false;
}

/* Hosts of `set` that the policy does not allow, as text; those of `but` are left out. "" when
 * all are allowed. */
static const char *unlisted(struct checking *c, const struct sts_policy *p, const struct rrset *set,
			    const struct rrset *but)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		struct mx mx;
		if (!mx_parse(c->a, set->rdata[i], &mx) || str_eq(mx.host, ".") ||
		    sts_mx_matches(p->mx, p->mx_n, mx.host) || is_host_of(c, but, mx.host))
			continue;
		/* After the switch an old host that is left over is another finding's. */
		if (c->in->phase != PHASE_POST || set == c->in->target_mx || !is_old(c, mx.host))
			*vec_push(c->a, &list) = check_show(c, mx.host);
	}
	return check_show_list(c, list.n, list.at);
}

static void report_stale(struct checking *c, const struct sts_policy *p, enum severity severity,
			 const char *message)
{
	const char *shown = check_show(c, c->s->domain);
	sts_saw_policy(c);
	check_report(c,
		     (struct check_report){
			     p->mode == STS_MODE_ENFORCE ? severity : SEVERITY_WARNING,
			     arena_printf(c->a, "mta-sts.%s", shown), message,
			     arena_printf(c->a,
					  "list these hosts in "
					  "https://mta-sts.%s/.well-known/mta-sts.txt beside the "
					  "present ones, then write a new id into _mta-sts.%s; "
					  "change the MX %u s (max_age) later",
					  shown, shown, (unsigned)p->max_age_s) });
}

void sts_policy_stale(struct checking *c)
{
	struct slice id;
	struct sts_policy p;
	const struct rrset *served = NULL;
	if (!sts_announces(c, &id) || !sts_fetched(c, &p) || p.mode == STS_MODE_NONE)
		return;
	(void)snapshot_rrset(c->s, c->s->domain, RR_MX, &served, NULL);
	const char *mode = p.mode == STS_MODE_ENFORCE
				   ? "senders that keep to it will not deliver there"
				   : "it is in testing mode, so mail is only reported";
	const char *planned = unlisted(c, &p, c->in->target_mx, NULL);
	const char *now = unlisted(c, &p, served, c->in->target_mx);
	if (planned[0] != '\0')
		report_stale(
			c, &p, check_level(c),
			arena_printf(c->a,
				     "the MTA-STS policy of %s does not list the planned MX %s: "
				     "%s",
				     check_show(c, c->s->domain), planned, mode));
	if (now[0] != '\0')
		report_stale(
			c, &p, SEVERITY_BLOCKER,
			arena_printf(c->a,
				     "the MTA-STS policy of %s does not list %s, an MX in use: "
				     "%s",
				     check_show(c, c->s->domain), now, mode));
}

/* The same patterns in any order; neither has one twice that matters. */
static bool same_patterns(const struct sts_policy *p, const char *const *before)
{
	size_t n = 0;
	for (; before[n] != NULL; n++) {
		bool found = false;
		for (size_t i = 0; i < p->mx_n; i++) {
			struct slice old = slice_str(before[n]);
			if (old.len > 0 && old.ptr[old.len - 1] == '.')
				old.len--;
			found = found || slice_eq_nocase(old, slice_str(p->mx[i]));
		}
		if (!found)
			return false;
	}
	return n == p->mx_n;
}

void sts_id_unchanged(struct checking *c)
{
	struct slice id;
	struct sts_policy p;
	if (c->in->mta_sts_previous_id == NULL || c->in->mta_sts_previous_mx == NULL ||
	    !sts_announces(c, &id) || !slice_eq(id, slice_str(c->in->mta_sts_previous_id)) ||
	    !sts_fetched(c, &p) || same_patterns(&p, c->in->mta_sts_previous_mx))
		return;
	const char *name = sts_name(c);
	sts_saw_policy(c);
	txt_saw_everywhere(c, name, RR_TXT);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, name, RR_TXT),
			     arena_printf(c->a,
					  "the MTA-STS policy of %s has changed, but its id is "
					  "still %s: senders that know the old policy do not fetch "
					  "the new one",
					  check_show(c, c->s->domain), c->in->mta_sts_previous_id),
			     arena_printf(c->a, "write a new id into the TXT record at %s",
					  check_show(c, name)) });
}

/* RFC 8461 §3.3: a sender that cannot fetch, or does not ask for the id, keeps what it has. */
void sts_cached(struct checking *c)
{
	const struct history *h = &c->in->history;
	int64_t until = h->mta_sts_changed_ms + (int64_t)h->mta_sts_old_max_age_s * 1000;
	char changed[TIME_TEXT_MAX];
	if (h->mta_sts_changed_ms == 0 || c->in->now_ms >= until)
		return;
	check_report(c,
		     (struct check_report){
			     check_level(c),
			     arena_printf(c->a, "mta-sts.%s", check_show(c, c->s->domain)),
			     arena_printf(c->a,
					  "the MTA-STS policy was changed at %s; senders that do "
					  "not look at its id may go by the old one (max_age %u s) "
					  "until %s",
					  time_format(h->mta_sts_changed_ms, changed),
					  (unsigned)h->mta_sts_old_max_age_s,
					  check_show_moment(c, until)),
			     "keep the MX hosts of the old policy taking mail until then" });
}
