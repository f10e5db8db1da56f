/* The sets beside staging and switch: what mail policies need before the switch, and the clean-up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/plan.h"
#include "sample.h"

#define DIGEST "0f5cf6a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d"
#define OTHER  "ff5cf6a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d"

static int setup(void **state)
{
	struct sample *s = mem_alloc(sizeof(*s));
	sample_init(s);
	s->project.source_spf = "include:nwtraders.com";
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	sample_release(*state);
	free(*state);
	return 0;
}

static struct plan_from from_of(struct sample *s)
{
	return (struct plan_from){ .project = &s->project,
				   .snap = &s->snap,
				   .now_ms = SAMPLE_NOW_MS };
}

static const struct plan *plan_from_it(struct sample *s, const struct plan_from *from)
{
	struct err e = { 0 };
	const struct plan *plan = NULL;
	if (plan_compute(s->a, from, &plan, &e) != 0)
		fail_msg("%s", e.text);
	return plan;
}

static const struct plan *plan_of(struct sample *s)
{
	const struct plan_from from = from_of(s);
	return plan_from_it(s, &from);
}

static const struct change *find(const struct change_set *cs, const char *name, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++)
		if (str_eq(cs->changes[i].name, name) && cs->changes[i].type == type)
			return &cs->changes[i];
	return NULL;
}

/* ---- MTA-STS -------------------------------------------------------------------------- */

static void publish_policy(struct sample *s, const char *mx)
{
	const char *name = "_mta-sts." DOMAIN;
	sample_all_show(s, name, RR_TXT,
			sample_rrset(s, name, RR_TXT, 600, "\"v=STSv1; id=20260101;\""));
	s->snap.sts = (struct sts_view){
		.fetch = STS_FETCHED,
		.status = 200,
		.content_type = "text/plain",
		.body = arena_printf(s->a,
				     "version: STSv1\nmode: enforce\nmax_age: 86400\nmx: %s\n", mx),
	};
}

static void a_policy_without_the_new_mx_is_a_person_s_to_change(void **state)
{
	struct sample *s = *state;
	publish_policy(s, "mx1.nwtraders.com");
	const struct plan *plan = plan_of(s);
	assert_int_equal(plan->policy->n, 0);
	assert_non_null(plan->by_hand[0]);
	assert_non_null(strstr(plan->by_hand[0],
			       "https://mta-sts.treyresearch.com/.well-known/mta-sts.txt"));
	assert_non_null(strstr(plan->by_hand[0], "outlook.com"));
	assert_non_null(strstr(plan->by_hand[0], "86400 s (max_age)"));
	assert_null(plan->by_hand[1]);
}

/* The file lists both now; its id is still the one under which it did not. */
static void a_changed_policy_gets_a_new_id(void **state)
{
	static const char *const old_mx[] = { "mx1.nwtraders.com", NULL };
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	publish_policy(s, "mx1.nwtraders.com\nmx: *.mail.protection.outlook.com");
	assert_int_equal(plan_of(s)->policy->n, 0); /* nobody knows that it was another */
	from.sts_before = (struct observed_sts){ "20260101", 86400, old_mx, false };
	const struct plan *plan = plan_from_it(s, &from);
	const struct change *c = find(plan->policy, "_mta-sts." DOMAIN, RR_TXT);
	assert_non_null(c);
	assert_null(plan->by_hand[0]);
	assert_int_equal(c->after->n, 1);
	assert_int_equal(c->after->ttl, 600);
	assert_true(rrset_has(c->after, "\"v=STSv1; id=20260921T141320Z;\""));
	from.sts_before.id = "20250101"; /* it has its own id already */
	assert_int_equal(plan_from_it(s, &from)->policy->n, 0);
	/* A service has the record in a zone of its own: nothing to write here, and no reason to
	 * stop. */
	from.sts_before.id = "20260101";
	for (size_t i = 0; i < SERVERS; i++)
		sample_away(s, i, "_mta-sts." DOMAIN, RR_TXT);
	assert_int_equal(plan_from_it(s, &from)->policy->n, 0);
}

/* ---- TLSA ------------------------------------------------------------------------------ */

static void tlsa_of_a_new_host_in_the_zone_stands_beside_the_old(void **state)
{
	static const char *const tlsa[] = { "3 1 1 " DIGEST, NULL };
	struct sample *s = *state;
	const char *name = "_25._tcp.mx2." DOMAIN;
	s->project.target_tlsa = tlsa;
	assert_int_equal(plan_of(s)->policy->n, 0); /* the new MX is in another zone */
	s->project.target_mx = sample_rrset(s, DOMAIN, RR_MX, 300, "10 mx2." DOMAIN);
	const struct change *c = find(plan_of(s)->policy, name, RR_TLSA);
	assert_null(c->before);
	assert_true(rrset_has(c->after, "3 1 1 " DIGEST));
	sample_all_show(s, name, RR_TLSA, sample_rrset(s, name, RR_TLSA, 60, "3 1 1 " OTHER));
	c = find(plan_of(s)->policy, name, RR_TLSA);
	assert_int_equal(c->after->n, 2);
	assert_int_equal(c->after->ttl, 60);
}

