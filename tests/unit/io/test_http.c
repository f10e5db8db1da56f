/*
 * A web server of a few lines (tiny_imap in its SMTP dress: greeting nothing, answering
 * lines) with certificates good and bad.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/dial.h"
#include "io/http.h"
#include "tiny_imap.h"

enum { BODY_MAX = 64, TURN_MS = 50 };
enum { PATIENT_MS = 180 * 1000 }; /* never reached when all is well */

struct page {
	const char *text; /* the whole answer, sent when the request's head has ended */
};

static const char *answer(void *ctx, const char *line)
{
	const struct page *page = ctx;
	return line[0] == '\0' ? page->text : "";
}

struct asked {
	struct tiny *tiny;
	struct http *http;
	struct arena *a;
	struct http_get get;
	unsigned calls;
};

static void on_done(void *ctx, struct http_get *get)
{
	struct asked *x = ctx;
	assert_ptr_equal(get, &x->get);
	assert_null(get->under_way);
	x->calls++;
}

static void begin(struct asked *x, const struct tiny_opts *tiny, int timeout_ms)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	struct err e = { 0 };
	*x = (struct asked){ .tiny = tiny_start(tiny), .a = arena_new() };
	x->http = http_new(&(struct http_opts){ .ca_file = tiny_ca_file(x->tiny),
						.port = tiny_port(x->tiny),
						.timeout_ms = timeout_ms },
			   &e);
	assert_non_null(x->http);
	x->get = (struct http_get){ .host = "mta-sts.x.net",
				    .path = "/.well-known/mta-sts.txt",
				    .addresses = addresses,
				    .body_max = BODY_MAX,
				    .done = on_done,
				    .ctx = x };
	http_submit(x->http, x->a, &x->get);
	assert_int_equal(http_open(x->http), 1);
}

static void finish(struct asked *x, char **heard_r)
{
	while (x->calls == 0)
		http_turn(x->http, -1, TURN_MS);
	assert_int_equal(x->calls, 1);
	assert_int_equal(http_open(x->http), 0);
	http_free(x->http);
	tiny_stop(x->tiny, heard_r);
}

static void end(struct asked *x, char *heard)
{
	free(heard);
	arena_free(x->a);
}

#define WEB(page)                                                                                  \
	.implicit = true, .smtp = true, .greeting = "", .smtp_answer = answer, .ctx = (void *)(page)

static void ask(struct asked *x, const struct tiny_opts *opts)
{
	char *heard;
	begin(x, opts, PATIENT_MS);
	finish(x, &heard);
	free(heard);
}

static void test_fetches(void **state)
{
	const struct page page = { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
				   "Content-Length: 8\r\n\r\nversion" };
	struct asked x;
	char *heard;
	(void)state;
	begin(&x, &(struct tiny_opts){ .cert_host = "mta-sts.x.net", WEB(&page) }, PATIENT_MS);
	finish(&x, &heard);
	assert_int_equal(x.get.answer.status, 200);
	assert_string_equal(x.get.answer.content_type, "text/plain");
	assert_true(str_starts(x.get.answer.body.ptr, "version"));
	assert_null(x.get.answer.note);
	assert_false(x.get.answer.cut);
	assert_non_null(strstr(heard, "GET /.well-known/mta-sts.txt HTTP/1.1"));
	end(&x, heard);
}

static void test_does_not_follow(void **state)
{
	const struct page page = { "HTTP/1.1 301 Moved\r\nLocation: https://evil.example/\r\n"
				   "Content-Length: 0\r\n" };
	struct asked x;
	(void)state;
	ask(&x, &(struct tiny_opts){ .cert_host = "mta-sts.x.net", WEB(&page) });
	assert_int_equal(x.get.answer.status, 301);
	assert_string_equal(x.get.answer.location, "https://evil.example/");
	end(&x, NULL);
}

static void test_cuts_a_long_body(void **state)
{
	const struct page page = { "HTTP/1.1 200 OK\r\nContent-Length: 96\r\n\r\n"
				   "0123456789abcdef0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef0123456789abcdef" };
	struct asked x;
	(void)state;
	ask(&x, &(struct tiny_opts){ .cert_host = "mta-sts.x.net", WEB(&page) });
	assert_int_equal(x.get.answer.status, 200);
	assert_true(x.get.answer.cut);
	assert_int_equal(x.get.answer.body.len, BODY_MAX);
	end(&x, NULL);
}

