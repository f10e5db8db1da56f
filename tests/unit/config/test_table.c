/* The table keeps its own promises: what it says of an option is true of the loader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "config/imap_url.h"
#include "config/value.h"

static void every_row_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_info *o = option_at(i);
		const size_t len = strlen(o->help);
		if (len < 8 || o->help[len - 1] == '.')
			fail_msg("%s: help is a short phrase without a final stop", o->path);
		if ((o->type == OPTION_MAP) != (o->example == NULL))
			fail_msg("%s: an example, and none for a section", o->path);
		if ((o->type == OPTION_UINT || o->type == OPTION_DURATION ||
		     o->type == OPTION_SIZE || o->type == OPTION_ENUM || o->type == OPTION_LIST) &&
		    o->range == NULL)
			fail_msg("%s: has no range", o->path);
	}
}

static void defaults_and_examples_pass_their_type(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_row *row = &option_rows()[i];
		const struct value_opts o = { row->info.type, row, "." };
		struct value v;
		if (row->info.type == OPTION_MAP || row->info.type == OPTION_LIST)
			continue;
		if (row->info.otherwise != NULL &&
		    value_parse(a, &o, row->info.otherwise, &v) != NULL)
			fail_msg("%s: the default is refused", row->info.path);
		if (row->info.example[0] != '"' &&
		    value_parse(a, &o, row->info.example, &v) != NULL)
			fail_msg("%s: the example is refused", row->info.path);
	}
	arena_free(a);
}

static void every_section_is_a_row(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	for (size_t i = 0; i < option_count(); i++) {
		const char *path = option_at(i)->path;
		size_t head = (size_t)(option_key(path) - path);
		bool found = head == 0;
		if (head > 0 && path[head - 2] == ']')
			head -= 2;
		const char *parent = head > 0 ? arena_slice(a, (struct slice){ path, head - 1 })
					      : "";
		for (size_t j = 0; j < i; j++)
			found = found || str_eq(option_at(j)->path, parent);
		if (!found)
			fail_msg("%s: no section '%s' before it", path, parent);
	}
	arena_free(a);
}

static void finds_rows_by_section_and_key(void **state)
{
	(void)state;
	assert_string_equal(option_row_in("", "domain")->info.path, "domain");
	assert_string_equal(option_row_in("dns", "provider")->info.path, "dns.provider");
	assert_string_equal(option_row_in("dns", "server")->info.path, "dns.*");
	assert_string_equal(option_row_in("target.mx[]", "host")->info.path, "target.mx[].host");
	assert_null(option_row_in("policy", "provider"));
	assert_null(option_row_in("", "max_mx_ttl"));
}

static void names_the_nearest_word(void **state)
{
	static const char *const words[] = { "audit", "plan", "stage", "status", NULL };
	(void)state;
	assert_string_equal(nearest_word("audti", words), "audit");
	assert_string_equal(nearest_word("PLAN", words), "plan");
	assert_string_equal(nearest_word("statsu", words), "status");
	assert_null(nearest_word("rollback", words));
	assert_null(nearest_word("", words));
}

static void knows_the_gates(void **state)
{
	size_t n = 0;
	(void)state;
	while (gate_ids()[n] != NULL)
		n++;
	assert_int_equal(n, 17);
}

static void reads_urls(void **state)
{
	struct arena *a = arena_new();
	struct imap_url u;
	(void)state;
	assert_null(imap_url_parse(a, "IMAPS://Mail.Example.", &u));
	assert_true(u.tls);
	assert_string_equal(u.host, "mail.example");
	assert_int_equal(u.port, 0);
	assert_null(imap_url_parse(a, "imap://[2001:db8::1]:143/", &u));
	assert_false(u.tls);
	assert_string_equal(u.host, "2001:db8::1");
	assert_int_equal(u.port, 143);
	static const char *const bad[] = {
		"",
		"imaps://",
		"imaps:///x",
		"imaps://a b",
		"imaps://h:",
		"imaps://h:0",
		"imaps://h:65536",
		"imaps://h:1:2",
		"imaps://[::1",
		"imaps://[::1]x",
		"imaps://[zz]",
		"imaps://u@h",
		"imaps://h/INBOX",
		"imaps://h?x",
		"https://h.example",
		"imaps://[::1]:",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (imap_url_parse(a, bad[i], &u) == NULL)
			fail_msg("'%s' is accepted", bad[i]);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(defaults_and_examples_pass_their_type),
		cmocka_unit_test(every_section_is_a_row),
		cmocka_unit_test(finds_rows_by_section_and_key),
		cmocka_unit_test(names_the_nearest_word),
		cmocka_unit_test(knows_the_gates),
		cmocka_unit_test(reads_urls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
