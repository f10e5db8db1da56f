/*
 * Delegation, hosting and the set of name servers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

enum { DAY_S = 86400, HOUR_MS = 3600000 };

static void healthy(struct sample *x)
{
	(void)x;
}

static void not_delegated(struct sample *x)
{
	x->s.delegation = DELEGATION_MISSING;
	x->s.zone = NULL;
	x->s.server_n = 0;
	x->s.delegation_note = "NXDOMAIN for x.net from 127.0.0.1, a server of net";
}

/* A top-level domain that there is not. */
static void not_in_the_root(struct sample *x)
{
	not_delegated(x);
	x->s.parent = ".";
	x->s.delegation_note = "NXDOMAIN for net from 127.0.0.1, a server of the root";
}

/* x.net has no zone of its own: net's servers hold it. */
static void in_parent_zone(struct sample *x)
{
	x->s.delegation = DELEGATION_IN_PARENT_ZONE;
}

static void unreachable(struct sample *x)
{
	x->s.delegation = DELEGATION_UNREACHABLE;
	x->s.zone = NULL;
	x->s.server_n = 0;
}

static void down(struct sample *x, size_t i, enum server_state state)
{
	x->servers[i].state = state;
	x->servers[i].note = state == SERVER_LAME ? "REFUSED" : "no answer";
	x->servers[i].has_soa = false;
	for (size_t q = 0; q < QUESTIONS; q++)
		sample_state(x, i, q, state == SERVER_LAME ? SEEN_LAME : SEEN_UNREADABLE);
}

static void one_silent(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
}

static void all_dead(struct sample *x)
{
	down(x, 0, SERVER_SILENT);
	down(x, 1, SERVER_LAME);
	x->s.delegation = DELEGATION_BROKEN;
}

/* What is wrong is wrong here: "start the servers again" would send a person the wrong way. */
static void all_without_a_socket(struct sample *x)
{
	all_dead(x);
	down(x, 1, SERVER_SILENT);
	for (size_t i = 0; i < SERVERS; i++)
		x->seen[i][Q_SOA].outcome = DNS_NO_SOCKET;
}

/* One more server of a role, answering as the first delegated one does. */
static struct other_view *other(struct sample *x, enum other_role role, const char *name,
				const char *address)
{
	struct other_view *o = ARENA_ARRAY(x->a, x->s.other_n + 1, struct other_view);
	for (size_t i = 0; i < x->s.other_n; i++)
		o[i] = x->s.others[i];
	o[x->s.other_n] = (struct other_view){ .role = role, .server = x->servers[0] };
	o[x->s.other_n].server.name = name;
	o[x->s.other_n].server.address = address;
	o[x->s.other_n].server.soa.serial = 2026;
	x->s.others = o;
	return &o[x->s.other_n++];
}

/* What that server says to a question, unlike the delegated ones. */
static void other_says(struct sample *x, struct other_view *o, size_t question,
		       const char *const *rdata)
{
	struct seen *seen = ARENA_ARRAY(x->a, QUESTIONS, struct seen);
	memcpy(seen, o->server.seen, QUESTIONS * sizeof(*seen));
	seen[question].rrset = sample_set(x, question, 300, rdata);
	o->server.seen = seen;
}

static const char *const panel_names[] = { "dns1.reg.org.", "dns2.reg.org.", NULL };

static void panel_elsewhere(struct sample *x)
{
	x->in.panel_ns = panel_names;
	(void)other(x, OTHER_PANEL, "dns1.reg.org.", "127.9.0.1");
}

static void all_dead_but_panel(struct sample *x)
{
	all_dead(x);
	(void)other(x, OTHER_PANEL, "dns1.reg.org.", "127.9.0.1");
	((struct other_view *)x->s.others)->server.state = SERVER_OK;
}

static void panel_is_hidden_primary(struct sample *x)
{
	x->in.panel_ns = panel_names;
	other(x, OTHER_PANEL, "dns1.reg.org.", "127.9.0.1")->server.soa.serial = 7;
}

static void panel_with_own_names(struct sample *x)
{
	x->in.panel_ns = panel_names;
	(void)other(x, OTHER_PANEL, "dns1.reg.org.", x->servers[0].address);
}

