/*
 * What a dialogue in a file (tests/replay/registrars/process_*) cannot tell: dry runs, a plugin
 * that is begun anew, TTLs, and how secrets are packed. The plugin is a table of answers.
 */
#include "tests/unit/registrars/fake_host.h"

#include <string.h>

#include "registrars/process/process.h"

struct toy {
	struct fake_world *w;
	const char *hello, *open_ok;
	const char *const *answers; /* to what comes after open, in turn; NULL: it dies */
	unsigned starts, stops, asked;
	char argv[128], gift[256];
	struct buf requests;
	const struct registrar *as_opened;
};

static const char usual_hello[] = "{\"id\":1,\"ok\":{\"protocol\":1,\"name\":\"toy\","
				  "\"capabilities\":[\"read\"],\"options\":[{\"name\":\"token\","
				  "\"secret\":true}]}}";

static int toy_start(void *ctx, const struct registrar_program *p, struct registrar_running **r,
		     struct err *e)
{
	struct toy *t = ((struct fake_world *)ctx)->serve_ctx;
	(void)e;
	t->starts++;
	t->argv[0] = '\0';
	for (const char *const *word = p->argv; *word != NULL; word++) {
		size_t len = strlen(t->argv);
		(void)snprintf(t->argv + len, sizeof(t->argv) - len, "<%s>", *word);
	}
	str_copy(t->gift, sizeof(t->gift), secret_expose(p->gift).ptr);
	assert_string_equal(p->gift_name, "CUTOVER_SECRETS_FD");
	*r = ctx;
	return 0;
}

static int toy_talk(void *ctx, struct registrar_running *r, const struct registrar_talk *talk,
		    struct err *e)
{
	struct toy *t = ((struct fake_world *)ctx)->serve_ctx;
	const char *line = t->open_ok != NULL ? t->open_ok : "{\"id\":2,\"ok\":{}}";
	(void)r;
	buf_add(&t->requests, talk->request.ptr, talk->request.len);
	buf_addc(&t->requests, '\n');
	if (memmem(talk->request.ptr, talk->request.len, "\"hello\"", 7) != NULL)
		line = t->hello != NULL ? t->hello : usual_hello;
	else if (memmem(talk->request.ptr, talk->request.len, "\"open\"", 6) == NULL)
		line = t->answers[t->asked++];
	if (line == NULL)
		return err_set(e, ERR_RETRY, "it died");
	return talk->sink->each(talk->sink->ctx, slice_str(line), e);
}

static void toy_stop(void *ctx, struct registrar_running *r)
{
	struct toy *t = ((struct fake_world *)ctx)->serve_ctx;
	t->stops += r != NULL ? 1 : 0;
}

