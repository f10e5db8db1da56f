#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "registrars/route53/record.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define SET(inside)    "<ResourceRecordSet>" inside "</ResourceRecordSet>"
#define VALUES(inside) "<ResourceRecords>" inside "</ResourceRecords>"
#define VALUE(text)    "<ResourceRecord><Value>" text "</Value></ResourceRecord>"

static int read(struct arena *a, const char *text, struct record *r, struct err *e)
{
	const struct xml *x = xml_parse(a, slice_str(text), e);
	assert_non_null(x);
	return record_read(a, x, r, e);
}

static const struct rrset *read_rrset(struct arena *a, const char *text)
{
	struct err e;
	struct record r;
	const struct rrset *set = read(a, text, &r, &e) == 0 ? record_rrset(a, &r, &e) : NULL;
	if (set == NULL)
		fail_msg("%s: %s", text, e.text);
	return set;
}

static void test_a_set_and_back(void **state)
{
	static const char text[] = SET(
		"<Name>\\052.a.example.</Name><Type>MX</Type><TTL>3600</TTL>" VALUES(
			VALUE("10 mx1.old.example.") VALUE("20 mx2.old.example.")));
	struct buf b;
	buf_init(&b);
	const struct rrset *set = read_rrset(*state, text);
	assert_string_equal(set->name, "*.a.example.");
	assert_int_equal(set->type, RR_MX);
	assert_int_equal(set->ttl, 3600);
	assert_int_equal(set->n, 2);
	assert_string_equal(set->rdata[1], "20 mx2.old.example.");
	struct record ours = record_of(*state, set);
	record_write(*state, &ours, &b);
	assert_string_equal(b.at,
			    SET("<Name>*.a.example.</Name><Type>MX</Type><TTL>3600</TTL>" VALUES(
				    VALUE("10 mx1.old.example.") VALUE("20 mx2.old.example."))));
	buf_release(&b);
}

static void test_text(void **state)
{
	static const char text[] = SET("<Name>a.example.</Name><Type>TXT</Type><TTL>0</TTL>" VALUES(
		VALUE("\"v=spf1 &lt;\\303\\274&gt;\" \"-all\"")));
	const struct rrset *set = read_rrset(*state, text);
	assert_string_equal(set->rdata[0], "\"v=spf1 <\\195\\188>\" \"-all\"");
	struct record ours = record_of(*state, set);
	assert_string_equal(ours.values[0], "\"v=spf1 <\\303\\274>\" \"-all\"");
}

/* Route 53 keeps what was typed; a DELETE must repeat that. */
static void test_another_spelling_is_the_same_rrset(void **state)
{
	struct err e;
	struct record r;
	assert_int_equal(read(*state,
			      SET("<Name>A.Example</Name><Type>MX</Type><TTL>60</TTL>" VALUES(
				      VALUE("10  MX.Example"))),
			      &r, &e),
			 0);
	const struct rrset *set = record_rrset(*state, &r, &e);
	assert_string_equal(set->name, "a.example.");
	assert_string_equal(set->rdata[0], "10 mx.example.");
	struct record ours = record_of(*state, set);
	assert_false(record_same_values(&r, &ours));
	assert_true(record_same_values(&r, &r));
	assert_string_equal(r.values[0], "10  MX.Example");
}

static void expect_locked(void **state, const char *text, const char *told)
{
	struct err e = { 0 };
	struct record r;
	assert_int_equal(read(*state, text, &r, &e), 0);
	assert_non_null(r.locked);
	assert_null(record_rrset(*state, &r, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, told));
	assert_non_null(strstr(e.text, "left alone"));
}

#define PLAIN "<TTL>60</TTL>" VALUES(VALUE("192.0.2.1"))

static void test_what_is_more_than_values_is_locked(void **state)
{
	expect_locked(state,
		      SET("<Name>a.example.</Name><Type>A</Type><AliasTarget><DNSName>b.</DNSName>"
			  "</AliasTarget>"),
		      "a.example. A is an alias");
	expect_locked(state,
		      SET("<Name>a.example.</Name><Type>A</Type><SetIdentifier>x</SetIdentifier>"
			  "<Weight>1</Weight>" PLAIN),
		      "a routing policy");
	expect_locked(state,
		      SET("<Name>a.example.</Name><Type>A</Type>" PLAIN
			  "<HealthCheckId>x</HealthCheckId>"),
		      "bound to a health check");
	expect_locked(state,
		      SET("<Name>a.example.</Name><Type>A</Type>" PLAIN
			  "<TrafficPolicyInstanceId>x</TrafficPolicyInstanceId>"),
		      "made by a traffic policy");
	expect_locked(state, SET("<Name>a.example.</Name><Type>A</Type>" PLAIN "<Later/>"),
		      "more than its values (Later)");
}

static void test_what_is_no_set(void **state)
{
	static const char *const bad[] = {
		SET(""),
		SET("<Name>a..example.</Name><Type>A</Type>" PLAIN),
		SET("<Name>a\\8.example.</Name><Type>A</Type>" PLAIN),
		SET("<Name>a.example.</Name><Type>A</Type>" VALUES(VALUE("192.0.2.1"))),
		SET("<Name>a.example.</Name><Type>A</Type><TTL>-1</TTL>" VALUES(
			VALUE("192.0.2.1"))),
		SET("<Name>a.example.</Name><Type>A</Type><TTL>2147483648</TTL>" VALUES(
			VALUE("192.0.2.1"))),
		SET("<Name>a.example.</Name><Type>A</Type><TTL>60</TTL>"),
		SET("<Name>a.example.</Name><Type>A</Type><TTL>60</TTL>" VALUES("")),
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct record r;
		if (read(*state, bad[i], &r, &e) == 0)
			fail_msg("%s was read", bad[i]);
		assert_int_equal(e.kind, ERR_WORLD);
	}
}

static void test_a_value_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { VALUE("192.0.2"), VALUE("\\9"), VALUE("") };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };
		struct record r;
		const char *text = arena_printf(
			*state,
			SET("<Name>a.example.</Name><Type>A</Type><TTL>60</TTL>" VALUES("%s")),
			bad[i]);
		assert_int_equal(read(*state, text, &r, &e), 0);
		assert_null(record_rrset(*state, &r, &e));
		assert_int_equal(e.kind, ERR_REFUSED);
		assert_non_null(strstr(e.text, "a.example. A"));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_set_and_back),
		TEST(test_text),
		TEST(test_another_spelling_is_the_same_rrset),
		TEST(test_what_is_more_than_values_is_locked),
		TEST(test_what_is_no_set),
		TEST(test_a_value_that_is_none_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
