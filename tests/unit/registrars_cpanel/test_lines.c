/*
 * A zone file's lines become records: names completed, texts quoted, and what cannot be understood
 * never overlooked.
 */
#include "zone_lines.h"

static void assert_set(struct arena *a, const struct lines *l, const char *name, uint16_t type,
		       const char *printed)
{
	struct err e = { 0 };
	struct buf b;
	const struct rrset *set = NULL;
	buf_init(&b);
	if (lines_rrset(a, l, name, type, &set, &e) != 0)
		fail_msg("%s", e.text);
	if (set != NULL)
		rrset_print(set, &b);
	assert_string_equal(b.at, printed);
	buf_release(&b);
}

static void test_records(void **state)
{
	struct arena *a = arena_new();
	struct lines l;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(zone_lines(a,
				    "0 ; first\n1 $TTL 14400\n" SOA_LINE
				    "3 b.a. 60 MX 10|mail\n4 b.a. 30 MX 20|mx.other.example.\n"
				    "5 www 60 CNAME @\n6 $ORIGIN b.a.\n"
				    "7 _sip._tcp 60 SRV 1|2|5060|sip.b.a.\n"
				    "8 b.a. 60 CAA 0|issue|ca.example; a=1\n"
				    "9 t 60 TXT one|tw\"o\n",
				    &l, &e),
			 0);
	assert_int_equal(l.serial, 4711);
	assert_set(a, &l, "b.a.", RR_MX,
		   "b.a. 30 IN MX 10 mail.b.a.\nb.a. 30 IN MX 20 mx.other.example.\n");
	assert_set(a, &l, "www.b.a.", RR_CNAME, "www.b.a. 60 IN CNAME b.a.\n");
	assert_set(a, &l, "_sip._tcp.b.a.", RR_SRV, "_sip._tcp.b.a. 60 IN SRV 1 2 5060 sip.b.a.\n");
	assert_set(a, &l, "b.a.", RR_CAA, "b.a. 60 IN CAA 0 issue \"ca.example; a=1\"\n");
	assert_set(a, &l, "t.b.a.", RR_TXT, "t.b.a. 60 IN TXT \"one\" \"tw\\\"o\"\n");
	assert_set(a, &l, "nobody.b.a.", RR_TXT, "");
	arena_free(a);
}

static void test_whole_zone(void **state)
{
	struct arena *a = arena_new();
	struct lines l;
	struct err e = { 0 };
	const struct zone *z = NULL;
	(void)state;
	assert_int_equal(zone_lines(a, SOA_LINE "3 b.a. 60 MX 10|x.\n4 b.a. 60 MX 20|y.\n", &l, &e),
			 0);
	assert_int_equal(lines_zone(a, &l, &z, &e), 0);
	assert_int_equal(z->n, 2);
	assert_int_equal(zone_find(z, "b.a.", RR_MX)->n, 2);
	assert_int_equal(zone_lines(a, SOA_LINE "3 b.a. 60 WKS x\n", &l, &e), 0);
	assert_int_equal(lines_zone(a, &l, &z, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	arena_free(a);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *words;
		enum err_kind kind;
	} cases[] = {
		{ "", "no SOA", ERR_WORLD },
		{ "2 c.a. 60 SOA ns1.a.|r.a.|1|1|2|3|4\n", "no SOA", ERR_WORLD },
		{ "2 b.a. 60 SOA ns1.a.|r.a.|x|1|2|3|4\n", "no SOA", ERR_WORLD },
		{ SOA_LINE "3 a..b 60 A 192.0.2.1\n", "line 4 of the zone", ERR_WORLD },
		{ SOA_LINE "3 $GENERATE 1-2 a A 192.0.2.$\n", "$GENERATE", ERR_REFUSED },
		{ SOA_LINE "3 $INCLUDE other\n", "$INCLUDE", ERR_REFUSED },
		{ SOA_LINE "3 $ORIGIN sub.b.a.\n", "$ORIGIN", ERR_REFUSED },
		{ SOA_LINE "3 $TTLX 1\n", "$TTLX", ERR_REFUSED },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct lines l;
		struct err e = { 0 };
		if (zone_lines(a, cases[i].text, &l, &e) == 0 ||
		    strstr(e.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].words, e.text);
		assert_int_equal(e.kind, cases[i].kind);
		arena_free(a);
	}
}

/* A record that cannot be read stands in the way of its own RRset only. */
static void test_unread(void **state)
{
	static const char *const bad[] = { "3 x 60 A 192.0.2.300\n", "3 x 60 A \n",
					   "3 x 4294967295 A 192.0.2.1\n",
					   "3 x sixty A 192.0.2.1\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *a = arena_new();
		struct lines l;
		struct err e = { 0 };
		const struct rrset *set = NULL;
		assert_int_equal(zone_lines(a, arena_printf(a, "%s%s", SOA_LINE, bad[i]), &l, &e),
				 0);
		assert_int_equal(lines_rrset(a, &l, "b.a.", RR_MX, &set, &e), 0);
		assert_int_equal(lines_rrset(a, &l, "x.b.a.", RR_A, &set, &e), -1);
		assert_non_null(strstr(e.text, "line 4 of the zone, x.b.a. A, could not be read"));
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_whole_zone),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
