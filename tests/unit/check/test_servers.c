/*
 * Each name server by itself: whether it works, and its habits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

static void healthy(struct sample *x)
{
	(void)x;
}

static void down(struct sample *x, size_t i, enum server_state state)
{
	x->servers[i].state = state;
	x->servers[i].note = state == SERVER_LAME ? "REFUSED" : "no answer";
	x->servers[i].has_soa = false;
	for (size_t q = 0; q < QUESTIONS; q++)
		sample_state(x, i, q, state == SERVER_LAME ? SEEN_LAME : SEEN_UNREADABLE);
}

static void one_lame(struct sample *x)
{
	down(x, 1, SERVER_LAME);
}

static void lame_for_the_child_only(struct sample *x)
{
	down(x, 1, SERVER_LAME);
	x->servers[1].in_parent = false;
}

static void one_silent(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
}

/* As many servers; the further ones are as good as the first. */
static struct server_view *among(struct sample *x, size_t n)
{
	struct server_view *list = ARENA_ARRAY(x->a, n, struct server_view);
	for (size_t i = 0; i < n; i++) {
		list[i] = x->servers[i < SERVERS ? i : 0];
		if (i >= SERVERS)
			list[i].name = arena_printf(x->a, "ns%zu.x.net.", i + 1);
	}
	x->s.servers = list;
	x->s.server_n = n;
	return list;
}

static void one_silent_of_three(struct sample *x)
{
	one_silent(x);
	(void)among(x, 3);
}

/* No more are good than are not. */
static void two_silent_of_four(struct sample *x)
{
	one_silent(x);
	struct server_view *list = among(x, 4);
	list[3] = list[1];
	list[3].name = "ns4.x.net.";
}

/* Its machine may be the only one that is left. */
static void one_silent_and_one_with_two_addresses(struct sample *x)
{
	one_silent(x);
	among(x, 3)[2].name = x->servers[0].name;
}

static void one_without_address(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
	x->servers[1].address = "";
}

/* IPv6 from a machine that has none. */
static void no_way_there(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
	x->servers[1].address = "2001:db8::1";
	for (size_t q = 0; q < QUESTIONS; q++)
		x->seen[1][q].outcome = DNS_NO_ROUTE;
}

/* The audit's own machine ran out of descriptors. */
static void no_socket(struct sample *x)
{
	down(x, 1, SERVER_SILENT);
	for (size_t q = 0; q < QUESTIONS; q++)
		x->seen[1][q].outcome = DNS_NO_SOCKET;
}

static void no_tcp(struct sample *x)
{
	x->servers[1].habits.tcp = PROBE_NO;
	x->servers[1].habits.tcp_note = "connection refused";
}

static void no_tcp_at_all(struct sample *x)
{
	no_tcp(x);
	x->servers[0].habits.tcp = PROBE_NO;
}

static void tcp_not_tried(struct sample *x)
{
	x->servers[1].habits.tcp = PROBE_NOT_TRIED;
}

static void no_tcp_at_a_dead_one(struct sample *x)
{
	one_silent(x);
	no_tcp(x);
}

static void truncate(struct sample *x, size_t i)
{
	sample_state(x, i, Q_TXT, SEEN_UNREADABLE);
	x->seen[i][Q_TXT].outcome = DNS_TRUNCATED;
}

static void truncated_everywhere(struct sample *x)
{
	truncate(x, 0);
	truncate(x, 1);
}

static void truncated_at_one(struct sample *x)
{
	truncate(x, 1);
}

static void truncated_and_the_other_dead(struct sample *x)
{
	down(x, 0, SERVER_SILENT);
	truncate(x, 1);
}

static void txt_timed_out(struct sample *x)
{
	sample_state_all(x, Q_TXT, SEEN_UNREADABLE);
	x->seen[0][Q_TXT].outcome = x->seen[1][Q_TXT].outcome = DNS_SILENT;
}

static void edns_dropped(struct sample *x)
{
	x->servers[1].habits.edns = DNS_EDNS_DROPPED;
}

