#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/imap/name.h"

static const struct imap_name_style cpanel = { "INBOX.", '.' };
static const struct imap_name_style slash = { "", '/' };
static const struct imap_name_style flat = { "", '\0' };

struct row {
	const char *name, *wanted;
};

static void check(const struct row *rows, size_t n, const struct imap_name_style *src,
		  const struct imap_name_style *dst)
{
	struct buf out;
	buf_init(&out);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&out);
		imap_name_map(&out, slice_str(rows[i].name), src, dst);
		assert_string_equal(out.at, rows[i].wanted);
	}
	buf_release(&out);
}
#define CHECK(rows, src, dst) check(rows, sizeof(rows) / sizeof((rows)[0]), src, dst)

static void test_prefix_to_slash(void **state)
{
	static const struct row rows[] = {
		{ "INBOX", "INBOX" },
		{ "inbox", "INBOX" },
		{ "INBOX.Sent", "Sent" },
		{ "INBOX.Projekte.2019.M&APw-ller", "Projekte/2019/M&APw-ller" },
		{ "INBOX.In/Out", "In_Out" },
		{ "INBOX.a..b", "a/_/b" },
		{ "INBOX.R&-D", "R&-D" },
		{ "INBOX.what*", "what_" },
		{ "INBOX.bell&AAc-", "bell_" },
		{ "INBOX.raw\xc3\xbc", "raw&APw-" },
		{ "INBOX.raw\xff", "raw_" },
		{ "Elsewhere.x", "Elsewhere/x" },
	};
	(void)state;
	CHECK(rows, &cpanel, &slash);
}

static void test_slash_to_prefix(void **state)
{
	static const struct row rows[] = {
		{ "INBOX", "INBOX" },
		{ "Sent", "INBOX.Sent" },
		{ "Sent/v1.2", "INBOX.Sent.v1_2" },
		{ "INBOX/Child", "INBOX.Child" },
		{ "Inbox2", "INBOX.Inbox2" },
	};
	(void)state;
	CHECK(rows, &slash, &cpanel);
}

static void test_flat(void **state)
{
	static const struct row to_flat[] = { { "a/b/c", "a_b_c" } };
	static const struct row from_flat[] = { { "a/b", "a_b" }, { "a.b", "a.b" } };
	(void)state;
	CHECK(to_flat, &slash, &flat);
	CHECK(from_flat, &flat, &slash);
}

static void test_shows(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out);
	imap_name_show(&out, SLICE_LIT("INBOX.Projekte.M&APw-ller"), &cpanel);
	assert_string_equal(out.at, "Projekte/Müller");
	buf_clear(&out);
	imap_name_show(&out, SLICE_LIT("INBOX"), &cpanel);
	assert_string_equal(out.at, "INBOX");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix_to_slash),
		cmocka_unit_test(test_slash_to_prefix),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
