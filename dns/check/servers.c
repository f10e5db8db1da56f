/*
 * Do all servers of the zone work, and do they say the same?
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* parent_ns is NULL when parent and child share a server: only the child's list is seen then. */
static bool is_delegated(const struct snapshot *s, const struct server_view *v)
{
	return v->in_parent || s->parent_ns == NULL;
}

/* One finding a server, for each is repaired somewhere else. */
static void ns_lame(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (v->state != SERVER_LAME)
			continue;
		const char *name = check_show(c, v->name);
		const char *why = v->note != NULL ? v->note : "not authoritative";
		check_saw_server(c, v, why);
		check_report(
			c,
			(struct check_report){
				SEVERITY_WARNING, arena_printf(c->a, "%s %s", name, v->address),
				arena_printf(c->a,
					     "%s is listed as a name server of %s but does not "
					     "serve it (%s)",
					     name, check_show(c, c->s->zone), why),
				arena_printf(
					c->a,
					"set the zone up on %s, or take the server out of the %s",
					name,
					is_delegated(c->s, v) ? "delegation at the registrar"
							      : "zone's own NS records") });
	}
}

/* Silence from here may be our own network: so it is a warning, with the address. */
static void ns_unreachable(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (v->state != SERVER_SILENT)
			continue;
		const char *name = check_show(c, v->name);
		const char *why = v->note != NULL ? v->note : "no answer";
		const char *at = v->address[0] != '\0' ? arena_printf(c->a, " at %s", v->address)
						       : "";
		check_saw_server(c, v, why);
		check_report(
			c, (struct check_report){
				   SEVERITY_WARNING, arena_printf(c->a, "%s %s", name, v->address),
				   arena_printf(c->a, "name server %s%s cannot be asked (%s)", name,
						at, why),
				   arena_printf(
					   c->a,
					   "start %s again, or take it out of the NS set; what it "
					   "holds cannot be checked until then",
					   name) });
	}
}

/* A change must reach both lists' servers, whichever list is right. */
static void ns_parent_child_mismatch(struct checking *c)
{
	const struct snapshot *s = c->s;
	if (s->parent_ns == NULL || s->child_ns == NULL || rrset_equal(s->parent_ns, s->child_ns))
		return;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *ns = server_seen(&s->servers[i], s->zone, RR_NS);
		if (ns != NULL && check_is_readable(ns))
			check_saw_seen(c, &s->servers[i], ns);
	}
	check_report(
		c, (struct check_report){
			   SEVERITY_WARNING, check_subject(c, s->zone, RR_NS),
			   arena_printf(c->a, "the delegation names %s, the zone itself names %s",
					check_show_rdata(c, s->parent_ns),
					check_show_rdata(c, s->child_ns)),
			   "make both lists equal: the delegation at the registrar, the NS records "
			   "in the "
			   "zone; until then a change must reach the servers of both lists" });
}

/* A transfer under way looks like this too, hence a warning and the refresh time. */
static void soa_serial_mismatch(struct checking *c)
{
	const struct server_view *first = NULL;
	bool differs = false;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (v->state != SERVER_OK || !v->has_soa)
			continue;
		check_saw_server(c, v, arena_printf(c->a, "serial %u", (unsigned)v->soa.serial));
		first = first != NULL ? first : v;
		differs = differs || v->soa.serial != first->soa.serial;
	}
	if (!differs)
		return;
	check_report(
		c,
		(struct check_report){
			SEVERITY_WARNING, check_subject(c, c->s->zone, RR_SOA),
			"the servers hold different versions of the zone: their serials differ",
			arena_printf(
				c->a,
				"wait for the zone transfer (refresh every %u s) and ask again; if "
				"it stays so, look at NOTIFY and the transfer rights of the "
				"secondary",
				(unsigned)first->soa.refresh) });
}

/* Two readable answers that do not agree although the zone's version is the same. */
static bool contradict(const struct server_view *x, const struct server_view *y, const char *name,
		       uint16_t type)
{
	const struct seen *a = server_seen(x, name, type);
	const struct seen *b = server_seen(y, name, type);
	if (x->state != SERVER_OK || y->state != SERVER_OK || !check_is_readable(a) ||
	    !check_is_readable(b))
		return false;
	return x->soa.serial == y->soa.serial && !rrset_equal(a->rrset, b->rrset);
}

/* Every pair: with two providers each half agrees within itself. */
static bool any_contradict(const struct snapshot *s, const char *name, uint16_t type)
{
	for (size_t i = 0; i < s->server_n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (contradict(&s->servers[i], &s->servers[j], name, type))
				return true;
		}
	}
	return false;
}

/* SOA and NS are left out, they have checks of their own that know why they may differ. */
static void rrset_mismatch(struct checking *c)
{
	for (size_t q = 0; q < c->s->question_n; q++) {
		const char *name = c->s->questions[q].name;
		uint16_t type = c->s->questions[q].type;
		if (type == RR_SOA || type == RR_NS || !any_contradict(c->s, name, type))
			continue;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *seen = server_seen(&c->s->servers[i], name, type);
			if (check_is_readable(seen))
				check_saw_seen(c, &c->s->servers[i], seen);
		}
		check_report(c, (struct check_report){
					SEVERITY_BLOCKER, check_subject(c, name, type),
					"servers with the same serial give different answers: "
					"nobody can tell "
					"which one a sender will get",
					"find out which server is right, raise the SOA serial "
					"there and have the "
					"others transfer the zone; if the servers belong to two "
					"providers, copy "
					"the record by hand to the one that lacks it" });
	}
}

const struct check server_checks[] = {
	{ .info = { .id = "ns-lame",
		    .what = "a delegated server does not serve the zone",
		    .rfc = "RFC 1912 §2.8" },
	  .run = ns_lame },
	{ .info = { .id = "ns-unreachable",
		    .what = "a delegated server does not answer",
		    .rfc = "RFC 1912 §2.8, RFC 2182" },
	  .run = ns_unreachable },
	{ .info = { .id = "ns-parent-child-mismatch",
		    .what = "delegation and zone name different servers",
		    .rfc = "RFC 1034 §4.2.2, RFC 1912 §2.3" },
	  .run = ns_parent_child_mismatch },
	{ .info = { .id = "soa-serial-mismatch",
		    .what = "the servers hold different versions of the zone",
		    .rfc = "RFC 1912 §2.2" },
	  .run = soa_serial_mismatch },
	{ .info = { .id = "rrset-mismatch",
		    .what = "servers answer differently at equal serial",
		    .rfc = "RFC 2181 §5" },
	  .run = rrset_mismatch },
	{ .run = NULL },
};
