#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "sample.h"

static void findings_go_there_and_back(void **state)
{
	(void)state;
	struct sample x;
	struct err e = { 0 };
	sample_init(&x);
	const struct evidence ev = { "ns1.x.net", "127.0.0.1", SAMPLE_NOW_MS, "10 a. (TTL 5)" };
	const struct finding f = { .check = "mx-ttl-high",
				   .severity = SEVERITY_WARNING,
				   .subject = "x.net MX",
				   .message = "too \"high\"",
				   .remedy = "lower it",
				   .evidence_n = 1,
				   .evidence = &ev };
	struct buf text;
	buf_init(&text);
	struct js_out o = { .to = &text };
	js_out_object(&o, NULL);
	finding_write(&o, &f);
	js_out_object_end(&o);
	struct js *v = js_parse(buf_slice(&text), &e);
	buf_release(&text);
	const struct finding *back = finding_from_js(x.a, v, &e);
	assert_non_null(back);
	assert_int_equal(back->severity, SEVERITY_WARNING);
	assert_string_equal(back->message, f.message);
	assert_int_equal(back->evidence[0].at_ms, SAMPLE_NOW_MS);
	assert_string_equal(back->evidence[0].saw, ev.saw);
	js_set_str(v, "severity", "catastrophe");
	assert_null(finding_from_js(x.a, v, &e));
	js_free(v);
	assert_null(finding_from_js(x.a, NULL, &e));
	sample_release(&x);
}

/* A term of a stranger's SPF record is quoted: what it holds must not look like a line of ours. */
static void no_record_writes_lines_of_its_own(void **state)
{
	static const char *const texts[] = {
		"v=spf1 include:old.org include:new.org ip9:1\n0\x1b[2J -all"
	};
	struct sample x;
	const struct finding *f = NULL;
	(void)state;
	sample_init(&x);
	sample_spf(&x, 1, texts);
	assert_int_equal(sample_run(&x, "spf-syntax", &f), 1);
	assert_non_null(strstr(f->message, "ip9:1?0?[2J"));
	assert_null(strchr(f->message, '\n'));
	assert_null(strchr(f->remedy, '\n'));
	for (size_t i = 0; i < f->evidence_n; i++)
		assert_null(strchr(f->evidence[i].saw, '\n'));
	sample_release(&x);
}

static void a_snapshot_goes_there_and_back(void **state)
{
	(void)state;
	struct sample x;
	struct err e = { 0 };
	sample_init(&x);
	sample_state(&x, 1, Q_MX, SEEN_REFERRAL);
	x.seen[1][Q_MX].note = "delegated away at y.x.net";
	x.seen[1][Q_MX].without_edns = true;
	struct js *v = snapshot_to_js(&x.s);
	const struct snapshot *back = snapshot_from_js(x.a, v, &e);
	if (back == NULL)
		fail_msg("%s", e.text);
	struct js *again = snapshot_to_js(back);
	assert_string_equal(js_text(x.a, again), js_text(x.a, v));
	assert_string_equal(server_seen(&back->servers[1], "x.net.", RR_MX)->note,
			    "delegated away at y.x.net");
	assert_true(server_seen(&back->servers[1], "x.net.", RR_MX)->without_edns);
	assert_false(server_seen(&back->servers[0], "x.net.", RR_MX)->without_edns);
	js_free(again);
	js_set_int(v, "version", 3);
	assert_null(snapshot_from_js(x.a, v, &e));
	js_free(v);
	sample_release(&x);
}

static void phases_have_names(void **state)
{
	(void)state;
	enum phase p;
	for (unsigned i = 0; i <= PHASE_POST; i++) {
		assert_true(phase_parse(phase_name((enum phase)i), &p));
		assert_int_equal(p, i);
	}
	assert_false(phase_parse("Audit", &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_go_there_and_back),
		cmocka_unit_test(no_record_writes_lines_of_its_own),
		cmocka_unit_test(a_snapshot_goes_there_and_back),
		cmocka_unit_test(phases_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
