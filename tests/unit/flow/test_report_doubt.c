/* A mailbox that is not verified says how much differs, where, and what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "flow/report_doubt.h"

static void says(const struct migrate_verdict *v, const struct migrate_remark *remarks, size_t n,
		 const char *doubt, const char *remedy)
{
	struct arena *a = arena_new();
	struct gate_mailbox m = { .status = { .last_verified_ms = 1, .verdict = *v } };
	report_doubt(a, &m, remarks, n);
	assert_string_equal(m.doubt, doubt);
	assert_non_null(strstr(m.doubt_remedy, remedy));
	arena_free(a);
}

static void the_folders_are_named_once(void **state)
{
	const struct migrate_remark remarks[] = {
		{ .kind = "missing", .folder = "INBOX" },
		{ .kind = "missing", .folder = "INBOX" },
		{ .kind = "missing", .folder = "Sent" },
		{ .kind = "doubled", .folder = "INBOX" },
		{ .kind = "doubled", .folder = "Archive" },
		{ .kind = "loss", .folder = "Drafts" },
	};
	struct migrate_verdict v = { .missing = 3, .doubled = 2 };
	(void)state;
	err_set(&v.err, ERR_REFUSED, "'INBOX', UID 7: not at the target");
	says(&v, remarks, 6,
	     "3 missing, 0 differing, 2 more than once at the target, in 'INBOX', 'Sent', "
	     "'Archive'; "
	     "'INBOX', UID 7: not at the target",
	     "cutover copy --verify");
}

static void many_folders_are_counted(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g" };
	struct migrate_remark remarks[7];
	const struct migrate_verdict v = { .doubled = 7 };
	(void)state;
	for (size_t i = 0; i < 7; i++)
		remarks[i] = (struct migrate_remark){ .kind = "doubled", .folder = names[i] };
	says(&v, remarks, 7,
	     "0 missing, 0 differing, 7 more than once at the target, in 'a', 'b', 'c', 'd', 'e' "
	     "and 2 more folders",
	     "remove the second copies");
}

static void a_folder_that_was_not_read_is_in_the_error(void **state)
{
	struct migrate_verdict v = { .compared = 9 };
	(void)state;
	err_set(&v.err, ERR_REFUSED, "'Sent': only 3 of 4 messages could be read at the source");
	says(&v, NULL, 0,
	     "0 missing, 0 differing, 0 more than once at the target; 'Sent': only 3 of 4 messages "
	     "could be read at the source",
	     "both servers give that folder");
}

static void who_is_verified_or_never_was_is_not_doubted(void **state)
{
	struct arena *a = arena_new();
	struct gate_mailbox m = { .status = { .last_verified_ms = 0 } };
	(void)state;
	report_doubt(a, &m, NULL, 0);
	assert_null(m.doubt);
	m.status.last_verified_ms = 1;
	m.status.verdict.verified = true;
	report_doubt(a, &m, NULL, 0);
	assert_null(m.doubt);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folders_are_named_once),
		cmocka_unit_test(many_folders_are_counted),
		cmocka_unit_test(a_folder_that_was_not_read_is_in_the_error),
		cmocka_unit_test(who_is_verified_or_never_was_is_not_doubted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
