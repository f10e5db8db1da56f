/*
 * Rows become records: names, targets and texts in the API's spelling, and which MX is served.
 */
#include "rows.h"

static void assert_set(const struct hosts *h, const char *owner, uint16_t type, const char *printed)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct buf b;
	const struct rrset *set = NULL;
	buf_init(&b);
	if (hosts_rrset(a, h, owner, type, &set, &e) != 0)
		fail_msg("%s", e.text);
	if (set != NULL)
		rrset_print(set, &b);
	assert_string_equal(b.at, printed);
	buf_release(&b);
	arena_free(a);
}

static const char some_rows[] = "@ A 10 1800 192.0.2.1\n@ MX 10 1800 mx.b.a\n"
				"@ MX 20 1800 mx.other.example.\n"
				"@ TXT 10 60 v=spf1 ~all & <more>\nWWW CNAME 10 60 b.a.\n"
				"@ CAA 10 60 0 issue \"ca.example\"\nold URL301 10 60 http://x/\n";

static void test_records(void **state)
{
	struct arena *a = arena_new();
	struct hosts h = rows_of(a, "MX", some_rows);
	struct err e = { 0 };
	const struct zone *z = NULL;
	(void)state;
	assert_set(&h, "b.a.", RR_MX,
		   "b.a. 1800 IN MX 10 mx.b.a.\nb.a. 1800 IN MX 20 mx.other.example.\n");
	assert_set(&h, "b.a.", RR_TXT, "b.a. 60 IN TXT \"v=spf1 ~all & <more>\"\n");
	assert_set(&h, "www.b.a.", RR_CNAME, "www.b.a. 60 IN CNAME b.a.\n");
	assert_set(&h, "b.a.", RR_CAA, "b.a. 60 IN CAA 0 issue \"ca.example\"\n");
	assert_set(&h, "old.b.a.", RR_A, "");
	assert_int_equal(hosts_zone(a, &h, &z, &e), 0);
	assert_int_equal(z->n, 5);
	arena_free(a);
}

static void test_which_mx(void **state)
{
	static const char rows[] = "@ A 10 60 192.0.2.1\n@ MX 10 60 mx.b.a\n";
	struct arena *a = arena_new();
	struct hosts h = rows_of(a, "NONE", rows);
	(void)state;
	assert_set(&h, "b.a.", RR_MX, "");
	h = rows_of(a, "GMAIL", "@ MX 1 60 aspmx.l.google.com.\n");
	assert_set(&h, "b.a.", RR_MX, "b.a. 60 IN MX 1 aspmx.l.google.com.\n");
	h = rows_of(a, "OX", "@ A 10 60 192.0.2.1\n");
	assert_set(&h, "b.a.", RR_MX,
		   "b.a. 1800 IN MX 10 mx1.privateemail.com.\n"
		   "b.a. 1800 IN MX 10 mx2.privateemail.com.\n");
	h = rows_of(a, "GMAIL", "@ A 10 60 192.0.2.1\n");
	struct err e = { 0 };
	const struct rrset *set;
	assert_int_equal(hosts_rrset(a, &h, "b.a.", RR_MX, &set, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	arena_free(a);
}

static void test_refused(void **state)
{
	static const struct {
		const char *mail, *rows, *words;
	} cases[] = {
		{ "TITAN", "@ A 10 60 192.0.2.1\n", "unknown mail setting \"TITAN\"" },
		{ "MX", "@ A 10 x 192.0.2.1\n", "not of the known shape" },
		{ "MX", " A 10 60 192.0.2.1\n", "not of the known shape" },
		{ "MX", "@ MX x 60 mx.b.a\n", "without a preference" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct hosts h;
		struct err e = { 0 };
		if (parse_rows(a, cases[i].mail, cases[i].rows, &h, &e) == 0 ||
		    strstr(e.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].words, e.text);
		arena_free(a);
	}
}

/* A row that cannot be read is an error where it is asked for, and only there. */
static void test_unread(void **state)
{
	struct arena *a = arena_new();
	struct hosts h = rows_of(a, "MX", "@ A 10 60 192.0.2.1\nx A 10 60 nonsense\n");
	struct err e = { 0 };
	const struct rrset *set;
	const struct zone *z;
	(void)state;
	assert_set(&h, "b.a.", RR_A, "b.a. 60 IN A 192.0.2.1\n");
	assert_int_equal(hosts_rrset(a, &h, "x.b.a.", RR_A, &set, &e), -1);
	assert_non_null(strstr(e.text, "x A nonsense"));
	assert_int_equal(hosts_zone(a, &h, &z, &e), -1);
	arena_free(a);
}

static const char *first_missing(struct arena *a, const struct hosts *x, const struct hosts *y)
{
	struct whole_rows left;
	struct whole_rows right;
	hosts_rows(a, x, &left);
	hosts_rows(a, y, &right);
	const struct whole_row *row = whole_missing(&left, &right, true);
	return row != NULL ? row->shown : "";
}

static void test_missing(void **state)
{
	struct arena *a = arena_new();
	struct hosts h = rows_of(a, "MX",
				 "@ A 10 60 192.0.2.1\n@ MX 10 60 mx.b.a\n@ A 10 60 192.0.2.1\n");
	struct hosts other = rows_of(a, "MX", "@ MX 10 60 MX.b.a.\n@ A 99 60 192.0.2.1\n");
	(void)state;
	assert_string_equal(first_missing(a, &other, &h), "");
	/* One of the two A. */
	assert_string_equal(first_missing(a, &h, &other), "the row @ A 192.0.2.1 (TTL 60)");
	struct hosts worse = rows_of(a, "MX", "@ MX 20 60 mx.b.a\n");
	assert_string_equal(first_missing(a, &worse, &h), "the row @ MX 20 mx.b.a (TTL 60)");
	struct hosts forwards = rows_of(a, "FWD", "");
	assert_string_equal(first_missing(a, &forwards, &h),
			    "the mail setting \"Email Forwarding\" (FWD)");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records), cmocka_unit_test(test_which_mx),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_unread),
		cmocka_unit_test(test_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
