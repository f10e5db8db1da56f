/*
 * Who hosts the zone: do all agree on it, has it just moved, and is it the place that will be
 * edited?
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* The moment after which nobody asks the servers of before a change: resolvers keep the parent's
 * list or the old zone's own, whichever lives longer. 0: no change is known. */
static int64_t ns_settled_ms(const struct checking *c)
{
	const struct history *h = &c->in->history;
	uint32_t parent = c->s->parent_ns != NULL ? c->s->parent_ns->ttl : 0;
	uint32_t ttl = parent > h->ns_old_ttl ? parent : h->ns_old_ttl;
	return h->ns_changed_ms != 0 ? h->ns_changed_ms + (int64_t)ttl * 1000 : 0;
}

/* parent_ns is NULL when a server of the parent serves the zone too: then only the servers'
 * own lists can be compared. */
static const struct rrset *delegated_ns(const struct snapshot *s)
{
	return s->parent_ns != NULL ? s->parent_ns : s->child_ns;
}

/* A zone's NS set that is not the one at the parent, of any server; NULL: all agree. */
static const struct rrset *other_ns_set(const struct checking *c)
{
	const struct rrset *delegated = delegated_ns(c->s);
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *ns = server_seen(v, c->s->zone, RR_NS);
		if (v->state == SERVER_OK && ns != NULL && ns->rrset != NULL &&
		    !rrset_equal(ns->rrset, delegated))
			return ns->rrset;
	}
	if (c->s->parent_ns != NULL && c->s->child_ns != NULL &&
	    !rrset_equal(c->s->parent_ns, c->s->child_ns))
		return c->s->child_ns;
	return NULL;
}

/* Without the final dots. */
static const char *show_ns(struct checking *c, const struct rrset *ns)
{
	const char **names = ARENA_ARRAY(c->a, ns->n + 1, const char *);
	for (size_t i = 0; i < ns->n; i++)
		names[i] = check_show(c, ns->rdata[i]);
	return check_show_list(c, ns->n, names);
}

static void saw_ns_everywhere(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *ns = server_seen(&c->s->servers[i], c->s->zone, RR_NS);
		if (check_is_readable(ns))
			check_saw_seen(c, &c->s->servers[i], ns);
	}
}

/* A change must reach both lists' servers, whichever list is right. While a change of the
 * servers runs out, ns-change-in-progress says it, and this would be the same again. */
static void ns_parent_child_mismatch(struct checking *c)
{
	const struct rrset *delegated = delegated_ns(c->s);
	const struct rrset *other = delegated != NULL ? other_ns_set(c) : NULL;
	if (other == NULL || c->in->now_ms < ns_settled_ms(c))
		return;
	saw_ns_everywhere(c);
	check_report(
		c, (struct check_report){
			   check_level(c), check_subject(c, c->s->zone, RR_NS),
			   arena_printf(c->a, "%s names %s, the zone itself names %s",
					c->s->parent_ns != NULL ? "the delegation" : "one server",
					show_ns(c, delegated), show_ns(c, other)),
			   "make both lists equal: the delegation at the registrar, the NS records "
			   "in the zone; until then a change must reach the servers of both "
			   "lists" });
}

/* By name, or by address: a host may give its customers names of their own for its servers. */
static bool is_delegated_to(const struct checking *c, const char *panel)
{
	if (rrset_has(delegated_ns(c->s), panel))
		return true;
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct server_view *o = &c->s->others[i].server;
		if (c->s->others[i].role != OTHER_PANEL || !dname_equal(o->name, panel))
			continue;
		for (size_t k = 0; k < c->s->server_n; k++) {
			const struct server_view *v = &c->s->servers[k];
			if (o->address[0] != '\0' && str_eq(o->address, v->address))
				return true;
		}
	}
	return false;
}

static bool is_any_delegated_to(const struct checking *c)
{
	for (const char *const *p = c->in->panel_ns; *p != NULL; p++) {
		if (is_delegated_to(c, *p))
			return true;
	}
	return false;
}

static bool holds_token(struct checking *c, const struct server_view *v)
{
	const struct seen *seen = c->in->ownership_name != NULL
					  ? server_seen(v, c->in->ownership_name, RR_TXT)
					  : NULL;
	size_t n = seen != NULL && seen->rrset != NULL ? seen->rrset->n : 0;
	for (size_t i = 0; i < n; i++) {
		if (slice_eq(txt_join(c->a, seen->rrset->rdata[i]),
			     slice_str(c->in->ownership_txt)))
			return true;
	}
	return false;
}

