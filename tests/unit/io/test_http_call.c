/*
 * Requests straight down, against a web server of a few lines with certificates good and bad:
 * what is sent, what is kept of the answer, and what each failure is called.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "io/dial.h"
#include "io/http_call.h"
#include "tiny_imap.h"

#define HOST "login.x.net"

struct asked {
	struct tiny *tiny;
	struct http_client *client;
	struct http_reply reply;
	struct arena *a;
	struct err e;
	char *heard;
};

/* The page is sent when the request's head has ended. */
static const char *answer(void *ctx, const char *line)
{
	return line[0] == '\0' ? ctx : "";
}

#define WEB(page)                                                                                  \
	.implicit = true, .smtp = true, .greeting = "", .smtp_answer = answer, .ctx = (void *)(page)

static int ask(struct asked *x, const struct tiny_opts *opts, struct http_request request)
{
	static const struct http_route routes[] = { { HOST, "127.0.0.1" } };
	*x = (struct asked){ .tiny = tiny_start(opts), .a = arena_new() };
	x->client = http_client_new(&(struct http_client_opts){
		.ca_file = tiny_ca_file(x->tiny), .routes = routes, .routes_n = 1 });
	request.url = arena_printf(x->a, "https://%s:%u/oauth2/token?key=topsecret", HOST,
				   tiny_port(x->tiny));
	int rc = http_client_call(x->client, &request, &x->reply, &x->e);
	http_client_free(x->client);
	tiny_stop(x->tiny, &x->heard);
	return rc;
}

static void end(struct asked *x)
{
	http_reply_release(&x->reply);
	free(x->heard);
	arena_free(x->a);
}

static void test_posts_a_body_and_a_secret_header(void **state)
{
	static const char page[] = "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nX-A: b:c\r\n"
				   "Content-Length: 4\r\n\r\n{}";
	struct secret *token = secret_new(SLICE_LIT("tok.en"));
	const struct http_header headers[] = { { "Authorization", "Bearer ", token },
					       { "Content-Type", "text/x-form", NULL },
					       { "X-Empty", "", NULL } };
	struct asked x;
	(void)state;
	assert_int_equal(ask(&x, &(struct tiny_opts){ .cert_host = HOST, WEB(page) },
			     (struct http_request){ .method = "POST",
						    .headers = headers,
						    .headers_n = 3,
						    .body = SLICE_LIT("a=1&b=2\r\n") }),
			 0);
	assert_int_equal(x.reply.status, 429); /* an answer, not an error */
	assert_true(x.reply.sent);
	assert_string_equal(http_reply_header(&x.reply, "retry-AFTER"), "7");
	assert_string_equal(http_reply_header(&x.reply, "x-a"), "b:c");
	assert_null(http_reply_header(&x.reply, "location"));
	assert_true(str_starts(x.reply.body.at, "{}"));
	assert_non_null(strstr(x.heard, "POST /oauth2/token?key=topsecret HTTP/1.1"));
	assert_non_null(strstr(x.heard, "Authorization: Bearer tok.en\n"));
	assert_non_null(strstr(x.heard, "Content-Type: text/x-form\n"));
	assert_non_null(strstr(x.heard, "X-Empty:"));
	assert_null(strstr(x.heard, "Expect:"));
	secret_free(token);
	end(&x);
}

static void test_does_not_follow(void **state)
{
	static const char page[] = "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n"
				   "Content-Length: 0\r\n";
	struct asked x;
	(void)state;
	assert_int_equal(ask(&x, &(struct tiny_opts){ .cert_host = HOST, WEB(page) },
			     (struct http_request){ .method = "GET" }),
			 0);
	assert_int_equal(x.reply.status, 302);
	assert_string_equal(http_reply_header(&x.reply, "location"), "https://evil.example/");
	end(&x);
}

static void test_a_long_answer_is_none(void **state)
{
	static const char page[] = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
				   "0123456789012345678901234567890123456789";
	struct asked x;
	(void)state;
	assert_int_equal(ask(&x, &(struct tiny_opts){ .cert_host = HOST, WEB(page) },
			     (struct http_request){ .method = "GET", .body_max = 16 }),
			 -1);
	assert_int_equal(x.e.kind, ERR_WORLD);
	assert_string_equal(x.e.text, "the answer of 'login.x.net' is longer than 16 bytes");
	assert_int_equal(x.reply.status, 0);
	assert_true(x.reply.sent);
	end(&x);
}

static void expect_refused(const struct tiny_opts *opts, const char *text)
{
	struct asked x;
	struct secret *token = secret_new(SLICE_LIT("tok.en"));
	const struct http_header header = { "Authorization", "Bearer ", token };
	assert_int_equal(
		ask(&x, opts,
		    (struct http_request){ .method = "GET", .headers = &header, .headers_n = 1 }),
		-1);
	assert_int_equal(x.e.kind, ERR_REFUSED);
	assert_string_equal(x.e.text, text);
	assert_false(x.reply.sent);
	assert_null(strstr(x.heard, "tok.en"));
	secret_free(token);
	end(&x);
}

static void test_bad_certificates_get_nothing(void **state)
{
	(void)state;
	expect_refused(&(struct tiny_opts){ .cert_host = "other.x.net", WEB("") },
		       "the certificate is not for 'login.x.net'");
	expect_refused(&(struct tiny_opts){ .cert_host = HOST, .expired = true, WEB("") },
		       "the certificate of 'login.x.net' cannot be trusted: certificate has "
		       "expired");
}

