/* Each case is one server as the world has them, and what a person must be told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>

#include "base/arena.h"
#include "io/dial.h"
#include "io/wait.h"
#include "tiny_imap.h"

enum { TIMEOUT_MS = 180 * 1000, SHORT_MS = 300 };

struct call {
	const char *scheme, *host, *password, *token;
	enum dial_tls tls;
	bool no_login;
	int timeout_ms;
	bool own_authority_unknown; /* dial without the CA file */
	const struct cancel *cancel;
};

struct outcome {
	int rc;
	struct err e;
	struct dial_seen seen;
	struct stream *stream;
	char *heard; /* owned */
};

static void dial_to(const struct tiny *t, const struct call *c, struct outcome *o)
{
	struct arena *a = arena_new();
	const char *password = c->password != NULL ? c->password : TINY_PASSWORD;
	struct secret *secret = secret_new(slice_str(password));
	struct secret *token = c->token != NULL ? secret_new(slice_str(c->token)) : NULL;
	const struct dial_opts opts = {
		.url = arena_printf(a, "%s://%s:%u", c->scheme, c->host, tiny_port(t)),
		.connect_to = "127.0.0.1",
		.user = c->no_login ? NULL : TINY_USER,
		.password = secret,
		.token = token,
		.ca_file = c->own_authority_unknown ? NULL : tiny_ca_file(t),
		.tls = c->tls,
		.timeout_ms = c->timeout_ms != 0 ? c->timeout_ms : TIMEOUT_MS,
		.helo = "client.example.com",
		.cancel = c->cancel,
		.clock = clock_system(),
		.seen = &o->seen,
	};
	o->rc = dial_open(&opts, &o->stream, &o->e);
	secret_free(secret);
	secret_free(token);
	arena_free(a);
}

static struct outcome dial_once(const struct tiny_opts *server, const struct call *c)
{
	struct outcome o = { 0 };
	struct tiny *t = tiny_start(server);
	dial_to(t, c, &o);
	if (o.rc == 0)
		stream_free(o.stream);
	tiny_stop(t, &o.heard);
	/* Whatever happens: the password is in no message. */
	assert_null(strstr(o.e.text, TINY_PASSWORD));
	assert_null(strstr(o.e.hint, TINY_PASSWORD));
	return o;
}

static void expect_text(const struct outcome *o, const char *part)
{
	assert_int_equal(o->rc, -1);
	if (strstr(o->e.text, part) == NULL)
		fail_msg("no '%s' in: %s", part, o->e.text);
}

/* "NOOP" over the stream, to see that it is the logged-in connection. */
static void talk(struct stream *s)
{
	struct err e;
	char got[64] = "";
	size_t len = 0;
	const struct clock *clock = clock_system();
	struct wait_item item = { .stream = s, .want_read = true };
	assert_int_equal(stream_send(s, "x1 NOOP\r\n", 9, &e), 9);
	while (strstr(got, "\r\n") == NULL) {
		int64_t until = clock_mono_ms(clock) + TIMEOUT_MS;
		assert_int_equal(wait_streams(&item, 1, clock, until, NULL, &e), 1);
		ssize_t n = stream_recv(s, got + len, sizeof(got) - 1 - len, &e);
		assert_true(n > 0 || n == STREAM_AGAIN);
		len += n > 0 ? (size_t)n : 0;
	}
	assert_string_equal(got, "x1 OK done\r\n");
}

static void expect_conversation(const struct tiny_opts *server, const struct call *c)
{
	struct outcome o = { 0 };
	struct tiny *t = tiny_start(server);
	dial_to(t, c, &o);
	if (o.rc != 0)
		fail_msg("%s", o.e.text);
	assert_true(o.seen.tls);
	assert_string_equal(o.seen.greeting, "* OK tiny");
	assert_true(str_starts(stream_name(o.stream), "imap.example.com:"));
	/* A password command must not inherit it. */
	assert_true((fcntl(stream_fd(o.stream), F_GETFD) & FD_CLOEXEC) != 0);
	talk(o.stream);
	stream_free(o.stream);
	tiny_stop(t, &o.heard);
	assert_non_null(strstr(o.heard, "NOOP"));
	free(o.heard);
}

static const struct call IMAPS = { .scheme = "imaps", .host = "imap.example.com" };
static const struct call IMAP = { .scheme = "imap", .host = "imap.example.com" };

