#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dns/spf_tree.h"

enum { NAMES_MAX = 40 };

/* A snapshot with nothing but SPF and lookups. */
struct world {
	struct arena *a;
	struct snapshot s;
	struct spf_view views[NAMES_MAX];
	struct lookup lookups[NAMES_MAX];
};

static void add_spf(struct world *w, const char *name, enum seen_state state, const char *text)
{
	const char **texts = ARENA_ARRAY(w->a, 1, const char *);
	texts[0] = text;
	w->views[w->s.spf_n++] = (struct spf_view){ .name = name,
						    .via = w->s.spf_n > 1 ? "include" : NULL,
						    .state = state,
						    .n = text != NULL,
						    .texts = texts };
}

static void add_lookup(struct world *w, const char *name, uint16_t type, const char *const *rdata,
		       size_t n)
{
	struct err e = { 0 };
	struct seen seen = { .question = { name, type }, .state = SEEN_NXDOMAIN };
	if (n > 0) {
		seen.state = SEEN_DATA;
		seen.rrset = rrset_make(w->a, name, type, 300, n, rdata, &e);
		assert_non_null(seen.rrset);
	}
	w->lookups[w->s.lookup_n++] = (struct lookup){ .seen = seen };
}

static void begin(struct world *w, const char *text)
{
	*w = (struct world){ .a = arena_new() };
	w->s = (struct snapshot){ .domain = "x.net.", .spf = w->views, .lookups = w->lookups };
	add_spf(w, "x.net.", SEEN_DATA, text);
}

static void lookups_are_counted_down_the_tree(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 a mx ptr exists:e.x.net ip4:192.0.2.1 include:a.net exp=y.net ~all");
	add_spf(&w, "a.net.", SEEN_DATA, "v=spf1 a include:b.net include:b.net -all mx");
	add_spf(&w, "b.net.", SEEN_DATA, "v=spf1 mx redirect=c.net");
	add_spf(&w, "c.net.", SEEN_DATA, "v=spf1 a -all redirect=d.net");
	const struct spf_tree *t = spf_tree_build(w.a, &w.s);
	/* c: 1; b: mx, redirect, c = 3; a: a, 2 × (include, b) = 9; x.net: 4, include, a. */
	assert_int_equal(t->lookups, 14);
	assert_true(t->complete);
	assert_null(t->loop);
	assert_string_equal(t->nodes[2].from, "a.net.");
	arena_free(w.a);
}

static void loops_end(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 include:a.net -all");
	add_spf(&w, "a.net.", SEEN_DATA, "v=spf1 include:b.net -all");
	add_spf(&w, "b.net.", SEEN_DATA, "v=spf1 redirect=a.net");
	assert_string_equal(spf_tree_build(w.a, &w.s)->loop, "a.net.");
	arena_free(w.a);
	begin(&w, "v=spf1 include:x.net -all");
	assert_string_equal(spf_tree_build(w.a, &w.s)->loop, "x.net.");
	arena_free(w.a);
	/* Behind "all" nobody gets to it. */
	begin(&w, "v=spf1 -all include:x.net");
	assert_null(spf_tree_build(w.a, &w.s)->loop);
	arena_free(w.a);
}

/* Each level includes the next one twice: 2^32 evaluations for one who does not remember. */
static void a_doubling_tree_costs_its_records(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 include:n1.net include:n1.net -all");
	for (unsigned i = 1; i < 32; i++)
		add_spf(&w, arena_printf(w.a, "n%u.net.", i), SEEN_DATA,
			arena_printf(w.a, "v=spf1 include:n%u.net include:n%u.net -all", i + 1,
				     i + 1));
	add_spf(&w, "n32.net.", SEEN_DATA, "v=spf1 a -all");
	assert_true(spf_tree_build(w.a, &w.s)->lookups >= 1000000);
	arena_free(w.a);
}

static bool covers(const char *own, const char *a_net, const char *terms)
{
	struct world w;
	begin(&w, own);
	if (a_net != NULL)
		add_spf(&w, "a.net.", SEEN_DATA, a_net);
	bool yes = spf_tree_covers(spf_tree_build(w.a, &w.s), w.a, terms);
	arena_free(w.a);
	return yes;
}

