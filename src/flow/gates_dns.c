/*
 * The gates that look at the zone. All of them, and those of its clocks and its SPF, read one fresh
 * snapshot of every authoritative address; none asks again, so they cannot contradict each other.
 */
#include "flow/gates_priv.h"

#include "base/vec.h"
#include "flow/wish.h"
#include "zone/dname.h"

/* These findings have a gate of their own, with a better remedy and a waiting time. */
static bool has_own_gate(const char *check)
{
	static const char *const ids[] = {
		"mx-ttl-high",        "ttl-lowering-not-effective", "cache-not-expired",
		"verify-txt-missing", "verify-txt-partial",         "plan-drift",
		"spf-target-missing", "mta-sts-policy-stale",       "dane-tlsa-malformed",
	};
	if (str_starts(check, "dnssec-"))
		return true;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (str_eq(ids[i], check))
			return true;
	return false;
}

/* The remedy shown is the first finding's; the matter names all, so that a new blocker voids
 * an acceptance of the old ones. */
void gate_no_blocking_finding(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct buf text;
	struct buf names;
	size_t blockers = 0;
	const char *remedy = "";
	buf_init(&text);
	buf_init(&names);
	for (size_t i = 0; i < ev->audit->findings.list.n; i++) {
		const struct finding *f = &ev->audit->findings.list.at[i];
		if (f->severity != SEVERITY_BLOCKER || has_own_gate(f->check))
			continue;
		buf_addf(&text, "%s%s: %s", blockers > 0 ? "; " : "", f->check, f->message);
		buf_addf(&names, "%s %s; ", f->check, f->subject);
		if (blockers++ == 0)
			remedy = f->remedy;
	}
	if (blockers == 0)
		gate_open(a, g, "the audit found no blocker (findings in all: %zu)",
			  ev->audit->findings.list.n);
	else
		gate_close(a, g, remedy, "%s", text.at);
	gate_about(a, g, names.at);
	buf_release(&names);
	buf_release(&text);
}

/* What one server has for a planned change: the wish, or not. */
static bool serves_after(const struct server_view *s, const struct change *c, uint32_t max_mx_ttl,
			 bool *readable_r)
{
	const struct seen *seen = server_seen(s, c->name, c->type);
	*readable_r = seen != NULL && seen->state <= SEEN_NXDOMAIN;
	if (!*readable_r)
		return false;
	return seen->state == SEEN_DATA ? wish_is_met(c, seen->rrset, max_mx_ttl)
					: c->after == NULL;
}

static const struct change *change_of(const struct change_set *cs, const struct change *like)
{
	for (size_t i = 0; cs != NULL && i < cs->n; i++)
		if (cs->changes[i].type == like->type &&
		    dname_equal(cs->changes[i].name, like->name))
			return &cs->changes[i];
	return NULL;
}

static bool serves_one_of(const struct server_view *s, const struct change_set *cs,
			  const struct change *like, uint32_t max_mx_ttl)
{
	bool readable;
	const struct change *c = change_of(cs, like);
	return c != NULL && serves_after(s, c, max_mx_ttl, &readable);
}

/* Cut between two records of an RRset: nothing stands there that neither image of the switch has.
 */
static bool serves_half(const struct server_view *s, const struct change_set *cs,
			const struct change *like)
{
	const struct change *c = change_of(cs, like);
	const struct seen *seen = server_seen(s, like->name, like->type);
	if (c == NULL || seen == NULL || seen->state != SEEN_DATA)
		return false;
	for (size_t i = 0; i < seen->rrset->n; i++) {
		const char *rdata = seen->rrset->rdata[i];
		bool was = c->before != NULL && rrset_has(c->before, rdata);
		if (!was && !(c->after != NULL && rrset_has(c->after, rdata)))
			return false;
	}
	return true;
}

/* What was staged, what is known to have taken its place since, or what a switch may have put there
 * of which nobody knows how far it came: all are ours, and show that it is our zone. */
static bool serves_ours(const struct gate_evidence *ev, const struct server_view *s,
			const struct change *staged, bool *readable_r)
{
	uint32_t max_mx_ttl = ev->project->policy.max_mx_ttl;
	return serves_after(s, staged, max_mx_ttl, readable_r) ||
	       serves_one_of(s, ev->in_force, staged, max_mx_ttl) ||
	       serves_one_of(s, ev->begun, staged, max_mx_ttl) || serves_half(s, ev->begun, staged);
}

/* The panel's own list of name servers against the delegation; NULL: nothing is wrong. */
static const char *undelegated_panel_server(struct arena *a, const struct gate_evidence *ev)
{
	const struct rrset *ns = ev->audit->snap->parent_ns;
	const char *const *panel = ev->project->dns_nameservers;
	for (size_t i = 0; panel != NULL && panel[i] != NULL; i++)
		if (ns == NULL || !rrset_has(ns, panel[i]))
			return dname_show(a, panel[i]);
	return NULL;
}

typedef VEC(const struct change *) change_list;

/* A name that the project file had once, and has no more, is not. */
static bool was_asked(const struct snapshot *snap, const struct change *c)
{
	for (size_t i = 0; i < snap->server_n; i++)
		if (server_seen(&snap->servers[i], c->name, c->type) != NULL)
			return true;
	return false;
}

/* What was staged. A plan that was made anew behind the staging has nothing of it: then what the
 * journal has in force. */
static change_list staged_changes(struct arena *a, const struct gate_evidence *ev)
{
	const struct change_set *const sets[] = { ev->plan->staging, ev->plan->policy };
	change_list list = { 0 };
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->n; i++)
			*vec_push(a, &list) = &sets[s]->changes[i];
	bool empty = sets[0]->n + sets[1]->n == 0;
	for (size_t i = 0; empty && ev->in_force != NULL && i < ev->in_force->n; i++)
		if (was_asked(ev->audit->snap, &ev->in_force->changes[i]))
			*vec_push(a, &list) = &ev->in_force->changes[i];
	return list;
}