static void edns_formerr(struct sample *x)
{
	x->servers[0].habits.edns = DNS_EDNS_REFUSED;
	x->servers[1].habits.edns = DNS_EDNS_IGNORED;
}

static void edns_ok(struct sample *x)
{
	x->servers[0].habits.edns = DNS_EDNS_OK;
}

static void one_slow(struct sample *x)
{
	x->servers[1].rtt_ms = 3000;
}

static void one_slow_of_three(struct sample *x)
{
	one_slow(x);
	(void)among(x, 3);
}

static void one_second(struct sample *x)
{
	x->servers[1].rtt_ms = 1000;
}

static void recursive(struct sample *x)
{
	x->servers[1].habits.recursive = PROBE_YES;
}

static void not_recursive(struct sample *x)
{
	x->servers[1].habits.recursive = PROBE_NO;
}

static void axfr(struct sample *x)
{
	static const char *const mx[] = { "lists.x.net." };
	x->servers[1].habits.axfr = PROBE_YES;
	x->s.axfr_mx = mx;
	x->s.axfr_n = 1;
}

static void no_axfr(struct sample *x)
{
	x->servers[1].habits.axfr = PROBE_NO;
}

static void case_changed(struct sample *x)
{
	x->servers[1].habits.case_changed = true;
}

static void forged(struct sample *x)
{
	x->servers[1].habits.ignored = 2;
}

static void wrong_source(struct sample *x)
{
	x->servers[1].habits.wrong_source = 1;
}

static void silent_by_wrong_source(struct sample *x)
{
	one_silent(x);
	wrong_source(x);
}