static void tlsa_of_an_old_host_goes_with_the_clean_up(void **state)
{
	static const char *const source[] = { "mx1." DOMAIN, NULL };
	struct sample *s = *state;
	const char *name = "_25._tcp.mx1." DOMAIN;
	s->project.source_mx = source;
	sample_all_show(s, name, RR_TLSA, sample_rrset(s, name, RR_TLSA, 60, "3 1 1 " OTHER));
	const struct plan *plan = plan_of(s);
	assert_null(find(plan->switching, name, RR_TLSA));
	const struct change *c = find(plan->cleanup, name, RR_TLSA);
	assert_non_null(c->before);
	assert_null(c->after);
	/* A host that stays an MX keeps its own. */
	s->project.target_mx = sample_rrset(s, DOMAIN, RR_MX, 300, "10 mx1." DOMAIN);
	assert_null(find(plan_of(s)->cleanup, name, RR_TLSA));
}

/* ---- the clean-up ---------------------------------------------------------------------- */

static void the_clean_up_starts_where_the_switch_ends(void **state)
{
	struct sample *s = *state;
	const struct plan *plan = plan_of(s);
	const struct change *txt = find(plan->cleanup, DOMAIN, RR_TXT);
	const struct change *mx = find(plan->cleanup, DOMAIN, RR_MX);
	assert_true(rrset_same(txt->before, find(plan->switching, DOMAIN, RR_TXT)->after));
	assert_int_equal(txt->after->n, 1);
	assert_true(rrset_has(txt->after, "\"v=spf1 include:spf.protection.outlook.com -all\""));
	assert_true(rrset_same(mx->before, find(plan->switching, DOMAIN, RR_MX)->after));
	assert_int_equal(mx->after->ttl, 86400); /* as before the staging */
	assert_true(rrset_equal(mx->before, mx->after));
}

static void google_s_token_stays_unless_told(void **state)
{
	struct sample *s = *state;
	s->project.target_provider = "google";
	const struct change *txt = find(plan_of(s)->cleanup, DOMAIN, RR_TXT);
	assert_true(rrset_has(txt->after, "\"MS=ms87257449\""));
	s->project.ownership_keep = "no";
	txt = find(plan_of(s)->cleanup, DOMAIN, RR_TXT);
	assert_false(rrset_has(txt->after, "\"MS=ms87257449\""));
	s->project.target_provider = "microsoft365";
	s->project.ownership_keep = "yes";
	txt = find(plan_of(s)->cleanup, DOMAIN, RR_TXT);
	assert_true(rrset_has(txt->after, "\"MS=ms87257449\""));
}

static void the_mx_ttl_is_the_project_s_or_the_journal_s_and_never_lower(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	s->project.target_settled_mx_ttl = 7200;
	assert_int_equal(find(plan_of(s)->cleanup, DOMAIN, RR_MX)->after->ttl, 7200);
	s->project.target_settled_mx_ttl = 60;
	assert_null(find(plan_of(s)->cleanup, DOMAIN, RR_MX));
	s->project.target_settled_mx_ttl = 0;
	from.first_mx_ttl = 14400;
	assert_int_equal(find(plan_from_it(s, &from)->cleanup, DOMAIN, RR_MX)->after->ttl, 14400);
}

/* Planned again behind the switch, nothing is staged any more: the token has done its work. */
static void behind_the_switch_only_the_clean_up_is_left(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	const char *name = "autodiscover." DOMAIN;
	from.switched = true;
	from.first_mx_ttl = 86400;
	sample_all_show(s, DOMAIN, RR_MX, s->project.target_mx);
	sample_all_show(s, name, RR_CNAME,
			sample_rrset(s, name, RR_CNAME, 60, "autodiscover.outlook.com."));
	sample_all_show(s, DOMAIN, RR_TXT,
			sample_rrset(s, DOMAIN, RR_TXT, 60,
				     "\"v=spf1 include:nwtraders.com "
				     "include:spf.protection.outlook.com -all\""));
	const struct plan *plan = plan_from_it(s, &from);
	assert_int_equal(plan->staging->n + plan->policy->n + plan->switching->n, 0);
	assert_int_equal(plan->cleanup->n, 2);
}

/* ---- SPF -------------------------------------------------------------------------------- */

/* The old sender alone needs `n` look-ups, one include and so many terms behind it. */
static void old_sender_of(struct sample *s, size_t n)
{
	struct spf_view *views = ARENA_ARRAY(s->a, 3, struct spf_view);
	const char **own = ARENA_ARRAY(s->a, 1, const char *);
	const char **old = ARENA_ARRAY(s->a, 1, const char *);
	const char **fresh = ARENA_ARRAY(s->a, 1, const char *);
	own[0] = "v=spf1 include:nwtraders.com -all";
	fresh[0] = "v=spf1 ip4:192.0.2.0/24 -all";
	old[0] = "v=spf1";
	for (size_t i = 1; i < n; i++)
		old[0] = arena_printf(s->a, "%s a:h%zu.nwtraders.com", old[0], i);
	views[0] = (struct spf_view){ DOMAIN, NULL, SEEN_DATA, 1, own };
	views[1] = (struct spf_view){ "nwtraders.com.", "include", SEEN_DATA, 1, old };
	views[2] = (struct spf_view){ "spf.protection.outlook.com.", "include", SEEN_DATA, 1,
				      fresh };
	s->snap.spf = views;
	s->snap.spf_n = 3;
}

