/*
 * Is there a zone at all, and does anyone serve it? When not, nothing else is said:
 * "SPF missing" would be wrong when nobody can read the SPF.
 */
#include "dns/check/rows.h"

/* With no server readable there is no answer to show, only why. */
static void saw_all_servers(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		check_saw_server(c, v, v->note != NULL ? v->note : server_state_name(v->state));
	}
}

/* At most one of these two speaks: the states exclude each other. */
static void delegation_missing(struct checking *c)
{
	const char *domain = check_show(c, c->s->domain);
	if (c->s->delegation != DELEGATION_MISSING)
		return;
	const char *parent = c->s->parent != NULL ? check_show(c, c->s->parent) : "the parent zone";
	check_report(
		c,
		(struct check_report){
			.severity = SEVERITY_BLOCKER,
			.subject = domain,
			.message = arena_printf(
				c->a, "%s is not delegated: %s knows no name servers for it (%s)",
				domain, parent,
				c->s->delegation_note != NULL ? c->s->delegation_note
							      : "no such name"),
			.remedy = arena_printf(
				c->a,
				"check the spelling of %s; at the registrar, check that the "
				"registration has not expired and that name servers are set",
				domain) });
}

/* Our own lack of a network is told apart, for there the remedy is at home. */
static void delegation_broken(struct checking *c)
{
	const char *domain = check_show(c, c->s->domain);
	if (c->s->delegation == DELEGATION_BROKEN) {
		saw_all_servers(c);
		check_report(
			c,
			(struct check_report){
				.severity = SEVERITY_BLOCKER,
				.subject = domain,
				.message = arena_printf(
					c->a, "%s cannot be read: %s delegated for it %s", domain,
					check_show_share(c, c->s->server_n, c->s->server_n),
					c->s->server_n == 1 ? "gives no authoritative answer"
							    : "give no authoritative answer"),
				.remedy =
					"start the name servers again or, at the registrar, enter "
					"the ones that hold the zone; then run the audit again" });
	} else if (c->s->delegation == DELEGATION_UNREACHABLE) {
		check_report(
			c, (struct check_report){
				   .severity = SEVERITY_BLOCKER,
				   .subject = domain,
				   .message = arena_printf(
					   c->a, "who serves %s could not be found out: %s", domain,
					   c->s->delegation_note != NULL
						   ? c->s->delegation_note
						   : "no usable answer above it"),
				   .remedy = "check this machine's way to the Internet (UDP and "
					     "TCP port "
					     "53), then run the audit again" });
	}
}

const struct check delegation_checks[] = {
	{ .info = { .id = "delegation-missing",
		    .what = "the domain is not delegated",
		    .rfc = "RFC 1034 §4.2.1" },
	  .run = delegation_missing,
	  .says_alone = true },
	{ .info = { .id = "delegation-broken",
		    .what = "every delegated server is dead or lame",
		    .rfc = "RFC 1034 §4.2.2, RFC 1912 §2.8" },
	  .run = delegation_broken,
	  .says_alone = true },
	{ .run = NULL },
};
