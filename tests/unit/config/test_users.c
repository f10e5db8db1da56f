#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "scratch.h"

#define H "EmailAddress,UserName,Password\n"

static struct user_list *load(struct scratch *s, const char *text)
{
	struct user_list *l = NULL;
	return user_list_load(scratch_write(s, text), &l, &s->e) == 0 ? l : NULL;
}

static void reads_what_exchange_takes(void **state)
{
	struct scratch *s = *state;
	struct user_list *l = load(s, "\xef\xbb\xbf" H "a@b.example,auser,pw\r\n"
				      "c@b.example,\"b\\c,d\",\"p\"\"w,x\"\r\n\r\n");
	if (l == NULL) {
		fail_msg("%s", s->e.text);
		return;
	}
	assert_int_equal(l->n, 2);
	assert_false(l->shared);
	assert_string_equal(l->rows[0].address, "a@b.example");
	assert_string_equal(l->rows[0].target_user, "a@b.example");
	assert_null(l->rows[0].target_password);
	assert_null(l->rows[0].root);
	assert_int_equal(l->rows[1].line, 3);
	assert_string_equal(l->rows[1].user, "b\\c,d");
	assert_string_equal(secret_expose(l->rows[1].password).ptr, "p\"w,x");
	user_list_free(l);
}

static void takes_columns_in_any_order(void **state)
{
	struct scratch *s = *state;
	struct user_list *l = load(s, "password,TARGETIMAP,emailaddress,UserRoot,TargetPassword,"
				      "TargetUserName,username,SourceImap\n"
				      "pw,imaps://t.example,a@b.example,/u,tpw,tu,su,\n");
	if (l == NULL) {
		fail_msg("%s", s->e.text);
		return;
	}
	assert_string_equal(l->rows[0].user, "su");
	assert_string_equal(l->rows[0].root, "/u");
	assert_string_equal(l->rows[0].target_user, "tu");
	assert_string_equal(secret_expose(l->rows[0].target_password).ptr, "tpw");
	assert_string_equal(l->rows[0].target_imap, "imaps://t.example");
	assert_null(l->rows[0].source_imap);
	user_list_free(l);
}

static void tells_when_others_can_read_it(void **state)
{
	struct scratch *s = *state;
	struct user_list *l = NULL;
	scratch_write(s, H "a@b.example,a,pw\n");
	assert_int_equal(chmod(s->path, 0644), 0);
	assert_int_equal(user_list_load(s->path, &l, &s->e), 0);
	assert_true(l->shared);
	user_list_free(l);
}

static void counts_passwords_with_outer_blanks(void **state)
{
	struct scratch *s = *state;
	struct user_list *l = load(s, H "a@b.example,a,p w\nb@b.example,b,pw \n"
					"c@b.example,c, pw\n");
	if (l == NULL) {
		fail_msg("%s", s->e.text);
		return;
	}
	assert_int_equal(l->blank_passwords, 2);
	assert_int_equal(l->blank_password_line, 3);
	assert_string_equal(secret_expose(l->rows[1].password).ptr, "pw ");
	user_list_free(l);
}

struct refusal {
	const char *text;
	int line;
	const char *reason, *remedy;
};

static const struct refusal refusals[] = {
	{ "", 1, "empty", "EmailAddress,UserName,Password" },
	{ H, 1, "no mailbox", "one line a mailbox" },
	{ "EmailAddress,UserName\na@b.example,a\n", 1, "'Password' is missing", "Password" },
	{ "EmailAdress,UserName,Password\n", 1, "unknown column 'EmailAdress'", "'EmailAddress'" },
	{ "EmailAddress;UserName;Password\n", 1, "separated by semicolons", "commas" },
	{ "\xef\xbb\xbf\"EmailAddress\";\"UserName\";\"Password\"\r\n", 1,
	  "separated by semicolons", "commas" },
	{ "EmailAddress\tUserName\tPassword\n", 1, "separated by tabs", "commas" },
	{ "EmailAddress,UserName,Password,,\na@b.example,a,p,,\n", 1, "column without a name",
	  "delete it" },
	{ "EmailAddress,UserName,Password,Password\n", 1, "same column twice", "Password" },
	{ H "a@b.example,a\n", 2, "2 fields, but the first line has 3", "one field a column" },
	{ H "a@b.example,,pw\n", 2, "UserName is empty", "login name" },
	{ H ",a,pw\n", 2, "EmailAddress is empty", "delete the line" },
	{ H " a@b.example,a,pw\n", 2, "' a@b.example' is no mail address", "blank" },
	{ H "m\xc3\xbcller@b.example,a,pw\n", 2, "no mail address", "beyond ASCII" },
	{ H "a@b.example,a ,pw\n", 2, "UserName begins or ends with a blank", "delete" },
	{ H "a.b.example,a,pw\n", 2, "no mail address", "alice@" },
	{ H "a@@b.example,a,pw\n", 2, "no mail address", "alice@" },
	{ H "a@localhost,a,pw\n", 2, "no mail address", "alice@" },
	{ H "x@b.example,x,pw\nA@b.example,a,pw\na@B.example,b,pw\n", 4,
	  "'a@b.example' is in line 3 already", "keep one" },
	{ H "a@b.example,a,\"p\nw\"\n", 2, "Password holds a line break", "correct" },
	{ H "a@b.example,a\tb,pw\n", 2, "UserName holds a control character", "correct" },
	{ H "a@b.example,a,\"pw\nc@b.example,c,pw\n", 2, "never closed", "\"\"" },
	{ H "ok@b.example,a,pw\nm\xfcller@b.example,a,pw\n", 3, "not UTF-8", "CSV UTF-8" },
	{ "EmailAddress,UserName,Password,SourceImap\na@b.example,a,pw,host\n", 2,
	  "SourceImap must begin with imaps://", "leave it empty" },
};