static void toy_note(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static struct registrar_call *open_toy(struct fake_world *w, struct toy *t, bool dry_run)
{
	struct secret *secret = secret_new(SLICE_LIT("a\"b\\c\xc3\xa9"));
	const struct registrar_value values[] = { { "command", " /opt/toy  -x y ", NULL },
						  { "token", NULL, secret } };
	const struct registrar_config config = { "nwtraders.com.", 2, values };
	t->w = w;
	w->serve_ctx = t;
	buf_init(&t->requests);
	w->host.program_start = toy_start;
	w->host.program_talk = toy_talk;
	w->host.program_stop = toy_stop;
	w->host.note = toy_note;
	struct registrar_call *c = fake_open(w, &registrar_process, &config, dry_run);
	t->as_opened = registrar_of(c);
	secret_free(secret);
	return c;
}

static void close_toy(struct toy *t, struct registrar_call *c)
{
	registrar_close(c);
	assert_int_equal(t->starts, t->stops);
	buf_release(&t->requests);
}

static void test_what_is_started(void **state)
{
	struct toy t = { 0 };
	struct registrar_call *c = open_toy(*state, &t, false);
	assert_string_equal(t.argv, "</opt/toy><-x><y>");
	assert_string_equal(t.gift, "{\"token\":\"a\\\"b\\\\c\xc3\xa9\"}\n");
	assert_null(strstr(t.requests.at, "a\\\"b"));
	assert_string_equal(t.as_opened->name, "toy");
	assert_null(t.as_opened->list);
	assert_non_null(t.as_opened->read);
	close_toy(&t, c);
}

static uint32_t ttl_of(struct fake_world *w, const char *hello, const char *open_ok,
		       uint32_t wanted)
{
	struct toy t = { .hello = hello, .open_ok = open_ok };
	struct registrar_call *c = open_toy(w, &t, false);
	uint32_t ttl = registrar_ttl(registrar_of(c), wanted);
	close_toy(&t, c);
	return ttl;
}

static void test_ttls(void **state)
{
	static const char limits[] = "{\"id\":1,\"ok\":{\"protocol\":1,\"name\":\"toy\","
				     "\"capabilities\":[\"read\"],\"options\":[{\"name\":\"token\","
				     "\"secret\":true}],\"ttl\":{\"min\":600,\"max\":86400}}}";
	static const char list[] = "{\"id\":2,\"ok\":{\"ttl\":{\"allowed\":[120,3600]}}}";
	assert_int_equal(ttl_of(*state, NULL, NULL, 1), 1);
	assert_int_equal(ttl_of(*state, limits, NULL, 300), 600);
	assert_int_equal(ttl_of(*state, limits, NULL, 7200), 7200);
	assert_int_equal(ttl_of(*state, limits, NULL, 100000), 86400);
	/* What open says of this zone holds instead. */
	assert_int_equal(ttl_of(*state, limits, list, 100), 120);
	assert_int_equal(ttl_of(*state, limits, list, 121), 3600);
	assert_int_equal(ttl_of(*state, limits, list, 100000), 3600);
}

static int apply_mx(struct fake_world *w, struct registrar_call *c,
		    enum registrar_applied *applied_r, struct err *e)
{
	static const char *const mx[] = { "10 mx1.nwtraders.com.", NULL };
	const struct change change = {
		"nwtraders.com.",
		RR_MX,
		fake_set(w->arena, "nwtraders.com.", RR_MX, 3600, mx),
		fake_set(w->arena, "nwtraders.com.", RR_MX, 300, mx),
		"",
	};
	const struct change_set set = { "test", "nwtraders.com.", 1, &change };
	return registrar_apply(c, &set, applied_r, e);
}

static const char mx_3600[] = "{\"id\":3,\"ok\":{\"rrset\":{\"name\":\"nwtraders.com.\",\"type\":"
			      "\"MX\",\"ttl\":3600,\"rdata\":[\"10 mx1.nwtraders.com.\"]}}}";

static void test_a_dry_run_asks_and_does_not_apply(void **state)
{
	const char *const answers[] = { mx_3600, NULL };
	struct toy t = { .answers = answers };
	struct err e = { 0 };
	enum registrar_applied applied;
	struct registrar_call *c = open_toy(*state, &t, true);
	assert_int_equal(apply_mx(*state, c, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_NONE);
	assert_true(registrar_would_apply(c));
	assert_non_null(strstr(t.requests.at, "\"read\""));
	assert_null(strstr(t.requests.at, "apply"));
	close_toy(&t, c);
}

/* Dead in the middle of a write: unknown; and then it can be read what became of it. */
static void test_it_is_begun_anew_to_look(void **state)
{
	const char *const answers[] = { mx_3600, NULL, mx_3600 };
	struct toy t = { .answers = answers };
	struct err e = { 0 };
	enum registrar_applied applied;
	const struct rrset *now = NULL;
	struct fake_world *w = *state;
	struct registrar_call *c = open_toy(w, &t, false);
	assert_int_equal(apply_mx(w, c, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_UNKNOWN);
	assert_int_equal(t.stops, 1);
	assert_int_equal(registrar_read(c, w->arena, "nwtraders.com.", RR_MX, &now, &e), 0);
	assert_int_equal(now->ttl, 3600);
	assert_int_equal(t.starts, 2);
	close_toy(&t, c);
}

static void refuses(struct fake_world *w, const char *name, struct slice value, const char *why)
{
	struct secret *secret = secret_new(value);
	const struct registrar_value values[] = { { "command", "/opt/toy", NULL },
						  { name, NULL, secret } };
	const struct registrar_config config = { "nwtraders.com.", 2, values };
	const struct registrar *const table[] = { &registrar_process, NULL };
	struct registrar_call *c = NULL;
	struct err e = { 0 };
	assert_int_equal(registrar_open(&(struct registrar_call_opts){ .table = table,
								       .provider = "process",
								       .config = &config,
								       .host = &w->host,
								       .clock = w->host.clock },
					&c, &e),
			 -1);
	assert_int_equal(e.kind, ERR_USAGE);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s", e.text);
	secret_free(secret);
}

static void test_secrets_that_json_cannot_hold(void **state)
{
	struct fake_world *w = *state;
	w->host.program_stop = toy_stop;
	w->serve_ctx = &(struct toy){ 0 };
	refuses(w, "token", SLICE_LIT("a\xff"), "is no UTF-8 text");
	refuses(w, "token", SLICE_LIT("a\0b"), "is no UTF-8 text");
	refuses(w, "To\"ken", SLICE_LIT("abcd"), "a name that no plugin can have");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_what_is_started),
		FAKE_TEST(test_ttls),
		FAKE_TEST(test_a_dry_run_asks_and_does_not_apply),
		FAKE_TEST(test_it_is_begun_anew_to_look),
		FAKE_TEST(test_secrets_that_json_cannot_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
