#include "zone_test.h"

#include <string.h>

static const char text[] = "$TTL 1h\n"
			   "@ IN SOA ns1 hostmaster ( 7 3600 ; refresh\n"
			   "        600 86400 300 )\n"
			   "  IN NS ns1\n"
			   "@ 86400 IN MX 10 mail\n"
			   "\n"
			   "@ 300 MX 20 mail.other.net.\n"
			   "$ORIGIN sub.x.net.\n"
			   "www 60 IN A 10.0.0.1\n";

static void a_master_file_is_read(void **state)
{
	const struct zone *z = zone_of(*state, "x.net.", text);
	assert_int_equal(z->n, 4);
	const struct rrset *mx = zone_find(z, "x.net.", RR_MX);
	assert_int_equal(mx->n, 2);
	assert_int_equal(mx->ttl, 300); /* the lowest of a confused set */
	assert_string_equal(mx->rdata[0], "10 mail.x.net.");
	assert_int_equal(zone_find(z, "x.net.", RR_SOA)->ttl, 3600);
	assert_int_equal(zone_find(z, "www.sub.x.net.", RR_A)->ttl, 60);
	assert_null(zone_find(z, "www.x.net.", RR_A));
	assert_null(zone_find(z, "x.net.", RR_TXT));
}

static void print_and_parse_agree(void **state)
{
	const struct zone *z = zone_of(*state, "x.net.", text);
	struct buf b;
	buf_init(&b);
	zone_print(z, &b);
	const struct zone *again = zone_of(*state, "x.net.", b.at);
	assert_int_equal(again->n, z->n);
	for (size_t i = 0; i < z->n; i++)
		assert_true(rrset_same(z->rrsets[i], again->rrsets[i]));
	buf_release(&b);
}

static void errors_name_the_line(void **state)
{
	static const char *const bad[][2] = {
		{ "@ IN MX 10 a\n@ IN MX mail\n", "line 2" },
		{ "www.y.net. 60 IN A 10.0.0.1\n", "not within" },
		{ "$INCLUDE /etc/passwd\n", "line 1" },
		{ "\n; \"\n@ 60 TXT \"open\n", "line 3" },
		{ "@ 60 CH TXT x\n", "class" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		assert_null(zone_parse(*state, "x.net.", slice_str(bad[i][0]), &e));
		assert_int_equal(e.kind, ERR_ITEM);
		if (strstr(e.text, bad[i][1]) == NULL)
			fail_msg("\"%s\" does not say %s", e.text, bad[i][1]);
	}
	struct err e = { 0 };
	assert_null(zone_parse(*state, "x.net.", SLICE_LIT("@ 1 A 1.1.1.1\0"), &e));
	assert_int_equal(zone_parse(*state, "x.net.", SLICE_LIT(""), &e)->n, 0);
}

static void difference_is_by_whole_rrsets(void **state)
{
	const struct zone *from = zone_of(*state, "x.net.", text);
	const struct zone *to = zone_of(*state, "x.net.",
					"@ 1h SOA ns1 hostmaster 8 3600 600 86400 300\n"
					"@ 1h NS ns1\n"
					"@ 300 MX 10 mail\n"
					"@ 60 TXT \"new\"\n"
					"www.sub 61 A 10.0.0.1\n");
	const struct change_set *cs = zone_diff(*state, from, to);
	assert_int_equal(cs->n, 3); /* no SOA, no NS */
	assert_int_equal(cs->changes[0].type, RR_MX);
	assert_int_equal(cs->changes[0].before->n, 2);
	assert_int_equal(cs->changes[0].after->n, 1);
	assert_null(cs->changes[1].before);
	assert_string_equal(cs->changes[2].name, "www.sub.x.net.");
	assert_int_equal(cs->changes[2].after->ttl, 61);
	assert_int_equal(zone_diff(*state, from, from)->n, 0);
	assert_int_equal(zone_diff(*state, zone_of(*state, "x.net.", ""), to)->n, 4);
}

struct seen {
	size_t n, until;
	uint32_t ttl_sum;
};

static int count(void *ctx, const struct rrset *one, struct err *e)
{
	struct seen *s = ctx;
	assert_int_equal(one->n, 1);
	s->ttl_sum += one->ttl;
	return ++s->n == s->until ? err_set(e, ERR_REFUSED, "enough") : 0;
}

static void records_are_handed_on_one_by_one(void **state)
{
	struct seen s = { 0 };
	struct zone_sink sink = { count, &s };
	struct err e = { 0 };
	(void)state;
	assert_int_equal(zone_each("x.net.", slice_str(text), &sink, &e), 0);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.ttl_sum, 3600 + 3600 + 86400 + 300 + 60); /* each its own */
	s = (struct seen){ .until = 2 };
	assert_int_equal(zone_each("x.net.", slice_str(text), &sink, &e), -1);
	assert_int_equal(s.n, 2);
	assert_string_equal(e.text, "enough");
	assert_int_equal(zone_each("x.net.", SLICE_LIT("@ 1 A\n"), &sink, &e), -1);
	assert_int_equal(e.kind, ERR_ITEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(a_master_file_is_read),
		ZONE_TEST(print_and_parse_agree),
		ZONE_TEST(errors_name_the_line),
		ZONE_TEST(records_are_handed_on_one_by_one),
		ZONE_TEST(difference_is_by_whole_rrsets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
