#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/plan.h"
#include "sample.h"

static int setup(void **state)
{
	struct sample *s = mem_alloc(sizeof(*s));
	sample_init(s);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	sample_release(*state);
	free(*state);
	return 0;
}

static const struct plan *plan_of(struct sample *s)
{
	struct err e = { 0 };
	const struct plan *plan = NULL;
	if (plan_compute(s->a,
			 &(struct plan_from){ .project = &s->project,
					      .snap = &s->snap,
					      .now_ms = SAMPLE_NOW_MS },
			 &plan, &e) != 0)
		fail_msg("%s", e.text);
	return plan;
}

static const struct change *find(const struct change_set *cs, const char *name, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++)
		if (str_eq(cs->changes[i].name, name) && cs->changes[i].type == type)
			return &cs->changes[i];
	return NULL;
}

static void staging_adds_the_token_beside_the_spf(void **state)
{
	const struct plan *plan = plan_of(*state);
	const struct change *txt = find(plan->staging, DOMAIN, RR_TXT);
	assert_int_equal(plan->staging->n, 2);
	assert_int_equal(txt->before->n, 1);
	assert_int_equal(txt->after->n, 2);
	assert_true(rrset_has(txt->after, "\"MS=ms87257449\""));
	assert_true(rrset_has(txt->after, txt->before->rdata[0]));
	assert_int_equal(txt->after->ttl, 3600);
}

/* Some have no TTL below ten minutes, some none below a day. */
static uint32_t at_least_600(const struct registrar *self, uint32_t wanted)
{
	(void)self;
	return wanted < 600 ? 600 : wanted;
}

static uint32_t at_least_a_day(const struct registrar *self, uint32_t wanted)
{
	(void)self;
	return wanted < 86400 ? 86400 : wanted;
}

static const struct change *mx_planned_at(struct sample *s, const struct registrar *provider)
{
	struct err e = { 0 };
	const struct plan *plan = NULL;
	const struct plan_from from = { .project = &s->project,
					.snap = &s->snap,
					.provider = provider,
					.now_ms = SAMPLE_NOW_MS };
	if (plan_compute(s->a, &from, &plan, &e) != 0)
		fail_msg("%s", e.text);
	return find(plan->staging, DOMAIN, RR_MX);
}

static void a_ttl_that_cannot_be_had_is_planned_as_it_can(void **state)
{
	const struct registrar ten_minutes = { .title = "Ten", .ttl = at_least_600 };
	const struct registrar a_day = { .title = "Day", .ttl = at_least_a_day };
	const struct change *mx = mx_planned_at(*state, &ten_minutes);
	assert_int_equal(mx->after->ttl, 600);
	assert_non_null(strstr(mx->why, "a TTL of 300 s cannot be had at Ten: 600 s"));
	/* It is as low as it can be: there is nothing to do. */
	mx = mx_planned_at(*state, &a_day);
	assert_null(mx);
}

/* Where all records have the zone's TTL, a new one gets what is served, and none is lowered. */
static void records_have_the_ttl_of_the_zone_where_they_have_none_of_their_own(void **state)
{
	struct sample *s = *state;
	const struct registrar one_ttl = { .title = "One", .capabilities = REGISTRAR_ZONE_TTL };
	for (size_t i = 0; i < SERVERS; i++)
		s->servers[i].soa_ttl = 7200;
	struct err e = { 0 };
	const struct plan *plan = NULL;
	const struct plan_from from = { .project = &s->project,
					.snap = &s->snap,
					.provider = &one_ttl,
					.now_ms = SAMPLE_NOW_MS };
	if (plan_compute(s->a, &from, &plan, &e) != 0)
		fail_msg("%s", e.text);
	assert_null(find(plan->staging, DOMAIN, RR_MX));
	const struct change *fresh = find(plan->switching, "autodiscover." DOMAIN, RR_CNAME);
	assert_int_equal(fresh->after->ttl, 7200);
	const struct change *mx = find(plan->switching, DOMAIN, RR_MX);
	assert_int_equal(mx->after->ttl, 86400);
	assert_non_null(strstr(mx->why, "its TTL is that of all records at One: 86400 s"));
}

