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

static void switched(struct sample *x)
{
	sample_switch(x);
}

/* The panel is what it was before the switch. */
static void holds_old_mx(struct sample *x)
{
	sample_switch(x);
	sample_panel(x, Q_MX, 2400, RDATA("10 mx.old.org."));
}

static void holds_old_mx_within_the_clock(struct sample *x)
{
	holds_old_mx(x);
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - 1200 * 1000;
	x->in.history.mx_ttl_at_change = 3600;
}

static void holds_no_mx_from_before(struct sample *x)
{
	holds_old_mx_within_the_clock(x);
	x->in.source_mx = NULL; /* the clock alone explains it */
	x->panel[Q_MX] = (struct seen){ .question = x->questions[Q_MX],
					.state = SEEN_NODATA,
					.negative_ttl = 120,
					.at_ms = SAMPLE_NOW_MS };
}

static void holds_a_before_image(struct sample *x)
{
	struct check_change *ch = ARENA_NEW(x->a, struct check_change);
	ch->before = x->seen[0][Q_AUTODISCOVER].rrset;
	sample_switch(x);
	ch->after = x->seen[0][Q_AUTODISCOVER].rrset;
	sample_panel(x, Q_AUTODISCOVER, 100, RDATA("autodiscover.old.org."));
	x->in.changes = ch;
	x->in.change_n = 1;
}

static void has_another_view(struct sample *x)
{
	sample_panel(x, Q_MX, 300, RDATA("10 mail.office.example."));
}

static void serial_lags(struct sample *x)
{
	sample_panel(x, Q_SOA, 60, RDATA("ns1.x.net. h.x.net. 6 600 120 604800 300"));
}

static void broken(struct sample *x)
{
	holds_old_mx(x);
	x->resolver.works = false;
	x->resolver.note = "SERVFAIL";
}

static void zone_unreadable(struct sample *x)
{
	sample_state_all(x, Q_MX, SEEN_UNREADABLE);
}

static void stale_and_says_so(struct sample *x)
{
	holds_old_mx(x);
	x->panel[Q_MX].has_ede = true;
	x->panel[Q_MX].ede = 3;
}

static void right_but_says_stale(struct sample *x)
{
	x->panel[Q_MX].has_ede = true;
	x->panel[Q_MX].ede = 3;
}

static void says_another_ede(struct sample *x)
{
	x->panel[Q_MX].has_ede = true;
	x->panel[Q_MX].ede = 22; /* no reachable authority, some time ago */
}

static void old_beyond_the_bound(struct sample *x)
{
	holds_old_mx(x);
	x->in.history.mx_changed_ms = SAMPLE_NOW_MS - (int64_t)DAY_S * 1000;
	x->in.history.mx_ttl_at_change = 3600;
}

static void old_with_the_stale_ttl(struct sample *x)
{
	sample_switch(x);
	sample_panel(x, Q_MX, 30, RDATA("10 mx.old.org."));
}

static void raises_the_ttl(struct sample *x)
{
	sample_panel(x, Q_MX, 1800, RDATA("10 mx.old.org."));
}

static void still_has_the_ttl_of_before(struct sample *x)
{
	raises_the_ttl(x);
	x->in.history.mx_ttl_lowered_ms = SAMPLE_NOW_MS - 1000 * 1000;
	x->in.history.mx_old_ttl = 3600;
}

static void has_more_than_the_ttl_of_before(struct sample *x)
{
	still_has_the_ttl_of_before(x);
	x->in.history.mx_old_ttl = 2000;
}

static void another_ttl_was_lowered(struct sample *x)
{
	struct check_change *ch = ARENA_NEW(x->a, struct check_change);
	ch->before = sample_set(x, Q_TXT, 7200, RDATA("\"a\""));
	ch->after = x->seen[0][Q_TXT].rrset;
	x->in.changes = ch;
	x->in.change_n = 1;
	x->panel[Q_TXT].rrset = rrset_with_ttl(x->a, x->seen[0][Q_TXT].rrset, 5000);
}

