#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "registrars/route53/batch.h"

enum { NOW_S = 1795773600 };

/* Route 53 as one that takes every batch and says PENDING for ever, or what it is told to. */
struct world {
	struct registrar_host host;
	struct fake_clock clock;
	struct session session;
	struct arena *a;
	unsigned posts, asks;
	int ask_status;        /* of what it answers when it is asked for the change */
	const char *change_id; /* of the answer to a batch */
	bool cancelled;        /* every wait */
	struct buf sent;       /* the last batch */
};

#define CHANGE(name, id)                                                                           \
	"<" name "><ChangeInfo><Id>" id "</Id><Status>PENDING</Status></ChangeInfo></" name ">"

static int answer(void *ctx, struct arena *a, const struct registrar_http *request,
		  struct registrar_reply *reply_r, struct err *e)
{
	struct world *w = ctx;
	const char *text = CHANGE("GetChangeResponse", "/change/C1");
	(void)e;
	*reply_r = (struct registrar_reply){ .status = w->ask_status };
	if (request->writes) {
		text = arena_printf(a, CHANGE("ChangeResourceRecordSetsResponse", "%s"),
				    w->change_id);
		reply_r->status = 200;
		buf_clear(&w->sent);
		buf_add(&w->sent, request->body.ptr, request->body.len);
		w->posts++;
	} else {
		assert_string_equal(request->url,
				    "https://route53.amazonaws.com/2013-04-01/change/C1");
		w->asks++;
	}
	reply_r->body = slice_str(text);
	return 0;
}

static int wait_for(void *ctx, int64_t ms, const char *why, struct err *e)
{
	struct world *w = ctx;
	(void)why;
	if (w->cancelled)
		return err_set(e, ERR_CANCELLED, "interrupted");
	w->clock.at_ms += ms;
	return 0;
}

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	w->a = arena_new();
	w->ask_status = 200;
	w->change_id = "/change/C1";
	buf_init(&w->sent);
	fake_clock_init(&w->clock, INT64_C(1000) * NOW_S);
	w->host = (struct registrar_host){
		.clock = &w->clock.clock, .http = answer, .wait = wait_for, .ctx = w
	};
	w->session = (struct session){
		.host = &w->host,
		.arena = w->a,
		.zone = "a.example.",
		.base_url = "https://route53.amazonaws.com",
		.region = "us-east-1",
		.key_id = secret_new(SLICE_LIT("id")),
		.key = secret_new(SLICE_LIT("key")),
		.zone_id = "Z1",
	};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	secret_free(w->session.key_id);
	secret_free(w->session.key);
	buf_release(&w->sent);
	arena_free(w->a);
	free(w);
	return 0;
}

/* `n` addresses at one name. */
static const struct rrset *addresses(struct arena *a, size_t n)
{
	struct err e;
	const char **rdata = ARENA_ARRAY(a, n, const char *);
	for (size_t i = 0; i < n; i++)
		rdata[i] = arena_printf(a, "10.0.%zu.%zu", i / 250, i % 250);
	const struct rrset *set = rrset_make(a, "a.example.", RR_A, 60, n, rdata, &e);
	assert_non_null(set);
	return set;
}

/* A TXT whose spelling is `len` characters long. */
static const struct rrset *text(struct arena *a, size_t len)
{
	struct err e;
	struct buf b;
	buf_init(&b);
	/* Strings of 255, each with quotes and a blank behind it. */
	for (size_t left = len; left > 0;) {
		size_t piece = left < 258 ? left : left < 261 ? 200 : 258;
		size_t letters = piece - (piece == left ? 2 : 3);
		buf_addc(&b, '"');
		(void)memset(buf_reserve(&b, letters), 'x', letters);
		buf_added(&b, letters);
		buf_adds(&b, piece == left ? "\"" : "\" ");
		left -= piece;
	}
	const char *rdata = b.at;
	const struct rrset *set = rrset_make(a, "a.example.", RR_TXT, 60, 1, &rdata, &e);
	if (set == NULL)
		fail_msg("%s", e.text);
	assert_int_equal(strlen(set->rdata[0]), len);
	buf_release(&b);
	return set;
}

