/* What kind of server it is, by what it says of itself; and what its refusals mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/preset.h"
#include "migrate/refusal.h"

static void assert_kind(const char *greeting, const char *capability, const char *id,
			const char *name)
{
	char why[PRESET_WHY_MAX];
	const struct preset_signs signs = { greeting, capability, id };
	const struct preset *p = preset_choose(&signs, NULL, why);
	if (strcmp(p->name, name) != 0)
		fail_msg("'%s' '%s' '%s' is %s and not %s (%s)", greeting, capability, id, p->name,
			 name, why);
	assert_true(why[0] != '\0');
}

static void servers_are_known_by_two_signs_or_one_of_their_own(void **state)
{
	(void)state;
	assert_kind("* OK The Microsoft Exchange IMAP4 service is ready. [QQBNADMA]",
		    "IMAP4 IMAP4rev1 AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE "
		    "NAMESPACE LITERAL+ CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION",
		    "", "exchange-online");
	assert_kind("* OK Microsoft Exchange IMAP4 service ready. (tcpproxy/15.21)",
		    "IMAP4rev1 BACKENDAUTHENTICATE", "", "exchange-online");
	assert_kind("* OK The Microsoft Exchange IMAP4 service is ready.",
		    "IMAP4 IMAP4rev1 AUTH=PLAIN IDLE NAMESPACE LITERAL+", "", "exchange");
	assert_kind("* OK Gimap ready for requests from 192.0.2.1 ab12",
		    "IMAP4rev1 UNSELECT XLIST X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE LITERAL-",
		    "(\"name\" \"GImap\" \"vendor\" \"Google, Inc.\")", "gmail");
	assert_kind("", "IMAP4rev1 ID MOVE XYMHIGHESTMODSEQ UIDPLUS UIDONLY MESSAGELIMIT=1000", "",
		    "yahoo");
	assert_kind("* OK [CAPABILITY st11p00mm-iscream005 XAPPLEPUSHSERVICE IMAP4rev1]",
		    "IMAP4rev1 XAPPLEPUSHSERVICE XAPPLELITERAL", "", "icloud");
	assert_kind("* OK [CAPABILITY IMAP4rev1] Dovecot (Debian) ready.", "IMAP4rev1 LITERAL+",
		    "(\"name\" \"Dovecot\")", "dovecot");
	assert_kind("* OK Courier-IMAP ready. Copyright", "IMAP4rev1 ACL2=UNION", "NIL", "courier");
}

static void one_weak_sign_or_a_contradiction_chooses_nothing(void **state)
{
	(void)state;
	assert_kind("* OK Gimap ready for requests", "IMAP4rev1 UIDPLUS", "", "generic");
	/* macOS Server's Dovecot can push, too. */
	assert_kind("* OK ready", "IMAP4rev1 XAPPLEPUSHSERVICE", "", "generic");
	assert_kind("* OK Dovecot ready.", "IMAP4rev1", "NIL", "generic");
	assert_kind("", "", "", "generic");
	assert_kind("", "IMAP4rev1 X-GM-EXT-1 XYMHIGHESTMODSEQ", "", "generic");
}

static void the_project_file_outweighs_all_signs(void **state)
{
	char why[PRESET_WHY_MAX];
	const struct preset_signs signs = { "", "X-GM-EXT-1", "" };
	(void)state;
	assert_string_equal(preset_choose(&signs, "yahoo", why)->name, "yahoo");
	assert_non_null(strstr(why, "project file"));
	assert_string_equal(preset_choose(&signs, "no-such", why)->name, "gmail");
}

static void reserved_names_and_dropped_flags(void **state)
{
	const struct preset *p = preset_by_name("exchange-online");
	(void)state;
	assert_true(preset_is_reserved(p, "files"));
	assert_false(preset_is_reserved(p, "Files/2024"));
	assert_true(preset_drops_flag(p, "$mdnsent"));
	assert_false(preset_drops_flag(p, "\\Seen"));
	assert_false(preset_is_reserved(preset_generic(), "Files"));
}

static enum err_kind kind_of(enum imap_cond cond, enum imap_code code, const char *text,
			     int64_t *until_r)
{
	struct fake_clock clock;
	struct conn_answer a = { .cond = cond, .code = code };
	struct err e;
	fake_clock_init(&clock, 1000);
	str_copy(a.text, sizeof(a.text), text);
	assert_int_equal(refusal_err("server.test:993", &clock.clock, &a, &e), -1);
	assert_non_null(strstr(e.text, text));
	*until_r = e.until_ms;
	return e.kind;
}

