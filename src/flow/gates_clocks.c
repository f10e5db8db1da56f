/*
 * The gates of the zone's clocks: how long a cache may still hold the old MX.
 */
#include "flow/gates_priv.h"

/* Staged already, the TTL is as low as this provider gives it, or not served yet. */
static const char *lower_ttl_remedy(struct arena *a, const struct gate_evidence *ev, uint32_t ttl)
{
	if (!ev->staged)
		return "run `cutover stage`; it lowers the TTL";
	return arena_printf(a,
			    "if `cutover verify --wait` does not help, the provider gives no lower "
			    "TTL: lower it in its panel, or write policy: { max_mx_ttl: %u } and "
			    "expect mail at the old side for %u s after the switch",
			    ttl, ttl);
}

/* Who could be read says that there is none: nothing that a TTL could be lowered of. */
static bool has_no_mx(const struct gate_evidence *ev)
{
	const struct snapshot *snap = ev->audit->snap;
	size_t none = 0;
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct seen *seen = server_seen(&snap->servers[i], ev->project->domain,
						      RR_MX);
		if (seen != NULL && seen->state == SEEN_DATA)
			return false;
		none += seen != NULL &&
			(seen->state == SEEN_NODATA || seen->state == SEEN_NXDOMAIN);
	}
	return none > 0;
}

/* The highest TTL of all servers counts: a resolver may ask the one that lags. */
void gate_mx_ttl_low(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	uint32_t highest = 0;
	const struct rrset *mx = NULL;
	uint32_t limit = ev->project->policy.max_mx_ttl;
	bool exists = snapshot_rrset(ev->audit->snap, ev->project->domain, RR_MX, &mx, &highest);
	gate_about(a, g, arena_printf(a, "%u s", highest));
	if (!exists && has_no_mx(ev))
		gate_open(a, g, "the domain has no MX record, so none with a high TTL");
	else if (!exists)
		gate_unknown(a, g, "see `cutover audit`", "no MX could be read");
	else if (highest > limit)
		gate_close(a, g, lower_ttl_remedy(a, ev, highest),
			   "the MX TTL is %u s at an authoritative server; the policy allows %u s",
			   highest, limit);
	else
		gate_open(a, g, "the MX TTL is %u s at most (policy: %u s)", highest, limit);
}

/* Nothing to count from; each cause has its own remedy. */
static void no_clock_runs(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	uint32_t highest = 0;
	const struct snapshot *snap = ev->audit->snap;
	bool exists = snapshot_rrset(snap, ev->project->domain, RR_MX, NULL, &highest);
	if (!exists && has_no_mx(ev)) {
		gate_unknown(
			a, g,
			"when nobody has removed one lately, `cutover accept old-ttl-drained "
			"--reason …`",
			"the domain has no MX record; whether caches hold one that was removed "
			"is not known");
		gate_about(a, g, "no MX");
	} else if (exists && highest <= ev->project->policy.max_mx_ttl &&
		   ev->history.mx_ttl_lowered_ms != 0) {
		gate_close(
			a, g,
			"make both lists equal: the delegation at the registrar, the NS records "
			"in the zone",
			"since the name servers were changed, the delegation and the zone do not "
			"name the same servers: caches may ask either");
		gate_about(a, g, "NS sets differ");
	} else {
		gate_close(a, g, "run `cutover stage`, then `cutover verify --wait`",
			   "not every authoritative server serves the lowered MX TTL yet");
		gate_about(a, g, "not low everywhere");
	}
}

/* Setting a clock lets no time pass; who reads the moment should know why it is not the one of
 * yesterday. A moment that is still to come was written before the machine's last start. */
static const char *set_since(struct arena *a, const struct gate_evidence *ev)
{
	char span[TIME_TEXT_MAX];
	int64_t set_ms = ev->history.clock_set_ms;
	/* There and back again leaves the milliseconds that two readings differ by. */
	if (set_ms >= 1000 || set_ms <= -1000)
		return arena_printf(a,
				    " (this machine's clock was set %s by %s since; what passed is "
				    "counted, not what it shows)",
				    set_ms > 0 ? "forward" : "back",
				    duration_format(set_ms > 0 ? set_ms : -set_ms, span));
	return ev->history.mx_ttl_lowered_ms > ev->now_ms
		       ? " (by this machine's clock that is still to come: it was wrong then, "
			 "or is now; set it right)"
		       : "";
}

/* By what the servers said it is over earlier, and a resolver of the panel shows more. Perhaps it
 * knows of a TTL that nobody saw here. Perhaps it keeps every record so long, and asks anew each
 * time: then waiting ends nothing, and a person has to say so. */
static void held_longer(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			int64_t drained)
{
	const struct history *h = &ev->history;
	char over[TIME_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	int64_t held;
	const struct resolver_view *r = clocks_mx_holder(ev->audit->snap, h,
							 ev->project->policy.max_mx_ttl, &held);
	const char *address = r != NULL ? r->address : "of the panel";
	time_format(h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000, over);
	gate_wait(a, g, drained,
		  "by the servers' own old TTL of %u s it is over at %s, but resolver %s holds "
		  "the MX until %s: either it has it from before the first look, or it keeps every "
		  "record so long by itself, and asks anew each time",
		  h->mx_old_ttl, over, address, time_format(held, until));
	g->remedy = arena_printf(
		a,
		"wait until then. When resolver %s holds it as long again then, it is its own "
		"setting: those who use it send to the old side for so long after the switch, and "
		"`cutover tail` brings that mail. Then `cutover accept old-ttl-drained --reason …`",
		address);
	/* One fault: who accepts this accepts no wait for the servers' own TTL. */
	gate_about(a, g, arena_printf(a, "old TTL %u s at resolver %s", h->mx_old_ttl, address));
}

/* Waiting by the servers' own TTL. */
static void runs_out(struct arena *a, const struct gate_evidence *ev, struct gate *g,
		     int64_t drained)
{
	const struct history *h = &ev->history;
	char since[TIME_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	gate_wait(
		a, g, drained,
		"the last server has the low MX TTL since %s; until %s a cache may still hold the "
		"old MX for %u s%s",
		time_format(h->mx_ttl_lowered_ms, since), time_format(drained, until),
		h->mx_old_ttl, set_since(a, ev));
}

/* Who lowered the TTL before the first look leaves no observation of the old one; then only
 * the project's `history:` can tell how long it was. */
void gate_old_ttl_drained(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const struct history *h = &ev->history;
	char since[TIME_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	int64_t drained = clocks_mx_drained_ms(ev->audit->snap, h, ev->project->policy.max_mx_ttl);
	if (drained == INT64_MAX || h->mx_ttl_lowered_ms == 0) {
		no_clock_runs(a, ev, g);
		return;
	}
	time_format(h->mx_ttl_lowered_ms, since);
	gate_about(a, g, arena_printf(a, "old TTL %u s", h->mx_old_ttl));
	if (h->mx_old_ttl == 0)
		gate_unknown(
			a, g,
			"say in the project file what it was before: history: { mx_old_ttl: … } "
			"(and mx_ttl_lowered, when it was lowered by hand)",
			"the MX TTL was low already when it was first looked at (%s): how long "
			"caches keep the older value is not known",
			since);
	else if (drained <= ev->now_ms)
		gate_open(
			a, g,
			"low MX TTL at every server since %s; the old TTL of %u s ran out at %s%s",
			since, h->mx_old_ttl, time_format(drained, until), set_since(a, ev));
	else if (drained > h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000)
		held_longer(a, ev, g, drained);
	else
		runs_out(a, ev, g, drained);
}