static int apply(struct world *w, const struct rrset *before, const struct rrset *after,
		 enum registrar_applied *applied, struct err *e)
{
	const struct rrset *any = before != NULL ? before : after;
	const struct change c = { any->name, any->type, before, after, "" };
	const struct change_set set = { "test", "a.example.", 1, &c };
	return batch_apply(&w->session, &set, applied, e);
}

static void expect_sent(struct world *w, const struct rrset *before, const struct rrset *after)
{
	enum registrar_applied applied;
	struct err e = { 0 };
	if (apply(w, before, after, &applied, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(applied, APPLIED_ALL);
	assert_int_equal(w->posts, 1);
	w->posts = 0;
}

static void expect_too_large(struct world *w, const struct rrset *before, const struct rrset *after,
			     const char *told)
{
	enum registrar_applied applied;
	struct err e = { 0 };
	assert_int_equal(apply(w, before, after, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_NONE);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, told));
	assert_int_equal(w->posts, 0);
}

static void test_a_thousand_records_and_no_more(void **state)
{
	struct world *w = *state;
	expect_sent(w, addresses(w->a, 400), addresses(w->a, 600));
	expect_too_large(w, addresses(w->a, 401), addresses(w->a, 600), "1001 records of 1000");
}

static void test_so_many_characters_and_no_more(void **state)
{
	struct world *w = *state;
	expect_sent(w, text(w->a, 12000), text(w->a, 20000));
	expect_too_large(w, text(w->a, 12000), text(w->a, 20001), "32001 characters of 32000");
}

static void test_deletions_first(void **state)
{
	struct world *w = *state;
	expect_sent(w, addresses(w->a, 1), addresses(w->a, 2));
	const char *delete = strstr(w->sent.at, "<Action>DELETE</Action>");
	const char *create = strstr(w->sent.at, "<Action>CREATE</Action>");
	assert_true(delete != NULL && create > delete);
	expect_sent(w, NULL, addresses(w->a, 1));
	assert_null(strstr(w->sent.at, "DELETE"));
	expect_sent(w, addresses(w->a, 1), NULL);
	assert_null(strstr(w->sent.at, "CREATE"));
}

/* It is applied; that some server has not heard of it is the business of who looks at them. */
static void test_servers_that_are_never_told_are_waited_for_so_long(void **state)
{
	struct world *w = *state;
	int64_t began_ms = w->clock.at_ms;
	expect_sent(w, NULL, addresses(w->a, 1));
	int64_t took_ms = w->clock.at_ms - began_ms;
	assert_true(took_ms >= 3 * 60 * 1000 && took_ms < 3 * 60 * 1000 + 10000);
	assert_true(w->asks > 30 && w->asks < 50);
}

static void test_without_permission_to_ask_it_is_applied_too(void **state)
{
	struct world *w = *state;
	w->ask_status = 403;
	expect_sent(w, NULL, addresses(w->a, 1));
	assert_int_equal(w->asks, 1);
}

/* It would stand in a path. */
static void test_an_id_that_is_none_is_not_asked_for(void **state)
{
	static const char *const bad[] = {
		"", "C1", "/change/", "/change/../hostedzone", "/change/C1?x", "/change/c1"
	};
	struct world *w = *state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w->change_id = bad[i];
		expect_sent(w, NULL, addresses(w->a, 1));
		assert_int_equal(w->asks, 0);
	}
}

static void test_interrupted_while_waiting_only_reading_tells(void **state)
{
	struct world *w = *state;
	enum registrar_applied applied;
	struct err e = { 0 };
	w->cancelled = true;
	assert_int_equal(apply(w, NULL, addresses(w->a, 1), &applied, &e), -1);
	assert_int_equal(applied, APPLIED_UNKNOWN);
	assert_int_equal(e.kind, ERR_CANCELLED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_thousand_records_and_no_more),
		TEST(test_so_many_characters_and_no_more),
		TEST(test_deletions_first),
		TEST(test_servers_that_are_never_told_are_waited_for_so_long),
		TEST(test_without_permission_to_ask_it_is_applied_too),
		TEST(test_an_id_that_is_none_is_not_asked_for),
		TEST(test_interrupted_while_waiting_only_reading_tells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
