#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

enum { DAY_S = 86400 };

static void healthy(struct sample *x)
{
	(void)x;
}

static void lowered_ago(struct sample *x, int64_t ago_s)
{
	x->in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - ago_s * 1000;
	x->in.history.mx_old_ttl = DAY_S;
}

static void lowered_an_hour_ago(struct sample *x)
{
	lowered_ago(x, 3600);
}

static void lowered_a_day_ago(struct sample *x)
{
	lowered_ago(x, DAY_S);
}

static void lowered_a_second_too_late(struct sample *x)
{
	lowered_ago(x, DAY_S - 1);
}

static void lowered_from_what_is_not_known(struct sample *x)
{
	lowered_ago(x, 60);
	x->in.history.mx_old_ttl = 0;
}

static void lowered_at_one_server(struct sample *x)
{
	lowered_ago(x, 60);
	sample_data(x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org.")); /* mx-ttl-high's */
}

static void a_resolver_holds_it_longer(struct sample *x)
{
	lowered_a_day_ago(x);
	sample_panel(x, Q_MX, 7200, RDATA("10 mx.old.org."));
}

static void changed_ago(struct sample *x, int64_t ago_s)
{
	sample_switch(x);
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - ago_s * 1000;
	x->in.history.mx_ttl_at_change = 14400; /* today's is 300 */
}

static void changed_an_hour_ago(struct sample *x)
{
	changed_ago(x, 3600);
}

static void changed_at_the_bound(struct sample *x)
{
	changed_ago(x, 14400);
}

/* The switch was made while the old TTL still ran: it is too late to put it off. */
static void changed_before_it_was_safe(struct sample *x)
{
	changed_an_hour_ago(x);
	lowered_an_hour_ago(x);
}

/* The plan's MX is there, and nobody saw since when. */
static void changed_nobody_knows_when(struct sample *x)
{
	lowered_an_hour_ago(x);
	sample_switch(x);
	x->in.history.mx_is_changed = true;
}

#define LOWERING "ttl-lowering-not-effective"
static const struct scene scenes[] = {
	{ lowered_an_hour_ago, PHASE_AUDIT, LOWERING, BY_LEVELS, "x.net MX", "86400 s",
	  "2026-11-28T17:00:00Z (in 23 h 00 min)" },
	{ lowered_an_hour_ago, PHASE_READY, LOWERING, SEVERITY_BLOCKER, NULL, NULL, "not before" },
	{ lowered_a_second_too_late, PHASE_READY, LOWERING, SEVERITY_BLOCKER, NULL, NULL, NULL },
	{ lowered_a_day_ago, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ lowered_from_what_is_not_known, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ lowered_at_one_server, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ lowered_at_one_server, PHASE_READY, "mx-ttl-high", SEVERITY_BLOCKER, NULL, NULL, NULL },
	{ a_resolver_holds_it_longer, PHASE_READY, LOWERING, SEVERITY_BLOCKER, NULL, NULL,
	  "2026-11-27T19:59:59Z" },
	{ healthy, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ changed_before_it_was_safe, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ changed_nobody_knows_when, PHASE_READY, LOWERING, SILENT, NULL, NULL, NULL },
	{ changed_an_hour_ago, PHASE_POST, "cache-not-expired", SEVERITY_WARNING, "x.net MX",
	  "2026-11-27T21:00:00Z (in 3 h 00 min)", "keep the old mail system up" },
	{ changed_at_the_bound, PHASE_POST, "cache-not-expired", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "cache-not-expired", SILENT, NULL, NULL, NULL },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void every_scene_gets_its_finding(void **state)
{
	(void)state;
	scenes_run(scenes, SCENES);
}

static void every_check_has_both_scenes(void **state)
{
	(void)state;
	scenes_cover(timing_checks, scenes, SCENES);
}

static void a_holder_is_the_evidence(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	a_resolver_holds_it_longer(&x);
	assert_int_equal(sample_run(&x, LOWERING, &f), 1);
	assert_int_equal(f->evidence_n, 1);
	assert_string_equal(f->evidence[0].server, "resolver");
	assert_string_equal(f->evidence[0].address, "127.0.0.53");
	sample_release(&x);
}

/* Two days pass: the clock is an argument. From the first look to the safe switch. */
static void two_days_are_waited_for(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	x.in.phase = PHASE_READY;
	x.in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS;
	x.in.history.mx_old_ttl = 2 * DAY_S;
	x.resolver.works = false;
	int64_t wakings = 0;
	while (sample_run(&x, LOWERING, NULL) > 0) {
		int64_t next = clocks_next_ms(&x.s, &x.in.history, x.in.now_ms);
		assert_true(next > x.in.now_ms && next != INT64_MAX);
		x.in.now_ms = next;
		wakings++;
	}
	assert_int_equal(x.in.now_ms, SAMPLE_NOW_MS + INT64_C(2) * DAY_S * 1000);
	assert_int_equal(wakings, 1);
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
		cmocka_unit_test(a_holder_is_the_evidence),
		cmocka_unit_test(two_days_are_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
