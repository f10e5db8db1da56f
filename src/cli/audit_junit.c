/*
 * JUnit XML: a suite for each domain, a case for each check of the table.
 */
#include "cli/audit_junit.h"

#include "cli/escape.h"

/* All findings of one check that fail, as the text of one failure; their number. */
static size_t failures_of(const struct audit *au, const char *check, enum severity fail_on,
			  struct buf *out)
{
	size_t n = 0;
	for (size_t i = 0; i < au->findings.list.n; i++) {
		const struct finding *f = &au->findings.list.at[i];
		if (!str_eq(f->check, check) || f->severity < fail_on)
			continue;
		buf_addf(out, "%s%s: %s: %s; what to do: %s", n++ > 0 ? "\n" : "",
			 severity_name(f->severity), f->subject, f->message,
			 f->remedy != NULL ? f->remedy : "-");
	}
	return n;
}

static const struct ignored_finding *ignored_of(const struct audit *au, const char *check)
{
	for (size_t i = 0; i < au->ignored_n; i++)
		if (str_eq(au->ignored[i].finding.check, check))
			return &au->ignored[i];
	return NULL;
}

/* A case for every check of the table, so that a build server can tell "passed" from "gone". */
static bool junit_case(const struct audit *au, const char *check, enum severity fail_on,
		       struct buf *out)
{
	struct buf text;
	buf_init(&text);
	bool failed = failures_of(au, check, fail_on, &text) > 0;
	const struct ignored_finding *ignored = ignored_of(au, check);
	buf_addf(out, "    <testcase classname=\"cutover.audit\" name=\"%s\"", check);
	if (failed) {
		buf_adds(out, ">\n      <failure message=\"");
		escape_xml(text.at, out);
		buf_adds(out, "\"/>\n    </testcase>\n");
	} else if (ignored != NULL) {
		buf_adds(out, ">\n      <skipped message=\"");
		escape_xml(ignored->reason, out);
		buf_adds(out, "\"/>\n    </testcase>\n");
	} else {
		buf_adds(out, "/>\n");
	}
	buf_release(&text);
	return failed;
}

/* The cases are written aside first: their numbers stand in the element before them. */
void audit_junit_add(FILE *to, const struct audit *au, enum severity fail_on)
{
	struct buf cases;
	struct buf name;
	size_t failed = 0;
	buf_init(&cases);
	buf_init(&name);
	for (size_t i = 0; i < check_count(); i++)
		failed += junit_case(au, check_info_at(i).id, fail_on, &cases);
	escape_xml(au->domain, &name);
	(void)fprintf(
		to, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\">\n%s  </testsuite>\n",
		name.at, check_count(), failed, cases.at);
	buf_release(&name);
	buf_release(&cases);
}

/* An error is no failure: nothing is known about the domain. */
void audit_junit_failed(FILE *to, const char *domain, const char *text)
{
	struct buf out;
	buf_init(&out);
	buf_adds(&out, "  <testsuite name=\"");
	escape_xml(domain, &out);
	buf_adds(&out, "\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
		       "    <testcase classname=\"cutover.audit\" name=\"audit\">\n"
		       "      <error message=\"");
	escape_xml(text, &out);
	buf_adds(&out, "\"/>\n    </testcase>\n  </testsuite>\n");
	(void)fwrite(out.at, 1, out.len, to);
	buf_release(&out);
}

void audit_junit_begin(FILE *to)
{
	(void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", to);
}

void audit_junit_end(FILE *to)
{
	(void)fputs("</testsuites>\n", to);
}