/* Every server that does not show a staged record goes into the gate's matter: who accepts one
 * that is dead has not accepted another. The first in words; NULL: all show all. */
static const char *unserved(struct arena *a, const struct gate_evidence *ev,
			    const change_list *staged, struct gate *g)
{
	const struct snapshot *snap = ev->audit->snap;
	const char *first = NULL;
	struct buf names;
	buf_init(&names);
	for (size_t i = 0; i < snap->server_n * staged->n; i++) {
		const struct server_view *server = &snap->servers[i / staged->n];
		const struct change *c = staged->at[i % staged->n];
		bool readable;
		if (serves_ours(ev, server, c, &readable))
			continue;
		const char *what = arena_printf(a, "%s %s", dname_show(a, c->name),
						rr_type_name(a, c->type));
		buf_addf(&names, "%s %s %s; ", server->address, readable ? "lacks" : "unread",
			 what);
		if (first == NULL)
			first = arena_printf(a, "%s (%s) %s %s", dname_show(a, server->name),
					     server->address,
					     readable ? "does not serve the staged"
						      : "gave no readable answer for",
					     what);
	}
	gate_about(a, g, names.at);
	buf_release(&names);
	return first;
}

/* Nothing had to be staged, so nothing that we wrote can show up: the panel's list of name
 * servers is the only evidence left. */
static void without_staged_records(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const char *const *panel = ev->project->dns_nameservers;
	if (panel == NULL || panel[0] == NULL)
		gate_unknown(a, g,
			     "write the name servers that the DNS panel shows into dns.nameservers",
			     "nothing had to be staged, so no record of ours shows which zone is "
			     "served");
	else
		gate_open(a, g, "the delegation holds every name server that the panel shows");
}

void gate_zone_edited_is_zone_served(struct arena *a, const struct gate_evidence *ev,
				     struct gate *g)
{
	const struct snapshot *snap = ev->audit->snap;
	if (ev->plan == NULL || !ev->staged) {
		gate_close(a, g, "run `cutover stage`", "the staging changes were not made yet");
		gate_about(a, g, "not staged");
		return;
	}
	const char *stranger = undelegated_panel_server(a, ev);
	if (stranger != NULL) {
		gate_close(a, g,
			   "edit the zone where the delegation points (see `cutover audit`), or "
			   "correct dns.nameservers",
			   "the panel says that %s serves the zone, but the delegation does not",
			   stranger);
		gate_about(a, g, stranger);
		return;
	}
	const change_list staged = staged_changes(a, ev);
	const char *first = unserved(a, ev, &staged, g);
	if (first != NULL)
		gate_close(a, g,
			   "the zone that was edited may not be the one that the delegation points "
			   "at, or a secondary lags: see `cutover audit`, then `cutover verify "
			   "--wait 15m`",
			   "%s", first);
	else if (snap->server_n == 0)
		gate_unknown(a, g, "see `cutover audit`", "no authoritative server was found");
	else if (staged.n == 0)
		without_staged_records(a, ev, g);
	else
		gate_open(a, g, "all %zu authoritative addresses serve the %zu staged records",
			  snap->server_n, staged.n);
}

/* Compared as quoted rdata, to the byte: a panel that trims or re-quotes the token makes the
 * new provider say no, and says nothing itself. */
void gate_ownership_verified(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const struct project *p = ev->project;
	const struct snapshot *snap = ev->audit->snap;
	const char *first = NULL;
	struct buf names;
	if (p->ownership_txt == NULL) {
		gate_close(a, g, "write the token that the new provider shows into ownership.txt",
			   "the project names no ownership token");
		gate_about(a, g, "no token");
		return;
	}
	const char *token = txt_quote(a, slice_str(p->ownership_txt));
	buf_init(&names);
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *v = &snap->servers[i];
		const struct seen *seen = server_seen(v, p->ownership_name, RR_TXT);
		if (seen != NULL && seen->state == SEEN_DATA && rrset_has(seen->rrset, token))
			continue;
		bool unread = seen == NULL || seen->state > SEEN_NXDOMAIN;
		buf_addf(&names, "%s %s %s; ", v->address, unread ? "unread" : "lacks", token);
		if (first == NULL)
			first = arena_printf(a, "%s (%s)", dname_show(a, v->name), v->address);
	}
	gate_about(a, g, names.at);
	buf_release(&names);
	if (first != NULL)
		gate_close(a, g,
			   "wait for the server with `cutover verify --wait`, or look at its zone",
			   "%s does not serve the ownership TXT", first);
	else if (snap->server_n == 0)
		gate_unknown(a, g, "see `cutover audit`", "no authoritative server was found");
	else
		gate_open(a, g, "the ownership TXT is exact at all %zu authoritative addresses",
			  snap->server_n);
}

/* The check compares with the plan and the journal (flow_expected); here its finding becomes a
 * verdict. */
void gate_no_drift(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	static const char *const drift[] = { "plan-drift", NULL };
	if (ev->plan == NULL) {
		gate_close(a, g, "run `cutover plan`", "there is no plan yet");
		return;
	}
	const struct finding *f = gate_finding(ev, drift, SEVERITY_INFO);
	if (f != NULL) {
		gate_close(a, g, "look who edited the zone, then plan again: `cutover plan`",
			   "%s: %s", f->subject, f->message);
		gate_about_findings(a, g, ev, drift, SEVERITY_INFO);
		return;
	}
	gate_open(a, g, "every planned record is as the plan and the journal left it");
}