#define AT "x.net MX at 127.0.0.53"
static const struct scene scenes[] = {
	{ holds_old_mx, PHASE_POST, "resolver-stale", SEVERITY_WARNING, AT, "18:39:59Z (in 39 min",
	  "wait" },
	{ holds_old_mx_within_the_clock, PHASE_POST, "resolver-stale", SEVERITY_WARNING, AT, NULL,
	  NULL },
	{ holds_no_mx_from_before, PHASE_POST, "resolver-stale", SEVERITY_WARNING, AT, "18:02:00Z",
	  NULL },
	{ holds_a_before_image, PHASE_POST, "resolver-stale", SEVERITY_WARNING,
	  "autodiscover.x.net CNAME at 127.0.0.53", NULL, NULL },
	{ healthy, PHASE_AUDIT, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ switched, PHASE_POST, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ has_another_view, PHASE_AUDIT, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ serial_lags, PHASE_AUDIT, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ broken, PHASE_POST, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ stale_and_says_so, PHASE_POST, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ old_beyond_the_bound, PHASE_POST, "resolver-stale", SILENT, NULL, NULL, NULL },
	{ stale_and_says_so, PHASE_POST, "resolver-serve-stale", SEVERITY_WARNING, AT,
	  "and says so", "name servers" },
	{ right_but_says_stale, PHASE_AUDIT, "resolver-serve-stale", BY_LEVELS, AT, NULL, NULL },
	{ old_beyond_the_bound, PHASE_POST, "resolver-serve-stale", SEVERITY_WARNING, AT, NULL,
	  NULL },
	{ old_with_the_stale_ttl, PHASE_POST, "resolver-serve-stale", SEVERITY_WARNING, AT, NULL,
	  NULL },
	{ holds_old_mx, PHASE_POST, "resolver-serve-stale", SILENT, NULL, NULL, NULL },
	{ says_another_ede, PHASE_AUDIT, "resolver-serve-stale", SILENT, NULL, NULL, NULL },
	{ broken, PHASE_POST, "resolver-serve-stale", SILENT, NULL, NULL, NULL },
	{ raises_the_ttl, PHASE_AUDIT, "resolver-ttl-raised", BY_LEVELS, AT, "1800 s more",
	  "2026-11-27T18:29:59Z" },
	{ has_more_than_the_ttl_of_before, PHASE_READY, "resolver-ttl-raised", SEVERITY_WARNING, AT,
	  NULL, NULL },
	{ still_has_the_ttl_of_before, PHASE_READY, "resolver-ttl-raised", SILENT, NULL, NULL,
	  NULL },
	{ another_ttl_was_lowered, PHASE_VERIFY, "resolver-ttl-raised", SILENT, NULL, NULL, NULL },
	{ holds_old_mx, PHASE_POST, "resolver-ttl-raised", SILENT, NULL, NULL, NULL },
	{ zone_unreadable, PHASE_AUDIT, "resolver-ttl-raised", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "resolver-ttl-raised", SILENT, NULL, NULL, NULL },
	{ broken, PHASE_POST, "resolver-broken", BY_LEVELS, "resolver 127.0.0.53", "SERVFAIL",
	  "nothing to do for the domain" },
	{ healthy, PHASE_AUDIT, "resolver-broken", SILENT, NULL, NULL, NULL },
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
	scenes_cover(resolver_checks, scenes, SCENES);
}

static void a_broken_resolver_is_all_that_is_said_of_it(void **state)
{
	(void)state;
	struct sample x;
	struct findings found = { 0 };
	sample_init(&x);
	broken(&x);
	check_run(x.a, &x.in, &found);
	for (size_t i = 0; i < found.list.n; i++) {
		if (strstr(found.list.at[i].subject, "127.0.0.53") != NULL)
			assert_string_equal(found.list.at[i].check, "resolver-broken");
	}
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
		cmocka_unit_test(a_broken_resolver_is_all_that_is_said_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