static void test_tls_from_the_first_byte(void **state)
{
	const struct tiny_opts server = { .cert_host = "imap.example.com",
					  .implicit = true,
					  .capability = "AUTH=PLAIN" };
	(void)state;
	expect_conversation(&server, &IMAPS);
}

static void test_starttls(void **state)
{
	const struct tiny_opts server = { .cert_host = "imap.example.com",
					  .capability = "STARTTLS AUTH=PLAIN SASL-IR" };
	(void)state;
	expect_conversation(&server, &IMAP);
}

/* PLAIN is taken though CRAM-MD5 is offered too; LOGIN when there is no SASL at all. */
static void test_which_login_is_used(void **state)
{
	const struct tiny_opts both = { .cert_host = "imap.example.com",
					.implicit = true,
					.capability = "AUTH=CRAM-MD5 AUTH=PLAIN" };
	const struct tiny_opts none = { .cert_host = "imap.example.com",
					.implicit = true,
					.capability = "UIDPLUS" };
	(void)state;
	expect_conversation(&both, &IMAPS);
	expect_conversation(&none, &IMAPS);
}

static void test_no_password_login_at_all(void **state)
{
	const struct tiny_opts server = { .cert_host = "imap.example.com",
					  .implicit = true,
					  .capability = "AUTH=XOAUTH2 LOGINDISABLED" };
	(void)state;
	struct outcome o = dial_once(&server, &IMAPS);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_ACCOUNT);
	expect_text(&o, "takes no password");
	free(o.heard);
}

struct login_case {
	const char *reply;
	enum err_kind kind;
	const char *told;
};

/* Servers tell that a token has ended in many words; a new one is asked for by this class. */
static void test_a_refused_token(void **state)
{
	static const struct {
		const char *reply;
		enum dial_trouble trouble;
	} cases[] = {
		{ "NO AUTHENTICATE failed.", DIAL_TOKEN },
		{ "BAD AUTHENTICATE failed.", DIAL_TOKEN },
		{ "NO [AUTHENTICATIONFAILED] Authentication failed.", DIAL_TOKEN },
		{ "NO [EXPIRED] log in again", DIAL_TOKEN },
		{ "NO Session invalidated - AccessTokenExpired", DIAL_TOKEN },
		{ "BAD Session invalidated - AccessTokenExpired", DIAL_TOKEN },
		{ "* BYE Session invalidated - AccessTokenExpired", DIAL_TOKEN },
		{ "* BYE Connection closed. 14", DIAL_THROTTLED },
		{ "NO [UNAVAILABLE] later", DIAL_THROTTLED },
		{ "NO [AUTHORIZATIONFAILED] no right to it", DIAL_NO_ACCESS },
		{ "BAD User is authenticated but not connected.", DIAL_NO_ACCESS },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tiny_opts server = { .cert_host = "imap.example.com",
						  .implicit = true,
						  .capability = "AUTH=XOAUTH2 SASL-IR",
						  .login_reply = cases[i].reply };
		struct call call = IMAPS;
		call.token = "old-token";
		struct outcome o = dial_once(&server, &call);
		assert_int_equal(o.rc, -1);
		if (o.seen.trouble != cases[i].trouble)
			fail_msg("%s: %s", cases[i].reply, o.e.text);
		assert_null(strstr(o.e.text, "old-token"));
		free(o.heard);
	}
}

/* The reason comes as a challenge, in base64 (Gmail): a token is refused, whatever follows. */
static void test_a_token_that_is_refused_by_a_challenge(void **state)
{
	static const char *const offers[] = { "AUTH=XOAUTH2 SASL-IR", "AUTH=XOAUTH2",
					      "AUTH=OAUTHBEARER SASL-IR" };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct tiny_opts server = {
			.cert_host = "imap.example.com",
			.implicit = true,
			.capability = offers[i],
			.challenge = "{\"status\":\"400\",\"schemes\":\"Bearer\"}",
			.login_reply = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
		};
		struct call call = IMAPS;
		call.token = "old-token";
		struct outcome o = dial_once(&server, &call);
		assert_int_equal(o.rc, -1);
		assert_int_equal(o.e.kind, ERR_ACCOUNT);
		assert_int_equal(o.seen.trouble, DIAL_TOKEN);
		expect_text(&o, "refused the token");
		assert_null(strstr(o.e.text, "eyJ")); /* in clear, or not at all */
		free(o.heard);
	}
}