static void refuses_with_line_and_remedy(void **state)
{
	struct scratch *s = *state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const char *place = arena_printf(s->arena, "/file:%d: ", r->line);
		if (load(s, r->text) != NULL)
			fail_msg("accepted:\n%s", r->text);
		assert_int_equal(s->e.kind, ERR_USAGE);
		if (strstr(s->e.text, place) == NULL || strstr(s->e.text, r->reason) == NULL ||
		    strstr(s->e.hint, r->remedy) == NULL)
			fail_msg("%s\nis answered by:\n%s\n%s", r->text, s->e.text, s->e.hint);
	}
}

static void never_shows_a_password(void **state)
{
	struct scratch *s = *state;
	assert_null(load(s, H "a.b.example,a,hunter2\n"));
	assert_null(strstr(s->e.text, "hunter2"));
	assert_null(load(s, H "a@b.example,a,\"hunter2\x01\"\n"));
	assert_null(strstr(s->e.text, "hunter2"));
}

static void refuses_nul(void **state)
{
	struct scratch *s = *state;
	struct user_list *l = NULL;
	scratch_bytes(s, SLICE_LIT(H "a@b.example,a,p\0w\n"));
	assert_int_equal(user_list_load(s->path, &l, &s->e), -1);
	assert_non_null(strstr(s->e.text, "/file:2: a NUL byte"));
}

static void limits_rows_and_fields(void **state)
{
	struct scratch *s = *state;
	struct buf b;
	struct user_list *l;
	buf_init(&b);
	buf_adds(&b, H);
	for (int i = 0; i < 50000; i++)
		buf_addf(&b, "u%d@b.example,u,p\n", i);
	l = load(s, b.at);
	assert_non_null(l);
	assert_int_equal(l->n, 50000);
	user_list_free(l);
	buf_adds(&b, "last@b.example,u,p\n");
	assert_null(load(s, b.at));
	assert_non_null(strstr(s->e.text, "/file:50002: more than 50 000"));
	buf_clear(&b);
	buf_adds(&b, H "a@b.example,a,");
	for (int i = 0; i < 1025; i++)
		buf_addc(&b, 'x');
	assert_null(load(s, b.at));
	assert_non_null(strstr(s->e.text, "/file:2: Password is longer than 1024"));
	while (b.len <= (size_t)10 * 1024 * 1024)
		buf_adds(&b, "\na@b.example,a,the same again and again");
	assert_null(load(s, b.at));
	assert_non_null(strstr(s->e.text, "larger than 10 MiB"));
	buf_release(&b);
}

static void holds_it_against_the_project(void **state)
{
	struct scratch *s = *state;
	struct project p = { .path = "cutover.yaml",
			     .source_imap = "imaps://s.example",
			     .source_auth = { .method = "password" },
			     .target_auth = { .method = "token" } };
	struct user_list *l = load(s, "EmailAddress,UserName,Password,TargetImap\n"
				      "a@b.example,a,pw,imaps://t.example\n"
				      "c@b.example,c,pw,imap://T.example:143\n");
	assert_non_null(l);
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), 0);
	p.target_auth.method = "password";
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), -1);
	assert_string_equal(s->e.text, "u.csv:2: no password for the target");
	p.target_auth.master_user = "admin";
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), 0);
	p.source_imap = NULL;
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), -1);
	assert_non_null(strstr(s->e.text, "u.csv:2: no server: neither SourceImap"));
	user_list_free(l);
}

/* Exchange wants the column; whether a row needs a word in it is for the project to say. */
static void an_empty_password_is_for_others_to_judge(void **state)
{
	struct scratch *s = *state;
	struct project p = { .path = "cutover.yaml",
			     .source_imap = "imaps://s.example",
			     .target_imap = "imaps://t.example",
			     .source_auth = { .method = "token" },
			     .target_auth = { .method = "token" } };
	struct user_list *l = load(s, "EmailAddress,UserName,Password\na@b.example,a,\n");
	assert_non_null(l);
	assert_null(l->rows[0].password);
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), 0);
	p.source_auth.method = "password";
	assert_int_equal(user_list_check(l, "u.csv", &p, &s->e), -1);
	assert_string_equal(s->e.text, "u.csv:2: Password is empty");
	user_list_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_exchange_takes),
		cmocka_unit_test(takes_columns_in_any_order),
		cmocka_unit_test(tells_when_others_can_read_it),
		cmocka_unit_test(counts_passwords_with_outer_blanks),
		cmocka_unit_test(refuses_with_line_and_remedy),
		cmocka_unit_test(never_shows_a_password),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(limits_rows_and_fields),
		cmocka_unit_test(holds_it_against_the_project),
		cmocka_unit_test(an_empty_password_is_for_others_to_judge),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
