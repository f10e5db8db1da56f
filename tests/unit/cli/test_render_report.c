/* What the forms of the report claim of a mailbox and of a gate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/render.h"

enum { AT_MS = 1000 };

/* A mailbox that was copied and compared, and found good. */
static struct gate_mailbox good_mailbox(void)
{
	return (struct gate_mailbox){
		.address = "anna@treyresearch.com",
		.row = 2,
		.status = { .known = true,
			    .state = MAILBOX_SYNCED,
			    .last_pass_end_ms = AT_MS,
			    .last_verified_ms = AT_MS,
			    .verdict = { .verified = true, .compared = 10 },
			    .messages = 10,
			    .acknowledged = 10 },
	};
}

typedef void render_fn(const struct report *r, struct buf *out);

/* The whole text of one form; to be released. */
static struct buf text_of(render_fn *render, const struct gate_mailbox *m, const struct gate *g)
{
	struct buf out;
	const struct report r = { .domain = "treyresearch.com",
				  .mailbox_n = m != NULL,
				  .mailboxes = m,
				  .gate_n = g != NULL,
				  .gates = g,
				  .journal_intact = true };
	buf_init(&out);
	render(&r, &out);
	return out;
}

static void has(render_fn *render, const struct gate_mailbox *m, const struct gate *g,
		const char *what)
{
	struct buf out = text_of(render, m, g);
	if (strstr(out.at, what) == NULL)
		fail_msg("no '%s' in:\n%s", what, out.at);
	buf_release(&out);
}

static void a_failed_comparison_is_no_verification(void **state)
{
	struct gate_mailbox m = good_mailbox();
	(void)state;
	has(render_html, &m, NULL, "<td class=\"good\">1970-01-01T00:00:01Z</td>");
	has(render_csv, &m, NULL, ",yes,,bytes,,,\r\n");
	m.status.verdict.verified = false;
	m.doubt = "3 missing, in 'Sent'";
	m.doubt_remedy = "compare again";
	has(render_html, &m, NULL,
	    "<td class=\"bad\">NOT verified: 1970-01-01T00:00:01Z, 3 missing, in &#39;Sent&#39;; "
	    "what to do: compare again</td>");
	has(render_junit, &m, NULL,
	    "<failure message=\"3 missing, in &#39;Sent&#39;\">compare again<");
	has(render_csv, &m, NULL, ",no,,bytes,,,\"3 missing, in 'Sent'\"\r\n");
}

static void the_weaker_proof_is_named(void **state)
{
	struct gate_mailbox m = good_mailbox();
	(void)state;
	m.status.verdict.by_headers = true;
	has(render_html, &m, NULL, ", by headers alone</td>");
	has(render_csv, &m, NULL, ",yes,,headers,,,\r\n");
}

static void what_was_left_out_is_told_and_fails(void **state)
{
	struct gate_mailbox m = good_mailbox();
	(void)state;
	str_copy(m.status.filter, sizeof(m.status.filter), "mail older than 2026");
	has(render_html, &m, NULL, "<td>left out: mail older than 2026</td>");
	has(render_csv, &m, NULL, ",bytes,mail older than 2026,,\r\n");
	has(render_junit, &m, NULL, "<failure message=\"mail older than 2026\">");
}

static void a_persons_word_is_told(void **state)
{
	struct gate_mailbox m = good_mailbox();
	(void)state;
	m.status.state = MAILBOX_REMOVED;
	m.held = "left in <May>";
	has(render_html, &m, NULL, "<td>by hand: left in &lt;May&gt;</td>");
	has(render_csv, &m, NULL, ",left in <May>,\r\n");
	has(render_junit, &m, NULL, "failures=\"0\"");
}

static void a_gate_that_is_let_pass_says_by_whom(void **state)
{
	struct gate g = { .id = "no-drift",
			  .verdict = GATE_CLOSED,
			  .evidence = "x.org MX changed",
			  .remedy = "plan again",
			  .policy = GATE_WARN };
	(void)state;
	has(render_html, NULL, &g, "the policy lets it pass (warn); else: plan again");
	g.accepted = "it was me";
	g.accepted_ms = AT_MS;
	has(render_html, NULL, &g, "accepted at 1970-01-01T00:00:01Z: it was me");
}

static void an_unreadable_list_of_mailboxes_fails(void **state)
{
	struct buf out;
	const struct report r = { .domain = "treyresearch.com",
				  .users_error = "users.csv:3: <UserName> is empty",
				  .journal_intact = true };
	(void)state;
	buf_init(&out);
	render_junit(&r, &out);
	assert_non_null(
		strstr(out.at, "<testsuite name=\"mailboxes\" tests=\"1\" failures=\"1\">"));
	assert_non_null(strstr(out.at, "users.csv:3: &lt;UserName&gt; is empty"));
	buf_clear(&out);
	render_html(&r, &out);
	assert_non_null(strstr(out.at, "not known: users.csv:3"));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_comparison_is_no_verification),
		cmocka_unit_test(the_weaker_proof_is_named),
		cmocka_unit_test(what_was_left_out_is_told_and_fails),
		cmocka_unit_test(a_persons_word_is_told),
		cmocka_unit_test(a_gate_that_is_let_pass_says_by_whom),
		cmocka_unit_test(an_unreadable_list_of_mailboxes_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