static void a_term_must_be_reached_and_pass(void **state)
{
	(void)state;
	static const char *const b = "v=spf1 include:b.net -all";
	assert_true(covers(b, NULL, "include:B.net"));
	assert_true(covers("v=spf1 include:a.net -all", b, "include:b.net"));
	assert_true(covers("v=spf1 redirect=a.net", b, "include:b.net"));
	assert_true(covers("v=spf1 redirect=a.net", b, "include:a.net"));
	assert_true(covers("v=spf1 include:a.net ip4:192.0.2.0/24 -all", b,
			   "include:b.net ip4:192.0.2.7"));
	assert_true(covers("v=spf1 mx a:m.net/24 -all", NULL, "mx:x.net a:m.net"));
	assert_true(covers("v=spf1 ip6:2001:db8::/32 -all", NULL, "ip6:2001:db8:1::/48"));
	assert_true(covers("v=spf1 exists:%{i}.a.net -all", NULL, "exists:%{i}.a.net"));
	/* In the text, but never a pass. */
	assert_false(covers("v=spf1 -include:b.net ~all", NULL, "include:b.net"));
	assert_false(covers("v=spf1 ?include:a.net -all", b, "include:b.net"));
	assert_false(covers("v=spf1 -all include:b.net", NULL, "include:b.net"));
	assert_false(covers("v=spf1 -all redirect=a.net", b, "include:b.net"));
	assert_false(
		covers("v=spf1 include:a.net -all", "v=spf1 ~include:b.net -all", "include:b.net"));
	/* Of another record's "mx" it is another name's. */
	assert_false(covers("v=spf1 include:a.net -all", "v=spf1 mx -all", "mx"));
	assert_false(covers("v=spf1 ip4:192.0.2.0/25 -all", NULL, "ip4:192.0.2.128"));
	assert_false(covers("v=spf1 include:a.net -all", b, "include:b.net include:c.net"));
}

static void what_is_unreadable_is_said(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 include:a.net -all");
	assert_false(spf_tree_build(w.a, &w.s)->complete); /* not asked for */
	add_spf(&w, "a.net.", SEEN_UNREADABLE, NULL);
	assert_false(spf_tree_build(w.a, &w.s)->complete);
	w.views[1].state = SEEN_NXDOMAIN;
	const struct spf_tree *t = spf_tree_build(w.a, &w.s);
	assert_true(t->complete);
	assert_true(t->nodes[1].reached);
	assert_null(t->nodes[1].record);
	arena_free(w.a);
}

static void voids_need_a_certain_answer(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 a:one.net mx:two.net exists:three.net a:four.net a:five.net -all");
	add_lookup(&w, "one.net.", RR_A, NULL, 0);
	add_lookup(&w, "one.net.", RR_AAAA, NULL, 0);
	add_lookup(&w, "two.net.", RR_MX, NULL, 0);
	add_lookup(&w, "three.net.", RR_A, NULL, 0);
	add_lookup(&w, "four.net.", RR_A, NULL, 0);
	add_lookup(&w, "four.net.", RR_AAAA, (const char *const[]){ "2001:db8::1" }, 1);
	const struct spf_tree *t = spf_tree_build(w.a, &w.s);
	assert_int_equal(t->void_n, 3); /* five.net was not asked */
	assert_string_equal(t->voids[1], "mx:two.net");
	arena_free(w.a);
}

static void eleven_mx_hosts_are_too_many(void **state)
{
	(void)state;
	struct world w;
	const char *rdata[11];
	begin(&w, "v=spf1 mx:many.net -all");
	for (unsigned i = 0; i < 11; i++)
		rdata[i] = arena_printf(w.a, "10 m%u.net.", i);
	add_lookup(&w, "many.net.", RR_MX, rdata, 10);
	assert_null(spf_tree_build(w.a, &w.s)->crowded_mx);
	w.s.lookup_n = 0;
	add_lookup(&w, "many.net.", RR_MX, rdata, 11);
	assert_string_equal(spf_tree_build(w.a, &w.s)->crowded_mx, "many.net.");
	arena_free(w.a);
}

