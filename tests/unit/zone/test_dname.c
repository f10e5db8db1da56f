#include "zone_test.h"

#include <string.h>

#include "zone/dname.h"

static const char *canon(struct arena *a, const char *text)
{
	struct err e = { 0 };
	const char *name = dname_canon(a, text, &e);
	assert_true((name == NULL) == (e.kind == ERR_ITEM));
	return name;
}

static void names_have_one_spelling(void **state)
{
	static const char *const cases[][2] = {
		{ "TreyResearch.COM", "treyresearch.com." },
		{ "treyresearch.com.", "treyresearch.com." },
		{ ".", "." },
		{ "_DMARC.x", "_dmarc.x." },
		{ "a\\.b.c", "a\\.b.c." },
		{ "a\\046b.c", "a\\.b.c." },
		{ "\\097.c", "a.c." },
		{ "a\\032b.c", "a\\032b.c." },
		{ "*.x", "*.x." },
		{ "\\@.x", "\\@.x." },
		{ "\\000.x", "\\000.x." },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(canon(*state, cases[i][0]), cases[i][1]);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = { "",      "..",    "a..b",      ".a",   "a b", "a\\",
					   "a\\25", "\\256", "b\xc3\xbc", "a\tb", "a\nb" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (canon(*state, bad[i]) != NULL)
			fail_msg("taken for a name: %s", bad[i]);
	}
}

static void lengths_have_limits(void **state)
{
	char label[80];
	memset(label, 'a', sizeof(label));
	label[63] = '\0';
	assert_non_null(canon(*state, label));
	label[63] = 'a';
	label[64] = '\0';
	assert_null(canon(*state, label));
	label[63] = '\0';
	/* 3 × 64 + 62 + root = 255 octets */
	const char *longest = arena_printf(*state, "%s.%s.%s.%.61s", label, label, label, label);
	assert_non_null(canon(*state, longest));
	assert_null(
		canon(*state, arena_printf(*state, "%s.%s.%s.%.62s", label, label, label, label)));
	assert_null(canon(*state, arena_printf(*state, "%s.a", longest)));
}

static void names_are_seen_from_a_zone(void **state)
{
	struct err e = { 0 };
	const char *zone = "treyresearch.com.";
	assert_string_equal(dname_in_zone(*state, "@", zone, &e), zone);
	assert_string_equal(dname_in_zone(*state, "WWW", zone, &e), "www.treyresearch.com.");
	assert_string_equal(dname_in_zone(*state, "mx.other.net.", zone, &e), "mx.other.net.");
	assert_string_equal(dname_in_zone(*state, "a\\.", zone, &e), "a\\..treyresearch.com.");
	assert_string_equal(dname_in_zone(*state, "com", ".", &e), "com.");
	assert_null(dname_in_zone(*state, "", zone, &e));
}

static void within_goes_by_labels(void **state)
{
	(void)state;
	assert_true(dname_is_within("a.b.c.", "b.c."));
	assert_true(dname_is_within("b.c.", "b.c."));
	assert_true(dname_is_within("b.c.", "."));
	assert_false(dname_is_within("ab.c.", "b.c."));
	assert_false(dname_is_within("c.", "b.c."));
	assert_false(dname_is_within("a\\.b.c.", "b.c."));
	assert_true(dname_is_within("a\\\\.b.c.", "b.c."));
}

static void parents_and_labels(void **state)
{
	(void)state;
	assert_string_equal(dname_parent("a\\.b.c."), "c.");
	assert_string_equal(dname_parent("c."), ".");
	assert_string_equal(dname_parent("."), ".");
	assert_int_equal(dname_labels("."), 0);
	assert_int_equal(dname_labels("a\\.b.c."), 2);
	assert_string_equal(dname_show(*state, "a.b."), "a.b");
	assert_string_equal(dname_show(*state, "."), ".");
}

static void order_is_that_of_rfc_4034(void **state)
{
	(void)state;
	/* The list of §6.1 itself. */
	static const char *const order[] = {
		"example.",         "a.example.",      "yljkjljk.a.example.",
		"z.a.example.",     "zabc.a.example.", "z.example.",
		"\\001.z.example.", "*.z.example.",    "\\200.z.example.",
	};
	for (size_t i = 0; i + 1 < sizeof(order) / sizeof(order[0]); i++) {
		assert_true(dname_compare(order[i], order[i + 1]) < 0);
		assert_true(dname_compare(order[i + 1], order[i]) > 0);
		assert_int_equal(dname_compare(order[i], order[i]), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(names_have_one_spelling),   ZONE_TEST(what_is_no_name_is_refused),
		ZONE_TEST(lengths_have_limits),       ZONE_TEST(names_are_seen_from_a_zone),
		ZONE_TEST(within_goes_by_labels),     ZONE_TEST(parents_and_labels),
		ZONE_TEST(order_is_that_of_rfc_4034),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
