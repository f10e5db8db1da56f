/*
 * What servers do beside answering: for others, too much, in another spelling, from elsewhere.
 */
#include "dns/check/rows.h"

static const char *is_recursive(struct checking *c, const struct server_view *v)
{
	(void)c;
	return v->habits.recursive == PROBE_YES ? "answers for a name that is not its own" : NULL;
}

static void ns_recursive(struct checking *c)
{
	struct check_group g = check_group_by(c, is_recursive);
	if (g.list.n == 0)
		return;
	const char *names = check_group_names(c, &g);
	check_report(
		c,
		(struct check_report){
			check_level(c), check_group_subject(c, &g),
			arena_printf(c->a,
				     "%s: the names of others are answered there too, which can be "
				     "abused for attacks; and an answer may be a cache's memory",
				     names),
			arena_printf(c->a,
				     "switch recursion off on %s, or allow it for its own "
				     "network only",
				     names) });
}

static const char *gives_zone_away(struct checking *c, const struct server_view *v)
{
	(void)c;
	return v->habits.axfr == PROBE_YES ? "gives the whole zone to anybody" : NULL;
}

/* Bad manners, and a gift: the list of names with MX is complete. */
static void ns_axfr_open(struct checking *c)
{
	struct check_group g = check_group_by(c, gives_zone_away);
	if (g.list.n == 0)
		return;
	const char *names = check_group_names(c, &g);
	const char *use =
		c->s->axfr_n > 0
			? arena_printf(c->a,
				       " (this audit looked there for names with MX of their own, "
				       "and found %zu%s)",
				       c->s->axfr_n, c->s->axfr_cut ? " or more" : "")
			: "";
	check_report(
		c,
		(struct check_report){
			check_level(c), check_group_subject(c, &g),
			arena_printf(c->a, "%s: anybody can have the whole zone by zone transfer%s",
				     names, use),
			arena_printf(c->a,
				     "nothing to do for the move; allow zone transfers on %s "
				     "to the secondary servers only",
				     names) });
}

static const char *changes_case(struct checking *c, const struct server_view *v)
{
	(void)c;
	return v->habits.case_changed ? "the question came back in another spelling" : NULL;
}

static void ns_case_mangling(struct checking *c)
{
	struct check_group g = check_group_by(c, changes_case);
	if (g.list.n == 0)
		return;
	const char *names = check_group_names(c, &g);
	check_report(
		c, (struct check_report){
			   check_level(c), check_group_subject(c, &g),
			   arena_printf(c->a,
					"%s: upper and lower case of the question come back "
					"changed, so resolvers that check it ask twice",
					names),
			   arena_printf(c->a,
					"update the name server's software on %s, or the firewall "
					"before it",
					names) });
}

/* Counted for dead servers too: the forged answer may be all that comes. */
static void ns_spoof_suspect(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (v->habits.ignored == 0)
			continue;
		check_saw_server(c, v,
				 arena_printf(c->a, "%u datagrams with a wrong ID or question",
					      v->habits.ignored));
		check_report(
			c,
			(struct check_report){
				check_level(c), check_show_server(c, v),
				arena_printf(c->a,
					     "%u answers that came from %s (%s) were to no "
					     "question of ours; they were not used",
					     v->habits.ignored, check_show(c, v->name), v->address),
				"audit again from another network: if it is so there too, look at "
				"that server; if not, somebody between here and there sends "
				"false answers" });
	}
}

/* A server that always does so is silent for everybody who checks, and this is why. */
static void ns_wrong_source(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (v->habits.wrong_source == 0)
			continue;
		check_saw_server(c, v,
				 arena_printf(c->a, "%u datagrams from another address or port",
					      v->habits.wrong_source));
		check_report(
			c,
			(struct check_report){
				check_level(c), check_show_server(c, v),
				arena_printf(c->a,
					     "answers to questions for %s (%s) come from another "
					     "address: resolvers throw them away%s",
					     check_show(c, v->name), v->address,
					     v->state == SERVER_SILENT ? ", so the server is "
									 "dead to them"
								       : ""),
				arena_printf(c->a,
					     "have the name server on %s answer from the address "
					     "that was asked (bind it to each address), or correct "
					     "the address translation before it",
					     check_show(c, v->name)) });
	}
}

const struct check habit_checks[] = {
	{ .info = { .id = "ns-recursive",
		    .what = "an authoritative server is an open resolver",
		    .rfc = "RFC 5358 §4",
		    .levels = "iiii",
		    .example = "ns1 also tells anybody where example.org is. It does no harm to "
			       "the move, "
			       "but it invites abuse; its owner should switch recursion off." },
	  .run = ns_recursive },
	{ .info = { .id = "ns-axfr-open",
		    .what = "a server gives the whole zone to anybody",
		    .rfc = "RFC 5936 §6",
		    .levels = "iiii",
		    .example = "ns2 allows a zone transfer. The audit uses it to find every name "
			       "that has "
			       "an MX of its own; so can others. Restrict it to the secondary "
			       "servers." },
	  .run = ns_axfr_open },
	{ .info = { .id = "ns-case-mangling",
		    .what = "a server changes upper and lower case of the question",
		    .rfc = "RFC 1035 §2.3.3, draft-vixie-dnsext-dns0x20",
		    .levels = "iiii",
		    .example =
			    "Asked for tReYReseArCh.com, ns1 answers for treyresearch.com. "
			    "Resolvers "
			    "that use the case against forgery distrust the first answer and ask "
			    "again. Update the server." },
	  .run = ns_case_mangling },
	{ .info = { .id = "ns-spoof-suspect",
		    .what = "answers with a wrong ID or question arrived",
		    .rfc = "RFC 5452 §4",
		    .levels = "iiii",
		    .example = "Beside the right answer of ns1 came two with another ID. They were "
			       "counted and not used. Audit again from another network to see "
			       "whether the server or the line is at fault." },
	  .run = ns_spoof_suspect },
	{ .info = { .id = "ns-wrong-source",
		    .what = "a server answers from another address",
		    .rfc = "RFC 2181 §4",
		    .levels = "wwww",
		    .example =
			    "You ask 192.0.2.1 and the answer comes from 192.0.2.254: resolvers "
			    "must "
			    "throw it away. A server with two addresses that is bound to neither, "
			    "or address translation, does that." },
	  .run = ns_wrong_source },
	{ .run = NULL },
};