static void what_the_provider_warns_of_is_for_a_person(void **state)
{
	struct sample *s = *state;
	struct err e = { 0 };
	const struct plan *plan = NULL;
	const struct plan_from from = { .project = &s->project,
					.snap = &s->snap,
					.warning = "the serial stays",
					.now_ms = SAMPLE_NOW_MS };
	assert_int_equal(plan_compute(s->a, &from, &plan, &e), 0);
	assert_string_equal(plan->by_hand[0], "the serial stays");
	assert_null(plan->by_hand[1]);
	assert_null(plan_of(s)->by_hand[0]);
}

static void staging_lowers_only_the_ttl_of_the_mx(void **state)
{
	const struct change *mx = find(plan_of(*state)->staging, DOMAIN, RR_MX);
	assert_true(rrset_equal(mx->before, mx->after));
	assert_int_equal(mx->before->ttl, 86400);
	assert_int_equal(mx->after->ttl, 300);
}

static void the_switch_starts_where_staging_ends(void **state)
{
	const struct plan *plan = plan_of(*state);
	const struct change *txt = find(plan->switching, DOMAIN, RR_TXT);
	const struct change *mx = find(plan->switching, DOMAIN, RR_MX);
	assert_true(rrset_same(txt->before, find(plan->staging, DOMAIN, RR_TXT)->after));
	assert_true(rrset_same(mx->before, find(plan->staging, DOMAIN, RR_MX)->after));
	assert_true(rrset_has(txt->after, "\"v=spf1 include:nwtraders.com "
					  "include:spf.protection.outlook.com -all\""));
	assert_true(rrset_has(txt->after, "\"MS=ms87257449\""));
	assert_string_equal(plan->switching->changes[0].name, DOMAIN);
	assert_int_equal(plan->switching->changes[0].type, RR_MX);
}

static void an_address_makes_room_for_the_cname(void **state)
{
	struct sample *s = *state;
	const char *name = "autodiscover." DOMAIN;
	sample_all_show(s, name, RR_A, sample_rrset(s, name, RR_A, 600, "192.0.2.1"));
	const struct change_set *cs = plan_of(s)->switching;
	const struct change *a = find(cs, name, RR_A);
	const struct change *cname = find(cs, name, RR_CNAME);
	assert_null(a->after);
	assert_null(cname->before);
	assert_true(a < cname); /* the address goes first */
}

static void what_is_there_already_is_not_planned(void **state)
{
	struct sample *s = *state;
	const char *name = "autodiscover." DOMAIN;
	sample_all_show(s, DOMAIN, RR_MX, s->project.target_mx);
	sample_all_show(s, name, RR_CNAME,
			sample_rrset(s, name, RR_CNAME, 60, "autodiscover.outlook.com."));
	sample_all_show(s, DOMAIN, RR_TXT,
			rrset_with(s->a, sample_rrset(s, DOMAIN, RR_TXT, 60, "\"MS=ms87257449\""),
				   "\"v=spf1 include:spf.protection.outlook.com -all\"",
				   &(struct err){ 0 }));
	const struct plan *plan = plan_of(s);
	assert_int_equal(plan->staging->n, 0);
	assert_int_equal(plan->switching->n, 0);
}

static void refuses(struct sample *s, enum err_kind kind, const char *text)
{
	struct err e = { 0 };
	const struct plan *plan;
	assert_int_equal(plan_compute(s->a,
				      &(struct plan_from){ .project = &s->project,
							   .snap = &s->snap,
							   .now_ms = SAMPLE_NOW_MS },
				      &plan, &e),
			 -1);
	assert_int_equal(e.kind, kind);
	if (strstr(e.text, text) == NULL)
		fail_msg("said '%s'", e.text);
	assert_true(e.hint[0] != '\0');
}

static void an_unreadable_record_is_never_planned_from(void **state)
{
	struct sample *s = *state;
	sample_unreadable(s, 0, DOMAIN, RR_TXT);
	assert_non_null(find(plan_of(s)->staging, DOMAIN, RR_TXT)->before); /* the second server */
	sample_unreadable(s, 1, DOMAIN, RR_TXT);
	refuses(s, ERR_REFUSED, "no authoritative server gave a readable answer");
}

