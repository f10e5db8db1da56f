#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/command.h"

enum { WORDS_MAX = 12 };

/* Splits at blanks: the command lines of these tests hold no others. */
static int parse(struct arena *a, const char *line, struct args *args, struct err *e)
{
	const char *argv[WORDS_MAX] = { "cutover" };
	int argc = 1;
	struct slice rest = slice_str(line);
	while (rest.len > 0 && argc < WORDS_MAX)
		argv[argc++] = arena_slice(a, slice_until(&rest, ' '));
	*e = (struct err){ 0 };
	return args_parse(a, argc, argv, args, e);
}

static void refused(const char *line, const char *text, const char *hint)
{
	struct arena *a = arena_new();
	struct args args;
	struct err e;
	assert_int_equal(parse(a, line, &args, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	if (strstr(e.text, text) == NULL || strstr(e.hint, hint) == NULL)
		fail_msg("'%s' said '%s' / '%s'", line, e.text, e.hint);
	arena_free(a);
}

static void options_stand_anywhere(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct args args;
	struct err e;
	assert_int_equal(parse(a, "-f a.yaml copy --only x@y --json --only z@y -vv", &args, &e), 0);
	assert_string_equal(args.command->name, "copy");
	assert_string_equal(args.options[OPT_FILE].text, "a.yaml");
	assert_string_equal(args.options[OPT_ONLY].list[0], "x@y");
	assert_string_equal(args.options[OPT_ONLY].list[1], "z@y");
	assert_null(args.options[OPT_ONLY].list[2]);
	assert_int_equal(args.options[OPT_VERBOSE].times, 2);
	assert_true(args_has(&args, OPT_JSON));
	arena_free(a);
}

static void values_come_in_three_forms(void **state)
{
	(void)state;
	static const char *const lines[] = { "-fX plan", "-f X plan", "--file=X plan",
					     "plan --file X" };
	for (size_t i = 0; i < 4; i++) {
		struct arena *a = arena_new();
		struct args args;
		struct err e;
		assert_int_equal(parse(a, lines[i], &args, &e), 0);
		assert_string_equal(args.options[OPT_FILE].text, "X");
		arena_free(a);
	}
}

static void a_duration_is_read(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct args args;
	struct err e;
	assert_int_equal(parse(a, "verify --wait 15m", &args, &e), 0);
	assert_int_equal(args.options[OPT_WAIT].duration_ms, 15 * 60 * 1000);
	arena_free(a);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct args args;
	struct err e;
	assert_int_equal(parse(a, "audit -- -x", &args, &e), 0);
	assert_int_equal(args.n, 1);
	assert_string_equal(args.operands[0], "-x");
	assert_int_equal(parse(a, "audit -", &args, &e), 0);
	assert_string_equal(args.operands[0], "-");
	arena_free(a);
}

static void a_typo_is_named_with_the_right_word(void **state)
{
	(void)state;
	refused("adit x.org", "unknown command 'adit'", "cutover audit");
	refused("copy --pliot 2", "--pliot", "--pilot");
	refused("frobnicate", "frobnicate", "cutover help");
	refused("", "no command", "cutover audit DOMAIN");
}

static void wrong_values_are_refused(void **state)
{
	(void)state;
	refused("copy --pilot two", "'two' is no number", "whole number");
	refused("copy --pilot 0", "'0' is out of range", "from 1 to 65535");
	refused("copy --mirror-limit 101", "'101' is out of range", "from 1 to 100");
	refused("verify --wait soon", "'soon' is no DURATION", "15m");
	refused("audit --fail-on bad x.org", "'bad'", "info|warning|blocker");
	refused("plan --json=yes", "takes no value", "--json alone");
	refused("plan -f", "needs a value", "--file FILE");
	refused("-f a -f b plan", "given twice", "once");
}

static void what_does_not_belong_is_refused(void **state)
{
	(void)state;
	refused("plan --pilot 2", "does not belong to 'cutover plan'", "help plan");
	refused("plan extra", "does not take 'extra'", "usage");
	refused("accept --reason x", "needs GATE", "usage");
	refused("-v -q plan", "exclude each other", "one of them");
	refused("copy --verify --no-verify", "exclude each other", "one of them");
}

static void every_command_is_complete(void **state)
{
	(void)state;
	for (const struct command *const *c = command_table(); *c != NULL; c++) {
		assert_non_null((*c)->run);
		assert_true(strlen((*c)->summary) > 0 && strlen((*c)->summary) < 66);
		assert_true(strlen((*c)->text) > 20);
		assert_ptr_equal(command_find((*c)->name), *c);
	}
	for (int i = 0; i < OPT_N; i++)
		assert_int_equal(option_row((enum option_id)i)->id, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(values_come_in_three_forms),
		cmocka_unit_test(a_duration_is_read),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_typo_is_named_with_the_right_word),
		cmocka_unit_test(wrong_values_are_refused),
		cmocka_unit_test(what_does_not_belong_is_refused),
		cmocka_unit_test(every_command_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