static void test_a_refused_login(void **state)
{
	static const struct login_case cases[] = {
		{ "NO [AUTHENTICATIONFAILED] Authentication failed.", ERR_ACCOUNT,
		  "as 'ann': the server refused this password "
		  "(it said: NO [AUTHENTICATIONFAILED] Authentication failed.)" },
		{ "NO go away", ERR_ACCOUNT, "the server refused this password" },
		{ "NO [UNAVAILABLE] database down", ERR_RETRY, "cannot check passwords now" },
		{ "NO [ALERT] Too many simultaneous connections. (Failure)", ERR_RETRY,
		  "too many connections" },
		{ "NO [EXPIRED] change it", ERR_ACCOUNT, "has expired" },
		{ "NO [AUTHORIZATIONFAILED] no", ERR_ACCOUNT, "may not open" },
		{ "NO authorization failure", ERR_ACCOUNT, "the password is right" },
		{ "NO authentication failure", ERR_ACCOUNT, "refused this password" },
		{ "* BYE shutting down", ERR_RETRY, "BYE shutting down" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tiny_opts server = { .cert_host = "imap.example.com",
						  .implicit = true,
						  .capability = "AUTH=PLAIN",
						  .login_reply = cases[i].reply };
		struct call call = IMAPS;
		call.password = "wrong";
		struct outcome o = dial_once(&server, &call);
		assert_int_equal(o.rc, -1);
		expect_text(&o, cases[i].told);
		assert_int_equal(o.e.kind, cases[i].kind);
		free(o.heard);
	}
}

/* Servers that do not know a command repeat it, what comes behind it included; these words go into
 * reports. */
static void test_no_server_gets_a_password_told(void **state)
{
	static const char *const replies[] = {
		"NO [AUTHENTICATIONFAILED] hunter2 word is wrong",
		"BAD unknown command AGFubgBodW50ZXIyIHdvcmQ=",
		"BAD what is aHVudGVyMiB3b3Jk?",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const struct tiny_opts server = { .cert_host = "imap.example.com",
						  .implicit = true,
						  .capability = "AUTH=PLAIN",
						  .login_reply = replies[i] };
		struct call call = IMAPS;
		call.password = "hunter2 word";
		struct outcome o = dial_once(&server, &call);
		expect_text(&o, "***");
		assert_null(strstr(o.e.text, "hunter2"));
		assert_null(strstr(o.e.text, "odW50ZXIy"));
		assert_null(strstr(o.e.text, "HVudGVyM"));
		assert_non_null(strstr(o.seen.last_line, "***"));
		free(o.heard);
	}
}

static void expect_refused_certificate(const struct tiny_opts *server, const struct call *c,
				       const char *why)
{
	struct outcome o = dial_once(server, c);
	assert_int_equal(o.rc, -1);
	expect_text(&o, "imap.example.com");
	expect_text(&o, why);
	assert_int_equal(o.e.kind, ERR_REFUSED);
	assert_true(o.e.hint[0] != '\0');
	assert_null(strstr(o.heard, "AUTHENTICATE")); /* nothing secret was sent */
	assert_null(strstr(o.heard, "LOGIN"));
	free(o.heard);
}

static void test_certificates_that_are_refused(void **state)
{
	struct tiny_opts server = { .cert_host = "mail.other.example",
				    .implicit = true,
				    .capability = "AUTH=PLAIN" };
	struct call call = IMAPS;
	(void)state;
	expect_refused_certificate(&server, &call, "it is for DNS:mail.other.example");
	server.cert_host = "imap.example.com";
	server.expired = true;
	expect_refused_certificate(&server, &call, "expired");
	server.expired = false;
	server.self_signed = true;
	expect_refused_certificate(&server, &call, "self-signed");
	server.self_signed = false;
	call.own_authority_unknown = true;
	expect_refused_certificate(&server, &call, "unable to get local issuer");
	server.implicit = false;
	server.capability = "STARTTLS AUTH=PLAIN";
	call.scheme = "imap";
	expect_refused_certificate(&server, &call, "unable to get local issuer");
}

static void test_no_encryption_is_refused_before_the_password(void **state)
{
	const struct tiny_opts server = { .capability = "AUTH=PLAIN" };
	(void)state;
	struct outcome o = dial_once(&server, &IMAP);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_REFUSED);
	expect_text(&o, "offers no encryption");
	assert_null(strstr(o.heard, "AUTHENTICATE"));
	assert_null(strstr(o.heard, "LOGIN"));
	free(o.heard);
}

