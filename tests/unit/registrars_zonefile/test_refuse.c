/*
 * What the zone file provider must not touch: every case ends without a write.
 */
#include "tests/unit/registrars/fake_host.h"

#include "registrars/zonefile/master.h"
#include "registrars/zonefile/serial.h"
#include "registrars/zonefile/zonefile.h"

#include <string.h>

#define HEAD                                                                                       \
	"$TTL 3600\n"                                                                              \
	"@ IN SOA ns1 hostmaster 7 3600 600 604800 300\n"                                          \
	"@ IN NS ns1\n"
#define ZONE "treyresearch.com."

static const struct registrar_value path_value = { "path", "/zone", NULL };
static const struct registrar_config config = { ZONE, 1, &path_value };

static int add_www(struct fake_world *w, struct err *e)
{
	enum registrar_applied applied = APPLIED_ALL;
	const char *rdata[] = { "192.0.2.9", NULL };
	struct change ch = { .name = "www." ZONE, .type = RR_A, .why = "test" };
	ch.after = fake_set(w->arena, ch.name, ch.type, 60, rdata);
	struct change_set cs = { "staging", ZONE, 1, &ch };
	struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
	int rc = registrar_apply(c, &cs, &applied, e);
	if (rc != 0)
		assert_int_equal(applied, APPLIED_NONE);
	registrar_close(c);
	return rc;
}

struct refusal {
	const char *text, *says;
};

static void test_refusals(void **state)
{
	static const struct refusal cases[] = {
		{ HEAD "$INCLUDE more.zone\n", "line 4: $INCLUDE" },
		{ HEAD "$GENERATE 1-9 w$ A 192.0.2.$\n", "line 4: a $GENERATE" },
		{ HEAD "$GENERATE 1-9 $.x A 192.0.2.$\n", "line 4: a $GENERATE" },
		{ HEAD "$FOO bar\n", "line 4: an unknown directive" },
		{ HEAD "x TXT \"open\ny A 192.0.2.1\n", "line 4: a quote is not closed" },
		{ HEAD "x TXT ( \"open\"\n", "line 4: a parenthesis is not closed" },
		{ HEAD "x TXT \"a\" )\n", "line 4: a parenthesis is closed" },
		{ HEAD "x CH TXT \"a\"\n", "line 4: a class other than IN" },
		{ HEAD "x NOTATYPE y\n", "line 4: a record without a known type" },
		{ HEAD "x..y A 192.0.2.1\n", "line 4" },
		{ "  A 192.0.2.1\n", "line 1: no owner" },
		{ "x A 192.0.2.1\n", "line 1: no TTL" },
		{ "x 60 A 192.0.2.1\n", "no SOA record" },
		{ HEAD "@ SOA ns1 hostmaster 8 1 1 1 1\n", "more than one SOA record" },
		{ HEAD "www A 192.0.2.400\n", "line 4: a record that is not understood" },
		{ HEAD "www A 192.0.2.1\n", "not what the plan was made from" },
		{ HEAD "www CNAME x\n", "cannot stand beside" },
	};
	struct fake_world *w = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		buf_clear(&w->file);
		buf_adds(&w->file, cases[i].text);
		assert_int_equal(add_www(w, &e), -1);
		if (strstr(e.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text, cases[i].says);
		assert_int_equal(e.kind, ERR_REFUSED);
		assert_string_equal(w->file.at, cases[i].text);
		assert_int_equal(w->file_writes, 0);
	}
}

