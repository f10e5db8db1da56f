/* Answers to RCPT as servers of the world give them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "migrate/smtp/verdict.h"

struct said {
	const char *reply;
	enum smtp_verdict verdict;
};

static const struct said cases[] = {
	{ "250 2.1.5 Ok", SMTP_ACCEPTED },
	{ "250 Accepted", SMTP_ACCEPTED },
	{ "251 2.1.5 will forward", SMTP_ACCEPTED },
	{ "252 cannot verify, will try", SMTP_INCONCLUSIVE },
	{ "550 5.1.1 <x@y>: Recipient address rejected: User unknown in virtual mailbox table",
	  SMTP_REJECTED },
	{ "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", SMTP_REJECTED },
	{ "550-5.1.1 The email account that you tried to reach does not exist.", SMTP_REJECTED },
	{ "550 5.2.1 The email account that you tried to reach is disabled.", SMTP_REJECTED },
	{ "552 5.2.2 mailbox full", SMTP_REJECTED },
	{ "550 No such user here", SMTP_REJECTED },
	{ "554 5.7.1 <x@y>: Relay access denied", SMTP_REJECTED },
	{ "550 5.7.64 TenantAttribution; Relay Access Denied", SMTP_REJECTED },
	{ "550 relay not permitted", SMTP_REJECTED },
	{ "550 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using Spamhaus",
	  SMTP_INCONCLUSIVE },
	{ "550 5.7.1 message content rejected due to policy", SMTP_INCONCLUSIVE },
	{ "550 5.7.25 no PTR", SMTP_INCONCLUSIVE },
	{ "550 5.1.8 <a@b>: Sender address rejected: Domain not found", SMTP_INCONCLUSIVE },
	{ "554 your reverse DNS is missing", SMTP_INCONCLUSIVE },
	{ "530 5.7.0 Must issue a STARTTLS command first", SMTP_INCONCLUSIVE },
	{ "503 5.5.1 Error: need MAIL command", SMTP_INCONCLUSIVE },
	{ "501 5.1.3 Bad recipient address syntax", SMTP_INCONCLUSIVE },
	{ "421 4.7.0 try again later", SMTP_INCONCLUSIVE },
	{ "450 4.2.0 greylisted", SMTP_INCONCLUSIVE },
	{ "451 4.3.0 temporary lookup failure", SMTP_INCONCLUSIVE },
	{ "452 4.5.3 too many recipients", SMTP_INCONCLUSIVE },
	{ "354 go on", SMTP_INCONCLUSIVE },
};

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smtp_parser p;
		struct err e;
		struct buf line;
		buf_init(&line);
		smtp_parser_init(&p);
		buf_addf(&line, "%s\r\n", cases[i].reply);
		if (cases[i].reply[3] == '-')
			buf_adds(&line, "550 5.1.1 the rest\r\n");
		struct slice bytes = buf_slice(&line);
		assert_int_equal(smtp_parser_feed(&p, &bytes, &e), 1);
		if (smtp_verdict_of(&p.reply) != cases[i].verdict)
			fail_msg("%s", cases[i].reply);
		smtp_parser_release(&p);
		buf_release(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_verdicts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
