/* A CNAME is alone at its name: what may make room for it, and what stops the plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/plan_priv.h"
#include "sample.h"

#define SELECTOR "selector1._domainkey." DOMAIN
#define CLIENTS  "autodiscover." DOMAIN

static const char old_key[] = "\"v=DKIM1; k=rsa; p=T0xE\"";
static const char new_key[] = "\"v=DKIM1; k=rsa; p=TkVX\"";

static const struct project_record alias = { SELECTOR, RR_CNAME, "selector1.dkim.mail.microsoft." };
static const struct project_record key = { SELECTOR, RR_TXT, new_key };

static int setup(void **state)
{
	struct sample *s = mem_alloc(sizeof(*s));
	sample_init(s);
	s->project.dkim = &alias;
	s->project.dkim_n = 1;
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

static const struct change *find(const struct change_set *cs, const char *name, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++)
		if (str_eq(cs->changes[i].name, name) && cs->changes[i].type == type)
			return &cs->changes[i];
	return NULL;
}

/* What the provider has at a name, in a listing with others. */
static const struct zone *listing(struct sample *s, const char *name, uint16_t type,
				  const char *rdata)
{
	const struct rrset *sets[] = {
		sample_rrset(s, name, type, 600, rdata),
		sample_rrset(s, name, RR_NSEC, 600, "b." DOMAIN " A RRSIG NSEC"),
		sample_rrset(s, "other." DOMAIN, RR_A, 600, "192.0.2.9"),
	};
	return zone_make(s->a, DOMAIN, 3, sets);
}

static void a_new_selector_is_staged(void **state)
{
	struct sample *s = *state;
	const struct plan_from from = from_of(s);
	const struct plan *plan = plan_from_it(s, &from);
	assert_non_null(find(plan->staging, SELECTOR, RR_CNAME));
	assert_null(find(plan->switching, SELECTOR, RR_CNAME));
	assert_null(plan->by_hand[0]);
}

/* Until the switch the old provider may sign with it; the TXT goes first, in the same set. */
static void a_key_makes_room_for_the_alias_at_the_switch(void **state)
{
	struct sample *s = *state;
	const struct plan_from from = from_of(s);
	const struct rrset *txt = sample_rrset(s, SELECTOR, RR_TXT, 7200, old_key);
	sample_all_show(s, SELECTOR, RR_TXT, txt);
	const struct plan *plan = plan_from_it(s, &from);
	assert_null(find(plan->staging, SELECTOR, RR_CNAME));
	const struct change *gone = find(plan->switching, SELECTOR, RR_TXT);
	const struct change *fresh = find(plan->switching, SELECTOR, RR_CNAME);
	assert_true(gone != NULL && fresh != NULL && gone < fresh);
	assert_true(rrset_same(gone->before, txt));
	assert_null(gone->after);
	assert_null(fresh->before);
	assert_non_null(strstr(plan->by_hand[0], "only 7200 s after the switch"));
}

static void an_alias_makes_room_for_the_key(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	from.standing = listing(s, SELECTOR, RR_CNAME, "s1.old.example.net.");
	s->project.dkim = &key;
	sample_all_show(s, SELECTOR, RR_CNAME,
			sample_rrset(s, SELECTOR, RR_CNAME, 60, "s1.old.example.net."));
	const struct plan *plan = plan_from_it(s, &from);
	const struct change *gone = find(plan->switching, SELECTOR, RR_CNAME);
	const struct change *fresh = find(plan->switching, SELECTOR, RR_TXT);
	assert_true(gone != NULL && fresh != NULL && gone < fresh);
	assert_null(gone->after);
	assert_string_equal(fresh->after->rdata[0], new_key);
}

/* It looks as if an alias stood there, and the provider has none: nothing has to go. */
static void an_alias_of_a_wildcard_is_in_nobody_s_way(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	s->project.dkim = &key;
	sample_all_show(s, SELECTOR, RR_CNAME,
			sample_rrset(s, SELECTOR, RR_CNAME, 60, "www.example.net."));
	const struct plan *plan = plan_from_it(s, &from);
	assert_non_null(find(plan->staging, SELECTOR, RR_TXT));
	assert_null(find(plan->switching, SELECTOR, RR_CNAME));
	from.standing = listing(s, "b." DOMAIN, RR_A, "192.0.2.1");
	plan = plan_from_it(s, &from);
	assert_non_null(find(plan->staging, SELECTOR, RR_TXT));
	assert_null(find(plan->switching, SELECTOR, RR_CNAME));
}

static void another_key_of_the_same_type_waits_for_the_switch_too(void **state)
{
	struct sample *s = *state;
	const struct plan_from from = from_of(s);
	s->project.dkim = &key;
	sample_all_show(s, SELECTOR, RR_TXT, sample_rrset(s, SELECTOR, RR_TXT, 60, old_key));
	const struct plan *plan = plan_from_it(s, &from);
	assert_null(find(plan->staging, SELECTOR, RR_TXT));
	assert_non_null(find(plan->switching, SELECTOR, RR_TXT)->before);
}

