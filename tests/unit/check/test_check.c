/*
 * The table's run as a whole: a healthy zone has no finding, a broken delegation is said
 * alone, the worst comes first. What each check says is tested family by family.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "sample.h"

enum { DAY_S = 86400 };

static void not_delegated(struct sample *x)
{
	x->s.delegation = DELEGATION_MISSING;
	x->s.zone = NULL;
	x->s.server_n = 0;
	x->s.delegation_note = "NXDOMAIN for x.net from 127.0.0.1, a server of net";
}

static void unreachable(struct sample *x)
{
	x->s.delegation = DELEGATION_UNREACHABLE;
	x->s.zone = NULL;
	x->s.server_n = 0;
}

static void server_down(struct sample *x, size_t i, enum server_state state)
{
	x->servers[i].state = state;
	x->servers[i].note = state == SERVER_LAME ? "REFUSED" : "no answer";
	x->servers[i].has_soa = false;
	for (size_t q = 0; q < QUESTIONS; q++)
		sample_state(x, i, q, state == SERVER_LAME ? SEEN_LAME : SEEN_UNREADABLE);
}

static void all_dead(struct sample *x)
{
	server_down(x, 0, SERVER_SILENT);
	server_down(x, 1, SERVER_LAME);
	x->s.delegation = DELEGATION_BROKEN;
	sample_spf(x, 0, NULL);
	x->spf[0].state = SEEN_UNREADABLE;
}

static void mx_host_gone(struct sample *x)
{
	x->hosts[0].state = SEEN_NXDOMAIN;
	x->hosts[0].n = 0;
}

static void one_of_two_gone(struct sample *x)
{
	mx_host_gone(x);
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.old.org.", "20 mx.new.org."));
}

static void mx_ttl_day(struct sample *x)
{
	sample_data(x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org.")); /* one server is enough */
}

#define SPF_BOTH "\"v=spf1 include:old.org include:new.org -all\""

static void token_at_one(struct sample *x)
{
	sample_data(x, 1, Q_TXT, 600, RDATA(SPF_BOTH));
	x->servers[1].soa.serial = 6;
}

static void two_spf(struct sample *x)
{
	static const char *const two[] = { "v=spf1 include:new.org -all", "v=spf1 mx -all" };
	sample_spf(x, 2, two);
}

static void plan_of(struct sample *x, const struct rrset *before)
{
	const struct rrset **list = ARENA_ARRAY(x->a, 2, const struct rrset *);
	list[0] = before;
	x->in.planned = list;
}

static void plan_fits(struct sample *x)
{
	plan_of(x, x->seen[0][Q_MX].rrset);
}

static const struct finding *find(const struct findings *f, const char *check)
{
	for (size_t i = 0; i < f->list.n; i++) {
		if (strcmp(f->list.at[i].check, check) == 0)
			return &f->list.at[i];
	}
	return NULL;
}

static void a_healthy_zone_has_no_finding(void **state)
{
	(void)state;
	for (unsigned phase = PHASE_AUDIT; phase <= PHASE_POST; phase++) {
		struct sample x;
		struct findings found = { 0 };
		sample_init(&x);
		if (phase == PHASE_POST)
			sample_switch(&x);
		x.in.phase = (enum phase)phase;
		plan_fits(&x);
		check_run(x.a, &x.in, &found);
		if (found.list.n > 0)
			fail_msg("%s: %s", found.list.at[0].check, found.list.at[0].message);
		assert_true(findings_ready(&found));
		sample_release(&x);
	}
}

static void a_broken_delegation_is_said_alone(void **state)
{
	(void)state;
	static void (*const spoils[])(struct sample *) = { all_dead, not_delegated, unreachable };
	for (size_t i = 0; i < 3; i++) {
		struct sample x;
		struct findings found = { 0 };
		sample_init(&x);
		spoils[i](&x);
		x.in.phase = PHASE_READY;
		check_run(x.a, &x.in, &found);
		assert_int_equal(found.list.n, 1);
		assert_false(findings_ready(&found));
		sample_release(&x);
	}
}

static void the_worst_comes_first(void **state)
{
	(void)state;
	struct sample x;
	struct findings found = { 0 };
	sample_init(&x);
	mx_ttl_day(&x); /* info, early in the table */
	one_of_two_gone(&x);
	two_spf(&x); /* blocker, late */
	mx_ttl_day(&x);
	check_run(x.a, &x.in, &found);
	for (size_t i = 0; i + 1 < found.list.n; i++)
		assert_true(found.list.at[i].severity >= found.list.at[i + 1].severity);
	assert_true(findings_count(&found, SEVERITY_BLOCKER) >= 1);
	assert_true(findings_count(&found, SEVERITY_INFO) >= 1);
	sample_release(&x);
}

static void evidence_names_each_server(void **state)
{
	(void)state;
	struct sample x;
	struct findings found = { 0 };
	sample_init(&x);
	token_at_one(&x);
	x.in.phase = PHASE_VERIFY;
	check_run(x.a, &x.in, &found);
	const struct finding *f = find(&found, "verify-txt-partial");
	assert_int_equal(f->evidence_n, 2);
	assert_string_equal(f->evidence[0].server, "ns1.x.net");
	assert_string_equal(f->evidence[1].address, "127.1.0.2");
	assert_non_null(strstr(f->evidence[0].saw, "MS=ms1"));
	assert_null(strstr(f->evidence[1].saw, "MS=ms1"));
	assert_non_null(strstr(f->message, "1 of 2 servers"));
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_zone_has_no_finding),
		cmocka_unit_test(a_broken_delegation_is_said_alone),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(evidence_names_each_server),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