static void test_plain_text_only_when_it_is_said(void **state)
{
	const struct tiny_opts server = { .capability = "AUTH=PLAIN" };
	struct call call = IMAP;
	(void)state;
	call.tls = DIAL_TLS_NONE;
	struct outcome o = dial_once(&server, &call);
	assert_int_equal(o.rc, 0);
	assert_false(o.seen.tls);
	assert_non_null(strstr(o.heard, "AUTHENTICATE PLAIN"));
	free(o.heard);
}

static void test_tls_to_a_plain_port(void **state)
{
	const struct tiny_opts server = { .capability = "AUTH=PLAIN" };
	(void)state;
	struct outcome o = dial_once(&server, &IMAPS);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_WORLD);
	expect_text(&o, "does not speak TLS");
	free(o.heard);
}

static void test_silence_is_a_timeout(void **state)
{
	const struct tiny_opts server = { .silent = true };
	struct call call = IMAP;
	(void)state;
	call.timeout_ms = SHORT_MS;
	struct outcome o = dial_once(&server, &call);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_RETRY);
	expect_text(&o, "waiting for the greeting of 'imap.example.com:");
	assert_non_null(strstr(o.e.hint, "imaps://"));
	free(o.heard);
}

static void test_a_busy_server_says_bye(void **state)
{
	const struct tiny_opts server = { .greeting = "* BYE too many connections" };
	(void)state;
	struct outcome o = dial_once(&server, &IMAP);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_RETRY);
	expect_text(&o, "too many connections");
	free(o.heard);
}

static void expect_another_protocol(const char *greeting, const struct call *call, const char *hint)
{
	struct outcome o = dial_once(&(struct tiny_opts){ .greeting = greeting }, call);
	assert_int_equal(o.e.kind, ERR_WORLD);
	assert_int_equal(o.seen.trouble, DIAL_NO_HOST);
	expect_text(&o, greeting);
	assert_non_null(strstr(o.e.hint, hint));
	assert_string_equal(o.heard, ""); /* and it was told nothing */
	free(o.heard);
}

/* Without that, each of them costs a timeout, and is told as silence. */
static void test_another_protocol_is_known_by_its_first_line(void **state)
{
	struct call smtp = IMAP;
	(void)state;
	smtp.scheme = "smtp";
	smtp.no_login = true;
	expect_another_protocol("+OK POP3 ready", &IMAP, "POP3");
	expect_another_protocol("220 mx.example.com ESMTP", &IMAP, "SMTP");
	expect_another_protocol("SSH-2.0-OpenSSH_9.2", &IMAP, "SSH");
	expect_another_protocol("hello", &IMAP, "something else");
	expect_another_protocol("* OK IMAP ready", &smtp, "IMAP");
}

static void test_nobody_listens(void **state)
{
	struct outcome o = { 0 };
	const struct tiny_opts server = { .capability = "" };
	struct tiny *t = tiny_start(&server);
	struct arena *a = arena_new();
	const struct dial_opts opts = {
		.url = arena_printf(a, "imap://imap.example.com:%u", tiny_port(t)),
		.connect_to = "127.0.0.1",
		.timeout_ms = TIMEOUT_MS,
		.clock = clock_system(),
	};
	(void)state;
	tiny_stop(t, &o.heard); /* its port is free now */
	o.rc = dial_open(&opts, &o.stream, &o.e);
	assert_int_equal(o.e.kind, ERR_RETRY);
	expect_text(&o, "connection refused");
	arena_free(a);
	free(o.heard);
}

static void test_an_interrupt_ends_it(void **state)
{
	struct err e;
	struct cancel *cancel = cancel_new(&e);
	const struct tiny_opts server = { .silent = true };
	struct call call = IMAP;
	(void)state;
	call.cancel = cancel;
	cancel_request(cancel);
	struct outcome o = dial_once(&server, &call);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_CANCELLED);
	cancel_free(cancel);
	free(o.heard);
}

static struct cancel *of_alarm;

static void on_alarm(int number)
{
	(void)number;
	cancel_request(of_alarm);
}

/* As Ctrl-C does while a server lets us wait. */
static void test_an_interrupt_ends_a_wait(void **state)
{
	struct err e;
	const struct tiny_opts server = { .silent = true };
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	struct call call = IMAP;
	(void)state;
	of_alarm = cancel_new(&e);
	call.cancel = of_alarm;
	(void)signal(SIGALRM, on_alarm);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	struct outcome o = dial_once(&server, &call);
	assert_int_equal(o.rc, -1);
	assert_int_equal(o.e.kind, ERR_CANCELLED);
	(void)signal(SIGALRM, SIG_DFL);
	cancel_free(of_alarm);
	free(o.heard);
}