/* The provider's data and not the DNS tells what the before-image is. */
static void what_the_provider_has_is_what_goes(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	from.standing = listing(s, CLIENTS, RR_A, "192.0.2.1");
	sample_all_show(s, CLIENTS, RR_A, sample_rrset(s, CLIENTS, RR_A, 60, "192.0.2.1"));
	sample_all_show(s, CLIENTS, RR_AAAA, sample_rrset(s, CLIENTS, RR_AAAA, 60, "2001:db8::1"));
	const struct change_set *cs = plan_from_it(s, &from)->switching;
	assert_int_equal(find(cs, CLIENTS, RR_A)->before->ttl, 600);
	assert_null(find(cs, CLIENTS, RR_AAAA)); /* that came from a wildcard */
}

static void refused(struct sample *s, const struct plan_from *from, const char *words)
{
	struct err e = { 0 };
	const struct plan *plan;
	assert_int_equal(plan_compute(s->a, from, &plan, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	if (strstr(e.text, words) == NULL)
		fail_msg("'%s' says nothing of '%s'", e.text, words);
	assert_non_null(strstr(e.hint, "move it or delete it yourself"));
}

static void what_is_not_the_wish_s_to_replace_stops_the_plan(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	from.standing = listing(s, CLIENTS, 65280, "\\# 4 0a000001");
	refused(s, &from, "type TYPE65280 stands in the way there: \\# 4 0a000001");
	from.standing = listing(s, CLIENTS, 55, "\\# 6 01020001aabb");
	refused(s, &from, "autodiscover.treyresearch.com CNAME: a record of type HIP");
	from.standing = listing(s, CLIENTS, RR_TXT, "\"note\"");
	refused(s, &from, "type TXT stands in the way");
	from.standing = listing(s, SELECTOR, RR_A, "192.0.2.1");
	refused(s, &from, "selector1._domainkey.treyresearch.com CNAME: a record of type A");
}

/* Nobody could be asked: then the plan says so, and goes on by the DNS. */
static void what_could_not_be_read_is_told(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	from.standing_unknown = "look yourself";
	sample_all_show(s, CLIENTS, RR_A, sample_rrset(s, CLIENTS, RR_A, 60, "192.0.2.1"));
	const struct plan *plan = plan_from_it(s, &from);
	assert_non_null(find(plan->switching, CLIENTS, RR_A));
	assert_string_equal(plan->by_hand[0], "look yourself");
}

/* Somebody's name and one that nobody has are answered alike. */
static void have_wildcard(struct sample *s, const char *rdata)
{
	const char *random = "cutover-1." DOMAIN;
	struct lookup *l = ARENA_NEW(s->a, struct lookup);
	l->seen = (struct seen){ .question = { random, RR_CNAME },
				 .state = SEEN_DATA,
				 .rrset = sample_rrset(s, random, RR_CNAME, 600, rdata) };
	s->snap.random_label = "cutover-1";
	s->snap.lookups = l;
	s->snap.lookup_n = 1;
	sample_all_show(s, CLIENTS, RR_CNAME, sample_rrset(s, CLIENTS, RR_CNAME, 600, rdata));
}

static void what_only_a_wildcard_gives_stops_the_plan(void **state)
{
	struct sample *s = *state;
	struct plan_from from = from_of(s);
	struct err e = { 0 };
	const struct plan *plan;
	have_wildcard(s, "www.example.net.");
	const struct registrar_names names = plan_taken_names(s->a, &s->project, &s->snap);
	assert_true(registrar_names_have(&names, CLIENTS));
	from.standing = listing(s, "b." DOMAIN, RR_A, "192.0.2.1");
	assert_int_equal(plan_compute(s->a, &from, &plan, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "autodiscover.treyresearch.com CNAME"));
	assert_non_null(strstr(e.text, "comes from a wildcard record"));
	assert_non_null(strstr(e.hint, "(www.example.net. (TTL 600))"));
	/* One that says the same and stands there is changed as any other. */
	from.standing = listing(s, CLIENTS, RR_CNAME, "www.example.net.");
	assert_non_null(find(plan_from_it(s, &from)->switching, CLIENTS, RR_CNAME)->before);
}

static void what_may_come_from_a_wildcard_is_told_where_nobody_knows(void **state)
{
	struct sample *s = *state;
	const struct plan_from from = from_of(s);
	have_wildcard(s, "www.example.net.");
	const struct plan *plan = plan_from_it(s, &from);
	assert_non_null(strstr(plan->by_hand[0], "has a CNAME record of its own"));
	sample_all_show(s, CLIENTS, RR_CNAME,
			sample_rrset(s, CLIENTS, RR_CNAME, 600, "other.example.net."));
	assert_null(plan_from_it(s, &from)->by_hand[0]);
	const struct registrar_names names = plan_taken_names(s->a, &s->project, &s->snap);
	assert_false(registrar_names_have(&names, CLIENTS));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_new_selector_is_staged),
		T(a_key_makes_room_for_the_alias_at_the_switch),
		T(an_alias_makes_room_for_the_key),
		T(an_alias_of_a_wildcard_is_in_nobody_s_way),
		T(another_key_of_the_same_type_waits_for_the_switch_too),
		T(what_the_provider_has_is_what_goes),
		T(what_is_not_the_wish_s_to_replace_stops_the_plan),
		T(what_could_not_be_read_is_told),
		T(what_only_a_wildcard_gives_stops_the_plan),
		T(what_may_come_from_a_wildcard_is_told_where_nobody_knows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