static enum spf_cover judge(struct world *w, const char *terms)
{
	return spf_tree_judge(spf_tree_build(w->a, &w->s), w->a, terms);
}

/* What is reached counts only where a receiver does not give up on the way. */
static void a_record_is_judged_as_a_whole(void **state)
{
	(void)state;
	struct world w;
	begin(&w, "v=spf1 include:a.net -all");
	add_spf(&w, "a.net.", SEEN_DATA, "v=spf1 include:b.net -all");
	assert_int_equal(judge(&w, "include:b.net"), SPF_COVERS); /* b.net itself was not asked */
	assert_int_equal(judge(&w, "include:c.net"), SPF_COVER_UNREAD);
	assert_null(spf_tree_unread(spf_tree_build(w.a, &w.s)));
	add_spf(&w, "b.net.", SEEN_UNREADABLE, NULL);
	assert_int_equal(judge(&w, "include:c.net"), SPF_COVER_UNREAD);
	assert_string_equal(spf_tree_unread(spf_tree_build(w.a, &w.s)), "b.net.");
	w.views[2] = (struct spf_view){ .name = "b.net.", .state = SEEN_DATA, .n = 1 };
	w.views[2].texts = (const char *const[]){ "v=spf1 a a a a a a a a -all" };
	assert_int_equal(judge(&w, "include:c.net"), SPF_COVERS_NOT);
	assert_int_equal(judge(&w, "include:b.net"), SPF_COVERS); /* ten */
	w.views[2].texts = (const char *const[]){ "v=spf1 a a a a a a a a a -all" };
	assert_int_equal(judge(&w, "include:b.net"), SPF_GIVES_UP);
	w.views[2].texts = (const char *const[]){ "v=spf1 include:a.net -all" };
	assert_int_equal(judge(&w, "include:b.net"), SPF_GIVES_UP); /* a loop */
	w.views[0].n = 0;
	assert_int_equal(judge(&w, "include:b.net"), SPF_COVERS_NOT);
	w.views[0].state = SEEN_UNREADABLE;
	assert_int_equal(judge(&w, "include:b.net"), SPF_COVER_UNREAD);
	arena_free(w.a);
}

static void another_record_of_the_domain_s_own_may_be_put_in_its_place(void **state)
{
	(void)state;
	struct world w;
	struct err e;
	static const char *const rdata[] = { "\"v=spf1 include:a.net -all\"", "\"MS=1\"" };
	begin(&w, "v=spf1 -all");
	add_spf(&w, "a.net.", SEEN_DATA, "v=spf1 include:b.net -all");
	add_spf(&w, "b.net.", SEEN_DATA, "v=spf1 a -all");
	const struct rrset *txt = rrset_make(w.a, "x.net.", RR_TXT, 300, 2, rdata, &e);
	assert_int_equal(judge(&w, "include:b.net"), SPF_COVERS_NOT);
	const struct spf_tree *t = spf_tree_with(w.a, &w.s, txt);
	assert_int_equal(spf_tree_judge(t, w.a, "include:b.net"), SPF_COVERS);
	assert_int_equal(t->lookups, 3);
	assert_int_equal(spf_tree_with(w.a, &w.s, NULL)->lookups, 0);
	w.s.spf_n = 0; /* nobody asked for any */
	t = spf_tree_with(w.a, &w.s, txt);
	assert_int_equal(spf_tree_judge(t, w.a, "include:a.net"), SPF_COVERS);
	assert_int_equal(spf_tree_judge(t, w.a, "include:b.net"), SPF_COVER_UNREAD);
	arena_free(w.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_are_counted_down_the_tree),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(a_doubling_tree_costs_its_records),
		cmocka_unit_test(a_term_must_be_reached_and_pass),
		cmocka_unit_test(what_is_unreadable_is_said),
		cmocka_unit_test(voids_need_a_certain_answer),
		cmocka_unit_test(eleven_mx_hosts_are_too_many),
		cmocka_unit_test(a_record_is_judged_as_a_whole),
		cmocka_unit_test(another_record_of_the_domain_s_own_may_be_put_in_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
