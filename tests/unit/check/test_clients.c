#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "scenes.h"

static void switched(struct sample *x)
{
	sample_switch(x);
}

static void wish(struct sample *x)
{
	sample_switch(x);
	x->in.target_autodiscover = "autodiscover.new.org.";
}

static void cname_is_old(struct sample *x)
{
	sample_switch(x);
	sample_data_all(x, Q_AUTODISCOVER, 600, RDATA("autodiscover.old.org."));
}

static void cname_is_not_the_wish(struct sample *x)
{
	wish(x);
	sample_data_all(x, Q_AUTODISCOVER, 600, RDATA("outlook.example."));
}

static void cname_by_wildcard(struct sample *x)
{
	cname_is_old(x);
	sample_lookup(x, "cutover-probe-7f3a.x.net.", RR_CNAME, SEEN_DATA,
		      RDATA("autodiscover.old.org."));
}

static void no_cname(struct sample *x)
{
	sample_switch(x);
	sample_state_all(x, Q_AUTODISCOVER, SEEN_NODATA);
}

static void address_of_the_old_host(struct sample *x)
{
	static const char *const other[] = { "127.0.0.99" };
	no_cname(x);
	x->hosts[1].addresses = other;
	x->hosts[1].n = 1;
	sample_lookup(x, "autodiscover.x.net.", RR_A, SEEN_DATA, RDATA("127.0.0.9"));
}

static void address_of_nobody_known(struct sample *x)
{
	no_cname(x);
	sample_lookup(x, "autodiscover.x.net.", RR_A, SEEN_DATA, RDATA("127.0.0.77"));
}

static void address_where_a_cname_is_wanted(struct sample *x)
{
	address_of_nobody_known(x);
	x->in.target_autodiscover = "autodiscover.new.org.";
}

static void address_behind_the_right_cname(struct sample *x)
{
	wish(x);
	sample_lookup(x, "autodiscover.x.net.", RR_A, SEEN_DATA, RDATA("127.0.0.77"))->seen.alias =
		"autodiscover.new.org.";
}

static void srv(struct sample *x, const char *name, const char *rdata)
{
	sample_switch(x);
	sample_lookup(x, name, RR_SRV, SEEN_DATA, RDATA(rdata));
}

static void srv_autodiscover_old(struct sample *x)
{
	srv(x, "_autodiscover._tcp.x.net.", "0 0 443 mail.old.org.");
}

static void srv_autodiscover_off(struct sample *x)
{
	srv(x, "_autodiscover._tcp.x.net.", "0 0 0 .");
}

static void srv_imaps_old(struct sample *x)
{
	srv(x, "_imaps._tcp.x.net.", "0 1 993 imap.old.org.");
}

static void srv_imaps_new(struct sample *x)
{
	srv(x, "_imaps._tcp.x.net.", "0 1 993 imap.new.org.");
}

static void srv_imaps_off(struct sample *x)
{
	srv(x, "_imaps._tcp.x.net.", "0 0 0 .");
}

/* mail.x.net is the domain's own name: whose it is does not show. */
static void srv_own_name(struct sample *x)
{
	static const char *const source[] = { "mx.x.net.", NULL };
	srv(x, "_imaps._tcp.x.net.", "0 1 993 mail.x.net.");
	x->in.source_mx = source;
}

static const struct scene scenes[] = {
	{ cname_is_old, PHASE_POST, "autodiscover-old", SEVERITY_WARNING,
	  "autodiscover.x.net CNAME", "autodiscover.old.org", "new provider" },
	{ cname_is_old, PHASE_READY, "autodiscover-old", SILENT, NULL, NULL, NULL },
	{ cname_is_not_the_wish, PHASE_POST, "autodiscover-old", SEVERITY_WARNING, NULL,
	  "outlook.example", "autodiscover.new.org" },
	{ cname_by_wildcard, PHASE_POST, "autodiscover-old", SEVERITY_WARNING, NULL, "wildcard",
	  NULL },
	{ address_of_the_old_host, PHASE_POST, "autodiscover-old", SEVERITY_WARNING,
	  "autodiscover.x.net A", "127.0.0.9", NULL },
	{ address_where_a_cname_is_wanted, PHASE_POST, "autodiscover-old", SEVERITY_WARNING,
	  "autodiscover.x.net A", NULL, "CNAME record at autodiscover.x.net" },
	{ address_of_nobody_known, PHASE_POST, "autodiscover-old", SILENT, NULL, NULL, NULL },
	{ address_behind_the_right_cname, PHASE_POST, "autodiscover-old", SILENT, NULL, NULL,
	  NULL },
	{ srv_autodiscover_old, PHASE_POST, "autodiscover-old", SEVERITY_WARNING,
	  "_autodiscover._tcp.x.net SRV", "mail.old.org", NULL },
	{ srv_autodiscover_off, PHASE_POST, "autodiscover-old", SILENT, NULL, NULL, NULL },
	{ wish, PHASE_POST, "autodiscover-old", SILENT, NULL, NULL, NULL },
	{ switched, PHASE_POST, "autodiscover-old", SILENT, NULL, NULL, NULL },
	{ srv_imaps_old, PHASE_POST, "client-srv-old", BY_LEVELS, "_imaps._tcp.x.net SRV",
	  "imap.old.org", NULL },
	{ srv_imaps_new, PHASE_POST, "client-srv-old", SILENT, NULL, NULL, NULL },
	{ srv_imaps_off, PHASE_POST, "client-srv-old", SILENT, NULL, NULL, NULL },
	{ srv_own_name, PHASE_POST, "client-srv-old", SILENT, NULL, NULL, NULL },
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
	scenes_cover(client_checks, scenes, SCENES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