static void panel_is_the_zone(struct sample *x)
{
	static const char *const names[] = { "ns2.x.net.", "ns9.x.net.", NULL };
	x->in.panel_ns = names;
}

/* The panel shares a server with the delegation, but the token came only to its other one. */
static void token_at_panel_only(struct sample *x)
{
	panel_is_the_zone(x);
	x->in.ownership_txt = "MS=ms2";
	struct other_view *o = other(x, OTHER_PANEL, "ns9.x.net.", "127.9.0.9");
	other_says(x, o, Q_TXT, RDATA("\"MS=ms2\""));
}

static void child_lists_another(struct sample *x)
{
	sample_data_all(x, Q_NS, 3600, RDATA("ns1.x.net.", "ns3.x.net."));
	x->s.child_ns = x->seen[0][Q_NS].rrset;
}

static void one_server_lists_another(struct sample *x)
{
	sample_data(x, 1, Q_NS, 3600, RDATA("ns1.x.net.", "ns3.x.net."));
}

static void parent_unknown(struct sample *x)
{
	child_lists_another(x);
	x->s.parent_ns = NULL;
}

static void ns_changed_hours_ago(struct sample *x, int64_t hours)
{
	x->in.history.ns_changed_ms = SAMPLE_NOW_MS - hours * HOUR_MS;
	x->in.history.ns_old_ttl = DAY_S;
}

static void ns_changed_lately(struct sample *x)
{
	ns_changed_hours_ago(x, 23);
}

static void ns_changed_and_lists_differ(struct sample *x)
{
	ns_changed_lately(x);
	child_lists_another(x);
}

static void ns_changed_long_ago(struct sample *x)
{
	ns_changed_hours_ago(x, 24);
}

/* The zone's own TTL was short, the parent's is what resolvers keep. */
static void ns_changed_parent_keeps(struct sample *x)
{
	ns_changed_hours_ago(x, 24);
	x->in.history.ns_old_ttl = 300;
	x->s.parent_ns = sample_set(x, Q_NS, 2 * DAY_S, RDATA("ns1.x.net.", "ns2.x.net."));
}

static void old_servers_keep_up(struct sample *x)
{
	ns_changed_lately(x);
	(void)other(x, OTHER_PREVIOUS, "ns.old.org.", "127.8.0.1");
}

static void old_server_differs(struct sample *x)
{
	struct other_view *o;
	ns_changed_lately(x);
	o = other(x, OTHER_PREVIOUS, "ns.old.org.", "127.8.0.1");
	other_says(x, o, Q_MX, RDATA("5 mx.older.org."));
}

static void one_server(struct sample *x)
{
	x->s.server_n = 1;
	x->s.parent_ns = x->s.child_ns = sample_set(x, Q_NS, 3600, RDATA("ns1.x.net."));
	sample_data_all(x, Q_NS, 3600, RDATA("ns1.x.net."));
}

static void two_names_one_address(struct sample *x)
{
	x->servers[1].address = x->servers[0].address;
}

static void second_has_no_address(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
	x->servers[1].address = "";
	x->hosts[3].state = SEEN_UNREADABLE;
	x->hosts[3].n = 0;
}

/* Only glue leads to it. */
static void ns_name_is_gone(struct sample *x)
{
	x->hosts[3].state = SEEN_NXDOMAIN;
	x->hosts[3].n = 0;
}

static void ns_name_unreadable_with_glue(struct sample *x)
{
	x->hosts[3].state = SEEN_UNREADABLE;
	x->hosts[3].n = 0;
}

static void ns_name_is_alias(struct sample *x)
{
	x->hosts[3].alias = "dns.host.org.";
}

static void glue_for_second(struct sample *x, const char *address)
{
	struct glue *g = ARENA_NEW(x->a, struct glue);
	*g = (struct glue){ "ns2.x.net.", address };
	x->s.glue = g;
	x->s.glue_n = 1;
}

static void glue_is_old(struct sample *x)
{
	glue_for_second(x, "127.0.0.66");
}