/* Somebody entered the ownership TXT at the panel, and no delegated server has it. */
static bool is_token_at_panel_only(struct checking *c)
{
	bool there = false;
	if (c->in->ownership_txt == NULL)
		return false;
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (holds_token(c, &c->s->servers[i]))
			return false;
	}
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct other_view *o = &c->s->others[i];
		there = there || (o->role == OTHER_PANEL && holds_token(c, &o->server));
	}
	return there;
}

static bool is_same_version(const struct soa *a, const struct soa *b)
{
	return a->serial == b->serial && a->refresh == b->refresh && a->retry == b->retry &&
	       a->expire == b->expire && a->minimum == b->minimum;
}

/* The panel may belong to a primary that is not delegated to and that the delegated servers
 * copy from: then both have the same SOA. */
static bool is_hidden_primary(const struct checking *c)
{
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct server_view *o = &c->s->others[i].server;
		if (c->s->others[i].role != OTHER_PANEL || o->state != SERVER_OK || !o->has_soa)
			continue;
		for (size_t k = 0; k < c->s->server_n; k++) {
			const struct server_view *v = &c->s->servers[k];
			if (v->state == SERVER_OK && v->has_soa &&
			    is_same_version(&v->soa, &o->soa))
				return true;
		}
	}
	return false;
}

static void saw_soa_of(struct checking *c, const struct server_view *v)
{
	if (v->state == SERVER_OK && v->has_soa)
		check_saw_server(c, v, arena_printf(c->a, "serial %u", (unsigned)v->soa.serial));
	else
		check_saw_server(c, v, v->note != NULL ? v->note : server_state_name(v->state));
}

static void saw_both_sides(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++)
		saw_soa_of(c, &c->s->servers[i]);
	for (size_t i = 0; i < c->s->other_n; i++) {
		if (c->s->others[i].role == OTHER_PANEL)
			saw_soa_of(c, &c->s->others[i].server);
	}
}

static const char *show_panel(struct checking *c)
{
	VEC(const char *) names = { 0 };
	for (const char *const *p = c->in->panel_ns; *p != NULL; p++)
		*vec_push(c->a, &names) = check_show(c, *p);
	return check_show_list(c, names.n, names.at);
}

/* A hidden primary is the place to edit; else the panel is the wrong one. */
static const char *where_to_edit(struct checking *c, const char *delegated, bool copies)
{
	const char *zone = check_show(c, c->s->zone);
	if (copies)
		return arena_printf(
			c->a,
			"enter the changes in the panel, and look whether they appear at "
			"%s too (the delegated servers) before you go on",
			delegated);
	return arena_printf(c->a,
			    "make the changes where %s is served (%s), or first have the registrar "
			    "delegate it to the panel's servers",
			    zone, delegated);
}

/* The commonest of all mistakes: everything is entered rightly, where nobody looks. */
static void dns_hosted_elsewhere(struct checking *c)
{
	const struct rrset *delegated = delegated_ns(c->s);
	if (c->in->panel_ns == NULL || c->in->panel_ns[0] == NULL || delegated == NULL)
		return;
	bool token = is_token_at_panel_only(c);
	if (is_any_delegated_to(c) && !token)
		return;
	bool copies = !token && is_hidden_primary(c);
	const char *zone = check_show(c, c->s->zone);
	const char *then = "what is entered there is seen by nobody";
	if (copies)
		then = "its servers hold the same version, so the delegated ones seem to copy it";
	else if (token)
		then = "the ownership TXT is there, and at none of the servers that are asked";
	saw_both_sides(c);
	check_report(
		c,
		(struct check_report){
			copies ? SEVERITY_INFO : check_level(c),
			check_subject(c, c->s->zone, RR_NS),
			arena_printf(c->a, "%s is served by %s, but the panel's servers are %s: %s",
				     zone, show_ns(c, delegated), show_panel(c), then),
			where_to_edit(c, show_ns(c, delegated), copies) });
}

