/* A finding as GitHub reads it: nothing that a zone says may become a command of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/audit_github.h"

static const char *annotation(struct arena *a, const struct finding *f)
{
	struct buf b;
	buf_init(&b);
	audit_annotation(f, &b);
	const char *text = arena_strdup(a, b.at);
	buf_release(&b);
	return text;
}

static void severities_are_commands(void **state)
{
	struct arena *a = arena_new();
	struct finding f = { "mx-ttl-high", SEVERITY_BLOCKER, "x.org MX", "too long", "lower it", 0,
			     NULL };
	(void)state;
	assert_string_equal(
		annotation(a, &f),
		"::error title=mx-ttl-high%3A x.org MX::too long. What to do: lower it\n");
	f.severity = SEVERITY_WARNING;
	assert_true(str_starts(annotation(a, &f), "::warning "));
	f.severity = SEVERITY_INFO;
	assert_true(str_starts(annotation(a, &f), "::notice "));
	arena_free(a);
}

static void nothing_breaks_out(void **state)
{
	struct arena *a = arena_new();
	const struct finding f = { "spf-syntax",
				   SEVERITY_INFO,
				   "a,b:c\n::error::x",
				   "100%\r\n::set-env name=X::y",
				   NULL,
				   0,
				   NULL };
	(void)state;
	const char *text = annotation(a, &f);
	assert_null(strchr(text, '\r'));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_non_null(strstr(text, "a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax"));
	assert_non_null(strstr(text, "100%25?%0A::set-env"));
	arena_free(a);
}

/* What a TXT record or the name of a mail host holds, as octet 27. */
static void nothing_controls_a_terminal(void **state)
{
	struct arena *a = arena_new();
	const struct finding f = {
		"spf-syntax", SEVERITY_INFO, "m\x1b[2Jx.x.net", "v=spf1 \x1b]0;", "not \x1b", 0,
		NULL
	};
	(void)state;
	assert_string_equal(
		annotation(a, &f),
		"::notice title=spf-syntax%3A m?[2Jx.x.net::v=spf1 ?]0;. What to do: not ?\n");
	arena_free(a);
}

/* "##[add-mask]error" in the middle of a line is a command, too; so nothing but the annotations is
 * read at all. */
static void a_report_beside_them_is_no_command(void **state)
{
	char text[512] = "";
	struct seeded_rng rng;
	struct audit_github g;
	FILE *to = fmemopen(text, sizeof(text), "w");
	(void)state;
	assert_non_null(to);
	seeded_rng_init(&rng, 7);
	audit_github_begin(&g, to, &rng.rng);
	(void)fputs("v=spf1 ##[stop-commands]x\n", to);
	audit_github_failed(&g, "x.org", "no answer");
	audit_github_end(&g);
	assert_int_equal(fclose(to), 0);
	struct arena *a = arena_new();
	assert_string_equal(text, arena_printf(a,
					       "::stop-commands::%s\nv=spf1 ##[stop-commands]x\n"
					       "::%s::\n::error title=x.org::no answer\n"
					       "::stop-commands::%s\n::%s::\n",
					       g.word, g.word, g.word, g.word));
	assert_int_equal(strlen(g.word), strlen("cutover-") + 16);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(severities_are_commands),
		cmocka_unit_test(nothing_breaks_out),
		cmocka_unit_test(nothing_controls_a_terminal),
		cmocka_unit_test(a_report_beside_them_is_no_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
