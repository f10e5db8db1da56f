/* Programs through the guard and the real world: sh, and what becomes of a write that it spoils. */
#include "tests/unit/registrars/fake_host.h"

#include <stdio.h>
#include <string.h>

#include "registrars/host.h"

struct world {
	struct host_world world;
	struct host_guard guard;
	struct registrar_host real;
	FILE *out;
	char *logged;
	size_t logged_len;
	struct secret *secret;
	const struct secret *secrets[1];
	struct registrar_program program;
	const char *argv[4];
	struct buf heard;
	unsigned lines; /* the sink takes so many */
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	w->out = open_memstream(&w->logged, &w->logged_len);
	w->world = (struct host_world){ .clock = clock_system(),
					.log = log_new(w->out, LOG_DEBUG, clock_system()) };
	w->real = host_world_functions(&w->world);
	w->secret = secret_new(SLICE_LIT("hunter22"));
	w->secrets[0] = w->secret;
	w->argv[0] = "/bin/sh";
	w->argv[1] = "-c";
	w->program = (struct registrar_program){ .argv = w->argv,
						 .gift = w->secret,
						 .gift_name = "GIFT",
						 .secret_n = 1,
						 .secrets = w->secrets };
	host_guard_init(&w->guard, &w->real, false, w->world.log);
	buf_init(&w->heard);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	log_free(w->world.log);
	fclose(w->out);
	free(w->logged);
	secret_free(w->secret);
	buf_release(&w->heard);
	free(w);
	return 0;
}

static int hear(void *ctx, struct slice line, struct err *e)
{
	struct world *w = ctx;
	if (slice_eq(line, SLICE_LIT("bad")))
		return err_set(e, ERR_WORLD, "that is malformed");
	buf_addf(&w->heard, "%.*s\n", (int)line.len, line.ptr);
	return --w->lines > 0 ? 1 : 0;
}

/* What it says to "ask" with that script. */
static int talk(struct world *w, const char *script, bool writes, struct err *e)
{
	const struct registrar_host *host = &w->guard.host;
	const struct registrar_sink sink = { hear, w };
	struct registrar_running *r = NULL;
	w->argv[2] = script;
	assert_int_equal(host->program_start(host->ctx, &w->program, &r, e), 0);
	int rc = host->program_talk(host->ctx, r,
				    &(struct registrar_talk){ .request = SLICE_LIT("ask"),
							      .writes = writes,
							      .timeout_ms = 20000,
							      .sink = &sink },
				    e);
	host->program_stop(host->ctx, r);
	fflush(w->out);
	return rc;
}

static void test_an_answer_and_what_it_says_beside_it(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	w->lines = 2;
	assert_int_equal(talk(w,
			      "read -r x; s=$(cat <&$GIFT); echo \"using $s\" >&2; "
			      "printf '\\033[31mred\\n' >&2; echo \"$x 1\"; echo \"$s\"",
			      true, &e),
			 0);
	assert_string_equal(w->heard.at, "ask 1\nhunter22\n");
	assert_int_equal(w->guard.uncertain, 0);
	assert_non_null(strstr(w->logged, "sh: using ***"));
	assert_non_null(strstr(w->logged, "sh: ?[31mred"));
	assert_null(strstr(w->logged, "hunter22"));
}

static void test_a_dry_run_sends_no_write(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	w->lines = 1;
	w->guard.dry_run = true;
	assert_int_equal(talk(w, "read -r x && echo \"got $x\" >&2; sleep 60", true, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_int_equal(w->guard.refused, 1);
	assert_null(strstr(w->logged, "got ask"));
}

static void test_dead_after_the_request_of_a_write(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	w->lines = 1;
	assert_int_equal(talk(w, "read -r x; echo 'disk hunter22 full' >&2; exit 4", true, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_int_equal(w->guard.uncertain, 1);
	assert_string_equal(e.text,
			    "the plugin ended with status 4 before its answer was complete");
	assert_string_equal(e.hint, "its last words: disk *** full");
	assert_int_equal(talk(w, "read -r x; echo bad", true, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_int_equal(w->guard.uncertain, 2);
	/* Of a request that only reads, nothing is uncertain. */
	assert_int_equal(talk(w, "read -r x; echo bad", false, &e), -1);
	assert_int_equal(e.kind, ERR_WORLD);
	assert_int_equal(w->guard.uncertain, 2);
}

static void test_what_cannot_be_run(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };
	struct registrar_running *r = NULL;
	w->argv[0] = "/no/such/program";
	assert_int_equal(w->guard.host.program_start(w->guard.host.ctx, &w->program, &r, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_null(r);
	w->guard.host.program_stop(w->guard.host.ctx, NULL);
}

#define PROGRAM_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROGRAM_TEST(test_an_answer_and_what_it_says_beside_it),
		PROGRAM_TEST(test_a_dry_run_sends_no_write),
		PROGRAM_TEST(test_dead_after_the_request_of_a_write),
		PROGRAM_TEST(test_what_cannot_be_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
