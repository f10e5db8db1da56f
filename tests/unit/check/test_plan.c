#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

enum { DAY_S = 86400 };

static const struct rrset no_autodiscover = { .name = "autodiscover.x.net.", .type = RR_CNAME };

static void healthy(struct sample *x)
{
	(void)x;
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

static void plan_is_old(struct sample *x)
{
	plan_of(x, sample_set(x, Q_MX, DAY_S, RDATA("10 mx.old.org.")));
}

static void plan_is_old_but_unreadable(struct sample *x)
{
	plan_is_old(x);
	sample_state_all(x, Q_MX, SEEN_UNREADABLE);
}

static void plan_wants_no_autodiscover(struct sample *x)
{
	plan_of(x, &no_autodiscover);
	sample_state_all(x, Q_AUTODISCOVER, SEEN_NXDOMAIN);
}

/* Where a CNAME took the place of a TXT, whoever asks for the TXT is led to another name's. */
static void plan_wants_no_txt_and_an_alias_leads_on(struct sample *x)
{
	static const struct rrset no_txt = { .name = "x.net.", .type = RR_TXT };
	plan_of(x, &no_txt);
	for (size_t i = 0; i < x->s.server_n; i++) {
		struct rrset *other = arena_memdup(x->a, x->seen[i][Q_TXT].rrset, sizeof(*other));
		other->name = "elsewhere.x.net.";
		x->seen[i][Q_TXT].rrset = other;
	}
}

static void autodiscover_came_up(struct sample *x)
{
	plan_of(x, &no_autodiscover);
}

static void mx_ttl_by_a_panel(struct sample *x)
{
	plan_fits(x);
	sample_data_all(x, Q_MX, 600, RDATA("10 mx.old.org."));
}

static void txt_ttl_changed(struct sample *x)
{
	plan_of(x, rrset_with_ttl(x->a, x->seen[0][Q_TXT].rrset, DAY_S));
}

static void second_has_the_zone_before_staging(struct sample *x)
{
	plan_fits(x);
	sample_data(x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org."));
	x->servers[1].soa.serial = 6;
}

static struct check_change *change(struct sample *x, size_t question, const char *const *before,
				   const char *const *after)
{
	struct check_change *ch = ARENA_NEW(x->a, struct check_change);
	ch->before = sample_set(x, question, 300, before);
	ch->after = after != NULL ? sample_set(x, question, 300, after) : NULL;
	x->in.changes = ch;
	x->in.change_n = 1;
	return ch;
}

static void the_switch(struct sample *x)
{
	change(x, Q_MX, RDATA("10 mx.old.org.", "20 b.mx.old.org."), RDATA("0 mx.new.org."));
}

/* It looks like the old system's, but nobody said so. */
static void the_switch_and_a_sibling(struct sample *x)
{
	change(x, Q_MX, RDATA("10 mx.old.org.", "20 mx2.old.org."), RDATA("0 mx.new.org."));
}

static void the_switch_and_a_backup(struct sample *x)
{
	change(x, Q_MX, RDATA("10 mx.old.org.", "20 backup.example."), RDATA("0 mx.new.org."));
}

static void the_switch_and_a_backup_by_hand(struct sample *x)
{
	the_switch_and_a_backup(x);
	((struct check_change *)x->in.changes)->by_hand = true;
}

static void the_switch_and_a_marker(struct sample *x)
{
	change(x, Q_MX, RDATA("10 mx.old.org.", "32767 ms1.msv1.invalid."), RDATA("0 mx.new.org."));
}

static void the_switch_of_unknown_hosts(struct sample *x)
{
	the_switch_and_a_backup(x);
	x->in.source_mx = NULL; /* nobody told old from other */
}

static void mx_is_deleted(struct sample *x)
{
	change(x, Q_MX, RDATA("10 mx.old.org."), NULL);
}

static void ttl_only(struct sample *x)
{
	struct check_change *ch = change(x, Q_MX, RDATA("20 backup.example."),
					 RDATA("20 backup.example."));
	ch->after = rrset_with_ttl(x->a, ch->after, 60);
}

static void token_is_added(struct sample *x)
{
	change(x, Q_TXT, RDATA("\"v=spf1 -all\"", "\"MS=ms9\""),
	       RDATA("\"v=spf1 -all\"", "\"MS=ms9\"", "\"MS=ms1\""));
}

static void token_replaces_all(struct sample *x)
{
	change(x, Q_TXT, RDATA("\"v=spf1 -all\"", "\"MS=ms9\""), RDATA("\"v=spf1 -all\""));
}

static void spf_is_rewritten(struct sample *x)
{
	change(x, Q_TXT, RDATA("\"v=spf1 -all\"", "\"a\""),
	       RDATA("\"v=spf1 include:new.org -all\"", "\"a\""));
}

static void spf_is_lost(struct sample *x)
{
	change(x, Q_TXT, RDATA("\"v=spf1 -all\"", "\"a\""), RDATA("\"a\""));
}

static void alias_is_changed(struct sample *x)
{
	change(x, Q_AUTODISCOVER, RDATA("autodiscover.old.org."), RDATA("autodiscover.new.org."));
}

static void alias_is_deleted(struct sample *x)
{
	change(x, Q_AUTODISCOVER, RDATA("autodiscover.old.org."), NULL);
}

/* The addresses that stand where the alias is wanted. */
static void alias_takes_the_place(struct sample *x)
{
	struct err e = { 0 };
	struct check_change *two = ARENA_ARRAY(x->a, 2, struct check_change);
	two[0].before = rrset_make(x->a, "autodiscover.x.net.", RR_A, 300, 1, RDATA("127.0.0.9"),
				   &e);
	two[1].after = sample_set(x, Q_AUTODISCOVER, 300, RDATA("autodiscover.new.org."));
	x->in.changes = two;
	x->in.change_n = 2;
}

static void address_is_deleted(struct sample *x)
{
	alias_takes_the_place(x);
	x->in.change_n = 1;
}

#define DELETE "unknown-record-delete"
static const struct scene scenes[] = {
	{ plan_is_old, PHASE_READY, "plan-drift", BY_LEVELS, "x.net MX", "(TTL 86400)", "again" },
	{ plan_fits, PHASE_READY, "plan-drift", SILENT, NULL, NULL, NULL },
	{ plan_is_old_but_unreadable, PHASE_READY, "plan-drift", SILENT, NULL, NULL, NULL },
	{ plan_wants_no_autodiscover, PHASE_READY, "plan-drift", SILENT, NULL, NULL, NULL },
	{ plan_wants_no_txt_and_an_alias_leads_on, PHASE_READY, "plan-drift", SILENT, NULL, NULL,
	  NULL },
	{ autodiscover_came_up, PHASE_READY, "plan-drift", SEVERITY_WARNING,
	  "autodiscover.x.net CNAME", "CNAME should be absent", NULL },
	{ mx_ttl_by_a_panel, PHASE_READY, "plan-drift", SILENT, NULL, NULL, NULL },
	{ txt_ttl_changed, PHASE_READY, "plan-drift", SEVERITY_WARNING, "x.net TXT", NULL, NULL },
	{ second_has_the_zone_before_staging, PHASE_VERIFY, "plan-drift", SILENT, NULL, NULL,
	  NULL },
	{ healthy, PHASE_READY, "plan-drift", SILENT, NULL, NULL, NULL },
	{ the_switch_and_a_backup, PHASE_READY, DELETE, BY_LEVELS, "x.net MX", "20 backup.example.",
	  "source.mx" },
	{ the_switch, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ the_switch_and_a_backup_by_hand, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ the_switch_and_a_sibling, PHASE_READY, DELETE, SEVERITY_BLOCKER, "x.net MX",
	  "20 mx2.old.org.", "source.mx" },
	{ the_switch_and_a_marker, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ the_switch_of_unknown_hosts, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ mx_is_deleted, PHASE_READY, DELETE, SEVERITY_BLOCKER, NULL, NULL, NULL },
	{ ttl_only, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ token_is_added, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ token_replaces_all, PHASE_READY, DELETE, SEVERITY_BLOCKER, "x.net TXT", "\"MS=ms9\"",
	  NULL },
	{ spf_is_rewritten, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ spf_is_lost, PHASE_READY, DELETE, SEVERITY_BLOCKER, NULL, "v=spf1", NULL },
	{ alias_is_changed, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ alias_takes_the_place, PHASE_READY, DELETE, SILENT, NULL, NULL, NULL },
	{ address_is_deleted, PHASE_READY, DELETE, SEVERITY_BLOCKER, "autodiscover.x.net A",
	  "127.0.0.9", NULL },
	{ alias_is_deleted, PHASE_READY, DELETE, SEVERITY_BLOCKER, "autodiscover.x.net CNAME",
	  "autodiscover.old.org", NULL },
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
	scenes_cover(plan_checks, scenes, SCENES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
