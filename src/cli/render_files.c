/* The report as CSV and JUnit XML. Nothing that came from a server is trusted here: CSV
 * cells are safe for spreadsheets, XML is escaped. */
#include <inttypes.h>

#include "cli/escape.h"
#include "cli/render.h"

/* Numbers need no quoting; addresses and errors come from others and get it. */
static void csv_mailbox(const struct gate_mailbox *m, struct buf *out)
{
	const struct migrate_status *s = &m->status;
	char at[TIME_TEXT_MAX];
	escape_csv(m->address, out);
	buf_addf(out, ",%zu,", m->row);
	escape_csv(s->known ? mailbox_state_name(s->state) : "Queued", out);
	buf_addf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", s->messages,
		 s->bytes, s->acknowledged, s->acknowledged_bytes, s->refused);
	buf_adds(out, s->last_pass_end_ms != 0 ? time_format(s->last_pass_end_ms, at) : "");
	buf_addf(out, ",%s,", s->last_verified_ms != 0 && s->verdict.verified ? "yes" : "no");
	escape_csv(s->err.kind != ERR_NONE ? s->err.text : "", out);
	buf_addf(out, ",%s,",
		 s->last_verified_ms == 0 ? ""
		 : s->verdict.by_headers  ? "headers"
					  : "bytes");
	escape_csv(s->filter, out);
	buf_addc(out, ',');
	escape_csv(m->held != NULL ? m->held : "", out);
	buf_addc(out, ',');
	escape_csv(m->doubt != NULL ? m->doubt : "", out);
	buf_adds(out, "\r\n");
}

/* EmailAddress is named as in the users CSV, so that the two can be joined. */
void render_csv(const struct report *r, struct buf *out)
{
	buf_adds(out,
		 "EmailAddress,Row,State,Messages,Bytes,Acknowledged,AcknowledgedBytes,Refused,"
		 "LastPass,Verified,Error,ComparedBy,LeftOut,ByHand,NotVerified\r\n");
	for (size_t i = 0; i < r->mailbox_n; i++)
		csv_mailbox(&r->mailboxes[i], out);
}

/* One test case; `why` NULL passes. */
static void junit_case(const char *class, const char *name, const char *why, const char *text,
		       struct buf *out)
{
	buf_addf(out, "    <testcase classname=\"cutover.%s\" name=\"", class);
	escape_xml(name, out);
	buf_adds(out, "\"");
	if (why == NULL) {
		buf_adds(out, "/>\n");
		return;
	}
	buf_adds(out, ">\n      <failure message=\"");
	escape_xml(why, out);
	buf_adds(out, "\">");
	escape_xml(text, out);
	buf_adds(out, "</failure>\n    </testcase>\n");
}

static size_t junit_gates(const struct report *r, struct buf *out)
{
	size_t failed = 0;
	for (size_t i = 0; i < r->gate_n; i++) {
		const struct gate *g = &r->gates[i];
		bool pass = gate_lets_pass(g);
		failed += !pass;
		junit_case("gate", g->id, pass ? NULL : g->evidence, g->remedy, out);
	}
	return failed;
}

static const char *mailbox_failure(const struct gate_mailbox *m)
{
	const struct migrate_status *s = &m->status;
	if (!s->known)
		return "was never copied";
	if (s->filter[0] != '\0' && s->state != MAILBOX_REMOVED)
		return s->filter; /* what its last pass left out */
	if (s->state == MAILBOX_REMOVED)
		return NULL;
	if (s->state == MAILBOX_SYNCED || s->state == MAILBOX_COMPLETED)
		return m->doubt;
	return s->err.kind != ERR_NONE ? s->err.text : mailbox_state_name(s->state);
}

/* A list that cannot be read is a failure: without it nothing would fail. */
static size_t junit_mailboxes(const struct report *r, size_t *n_r, struct buf *out)
{
	size_t failed = r->users_error != NULL;
	*n_r = r->mailbox_n + failed;
	if (r->users_error != NULL)
		junit_case("mailbox", "the users CSV", r->users_error, "correct the file", out);
	for (size_t i = 0; i < r->mailbox_n; i++) {
		const struct gate_mailbox *m = &r->mailboxes[i];
		const char *why = mailbox_failure(m);
		bool doubted = why != NULL && why == m->doubt;
		failed += why != NULL;
		junit_case("mailbox", m->address, why,
			   doubted ? m->doubt_remedy : m->status.err.hint, out);
	}
	return failed;
}

static size_t junit_findings(const struct report *r, size_t *n_r, struct buf *out)
{
	const struct js *list = js_get(r->audit, "findings");
	size_t failed = 0;
	*n_r = js_len(list);
	for (size_t i = 0; i < *n_r; i++) {
		const struct js *f = js_at(list, i);
		bool blocks = str_eq(js_get_str(f, "severity"), "blocker");
		failed += blocks;
		junit_case("audit", js_get_str(f, "check"),
			   blocks ? js_get_str(f, "message") : NULL, js_get_str(f, "remedy"), out);
	}
	return failed;
}

static void junit_suite(const char *name, size_t n, size_t failed, const struct buf *cases,
			struct buf *out)
{
	buf_addf(out,
		 "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\">\n%s  </testsuite>\n",
		 name, n, failed, cases->at);
}

/* The cases are written aside first: their number stands in the element before them. */
void render_junit(const struct report *r, struct buf *out)
{
	struct buf cases;
	size_t n;
	buf_init(&cases);
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	size_t failed = junit_findings(r, &n, &cases);
	junit_suite("audit", n, failed, &cases, out);
	buf_clear(&cases);
	failed = junit_mailboxes(r, &n, &cases);
	junit_suite("mailboxes", n, failed, &cases, out);
	buf_clear(&cases);
	failed = junit_gates(r, &cases);
	junit_suite("gates", r->gate_n, failed, &cases, out);
	buf_adds(out, "</testsuites>\n");
	buf_release(&cases);
}