static void test_wrong_name_in_certificate(void **state)
{
	const struct page page = { "" };
	struct asked x;
	(void)state;
	ask(&x, &(struct tiny_opts){ .cert_host = "other.x.net", WEB(&page) });
	assert_int_equal(x.get.answer.status, 0);
	assert_string_equal(x.get.answer.note, "the certificate is not for mta-sts.x.net");
	end(&x, NULL);
}

static void test_expired_certificate(void **state)
{
	const struct page page = { "" };
	struct asked x;
	(void)state;
	ask(&x, &(struct tiny_opts){ .cert_host = "mta-sts.x.net", .expired = true, WEB(&page) });
	assert_int_equal(x.get.answer.status, 0);
	assert_non_null(strstr(x.get.answer.note, "certificate has expired"));
	end(&x, NULL);
}

static void test_nobody_listens(void **state)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	struct err e = { 0 };
	struct asked x = { .a = arena_new() };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
			0); /* ours, so that nobody listens there */
	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	x.http = http_new(
		&(struct http_opts){ .port = ntohs(at.sin_port), .timeout_ms = PATIENT_MS }, &e);
	x.get = (struct http_get){
		.host = "a.net", .path = "/", .addresses = addresses, .done = on_done, .ctx = &x
	};
	http_submit(x.http, x.a, &x.get);
	while (x.calls == 0)
		http_turn(x.http, -1, TURN_MS);
	assert_string_equal(x.get.answer.note, "no connection to the web server");
	http_free(x.http);
	(void)close(fd);
	end(&x, NULL);
}

/* What is abandoned is never heard of again; another descriptor ends the wait. */
static void test_abandon(void **state)
{
	struct asked x;
	char *heard;
	int fds[2];
	(void)state;
	begin(&x,
	      &(struct tiny_opts){ .cert_host = "mta-sts.x.net", .implicit = true, .silent = true },
	      PATIENT_MS);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	http_turn(x.http, fds[0], PATIENT_MS); /* a wait that only the pipe can end in time */
	http_abandon(x.http, &x.get);
	assert_int_equal(http_open(x.http), 0);
	http_turn(x.http, fds[0], PATIENT_MS);
	assert_int_equal(x.calls, 0);
	http_free(x.http);
	tiny_stop(x.tiny, &heard);
	(void)close(fds[0]);
	(void)close(fds[1]);
	end(&x, heard);
}

/* Takes connections and never says anything, at an address beside the web server's. */
static int mute_beside(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(inet_pton(AF_INET, "127.0.0.2", &at.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

/* The time of one that queues runs too: so a hundred hosts that say nothing must not make it
 * queue. */
static void test_slow_hosts_delay_nobody(void **state)
{
	enum { SLOW = 100 };
	static const char *const addresses[] = { "127.0.0.2", NULL };
	const struct page page = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
	struct tiny_opts opts = { .cert_host = "mta-sts.x.net", WEB(&page) };
	struct http_get slow[SLOW];
	struct err e = { 0 };
	struct asked x = { .a = arena_new(), .tiny = tiny_start(&opts) };
	char *heard;
	(void)state;
	int mute = mute_beside(tiny_port(x.tiny));
	x.http = http_new(&(struct http_opts){ .ca_file = tiny_ca_file(x.tiny),
					       .port = tiny_port(x.tiny),
					       .timeout_ms = PATIENT_MS },
			  &e);
	for (size_t i = 0; i < SLOW; i++) {
		slow[i] = (struct http_get){ .host = arena_printf(x.a, "s%zu.net", i),
					     .path = "/",
					     .addresses = addresses };
		http_submit(x.http, x.a, &slow[i]);
	}
	x.get = (struct http_get){ .host = "mta-sts.x.net",
				   .path = "/",
				   .addresses = (const char *const[]){ "127.0.0.1", NULL },
				   .done = on_done,
				   .ctx = &x };
	http_submit(x.http, x.a, &x.get);
	while (x.calls == 0)
		http_turn(x.http, -1, TURN_MS);
	assert_int_equal(x.get.answer.status, 200);
	assert_int_equal(http_open(x.http), SLOW);
	http_free(x.http);
	tiny_stop(x.tiny, &heard);
	(void)close(mute);
	end(&x, heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetches),
		cmocka_unit_test(test_does_not_follow),
		cmocka_unit_test(test_cuts_a_long_body),
		cmocka_unit_test(test_wrong_name_in_certificate),
		cmocka_unit_test(test_expired_certificate),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_abandon),
		cmocka_unit_test(test_slow_hosts_delay_nobody),
	};
	dial_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
