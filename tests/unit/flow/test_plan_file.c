/* A reviewed plan is applied exactly so, or refused: in words, and with nothing written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "flow/apply_priv.h"
#include "flow/plan_file.h"
#include "flow/steps.h"
#include "sample.h"
#include "world.h"

struct review {
	struct world *w;
	struct sample s;
	const char *path;
};

/* The sample's wishes, and a zone of its records: what is planned from it fits the file. */
static const char sample_zone[] = "$ORIGIN treyresearch.com.\n$TTL 3600\n"
				  "@ IN SOA ns1 host 1 2 3 4 300\n"
				  "@ IN NS ns1\n"
				  "@ 86400 IN MX 10 mx1.nwtraders.com.\n"
				  "@ IN TXT \"v=spf1 include:nwtraders.com -all\"\n"
				  "ns1 IN A 192.0.2.53\n";

static int setup(void **state)
{
	struct review *r = mem_alloc(sizeof(*r));
	struct err e = { 0 };
	void *world;
	assert_int_equal(world_setup(&world), 0);
	r->w = world;
	sample_init(&r->s);
	struct project wishes = r->s.project;
	wishes.dir = r->w->project.dir;
	wishes.dns_provider = r->w->project.dns_provider;
	wishes.dns_options = r->w->options;
	wishes.dns_option_n = 1;
	r->w->project = wishes;
	r->path = arena_printf(r->w->a, "%s/plan.json", wishes.dir);
	assert_int_equal(file_replace(r->w->zone_path, slice_str(sample_zone), 0600, &e), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct review *r = *state;
	void *world = r->w;
	(void)unlink(r->path);
	sample_release(&r->s);
	(void)world_teardown(&world);
	free(r);
	return 0;
}

static const struct plan *plan_at(struct review *r, int64_t now_ms)
{
	const struct plan *plan = NULL;
	struct err e = { 0 };
	const struct plan_from from = { .project = &r->w->project,
					.snap = &r->s.snap,
					.now_ms = now_ms };
	if (plan_compute(r->w->a, &from, &plan, &e) != 0)
		fail_msg("%s", e.text);
	return plan;
}

static void write_plan(struct review *r, const struct plan *plan)
{
	struct err e = { 0 };
	if (plan_file_write(plan, r->path, &e) != 0)
		fail_msg("%s", e.text);
}

static const char *file_text(struct review *r)
{
	struct buf b;
	struct err e;
	buf_init(&b);
	assert_int_equal(file_read(r->path, 1 << 20, &b, &e), 0);
	const char *text = arena_slice(r->w->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* The first `was` in the file becomes `is`, as by a person's editor. */
static void edit(struct review *r, const char *was, const char *is)
{
	struct buf b;
	struct err e;
	const char *text = file_text(r);
	const char *at = strstr(text, was);
	assert_non_null(at);
	buf_init(&b);
	buf_add(&b, text, (size_t)(at - text));
	buf_adds(&b, is);
	buf_adds(&b, at + strlen(was));
	assert_int_equal(file_replace(r->path, buf_slice(&b), 0600, &e), 0);
	buf_release(&b);
}

/* It is refused with these words, a hint, and no trace. */
static void refused(struct review *r, enum err_kind kind, const char *words)
{
	struct err e = { 0 };
	const struct plan *kept;
	size_t n;
	const char *zone = world_zone(r->w);
	assert_int_equal(flow_plan_take(r->w->f, r->path, &e), -1);
	assert_int_equal(e.kind, kind);
	if (strstr(e.text, words) == NULL)
		fail_msg("'%s' says nothing of '%s'", e.text, words);
	assert_non_null(strstr(e.text, "plan.json"));
	assert_true(strlen(e.hint) > 0);
	assert_string_equal(world_zone(r->w), zone);
	(void)world_journal(r->w, &n);
	assert_int_equal(n, 0);
	assert_int_equal(flow_plan_load(r->w->f, r->w->a, &kept, &e), 0);
	assert_null(kept);
}

static void a_file_is_the_plan_document(void **state)
{
	struct review *r = *state;
	struct err e = { 0 };
	const struct plan *back = NULL;
	const struct plan *plan = plan_at(r, SAMPLE_NOW_MS);
	write_plan(r, plan);
	assert_int_equal(plan_file_read(r->w->a, r->path, &back, &e), 0);
	assert_string_equal(back->hash, plan->hash);
	assert_string_equal(back->provider, "zonefile");
	assert_string_equal(back->zone, DOMAIN);
	assert_int_equal(back->made_ms, SAMPLE_NOW_MS);
	assert_non_null(strstr(file_text(r), "\"10 mx1.nwtraders.com.\""));
	assert_non_null(strstr(file_text(r), "\"ttl\": 86400"));
}

static void exactly_it_is_staged(void **state)
{
	struct review *r = *state;
	struct err e = { 0 };
	struct apply_report report;
	const struct plan *plan = NULL;
	write_plan(r, plan_at(r, SAMPLE_NOW_MS));
	if (flow_plan_take(r->w->f, r->path, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(flow_plan_load(r->w->f, r->w->a, &plan, &e), 0);
	assert_int_equal(flow_apply(r->w->f, r->w->a, "stage", plan->staging, &report, &e), 0);
	assert_non_null(strstr(world_zone(r->w), "MS=ms87257449"));
	assert_non_null(strstr(world_zone(r->w), "300 IN MX 10 mx1.nwtraders.com."));
	/* Taken again, it still is the plan: the zone shows its after-images. */
	assert_int_equal(flow_plan_take(r->w->f, r->path, &e), 0);
}

static void a_file_that_is_no_plan_is_refused(void **state)
{
	struct review *r = *state;
	struct err e;
	refused(r, ERR_USAGE, "No such file");
	assert_int_equal(file_replace(r->path, SLICE_LIT("{ \"version\": 1"), 0600, &e), 0);
	refused(r, ERR_USAGE, "line 1");
	assert_int_equal(file_replace(r->path, SLICE_LIT("{ \"version\": 1 }"), 0600, &e), 0);
	refused(r, ERR_USAGE, "no plan of version 1");
	write_plan(r, plan_at(r, SAMPLE_NOW_MS));
	edit(r, "\"version\": 1", "\"version\": 2");
	refused(r, ERR_USAGE, "no plan of version 1");
}

/* A value, a TTL, a time, a reason: nothing of it may be other than what was written. */
static void an_altered_file_is_refused(void **state)
{
	static const char *const edits[][2] = {
		{ "\"0 treyresearch-com.mail.protection.outlook.com.\"",
		  "\"0 mail.evil.example.\"" },
		{ "\"ttl\": 300", "\"ttl\": 301" },
		{ "\"provider\": \"zonefile\"", "\"provider\": \"manual\"" },
		{ "\"made_at\": \"2026", "\"made_at\": \"2027" },
		{ "proves to the new provider", "does no harm" },
		{ "\"version\": 1", "\"version\": 1, \"extra\": true" },
	};
	struct review *r = *state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		write_plan(r, plan_at(r, SAMPLE_NOW_MS));
		edit(r, edits[i][0], edits[i][1]);
		refused(r, ERR_REFUSED, "does not fit its content");
	}
}

static void another_cutover_s_plan_is_refused(void **state)
{
	struct review *r = *state;
	struct plan other = *plan_at(r, SAMPLE_NOW_MS);
	other.domain = "contoso.com";
	write_plan(r, &other);
	refused(r, ERR_REFUSED, "made for contoso.com");
	other = *plan_at(r, SAMPLE_NOW_MS);
	other.zone = "contoso.com.";
	write_plan(r, &other);
	refused(r, ERR_REFUSED, "the zone contoso.com.");
	other = *plan_at(r, SAMPLE_NOW_MS);
	other.provider = "godaddy";
	write_plan(r, &other);
	refused(r, ERR_REFUSED, "made for the DNS provider godaddy");
	write_plan(r, plan_at(r, SAMPLE_NOW_MS));
	r->w->project.target_mx_ttl = 1234;
	refused(r, ERR_REFUSED, "asks for something else");
}

static void a_plan_older_than_the_store_s_is_refused(void **state)
{
	struct review *r = *state;
	struct err e = { 0 };
	write_plan(r, plan_at(r, SAMPLE_NOW_MS));
	/* The store's, as a later `cutover plan` leaves it after the MX was changed by hand. */
	sample_all_show(&r->s, DOMAIN, RR_MX,
			sample_rrset(&r->s, DOMAIN, RR_MX, 86400, "10 mx2.nwtraders.com."));
	struct js *doc = plan_to_js(plan_at(r, SAMPLE_NOW_MS + 60000));
	assert_int_equal(flow_put(r->w->f, DOC_PLAN, doc, &e), 0);
	js_free(doc);
	assert_int_equal(flow_plan_take(r->w->f, r->path, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "another plan was made at"));
	assert_non_null(strstr(e.hint, "cutover plan --out"));
}

static void a_zone_that_changed_since_is_refused(void **state)
{
	struct review *r = *state;
	struct err e;
	struct buf b;
	write_plan(r, plan_at(r, SAMPLE_NOW_MS));
	buf_init(&b);
	buf_adds(&b, sample_zone);
	buf_adds(&b, "autodiscover IN CNAME elsewhere.example.net.\n"); /* of the switch set */
	assert_int_equal(file_replace(r->w->zone_path, buf_slice(&b), 0600, &e), 0);
	buf_release(&b);
	refused(r, ERR_REFUSED, "elsewhere.example.net.");
}

/* ---- what comes behind the tail --------------------------------------------------------- */

/* A set as the journal has it when it was made; the row of its intent. */
static int64_t made(struct review *r, const char *step, const struct change_set *cs)
{
	struct err e = { 0 };
	const struct apply_intent intent = { .step = step, .changes = cs };
	struct journal_row row = { .step = step, .subject = apply_subject(r->w->a, cs) };
	assert_int_equal(apply_journal_intent(r->w->f, r->w->a, &intent, &row.seq, &e), 0);
	assert_int_equal(apply_journal_outcome(r->w->f, &row, JOURNAL_DONE, &e), 0);
	return row.seq;
}

static void put_doc(struct review *r, const char *name, struct js *doc)
{
	struct err e = { 0 };
	assert_int_equal(flow_put(r->w->f, name, doc, &e), 0);
	js_free(doc);
}

static void tail_ended_behind(struct review *r, int64_t seq)
{
	struct js *doc = js_object();
	js_set_int(doc, "journal", seq);
	put_doc(r, DOC_TAIL, doc);
}

static bool may_clean_up(struct review *r)
{
	struct step_outcome out = { 0 };
	struct err e = { 0 };
	if (step_cleanup(r->w->f, &out, &e) != 0)
		fail_msg("%s", e.text);
	bool held = strstr(out.reason, "may still get mail") != NULL;
	if (!held && strstr(out.reason, "nothing to clean up") == NULL)
		fail_msg("%s", out.reason);
	return !held;
}

/* Whether the tail is over is told by the order of what happened: the clock may have been wrong at
 * the switch, and right at the end of the tail, or the other way round. */
static void the_tail_is_over_by_order_and_not_by_the_clock(void **state)
{
	struct review *r = *state;
	r->w->project.ownership_keep = "yes";
	r->w->project.target_settled_mx_ttl = 1;
	const struct plan *plan = plan_at(r, SAMPLE_NOW_MS);
	assert_int_equal(plan->cleanup->n, 0); /* whether it may begin is what is asked here */
	put_doc(r, DOC_PLAN, plan_to_js(plan));
	int64_t seq = made(r, "switch", plan->switching);
	fake_clock_set(&r->w->clock, -86400000);
	tail_ended_behind(r, seq + 1);
	assert_true(may_clean_up(r));
	fake_clock_set(&r->w->clock, -86400000);
	(void)made(r, "switch", plan->switching); /* another one, earlier by the clock */
	assert_false(may_clean_up(r));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_is_the_plan_document),
		T(exactly_it_is_staged),
		T(a_file_that_is_no_plan_is_refused),
		T(an_altered_file_is_refused),
		T(another_cutover_s_plan_is_refused),
		T(a_plan_older_than_the_store_s_is_refused),
		T(a_zone_that_changed_since_is_refused),
		T(the_tail_is_over_by_order_and_not_by_the_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