static void glue_is_right(struct sample *x)
{
	static const char *const both[] = { "127.0.0.9", "::9" };
	glue_for_second(x, "127.0.0.9");
	x->hosts[3].addresses = both; /* a family that the parent does not know */
	x->hosts[3].n = 2;
}

static void glue_is_not_all(struct sample *x)
{
	static const char *const both[] = { "127.0.0.8", "127.0.0.9" };
	glue_for_second(x, "127.0.0.9");
	x->hosts[3].addresses = both;
	x->hosts[3].n = 2;
}

static void one_network(struct sample *x)
{
	x->servers[1].address = "127.0.0.200";
}

static void one_network_v6(struct sample *x)
{
	x->servers[0].address = "2001:db8:1:2::1";
	x->servers[1].address = "2001:db8:1:3::1";
}

static void two_families(struct sample *x)
{
	x->servers[0].address = "2001:db8:1::1";
	x->servers[1].address = "2001:db8:2::1";
}

static const struct scene scenes[] = {
	{ not_delegated, 0, "delegation-missing", BY_LEVELS, "x.net", "net knows no name servers",
	  "registrar" },
	{ not_in_the_root, PHASE_AUDIT, "delegation-missing", SEVERITY_BLOCKER, "x.net",
	  "the root knows no name servers", 0 },
	{ in_parent_zone, PHASE_AUDIT, "delegation-missing", SILENT, 0, 0, 0 },
	{ all_dead, PHASE_AUDIT, "delegation-missing", SILENT, 0, 0, 0 },
	{ all_dead, 0, "delegation-broken", BY_LEVELS, "x.net", "all 2 servers", "start the name" },
	{ all_without_a_socket, PHASE_AUDIT, "delegation-broken", SEVERITY_BLOCKER, "x.net",
	  "no free socket", "ulimit -n" },
	{ all_dead_but_panel, PHASE_AUDIT, "delegation-broken", SEVERITY_BLOCKER, 0, 0,
	  "dns1.reg.org" },
	{ unreachable, 0, "delegation-broken", BY_LEVELS, "x.net", "could not be found out",
	  "port 53" },
	{ one_silent, PHASE_AUDIT, "delegation-broken", SILENT, 0, 0, 0 },

	{ child_lists_another, 0, "ns-parent-child-mismatch", BY_LEVELS, "x.net NS",
	  "the delegation names ns1.x.net, ns2.x.net, the", "both lists" },
	{ one_server_lists_another, PHASE_AUDIT, "ns-parent-child-mismatch", SEVERITY_WARNING, 0,
	  "ns3.x.net", 0 },
	{ parent_unknown, PHASE_AUDIT, "ns-parent-child-mismatch", SILENT, 0, 0, 0 },
	{ ns_changed_and_lists_differ, PHASE_AUDIT, "ns-parent-child-mismatch", SILENT, 0, 0, 0 },
	{ healthy, PHASE_AUDIT, "ns-parent-child-mismatch", SILENT, 0, 0, 0 },

	{ panel_elsewhere, 0, "dns-hosted-elsewhere", BY_LEVELS, "x.net NS",
	  "dns1.reg.org, dns2.reg.org: what is entered there is seen by nobody",
	  "(ns1.x.net, ns2.x.net)" },
	{ token_at_panel_only, PHASE_VERIFY, "dns-hosted-elsewhere", SEVERITY_BLOCKER, 0,
	  "the ownership TXT is there", "delegate it" },
	{ panel_is_hidden_primary, PHASE_READY, "dns-hosted-elsewhere", SEVERITY_INFO, 0,
	  "same version", 0 },
	{ panel_with_own_names, PHASE_AUDIT, "dns-hosted-elsewhere", SILENT, 0, 0, 0 },
	{ panel_is_the_zone, PHASE_AUDIT, "dns-hosted-elsewhere", SILENT, 0, 0, 0 },
	{ healthy, PHASE_AUDIT, "dns-hosted-elsewhere", SILENT, 0, 0, 0 },

	{ ns_changed_lately, 0, "ns-change-in-progress", BY_LEVELS, "x.net NS",
	  "2026-11-27T19:00:00Z (in 1 h 00 min)", "not before 2026-11-27T19:00:00Z" },
	{ ns_changed_parent_keeps, PHASE_READY, "ns-change-in-progress", SEVERITY_BLOCKER, 0,
	  "2026-11-28T18:00:00Z", 0 },
	{ ns_changed_and_lists_differ, PHASE_READY, "ns-change-in-progress", SEVERITY_BLOCKER, 0,
	  "do not name the same yet", 0 },
	{ old_servers_keep_up, PHASE_VERIFY, "ns-change-in-progress", SEVERITY_WARNING, 0,
	  "they give the same MX and TXT", 0 },
	{ old_servers_keep_up, PHASE_READY, "ns-change-in-progress", SEVERITY_BLOCKER, 0, 0, 0 },
	{ old_server_differs, PHASE_VERIFY, "ns-change-in-progress", SEVERITY_BLOCKER, 0,
	  "ns.old.org does not give the same MX", 0 },
	{ ns_changed_long_ago, PHASE_READY, "ns-change-in-progress", SILENT, 0, 0, 0 },
	{ healthy, PHASE_READY, "ns-change-in-progress", SILENT, 0, 0, 0 },

	{ one_server, 0, "ns-single", BY_LEVELS, "x.net NS", "ns1.x.net 127.0.0.1",
	  "second name server" },
	{ two_names_one_address, PHASE_AUDIT, "ns-single", SEVERITY_WARNING, 0, 0, 0 },
	{ second_has_no_address, PHASE_AUDIT, "ns-single", SILENT, 0, 0, 0 },
	{ one_silent, PHASE_AUDIT, "ns-single", SILENT, 0, 0, 0 },

	{ ns_name_is_gone, 0, "ns-name-unresolvable", BY_LEVELS, "ns2.x.net",
	  "the name does not exist", "ns2.x.net" },
	{ second_has_no_address, PHASE_AUDIT, "ns-name-unresolvable", SEVERITY_WARNING, 0,
	  "nobody could be asked", 0 },
	{ ns_name_unreadable_with_glue, PHASE_AUDIT, "ns-name-unresolvable", SILENT, 0, 0, 0 },
	{ ns_name_is_alias, PHASE_AUDIT, "ns-name-unresolvable", SILENT, 0, 0, 0 },

	{ ns_name_is_alias, 0, "ns-is-cname", BY_LEVELS, "ns2.x.net", "an alias of dns.host.org",
	  "name dns.host.org in the NS records" },
	{ healthy, PHASE_AUDIT, "ns-is-cname", SILENT, 0, 0, 0 },

	{ glue_is_old, 0, "ns-glue-mismatch", BY_LEVELS, "ns2.x.net", "127.0.0.66", "127.0.0.9" },
	{ glue_is_not_all, PHASE_AUDIT, "ns-glue-mismatch", SEVERITY_INFO, 0, "127.0.0.8", 0 },
	{ glue_is_right, PHASE_AUDIT, "ns-glue-mismatch", SILENT, 0, 0, 0 },

	{ one_network, 0, "ns-same-subnet", BY_LEVELS, "x.net NS", "/24", 0 },
	{ one_network_v6, PHASE_AUDIT, "ns-same-subnet", SEVERITY_INFO, 0, 0, 0 },
	{ two_families, PHASE_AUDIT, "ns-same-subnet", SILENT, 0, 0, 0 },
	{ one_server, PHASE_AUDIT, "ns-same-subnet", SILENT, 0, 0, 0 },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void every_scene_gets_its_finding(void **state)
{
	(void)state;
	scenes_run(scenes, SCENES);
}

static void every_row_has_both_scenes(void **state)
{
	(void)state;
	scenes_cover(delegation_checks, scenes, SCENES);
	scenes_cover(hosting_checks, scenes, SCENES);
	scenes_cover(name_server_checks, scenes, SCENES);
}

/* Who looks for the moment of the switch must see each server's word. */
static void evidence_shows_both_lists(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	one_server_lists_another(&x);
	assert_int_equal(sample_run(&x, "ns-parent-child-mismatch", &f), 1);
	assert_int_equal(f->evidence_n, 2);
	assert_null(strstr(f->evidence[0].saw, "ns3"));
	assert_non_null(strstr(f->evidence[1].saw, "ns3"));
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(evidence_shows_both_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
