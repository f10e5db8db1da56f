/*
 * A session that was one and is none any more: a token that ended, in all the words that servers
 * have for it. The connection stays, and each command behind gets the same answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twins.h"

static const struct imapd_habits plain;

static const char *const dead_words[] = {
	"NO Session invalidated - AccessTokenExpired",
	"BAD Session invalidated - AccessTokenExpired",
	"NO [AUTHENTICATIONFAILED] token is no longer valid",
	"NO [EXPIRED] log in again",
	"BAD Command received in Invalid state.",
	"BAD Not authenticated",
};
enum { WORDS = sizeof(dead_words) / sizeof(dead_words[0]) };

static void dead_session(const struct imapd_habits *src, const struct imapd_habits *dst)
{
	struct twins t;
	twins_open(&t, src, dst);
	twins_fill(&t.src.folders[0], 12);
	twins_fill(imapd_make(&t.src, "Sent", "\\Sent"), 4);
	twins_synced(&t);
	assert_true(t.src.connections + t.dst.connections > 2);
	twins_same(&t, "INBOX", "INBOX");
	twins_same(&t, "Sent", "Sent");
	twins_close(&t);
}

/* Stored or not when the words come: each way of saying an APPEND with each of the words. */
static void while_it_is_written_to(void **state)
{
	static const char *const capabilities[] = { "UIDPLUS NAMESPACE",
						    "UIDPLUS LITERAL+ NAMESPACE",
						    "UIDPLUS LITERAL+ MULTIAPPEND" };
	(void)state;
	for (size_t w = 0; w < WORDS; w++) {
		dead_session(&plain, &(struct imapd_habits){ .dead_words = dead_words[w],
							     .capability = capabilities[w % 3],
							     .dead_at_append = 1 });
		dead_session(&plain, &(struct imapd_habits){ .dead_words = dead_words[w],
							     .capability = capabilities[w / 2],
							     .dead_stores = true,
							     .dead_at_append = 2 });
	}
}

static void while_it_is_read_from(void **state)
{
	(void)state;
	for (unsigned w = 0; w < WORDS; w++)
		dead_session(&(struct imapd_habits){ .dead_words = dead_words[w],
						     .dead_at_fetch = 1 + w % 3 },
			     &plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_it_is_written_to),
		cmocka_unit_test(while_it_is_read_from),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
