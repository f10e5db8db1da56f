/*
 * Does each server of the zone work: by datagram, by TCP, with EDNS, in time?
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

enum { SLOW_MS = 1000, ENOUGH = 2 };

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
		const char *list = is_delegated(c->s, v) ? "delegation at the registrar"
							 : "zone's own NS records";
		check_saw_server(c, v, why);
		check_report(
			c, (struct check_report){
				   check_level(c), check_show_server(c, v),
				   arena_printf(c->a,
						"%s is listed as a name server of %s but does not "
						"serve it (%s)",
						name, check_show(c, c->s->zone), why),
				   arena_printf(c->a,
						"set the zone up on %s, or take the server out of "
						"the %s",
						name, list) });
	}
}

/* This machine has no way to such an address: nothing is known of the server. */
static bool is_out_of_reach(const struct server_view *v)
{
	return v->n > 0 && v->seen[0].outcome == DNS_NO_ROUTE;
}

/* Silence of which nothing else is the cause: no address, no way or no socket here and answers
 * from a wrong address are told by themselves. */
static bool is_unreachable(const struct server_view *v)
{
	return v->state == SERVER_SILENT && v->address[0] != '\0' && !is_out_of_reach(v) &&
	       !check_lacked_socket(v) && v->habits.wrong_source == 0;
}

/* The fault is at home, and so is the remedy: no server is blamed. */
static void report_not_asked(struct checking *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (!check_lacked_socket(&c->s->servers[i]))
			continue;
		check_saw_server(c, &c->s->servers[i], "no free socket on this machine");
		n++;
	}
	if (n == 0)
		return;
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, c->s->zone, RR_NS),
			     arena_printf(c->a,
					  "%zu of %zu name server addresses of %s could not be "
					  "asked: this machine had no free socket, so what they "
					  "hold is unknown",
					  n, c->s->server_n, check_show(c, c->s->zone)),
			     "nothing to do in the zone; raise this machine's limit of open files "
			     "(ulimit -n 65536), or lower --at-once, then run the audit again" });
}

/* An audit from a machine without IPv6 says so once, and blames no server. */
static void report_out_of_reach(struct checking *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (c->s->servers[i].state != SERVER_SILENT || !is_out_of_reach(&c->s->servers[i]))
			continue;
		check_saw_server(c, &c->s->servers[i], "no way there from this machine");
		n++;
	}
	if (n == 0)
		return;
	check_report(c,
		     (struct check_report){
			     SEVERITY_INFO, check_subject(c, c->s->zone, RR_NS),
			     arena_printf(c->a,
					  "%zu of %zu name server addresses of %s could not be "
					  "asked: this machine has no way there (IPv6?)",
					  n, c->s->server_n, check_show(c, c->s->zone)),
			     "nothing to do in the zone; to see these servers too, run the audit "
			     "from a machine with IPv6" });
}

static bool is_good(const struct server_view *v)
{
	return v->state == SERVER_OK && v->rtt_ms <= SLOW_MS;
}

/* Some address of the same name before number i has the same fate. */
static bool is_counted(const struct snapshot *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (is_good(&s->servers[k]) == is_good(&s->servers[i]) &&
		    dname_equal(s->servers[k].name, s->servers[i].name))
			return true;
	}
	return false;
}

/* A dead or slow server is worth knowing and no more where enough others answer in time: each
 * resolver asks them next, and mail is safe (docs/decisions/0012). */
static enum severity level_beside_others(const struct checking *c)
{
	size_t good = 0, bad = 0;
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (is_counted(c->s, i) || is_out_of_reach(&c->s->servers[i]) ||
		    check_lacked_socket(&c->s->servers[i]))
			continue;
		good += is_good(&c->s->servers[i]);
		bad += !is_good(&c->s->servers[i]);
	}
	return good >= ENOUGH && good > bad ? SEVERITY_INFO : check_level(c);
}

/* What follows from it. */
static const char *unreachable_means(enum severity level)
{
	return level == SEVERITY_INFO
		       ? "the others carry the zone, and a resolver that asks it first loses a "
			 "moment"
		       : "what it holds is unknown, and resolvers that ask it first lose time";
}

