/*
 * Servers that say something for ever and never what is awaited: whole passes between two of them,
 * on a fake clock. headway.h tells when talk is given up; test_headway has the times.
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

/* Each ten seconds, '#' rises. */
static const char *const talk[] = {
	"* OK still here\r\n",
	"* # EXISTS\r\n",
	"* # FETCH (UID # FLAGS (\\Seen))\r\n",
	"* 2 FETCH (FLAGS ())\r\n* NO [ALERT] maintenance\r\n",
	"* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n",
	"* LIST () \"/\" folder#\r\n",
	"* SEARCH 1 2 3\r\n",
	"* # RECENT\r\n* VANISHED #\r\n* CAPABILITY IMAP4rev1\r\n",
	"x", /* one line that never ends */
};

/* Every connection is so: six in a row, each as long as talk is borne (four minutes here), and the
 * pauses between them. */
static void an_endless_talker_is_given_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(talk) / sizeof(talk[0]); i++) {
		struct twins t;
		const struct imapd_habits talks = { .mute = true,
						    .keeps_alive = true,
						    .alive_words = talk[i / 2] };
		bool at_src = i % 2 == 0;
		twins_open(&t, at_src ? &talks : &plain, at_src ? &plain : &talks);
		twins_fill(&t.src.folders[0], 3);
		assert_int_equal(twins_pass(&t), MAILBOX_FAILED);
		if (strstr(t.result.err.text, "talks, and brings nothing") == NULL)
			fail_msg("%s: %s", talk[i / 2], t.result.err.text);
		assert_in_range(twins_passed_ms(&t), 240000, 3 * 3600000);
		twins_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_endless_talker_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