static void both_senders_may_cost_ten_look_ups_and_no_more(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	struct err e = { 0 };
	const struct plan *plan;
	old_sender_of(s, 9);
	assert_non_null(find(plan_of(s)->switching, DOMAIN, RR_TXT));
	old_sender_of(s, 10);
	assert_int_equal(plan_compute(s->a, &from, &plan, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "needs 11 DNS look-ups"));
	assert_non_null(strstr(e.hint, "take an include out"));
}

/* The domain's record includes nwtraders.com, whose record is this. */
static void old_sender_is(struct sample *s, const char *text)
{
	old_sender_of(s, 1);
	const char **old = ARENA_ARRAY(s->a, 1, const char *);
	old[0] = text;
	struct spf_view *views = arena_memdup(s->a, s->snap.spf, 3 * sizeof(*views));
	views[1].texts = old;
	views[1].state = text != NULL ? SEEN_DATA : SEEN_UNREADABLE;
	views[1].n = text != NULL;
	s->snap.spf = views;
}

/* A second include of the same would cost a look-up, and tell receivers nothing. */
static void a_sender_that_is_reached_already_is_not_added(void **state)
{
	struct sample *s = *state;
	old_sender_is(s, "v=spf1 ip4:192.0.2.1 -all");
	assert_non_null(find(plan_of(s)->switching, DOMAIN, RR_TXT));
	old_sender_is(s, "v=spf1 include:spf.protection.outlook.com -all");
	assert_null(find(plan_of(s)->switching, DOMAIN, RR_TXT));
	/* In the words, and never a pass. */
	old_sender_is(s, "v=spf1 ?include:spf.protection.outlook.com -all");
	assert_non_null(find(plan_of(s)->switching, DOMAIN, RR_TXT));
	old_sender_is(s, NULL); /* what cannot be read is not there */
	assert_non_null(find(plan_of(s)->switching, DOMAIN, RR_TXT));
}

/* The old sender's own record led to the new one: who takes the one out cuts off the other. */
static void a_sender_that_was_reached_through_the_old_one_takes_its_place(void **state)
{
	struct sample *s = *state;
	old_sender_is(s, "v=spf1 include:spf.protection.outlook.com -all");
	const struct change *txt = find(plan_of(s)->cleanup, DOMAIN, RR_TXT);
	assert_true(rrset_has(txt->before, "\"v=spf1 include:nwtraders.com -all\""));
	assert_true(rrset_has(txt->after, "\"v=spf1 include:spf.protection.outlook.com -all\""));
	/* A person has both in it, or neither leads there: nothing is to be put in its place. */
	old_sender_is(s, "v=spf1 ip4:192.0.2.1 -all");
	txt = find(plan_of(s)->cleanup, DOMAIN, RR_TXT);
	assert_true(rrset_has(txt->after, "\"v=spf1 include:spf.protection.outlook.com -all\""));
}

static void an_older_document_has_no_further_sets(void **state)
{
	struct sample *s = *state;
	struct err e = { 0 };
	s->project.ownership_keep = "yes";
	s->project.source_spf = NULL;
	s->project.target_settled_mx_ttl = 1;
	const struct plan *plan = plan_of(s);
	assert_int_equal(plan->policy->n + plan->cleanup->n, 0);
	struct js *doc = plan_to_js(plan);
	js_set(doc, "policy", js_null());
	js_set(doc, "cleanup", js_null());
	const struct plan *again = plan_from_js(s->a, doc, &e);
	assert_non_null(again);
	assert_int_equal(again->policy->n + again->cleanup->n, 0);
	assert_string_equal(again->cleanup->zone, DOMAIN);
	js_free(doc);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_policy_without_the_new_mx_is_a_person_s_to_change),
		T(a_changed_policy_gets_a_new_id),
		T(tlsa_of_a_new_host_in_the_zone_stands_beside_the_old),
		T(tlsa_of_an_old_host_goes_with_the_clean_up),
		T(the_clean_up_starts_where_the_switch_ends),
		T(google_s_token_stays_unless_told),
		T(the_mx_ttl_is_the_project_s_or_the_journal_s_and_never_lower),
		T(behind_the_switch_only_the_clean_up_is_left),
		T(both_senders_may_cost_ten_look_ups_and_no_more),
		T(a_sender_that_is_reached_already_is_not_added),
		T(a_sender_that_was_reached_through_the_old_one_takes_its_place),
		T(an_older_document_has_no_further_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