static void report_unreachable(struct checking *c, const struct server_view *v)
{
	const char *name = check_show(c, v->name);
	const char *why = v->note != NULL ? v->note : "no answer";
	enum severity level = level_beside_others(c);
	check_saw_server(c, v, why);
	check_report(c, (struct check_report){
				level, check_show_server(c, v),
				arena_printf(c->a, "name server %s at %s cannot be asked (%s): %s",
					     name, v->address, why, unreachable_means(level)),
				arena_printf(c->a,
					     "start %s again, or take it out of the NS set at the "
					     "registrar and in the zone",
					     name) });
}

/* Silence from here may be our own network: so it is a warning, with the address. */
static void ns_unreachable(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (is_unreachable(&c->s->servers[i]))
			report_unreachable(c, &c->s->servers[i]);
	}
	report_not_asked(c);
	report_out_of_reach(c);
}

static const char *has_no_tcp(struct checking *c, const struct server_view *v)
{
	if (v->habits.tcp != PROBE_NO)
		return NULL;
	return arena_printf(c->a, "over TCP: %s",
			    v->habits.tcp_note != NULL ? v->habits.tcp_note : "no answer");
}

static void ns_no_tcp(struct checking *c)
{
	struct check_group g = check_group_by(c, has_no_tcp);
	if (g.list.n == 0)
		return;
	const char *names = check_group_names(c, &g);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_group_subject(c, &g),
			     arena_printf(c->a,
					  "no DNS over TCP at %s: an answer that is too big for a "
					  "datagram cannot be fetched there",
					  names),
			     arena_printf(c->a,
					  "open TCP port 53 to %s, in the firewall and in the name "
					  "server's settings",
					  names) });
}

/* No server gives the set, and at one of them at least its size is why. */
static bool is_lost_to_size(const struct snapshot *s, const struct dns_question *q)
{
	bool truncated = false;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], q->name, q->type);
		if (s->servers[i].state != SERVER_OK || seen == NULL)
			continue;
		if (check_is_readable(seen))
			return false;
		truncated = truncated ||
			    (seen->state == SEEN_UNREADABLE && seen->outcome == DNS_TRUNCATED);
	}
	return truncated;
}

static void ns_truncation_no_tcp(struct checking *c)
{
	for (size_t q = 0; q < c->s->question_n; q++) {
		const struct dns_question *asked = &c->s->questions[q];
		if (!is_lost_to_size(c->s, asked))
			continue;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *seen = server_seen(&c->s->servers[i], asked->name,
							      asked->type);
			if (seen != NULL)
				check_saw_seen(c, &c->s->servers[i], seen);
		}
		const char *subject = check_subject(c, asked->name, asked->type);
		check_report(
			c,
			(struct check_report){
				check_level(c), subject,
				arena_printf(c->a,
					     "nobody can read %s: it is too big for a datagram, "
					     "and no server gives it over TCP",
					     subject),
				"open TCP port 53 to the name servers; or make the records "
				"smaller than 1232 octets together (old verification TXT records "
				"are what usually fills them)" });
	}
}

static const char *drops_edns(struct checking *c, const struct server_view *v)
{
	(void)c;
	return v->habits.edns == DNS_EDNS_DROPPED ? "silent with EDNS, answers without" : NULL;
}

/* Both cost a round trip and nothing else. */
static const char *declines_edns(struct checking *c, const struct server_view *v)
{
	(void)c;
	if (v->habits.edns == DNS_EDNS_REFUSED)
		return "FORMERR with EDNS, answers without";
	return v->habits.edns == DNS_EDNS_IGNORED ? "answers as if EDNS had not been there" : NULL;
}

static void report_edns(struct checking *c, const struct check_group *g, enum severity level,
			const char *means)
{
	const char *names = check_group_names(c, g);
	if (g->list.n == 0)
		return;
	check_report(c,
		     (struct check_report){
			     level, check_group_subject(c, g),
			     arena_printf(c->a, "%s: %s", names, means),
			     arena_printf(c->a,
					  "update the name server's software on %s, and let the "
					  "firewall before it pass datagrams with EDNS (RFC 6891)",
					  names) });
}

static void ns_edns_broken(struct checking *c)
{
	struct check_group g = check_group_by(c, drops_edns);
	report_edns(c, &g, check_level(c),
		    "questions with EDNS get no answer, so resolvers lose seconds or give up");
	g = check_group_by(c, declines_edns);
	report_edns(c, &g, SEVERITY_INFO,
		    "EDNS is not understood, so big answers need TCP and DNSSEC cannot work");
}