/* A server would not load a zone with a CNAME beside them, whatever they are. */
static void test_a_cname_beside_any_type(void **state)
{
	static const char *const strangers[][2] = {
		{ "www HIP ( 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc )\n",
		  "beside HIP" },
		{ "www EUI48 00-00-5e-00-53-2a\n", "beside EUI48" },
		{ "www TYPE65280 \\# 4 0a000001\n", "beside TYPE65280 \\# 4 0a000001" },
		{ "www EUI48 what-is-this\n", "a record that is not understood" },
	};
	struct fake_world *w = *state;
	static const char *const four[] = { "192.0.2.1", NULL };
	static const char *const to[] = { "www.fabrikam.com.", NULL };
	const char *name = "www." ZONE;
	struct change list[] = {
		{ name, RR_A, fake_set(w->arena, name, RR_A, 3600, four), NULL, "goes" },
		{ name, RR_CNAME, NULL, fake_set(w->arena, name, RR_CNAME, 60, to), "comes" },
	};
	struct change_set cs = { "switch", ZONE, 2, list };
	struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		struct err e = { 0 };
		enum registrar_applied applied = APPLIED_ALL;
		buf_clear(&w->file);
		buf_addf(&w->file, "%swww A 192.0.2.1\n%s", HEAD, strangers[i][0]);
		assert_int_equal(registrar_apply(c, &cs, &applied, &e), -1);
		assert_int_equal(applied, APPLIED_NONE);
		if (strstr(e.text, strangers[i][1]) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text, strangers[i][1]);
		assert_int_equal(w->file_writes, 0);
	}
	registrar_close(c);
}

static void test_nul_byte(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	buf_adds(&w->file, HEAD);
	buf_addc(&w->file, '\0');
	assert_int_equal(add_www(w, &e), -1);
	assert_non_null(strstr(e.text, "NUL byte"));
}

/* Reads: 1 to compare, 1 to edit, 1 before the write. */
static void test_foreign_edit_before_the_write(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	buf_adds(&w->file, HEAD);
	w->edit_before_read = 3;
	w->edit_text = HEAD "ftp A 192.0.2.2\n";
	assert_int_equal(add_www(w, &e), -1);
	assert_non_null(strstr(e.text, "edited just now"));
	assert_string_equal(w->file.at, w->edit_text);
}

static void test_foreign_edit_before_the_edit(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	buf_adds(&w->file, HEAD);
	w->edit_before_read = 2;
	w->edit_text = HEAD "www A 192.0.2.2\n";
	assert_int_equal(add_www(w, &e), -1);
	assert_int_equal(w->file_writes, 0);
}

static void test_listing_is_complete_or_an_error(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	const struct zone *z = NULL;
	struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
	buf_adds(&w->file, HEAD "www A 192.0.2.1\n");
	assert_int_equal(registrar_list(c, w->arena, &z, &e), 0);
	assert_int_equal(z->n, 3);
	buf_adds(&w->file, "$GENERATE 1-2 h$ A 192.0.2.$\n");
	assert_int_equal(registrar_list(c, w->arena, &z, &e), -1);
	registrar_close(c);
}

static void test_serials(void **state)
{
	int64_t now_ms;
	(void)state;
	assert_true(time_parse(slice_str("2026-11-22T10:00:00Z"), &now_ms));
	assert_int_equal(serial_next(7, now_ms), 8);
	assert_int_equal(serial_next(2026010109, now_ms), 2026112200);
	assert_int_equal(serial_next(2026112200, now_ms), 2026112201);
	assert_int_equal(serial_next(2026112299, now_ms), 2026112300);
	assert_int_equal(serial_next(2027010100, now_ms), 2027010101); /* from the future */
	assert_int_equal(serial_next(1999999999, now_ms), 2000000000); /* no date */
	assert_int_equal(serial_next(UINT32_MAX, now_ms), 1);
}

static void test_ttls(void **state)
{
	uint32_t ttl;
	(void)state;
	assert_true(master_ttl(SLICE_LIT("1h30m"), &ttl));
	assert_int_equal(ttl, 5400);
	assert_true(master_ttl(SLICE_LIT("2W"), &ttl));
	assert_int_equal(ttl, 1209600);
	assert_false(master_ttl(SLICE_LIT("1x"), &ttl));
	assert_false(master_ttl(SLICE_LIT("h"), &ttl));
	assert_false(master_ttl(SLICE_LIT("99999999999"), &ttl));
	assert_false(master_ttl(SLICE_LIT("9999w"), &ttl));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_refusals),
		FAKE_TEST(test_a_cname_beside_any_type),
		FAKE_TEST(test_nul_byte),
		FAKE_TEST(test_foreign_edit_before_the_write),
		FAKE_TEST(test_foreign_edit_before_the_edit),
		FAKE_TEST(test_listing_is_complete_or_an_error),
		cmocka_unit_test(test_serials),
		cmocka_unit_test(test_ttls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