/* Without a server: what is refused before anything is opened. */
static void expect_usage(const char *url, const struct http_header *header)
{
	struct http_client *c = http_client_new(&(struct http_client_opts){ .timeout_ms = 100 });
	struct http_reply reply;
	struct err e = { 0 };
	assert_int_equal(http_client_call(c,
					  &(struct http_request){ .method = "GET",
								  .url = url,
								  .headers = header,
								  .headers_n = header != NULL },
					  &reply, &e),
			 -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_null(strstr(e.text, "topsecret"));
	assert_false(reply.sent);
	http_reply_release(&reply);
	http_client_free(c);
}

static void test_refuses_what_must_not_be_sent(void **state)
{
	(void)state;
	expect_usage("http://127.0.0.1:1/?topsecret", NULL);
	expect_usage("file:///etc/passwd", NULL);
	expect_usage("https://user:topsecret@127.0.0.1:1/", NULL);
	expect_usage("https://", NULL);
	expect_usage("https://127.0.0.1:1/", &(struct http_header){ "A", "b\r\nC: d", NULL });
	struct secret *bad = secret_new(SLICE_LIT("topsecret\n"));
	expect_usage("https://127.0.0.1:1/", &(struct http_header){ "A", "", bad });
	secret_free(bad);
}

/* Takes the connection and says nothing, not even for TLS. */
static int mute(uint16_t *port_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port_r = ntohs(at.sin_port);
	return fd;
}

/* A name that nobody could look up: the proxy is asked for it, and gets nothing that is secret. */
static void test_a_proxy_of_the_environment_is_asked(void **state)
{
	static const char page[] = "HTTP/1.1 407 Proxy Authentication Required\r\n"
				   "Content-Length: 0\r\n";
	struct secret *token = secret_new(SLICE_LIT("tok.en"));
	const struct http_header header = { "Authorization", "Bearer ", token };
	struct tiny *proxy = tiny_start(&(struct tiny_opts){
		.smtp = true, .greeting = "", .smtp_answer = answer, .ctx = (void *)page });
	struct arena *a = arena_new();
	struct http_client *client = http_client_new(&(struct http_client_opts){ 0 });
	struct http_reply reply;
	struct err e = { 0 };
	char *heard;
	(void)state;
	assert_int_equal(
		setenv("https_proxy", arena_printf(a, "http://127.0.0.1:%u", tiny_port(proxy)), 1),
		0);
	int rc = http_client_call(client,
				  &(struct http_request){ .method = "POST",
							  .url = "https://api.nowhere.invalid/x",
							  .headers = &header,
							  .headers_n = 1,
							  .body = SLICE_LIT("a=1") },
				  &reply, &e);
	assert_int_equal(unsetenv("https_proxy"), 0);
	tiny_stop(proxy, &heard);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_non_null(strstr(e.text, "asking 'api.nowhere.invalid'"));
	assert_non_null(strstr(e.text, "407"));
	assert_non_null(strstr(e.hint, "https_proxy"));
	assert_true(str_starts(heard, "CONNECT api.nowhere.invalid:443 HTTP/1.1"));
	assert_null(strstr(heard, "tok.en"));
	free(heard);
	http_reply_release(&reply);
	http_client_free(client);
	secret_free(token);
	arena_free(a);
}

/* The password of a proxy stands in the environment; libcurl would tell it with what is wrong. */
static void test_a_proxy_that_is_none_is_told_without_its_password(void **state)
{
	static const char *const bad[] = { "ftp://user:hunter2@127.0.0.1",
					   "http://user:hunter2@127.0.0.1:99999",
					   "http://user:hunter2 @127.0.0.1:9",
					   "socks9://user:hunter2@127.0.0.1:9" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_client *client = http_client_new(&(struct http_client_opts){ 0 });
		struct http_reply reply;
		struct err e = { 0 };
		assert_int_equal(setenv("https_proxy", bad[i], 1), 0);
		int rc = http_client_call(
			client,
			&(struct http_request){ .method = "GET",
						.url = "https://api.nowhere.invalid/x" },
			&reply, &e);
		assert_int_equal(unsetenv("https_proxy"), 0);
		assert_int_equal(rc, -1);
		assert_null(strstr(e.text, "hunter2"));
		assert_null(strstr(e.hint, "hunter2"));
		assert_non_null(strstr(e.text, "https_proxy"));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_false(reply.sent);
		http_reply_release(&reply);
		http_client_free(client);
	}
}

static void test_silence_ends_in_time(void **state)
{
	static const struct http_route route = { HOST, "127.0.0.1" };
	uint16_t port;
	int fd = mute(&port);
	struct http_client *c = http_client_new(
		&(struct http_client_opts){ .routes = &route, .routes_n = 1, .timeout_ms = 200 });
	struct arena *a = arena_new();
	const struct http_request request = {
		.method = "GET", .url = arena_printf(a, "https://%s:%u/", HOST, port)
	};
	struct http_reply reply;
	struct err e = { 0 };
	(void)state;
	int rc = http_client_call(c, &request, &reply, &e);
	bool sent = reply.sent;
	http_reply_release(&reply);
	http_client_free(c);
	arena_free(a);
	(void)close(fd);
	assert_int_equal(rc, -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_string_equal(e.text, "'login.x.net' gave no answer within 1 s");
	assert_false(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts_a_body_and_a_secret_header),
		cmocka_unit_test(test_does_not_follow),
		cmocka_unit_test(test_a_long_answer_is_none),
		cmocka_unit_test(test_bad_certificates_get_nothing),
		cmocka_unit_test(test_refuses_what_must_not_be_sent),
		cmocka_unit_test(test_a_proxy_of_the_environment_is_asked),
		cmocka_unit_test(test_a_proxy_that_is_none_is_told_without_its_password),
		cmocka_unit_test(test_silence_ends_in_time),
	};
	dial_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
