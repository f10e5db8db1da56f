/*
 * Is there a zone at all, and does anyone serve it? When not, nothing else is said: "SPF
 * missing" would be wrong when nobody can read the SPF.
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

/* Where the delegation fails but the panel's own servers hold the zone, the way out is known. */
static const char *or_panel_remedy(struct checking *c, const char *remedy)
{
	VEC(const char *) names = { 0 };
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct other_view *o = &c->s->others[i];
		if (o->role == OTHER_PANEL && o->server.state == SERVER_OK)
			*vec_push(c->a, &names) = check_show(c, o->server.name);
	}
	if (names.n == 0)
		return remedy;
	return arena_printf(c->a,
			    "at the registrar, enter the name servers of the panel, which do hold "
			    "the zone: %s",
			    check_show_list(c, names.n, names.at));
}

/* Of a top-level domain nobody reads "." as the name of anything. */
static const char *show_parent(struct checking *c)
{
	const char *parent = c->s->parent;
	if (parent == NULL)
		return "the parent zone";
	return str_eq(parent, ".") ? "the root" : check_show(c, parent);
}

/* At most one of these two speaks: the states exclude each other. */
static void delegation_missing(struct checking *c)
{
	const char *domain = check_show(c, c->s->domain);
	if (c->s->delegation != DELEGATION_MISSING)
		return;
	const char *parent = show_parent(c);
	const char *note = c->s->delegation_note != NULL ? c->s->delegation_note : "no such name";
	const char *remedy = arena_printf(
		c->a,
		"check the spelling of %s; at the registrar, check that the registration has not "
		"expired and that name servers are set",
		domain);
	check_report(c, (struct check_report){
				check_level(c), domain,
				arena_printf(c->a,
					     "%s is not delegated: %s knows no name servers for it "
					     "(%s)",
					     domain, parent, note),
				or_panel_remedy(c, remedy) });
}

/* Some server was not even asked: then nobody is to be blamed. */
static bool lacked_sockets(const struct snapshot *s)
{
	for (size_t i = 0; i < s->server_n; i++)
		if (check_lacked_socket(&s->servers[i]))
			return true;
	return false;
}

static void report_broken(struct checking *c, const char *domain)
{
	size_t n = c->s->server_n;
	saw_all_servers(c);
	if (lacked_sockets(c->s)) {
		check_report(c, (struct check_report){
					check_level(c), domain,
					arena_printf(c->a,
						     "%s could not be read: this machine had no "
						     "free socket to ask its name servers with",
						     domain),
					"raise this machine's limit of open files (ulimit -n "
					"65536), or lower --at-once, then run the audit again" });
		return;
	}
	check_report(c, (struct check_report){
				check_level(c), domain,
				arena_printf(c->a, "%s cannot be read: %s delegated for it %s",
					     domain, check_show_share(c, n, n),
					     n == 1 ? "gives no authoritative answer"
						    : "give no authoritative answer"),
				or_panel_remedy(
					c, "start the name servers again or, at the registrar, "
					   "enter the ones that hold the zone; then run the audit "
					   "again") });
}

/* Our own lack of a network is told apart, for there the remedy is at home. */
static void delegation_broken(struct checking *c)
{
	const char *domain = check_show(c, c->s->domain);
	if (c->s->delegation == DELEGATION_BROKEN) {
		report_broken(c, domain);
		return;
	}
	if (c->s->delegation != DELEGATION_UNREACHABLE)
		return;
	const char *note = c->s->delegation_note;
	check_report(c,
		     (struct check_report){
			     check_level(c), domain,
			     arena_printf(c->a, "who serves %s could not be found out: %s", domain,
					  note != NULL ? note : "no usable answer above it"),
			     "check this machine's way to the Internet (UDP and TCP port 53), "
			     "then run the audit again" });
}

const struct check delegation_checks[] = {
	{ .info = { .id = "delegation-missing",
		    .what = "the domain is not delegated",
		    .rfc = "RFC 1034 §4.2.1",
		    .levels = "bbbb",
		    .example =
			    "\"treyresearch.com is not delegated: com knows no name servers for "
			    "it\". Either the name is misspelt, or the registration has expired or "
			    "has no name servers: look at the registrar. A name inside its "
			    "parent's zone (mail.treyresearch.com) is not meant." },
	  .run = delegation_missing,
	  .says_alone = true },
	{ .info = { .id = "delegation-broken",
		    .what = "every delegated server is dead or lame",
		    .rfc = "RFC 1034 §4.2.2, RFC 1912 §2.8",
		    .levels = "bbbb",
		    .example = "\"treyresearch.com cannot be read: all 2 servers delegated for it "
			       "give "
			       "no authoritative answer\". Nothing else is said then, for nothing "
			       "else can be known. Start the servers again, or enter at the "
			       "registrar the ones that hold the zone." },
	  .run = delegation_broken,
	  .says_alone = true },
	{ .run = NULL },
};