static void a_lagging_secondary_is_not_planned_from(void **state)
{
	struct sample *s = *state;
	sample_shows(s, 0, DOMAIN, RR_MX, sample_rrset(s, DOMAIN, RR_MX, 86400, "10 mx0.old.org."));
	refuses(s, ERR_REFUSED, "the servers do not agree");
	s->servers[0].soa.serial = 6;
	assert_true(rrset_has(find(plan_of(s)->staging, DOMAIN, RR_MX)->before,
			      "10 mx1.nwtraders.com."));
}

static void a_target_without_mx_is_asked_for(void **state)
{
	struct sample *s = *state;
	s->project.target_mx = NULL;
	refuses(s, ERR_USAGE, "target.mx is not given");
}

static void a_broken_delegation_is_refused(void **state)
{
	struct sample *s = *state;
	s->snap.delegation = DELEGATION_BROKEN;
	refuses(s, ERR_REFUSED, "could not be read");
}

static void two_spf_records_are_refused(void **state)
{
	struct sample *s = *state;
	sample_all_show(s, DOMAIN, RR_TXT,
			rrset_with(s->a, sample_rrset(s, DOMAIN, RR_TXT, 60, "\"v=spf1 a -all\""),
				   "\"v=spf1 mx -all\"", &(struct err){ 0 }));
	refuses(s, ERR_REFUSED, "there are 2 of them");
}

static void a_plan_survives_its_document(void **state)
{
	struct sample *s = *state;
	struct err e = { 0 };
	const struct plan *plan = plan_of(s);
	struct js *doc = plan_to_js(plan);
	const struct plan *again = plan_from_js(s->a, doc, &e);
	assert_non_null(again);
	assert_string_equal(again->hash, plan->hash);
	assert_int_equal(again->switching->n, plan->switching->n);
	js_free(doc);
}

static void an_edited_plan_is_refused(void **state)
{
	struct sample *s = *state;
	struct err e = { 0 };
	struct js *whole = plan_to_js(plan_of(s));
	const char *text = js_text(s->a, whole);
	js_free(whole);
	struct buf b;
	buf_init(&b);
	const char *at = strstr(text, "outlook.com");
	buf_add(&b, text, (size_t)(at - text));
	buf_adds(&b, "0utlook.com");
	buf_adds(&b, at + strlen("outlook.com"));
	struct js *doc = js_parse(buf_slice(&b), &e);
	assert_null(plan_from_js(s->a, doc, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	js_free(doc);
	buf_release(&b);
}

/* The project has it in zone-file form: quoted once more, the quotes would be served. */
static void a_dkim_key_is_staged_as_the_project_has_it(void **state)
{
	struct sample *s = *state;
	static const char name[] = "selector1._domainkey." DOMAIN;
	static const char key[] = "\"v=DKIM1; k=rsa; p=AAAA\"";
	const struct project_record dkim = { name, RR_TXT, key };
	s->project.dkim = &dkim;
	s->project.dkim_n = 1;
	const struct change *c = find(plan_of(s)->staging, name, RR_TXT);
	assert_non_null(c);
	assert_string_equal(c->after->rdata[0], key);
}

static void other_wishes_make_another_plan(void **state)
{
	struct sample *s = *state;
	const char *before = plan_wishes(s->a, &s->project);
	assert_string_equal(plan_of(s)->wishes, before);
	s->project.ownership_txt = "MS=ms00000000";
	assert_string_not_equal(plan_wishes(s->a, &s->project), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(staging_adds_the_token_beside_the_spf, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_ttl_that_cannot_be_had_is_planned_as_it_can,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			records_have_the_ttl_of_the_zone_where_they_have_none_of_their_own, setup,
			teardown),
		cmocka_unit_test_setup_teardown(what_the_provider_warns_of_is_for_a_person, setup,
						teardown),
		cmocka_unit_test_setup_teardown(staging_lowers_only_the_ttl_of_the_mx, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_switch_starts_where_staging_ends, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_address_makes_room_for_the_cname, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_there_already_is_not_planned, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_record_is_never_planned_from, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_lagging_secondary_is_not_planned_from, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_target_without_mx_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_delegation_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(two_spf_records_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_plan_survives_its_document, setup, teardown),
		cmocka_unit_test_setup_teardown(an_edited_plan_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dkim_key_is_staged_as_the_project_has_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(other_wishes_make_another_plan, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