static void refusals_have_the_kind_of_what_can_be_done(void **state)
{
	static const struct {
		enum imap_cond cond;
		enum imap_code code;
		const char *text;
		enum err_kind kind;
		int64_t until;
	} cases[] = {
		{ IMAP_BAD, IMAP_CODE_NONE,
		  "Request is throttled. Suggested Backoff Time: 299961 milliseconds", ERR_WAIT,
		  300961 },
		{ IMAP_NO, IMAP_CODE_THROTTLED, "slow down", ERR_WAIT, 0 },
		{ IMAP_NO, IMAP_CODE_UNAVAILABLE,
		  "Maximum number of connections from user+IP exceeded", ERR_WAIT, 0 },
		{ IMAP_NO, IMAP_CODE_ALERT, "Too many simultaneous connections. (Failure)",
		  ERR_WAIT, 0 },
		{ IMAP_NO, IMAP_CODE_OVERQUOTA,
		  "Account exceeded command or bandwidth limits. (Failure)", ERR_WAIT, 3601000 },
		{ IMAP_NO, IMAP_CODE_OVERQUOTA, "Quota exceeded", ERR_MAILBOX, 0 },
		{ IMAP_NO, IMAP_CODE_NONE, "Over quota", ERR_MAILBOX, 0 },
		{ IMAP_NO, IMAP_CODE_ALERT, "You exceeded your mail quota.", ERR_MAILBOX, 0 },
		{ IMAP_NO, IMAP_CODE_ALERT,
		  "Cannot create message - no write permission or out of disk space.", ERR_MAILBOX,
		  0 },
		{ IMAP_BYE, IMAP_CODE_ALERT, "Access to this service has been blocked", ERR_ACCOUNT,
		  0 },
		{ IMAP_NO, IMAP_CODE_UNAVAILABLE, "UID FETCH Server error while fetching messages",
		  ERR_ITEM, 0 },
		{ IMAP_NO, IMAP_CODE_UNAVAILABLE, "later", ERR_RETRY, 0 },
		{ IMAP_NO, IMAP_CODE_INUSE, "locked", ERR_RETRY, 0 },
		{ IMAP_NO, IMAP_CODE_LIMIT, "too many keywords", ERR_ITEM, 0 },
		{ IMAP_NO, IMAP_CODE_NONE, "Server Unavailable. 15", ERR_WAIT, 0 },
		{ IMAP_BAD, IMAP_CODE_NONE, "User is authenticated but not connected.", ERR_ACCOUNT,
		  0 },
		{ IMAP_BYE, IMAP_CODE_NONE, "Session invalidated - AccessTokenExpired", ERR_RETRY,
		  0 },
		{ IMAP_NO, IMAP_CODE_NONE, "Session invalidated - AccessTokenExpired", ERR_RETRY,
		  0 },
		{ IMAP_BYE, IMAP_CODE_NONE, "Connection closed. 14", ERR_RETRY, 0 },
		{ IMAP_NO, IMAP_CODE_NONE, "Message contains NUL characters", ERR_ITEM, 0 },
	};
	int64_t until;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (kind_of(cases[i].cond, cases[i].code, cases[i].text, &until) != cases[i].kind ||
		    until != cases[i].until)
			fail_msg("'%s'", cases[i].text);
	}
}

static void assert_login(const char *line, enum err_kind kind)
{
	struct fake_clock clock;
	struct err e;
	fake_clock_init(&clock, 1000);
	err_set(&e, ERR_ACCOUNT, "the server refused this password");
	refusal_of_login(line, &clock.clock, &e);
	if (e.kind != kind)
		fail_msg("'%s' is %s", line, err_kind_name(e.kind));
}

static void a_throttle_at_login_is_no_wrong_password(void **state)
{
	(void)state;
	assert_login("A002 NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
		     ERR_WAIT);
	assert_login("A002 NO [ALERT] Too many simultaneous connections. (Failure)", ERR_WAIT);
	assert_login("A002 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", ERR_ACCOUNT);
	assert_login("* BYE Rate limit hit", ERR_WAIT);
	assert_login("", ERR_ACCOUNT);
	assert_login("535 5.7.3 no IMAP at all", ERR_ACCOUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_known_by_two_signs_or_one_of_their_own),
		cmocka_unit_test(one_weak_sign_or_a_contradiction_chooses_nothing),
		cmocka_unit_test(the_project_file_outweighs_all_signs),
		cmocka_unit_test(reserved_names_and_dropped_flags),
		cmocka_unit_test(refusals_have_the_kind_of_what_can_be_done),
		cmocka_unit_test(a_throttle_at_login_is_no_wrong_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
