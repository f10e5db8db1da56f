#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch.h"

static int resolve(struct scratch *s, const char *reference, struct secret **secret_r)
{
	const struct project p = { .dir = s->dir };
	return secret_resolve(&p, reference, "dns.credentials.key", secret_r, &s->e);
}

static void expect_secret(struct scratch *s, const char *reference, const char *bytes)
{
	struct secret *secret = NULL;
	if (resolve(s, reference, &secret) != 0)
		fail_msg("%s: %s", reference, s->e.text);
	assert_string_equal(secret_expose(secret).ptr, bytes);
	secret_free(secret);
}

static void expect_refusal(struct scratch *s, const char *reference, const char *reason,
			   const char *remedy)
{
	struct secret *secret = NULL;
	assert_int_equal(resolve(s, reference, &secret), -1);
	assert_null(secret);
	assert_int_equal(s->e.kind, ERR_USAGE);
	if (strstr(s->e.text, reason) == NULL || strstr(s->e.hint, remedy) == NULL ||
	    !str_starts(s->e.text, "dns.credentials.key"))
		fail_msg("%s is answered by:\n%s\n%s", reference, s->e.text, s->e.hint);
}

static void takes_the_environment(void **state)
{
	assert_int_equal(setenv("CUTOVER_TEST_SECRET", "s3 cr\"et", 1), 0);
	expect_secret(*state, "env:CUTOVER_TEST_SECRET", "s3 cr\"et");
	assert_int_equal(setenv("CUTOVER_TEST_SECRET", "", 1), 0);
	expect_refusal(*state, "env:CUTOVER_TEST_SECRET", "is empty", "file:PATH");
	assert_int_equal(unsetenv("CUTOVER_TEST_SECRET"), 0);
	expect_refusal(*state, "env:CUTOVER_TEST_SECRET", "is not set", "file:PATH");
}

static void takes_a_private_file(void **state)
{
	struct scratch *s = *state;
	scratch_write(s, "top secret\r\n");
	expect_secret(s, "file:file", "top secret");
	expect_secret(s, arena_printf(s->arena, "file:%s", s->path), "top secret");
	assert_int_equal(chmod(s->path, 0640), 0);
	expect_refusal(s, "file:file", "others can read", "chmod 600");
	expect_refusal(s, "file:absent", "No such file", "directory");
	scratch_write(s, "\n");
	expect_refusal(s, "file:file", "empty", "file:file");
}

static void runs_a_command_without_a_shell(void **state)
{
	expect_secret(*state, "cmd:echo  one $HOME two", "one $HOME two");
	expect_secret(*state, "cmd:/bin/echo -n x", "x");
	expect_refusal(*state, "cmd:false", "ended with status 1", "by hand: false");
	expect_refusal(*state, "cmd:/no/such/program x", "cannot run '/no/such/program'",
		       "by hand");
	expect_refusal(*state, "cmd:true", "the secret is empty", "cmd:true");
	expect_refusal(*state, "cmd: ", "names no program", "by hand");
}

/* Who may write the file would decide what runs as this user. */
static void runs_nothing_that_others_may_have_named(void **state)
{
	struct scratch *s = *state;
	struct secret *secret = NULL;
	const struct project p = { .path = "cutover.yaml",
				   .dir = s->dir,
				   .others = "can be written by others" };
	assert_int_equal(secret_resolve(&p, "cmd:echo x", "dns.credentials.key", &secret, &s->e),
			 -1);
	assert_int_equal(s->e.kind, ERR_USAGE);
	assert_non_null(strstr(s->e.text, "dns.credentials.key: its program is not run"));
	assert_non_null(strstr(s->e.text, "can be written by others"));
	assert_non_null(strstr(s->e.hint, "chmod go-w"));
	assert_int_equal(setenv("CUTOVER_TEST_SECRET", "x", 1), 0);
	assert_int_equal(secret_resolve(&p, "env:CUTOVER_TEST_SECRET", "k", &secret, &s->e), 0);
	secret_free(secret);
	assert_int_equal(unsetenv("CUTOVER_TEST_SECRET"), 0);
}

/* Ours are blocked for the thread that waits for them, and SIGPIPE is ignored; a password manager,
 * and the agent that it may leave running, must not inherit that. */
static void a_command_has_its_signals(void **state)
{
	sigset_t ours;
	sigset_t before;
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &ours, &before), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	expect_secret(*state, "cmd:sed -n s/^Sig[BI].*:[[:space:]]*//p /proc/self/status",
		      "0000000000000000\n0000000000000000");
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

/* More than a pipe holds, so the child is stopped while it writes. */
static void limits_a_command(void **state)
{
	expect_refusal(*state, "cmd:head -c 300000 /dev/zero", "larger than 65536", "by hand");
}

static void refuses_a_literal(void **state)
{
	struct scratch *s = *state;
	expect_refusal(s, "hunter2", "no reference", "env:NAME");
	assert_null(strstr(s->e.text, "hunter2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_environment),
		cmocka_unit_test(takes_a_private_file),
		cmocka_unit_test(runs_a_command_without_a_shell),
		cmocka_unit_test(runs_nothing_that_others_may_have_named),
		cmocka_unit_test(a_command_has_its_signals),
		cmocka_unit_test(limits_a_command),
		cmocka_unit_test(refuses_a_literal),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