static const struct scene scenes[] = {
	{ one_lame, 0, "ns-lame", BY_LEVELS, "ns2.x.net 127.1.0.2", "(REFUSED)",
	  "delegation at the registrar" },
	{ lame_for_the_child_only, PHASE_AUDIT, "ns-lame", SEVERITY_WARNING, 0, 0,
	  "the zone's own NS records" },
	{ one_silent, PHASE_AUDIT, "ns-lame", SILENT, 0, 0, 0 },

	{ one_silent, 0, "ns-unreachable", BY_LEVELS, "ns2.x.net 127.1.0.2", "at 127.1.0.2",
	  "start ns2.x.net" },
	{ one_silent_of_three, PHASE_READY, "ns-unreachable", SEVERITY_INFO, "ns2.x.net 127.1.0.2",
	  "the others carry the zone", "the registrar" },
	{ two_silent_of_four, PHASE_READY, "ns-unreachable", SEVERITY_WARNING, 0, 0, 0 },
	{ one_silent_and_one_with_two_addresses, PHASE_READY, "ns-unreachable", SEVERITY_WARNING, 0,
	  "what it holds is unknown", 0 },
	{ no_way_there, PHASE_AUDIT, "ns-unreachable", SEVERITY_INFO, "x.net NS", "1 of 2",
	  "IPv6" },
	{ no_socket, 0, "ns-unreachable", BY_LEVELS, "x.net NS", "1 of 2", "ulimit -n" },
	{ one_lame, PHASE_AUDIT, "ns-unreachable", SILENT, 0, 0, 0 },
	{ one_without_address, PHASE_AUDIT, "ns-unreachable", SILENT, 0, 0, 0 },
	{ silent_by_wrong_source, PHASE_AUDIT, "ns-unreachable", SILENT, 0, 0, 0 },
	{ one_slow, PHASE_AUDIT, "ns-unreachable", SILENT, 0, 0, 0 },

	{ no_tcp, 0, "ns-no-tcp", BY_LEVELS, "ns2.x.net 127.1.0.2", "at ns2.x.net", "TCP port 53" },
	{ no_tcp_at_all, PHASE_AUDIT, "ns-no-tcp", SEVERITY_WARNING, "x.net NS",
	  "at ns1.x.net, ns2.x.net", 0 },
	{ tcp_not_tried, PHASE_AUDIT, "ns-no-tcp", SILENT, 0, 0, 0 },
	{ no_tcp_at_a_dead_one, PHASE_AUDIT, "ns-no-tcp", SILENT, 0, 0, 0 },

	{ truncated_everywhere, 0, "ns-truncation-no-tcp", BY_LEVELS, "x.net TXT",
	  "nobody can read x.net TXT", "1232" },
	{ truncated_and_the_other_dead, PHASE_AUDIT, "ns-truncation-no-tcp", SEVERITY_BLOCKER, 0, 0,
	  0 },
	{ truncated_at_one, PHASE_AUDIT, "ns-truncation-no-tcp", SILENT, 0, 0, 0 },
	{ txt_timed_out, PHASE_AUDIT, "ns-truncation-no-tcp", SILENT, 0, 0, 0 },
	{ truncated_everywhere, PHASE_VERIFY, "verify-txt-missing", SILENT, 0, 0, 0 },

	{ edns_dropped, 0, "ns-edns-broken", BY_LEVELS, "ns2.x.net 127.1.0.2", "get no answer",
	  "firewall" },
	{ edns_formerr, PHASE_READY, "ns-edns-broken", SEVERITY_INFO, "x.net NS",
	  "ns1.x.net, ns2.x.net", 0 },
	{ edns_ok, PHASE_AUDIT, "ns-edns-broken", SILENT, 0, 0, 0 },

	{ one_slow, 0, "ns-slow", BY_LEVELS, "ns2.x.net 127.1.0.2", "3000 ms", "ns2.x.net" },
	{ one_slow_of_three, PHASE_AUDIT, "ns-slow", SEVERITY_INFO, "ns2.x.net 127.1.0.2",
	  "the others answer in time", 0 },
	{ one_second, PHASE_AUDIT, "ns-slow", SILENT, 0, 0, 0 },

	{ recursive, 0, "ns-recursive", BY_LEVELS, "ns2.x.net 127.1.0.2", "names of others",
	  "recursion off" },
	{ not_recursive, PHASE_AUDIT, "ns-recursive", SILENT, 0, 0, 0 },
	{ axfr, 0, "ns-axfr-open", BY_LEVELS, "ns2.x.net 127.1.0.2", "found 1)", "secondary" },
	{ no_axfr, PHASE_AUDIT, "ns-axfr-open", SILENT, 0, 0, 0 },
	{ case_changed, 0, "ns-case-mangling", BY_LEVELS, "ns2.x.net 127.1.0.2", "lower case", 0 },
	{ healthy, PHASE_AUDIT, "ns-case-mangling", SILENT, 0, 0, 0 },
	{ forged, 0, "ns-spoof-suspect", BY_LEVELS, "ns2.x.net 127.1.0.2", "2 answers",
	  "another network" },
	{ healthy, PHASE_AUDIT, "ns-spoof-suspect", SILENT, 0, 0, 0 },
	{ wrong_source, 0, "ns-wrong-source", BY_LEVELS, "ns2.x.net 127.1.0.2", "another address",
	  "bind it" },
	{ silent_by_wrong_source, PHASE_AUDIT, "ns-wrong-source", SEVERITY_WARNING, 0,
	  "dead to them", 0 },
	{ forged, PHASE_AUDIT, "ns-wrong-source", SILENT, 0, 0, 0 },
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
	scenes_cover(server_checks, scenes, SCENES);
	scenes_cover(habit_checks, scenes, SCENES);
}

/* One firewall, one finding; what each address did stands below it. */
static void servers_with_one_fault_share_a_finding(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	no_tcp_at_all(&x);
	assert_int_equal(sample_run(&x, "ns-no-tcp", &f), 1);
	assert_int_equal(f->evidence_n, 2);
	assert_string_equal(f->evidence[1].address, "127.1.0.2");
	assert_non_null(strstr(f->evidence[1].saw, "connection refused"));
	sample_release(&x);
}

/* Two addresses of a server are named once. */
static void a_server_is_named_once(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	x.servers[1].name = x.servers[0].name;
	no_tcp_at_all(&x);
	assert_int_equal(sample_run(&x, "ns-no-tcp", &f), 1);
	assert_non_null(strstr(f->message, "at ns1.x.net:"));
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_row_has_both_scenes),
		cmocka_unit_test(servers_with_one_fault_share_a_finding),
		cmocka_unit_test(a_server_is_named_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