static const char *is_slow(struct checking *c, const struct server_view *v)
{
	char took[TIME_TEXT_MAX];
	if (v->rtt_ms <= SLOW_MS)
		return NULL;
	return arena_printf(c->a, "answers after %s", duration_format(v->rtt_ms, took));
}

static int slowest_ms(const struct check_group *g)
{
	int most = 0;
	for (size_t i = 0; i < g->list.n; i++)
		most = g->list.at[i]->rtt_ms > most ? g->list.at[i]->rtt_ms : most;
	return most;
}

static void ns_slow(struct checking *c)
{
	struct check_group g = check_group_by(c, is_slow);
	if (g.list.n == 0)
		return;
	const char *names = check_group_names(c, &g);
	enum severity level = level_beside_others(c);
	check_report(c, (struct check_report){
				level, check_group_subject(c, &g),
				arena_printf(c->a, "%s: answers take up to %d ms%s", names,
					     slowest_ms(&g),
					     level == SEVERITY_INFO
						     ? "; the others answer in time"
						     : "; senders that wait less put mail off"),
				arena_printf(c->a,
					     "find out what slows %s down (its load, its line), or "
					     "take it out of the NS set",
					     names) });
}

const struct check server_checks[] = {
	{ .info = { .id = "ns-lame",
		    .what = "a delegated server does not serve the zone",
		    .rfc = "RFC 1912 §2.8",
		    .levels = "wwww",
		    .example = "ns3.oldhost.net answers REFUSED: it was left in the delegation "
			       "when the "
			       "zone moved away. Take it out of the list that names it, or set the "
			       "zone up there." },
	  .run = ns_lame },
	{ .info = { .id = "ns-unreachable",
		    .what = "a delegated server does not answer",
		    .rfc = "RFC 1912 §2.8, RFC 2182",
		    .levels = "wwww",
		    .varies =
			    "info when at least two other servers, and more than fail, answer in "
			    "time; or when this machine itself has no way to the address (no IPv6)",
		    .example =
			    "ns2 at 192.0.2.2 stays silent after three tries with EDNS and three "
			    "without. What it holds is unknown, so an old MX may come back with "
			    "it. Start it again, or take it out of the NS set." },
	  .run = ns_unreachable },
	{ .info = { .id = "ns-no-tcp",
		    .what = "a server has no TCP service",
		    .rfc = "RFC 7766 §5",
		    .levels = "wwww",
		    .example = "TCP port 53 of ns1 is closed. Small answers still work; the day "
			       "the TXT "
			       "records grow over 1232 octets, they cannot be read any more. Open "
			       "the port." },
	  .run = ns_no_tcp },
	{ .info = { .id = "ns-truncation-no-tcp",
		    .what = "a record set is too big for a datagram and cannot be had over TCP",
		    .rfc = "RFC 7766 §5, RFC 2181 §9",
		    .levels = "bbbb",
		    .example =
			    "The domain's twenty TXT records come truncated, and no server takes "
			    "TCP: "
			    "SPF and the ownership TXT are there, but nobody can read them. Open "
			    "TCP port 53, or delete TXT records of services no longer used." },
	  .run = ns_truncation_no_tcp },
	{ .info = { .id = "ns-edns-broken",
		    .what = "a server drops or does not understand EDNS",
		    .rfc = "RFC 6891 §7",
		    .levels = "wwww",
		    .varies = "info for a server that answers FORMERR or ignores EDNS",
		    .example =
			    "ns1 does not answer questions that carry EDNS, as all resolvers send "
			    "them "
			    "today; it answers the same ones without. An old firewall before it is "
			    "the usual cause." },
	  .run = ns_edns_broken },
	{ .info = { .id = "ns-slow",
		    .what = "a server needs more than a second",
		    .rfc = "-",
		    .levels = "wwww",
		    .varies = "info when at least two other servers, and more than fail, answer in "
			      "time",
		    .example =
			    "ns2 answers, but after three seconds. It is not dead, and its answers "
			    "count; resolvers with less patience will ask another. Look at its "
			    "load and its line." },
	  .run = ns_slow },
	{ .run = NULL },
};