/* What an old server still has to carry; NULL when it does. */
static const char *lacks_what(const struct checking *c, const struct server_view *old)
{
	static const uint16_t types[] = { RR_MX, RR_TXT };
	static const char *const words[] = { "MX", "TXT" };
	for (size_t i = 0; i < 2; i++) {
		const struct seen *now = check_first_readable(c, c->s->domain, types[i]);
		const struct seen *then = server_seen(old, c->s->domain, types[i]);
		if (now != NULL &&
		    (!check_is_readable(then) || !rrset_equal(now->rrset, then->rrset)))
			return words[i];
	}
	return NULL;
}

/* How the old servers keep up, in a clause; *same_r is true when they were seen to. */
static const char *say_old_servers(struct checking *c, bool *same_r)
{
	const char *differs = "";
	size_t asked = 0;
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct server_view *old = &c->s->others[i].server;
		if (c->s->others[i].role != OTHER_PREVIOUS)
			continue;
		asked++;
		const char *what = lacks_what(c, old);
		saw_soa_of(c, old);
		if (what != NULL)
			differs = arena_printf(c->a, "; %s does not give the same %s",
					       check_show(c, old->name), what);
	}
	*same_r = asked > 0 && differs[0] == '\0';
	return *same_r ? "; they give the same MX and TXT" : differs;
}

/* The switch would reach only those who already ask the new servers. */
static void ns_change_in_progress(struct checking *c)
{
	bool same = false;
	char changed[TIME_TEXT_MAX];
	int64_t settled = ns_settled_ms(c);
	if (settled == 0 || c->in->now_ms >= settled)
		return;
	const char *old = say_old_servers(c, &same);
	bool early = c->in->phase == PHASE_AUDIT || c->in->phase == PHASE_VERIFY;
	check_report(
		c, (struct check_report){
			   same && early ? SEVERITY_WARNING : check_level(c),
			   check_subject(c, c->s->zone, RR_NS),
			   arena_printf(
				   c->a,
				   "the name servers of %s were changed at %s: until %s resolvers "
				   "may go on asking the old ones%s%s",
				   check_show(c, c->s->zone),
				   time_format(c->in->history.ns_changed_ms, changed),
				   check_show_moment(c, settled), old,
				   other_ns_set(c) != NULL
					   ? "; delegation and zone do not name the same yet"
					   : ""),
			   arena_printf(c->a,
					"keep the old servers up with the same MX and TXT records, "
					"make every change at both, and switch not before %s",
					check_show_moment(c, settled)) });
}

const struct check hosting_checks[] = {
	{ .info = { .id = "ns-parent-child-mismatch",
		    .what = "delegation and zone name different servers",
		    .rfc = "RFC 1034 §4.2.2, RFC 1912 §2.3",
		    .levels = "wwww",
		    .example =
			    "The registrar says ns1 and ns2, the zone's own NS records still say "
			    "ns1 "
			    "and ns3. Some resolvers ask one list, some the other, so the MX must "
			    "be changed at all three. Make both lists equal. While a change of the "
			    "servers is under way, `ns-change-in-progress` says it instead." },
	  .run = ns_parent_child_mismatch },
	{ .info = { .id = "dns-hosted-elsewhere",
		    .what = "the panel that will be edited is not the zone's DNS",
		    .rfc = "-",
		    .levels = "bbbw",
		    .varies =
			    "info when the panel's servers hold the very version of the zone that "
			    "the delegated ones serve (a hidden primary)",
		    .example =
			    "You enter the records at your registrar, but the domain was delegated "
			    "to a web host years ago: nobody sees them. Told only when the "
			    "project names the panel's servers. Enter the records at the host "
			    "that serves the zone, or move the delegation first." },
	  .run = dns_hosted_elsewhere },
	{ .info = { .id = "ns-change-in-progress",
		    .what = "the name servers were changed less than the old NS TTL ago",
		    .rfc = "RFC 1035 §3.2.1",
		    .levels = "bbbw",
		    .varies =
			    "warning in audit and verify when every old server was seen to answer "
			    "with the same MX and TXT",
		    .example =
			    "The zone moved to a new DNS host yesterday; com's NS TTL is two days, "
			    "so "
			    "some resolvers ask the old host until tomorrow. Keep both hosts with "
			    "the same records until the moment that the finding names, and switch "
			    "after it." },
	  .run = ns_change_in_progress },
	{ .run = NULL },
};