static void expect_usage(const struct dial_opts *opts)
{
	struct err e;
	struct stream *s;
	assert_int_equal(dial_open(opts, &s, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

static void test_what_cannot_be_sent_is_not_tried(void **state)
{
	struct secret *good = secret_new(SLICE_LIT("x"));
	struct secret *injecting = secret_new(SLICE_LIT("x\"\r\nA9 DELETE INBOX"));
	struct secret *cut = secret_new(SLICE_LIT("x\0y"));
	struct dial_opts opts = { .url = "imaps://127.0.0.1:9", .user = "ann", .timeout_ms = 100 };
	(void)state;
	opts.password = injecting;
	expect_usage(&opts);
	opts.password = cut;
	expect_usage(&opts);
	opts.password = NULL;
	expect_usage(&opts);
	opts.password = good;
	opts.user = "ann\nbob";
	expect_usage(&opts);
	opts.user = "ann";
	opts.url = "imaps://ann:pw@127.0.0.1";
	expect_usage(&opts);
	opts.url = "http://127.0.0.1";
	expect_usage(&opts);
	opts.url = "127.0.0.1 and more";
	expect_usage(&opts);
	secret_free(good);
	secret_free(injecting);
	secret_free(cut);
}

static void test_a_missing_ca_file_is_named(void **state)
{
	struct err e;
	struct stream *s;
	const struct tiny_opts server = { .cert_host = "imap.example.com", .implicit = true };
	struct tiny *t = tiny_start(&server);
	struct arena *a = arena_new();
	char *heard;
	const struct dial_opts opts = {
		.url = arena_printf(a, "imaps://imap.example.com:%u", tiny_port(t)),
		.connect_to = "127.0.0.1",
		.ca_file = "/no/such/ca.pem",
		.timeout_ms = TIMEOUT_MS,
		.clock = clock_system(),
	};
	(void)state;
	assert_int_equal(dial_open(&opts, &s, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "/no/such/ca.pem"));
	tiny_stop(t, &heard);
	free(heard);
	arena_free(a);
}

static void test_smtp_takes_tls_when_offered(void **state)
{
	struct tiny_opts server = { .cert_host = "mx.example.com",
				    .smtp = true,
				    .capability = "STARTTLS" };
	const struct call call = {
		.scheme = "smtp", .host = "mx.example.com", .tls = DIAL_TLS_TRY, .no_login = true
	};
	(void)state;
	struct outcome o = dial_once(&server, &call);
	assert_int_equal(o.rc, 0);
	assert_true(o.seen.tls);
	assert_string_equal(o.seen.greeting, "220 tiny ESMTP");
	assert_non_null(strstr(o.heard, "EHLO client.example.com\nSTARTTLS\nEHLO"));
	free(o.heard);
	server.capability = "PIPELINING";
	o = dial_once(&server, &call);
	assert_int_equal(o.rc, 0);
	assert_false(o.seen.tls);
	free(o.heard);
}

static int init(void **state)
{
	(void)state;
	dial_global_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls_from_the_first_byte),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_which_login_is_used),
		cmocka_unit_test(test_no_password_login_at_all),
		cmocka_unit_test(test_a_refused_token),
		cmocka_unit_test(test_a_token_that_is_refused_by_a_challenge),
		cmocka_unit_test(test_a_refused_login),
		cmocka_unit_test(test_no_server_gets_a_password_told),
		cmocka_unit_test(test_certificates_that_are_refused),
		cmocka_unit_test(test_no_encryption_is_refused_before_the_password),
		cmocka_unit_test(test_plain_text_only_when_it_is_said),
		cmocka_unit_test(test_tls_to_a_plain_port),
		cmocka_unit_test(test_silence_is_a_timeout),
		cmocka_unit_test(test_a_busy_server_says_bye),
		cmocka_unit_test(test_another_protocol_is_known_by_its_first_line),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_an_interrupt_ends_it),
		cmocka_unit_test(test_an_interrupt_ends_a_wait),
		cmocka_unit_test(test_what_cannot_be_sent_is_not_tried),
		cmocka_unit_test(test_a_missing_ca_file_is_named),
		cmocka_unit_test(test_smtp_takes_tls_when_offered),
	};
	return cmocka_run_group_tests(tests, init, NULL);
}
