/*
 * The MTA-STS policy as a snapshot fetches it: the record found by DNS, the host's address by the
 * walk, the text from a web server (of io's tests) that behaves well or badly.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "io/dial.h"
#include "io/http.h"
#include "job_world.h"
#include "tiny_imap.h"

#define HOST     "mta-sts.x.net"
#define HOST_AT  "127.0.0.90" /* as x.net.'s zone has it */
#define POLICY   "version: STSv1\nmode: enforce\nmx: mail.x.net\nmax_age: 86400\n"
#define NOT_EVEN "version: \x1b[31mSTSv1\n"

struct world {
	struct walk_world *w;
	struct tiny *tiny;
	struct http *http;
	char *heard; /* owned */
};

static int setup(void **state)
{
	struct world *x = mem_alloc(sizeof(*x));
	x->w = job_world_new();
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct world *x = *state;
	http_free(x->http);
	if (x->tiny != NULL)
		tiny_stop(x->tiny, &x->heard);
	free(x->heard);
	walk_world_free(x->w);
	free(x);
	return 0;
}

/* The whole answer when the request's head has ended; "" is silence. */
static const char *page_of(void *ctx, const char *line)
{
	return line[0] == '\0' ? ctx : "";
}

static struct snapshot_opts serve(struct world *x, const char *page, const char *cert_host)
{
	struct err e = { 0 };
	x->tiny = tiny_start(&(struct tiny_opts){ .address = HOST_AT,
						  .cert_host = cert_host,
						  .implicit = true,
						  .smtp = true,
						  .greeting = "",
						  .smtp_answer = page_of,
						  .ctx = (void *)page });
	x->http = http_new(&(struct http_opts){ .ca_file = tiny_ca_file(x->tiny),
						.port = tiny_port(x->tiny),
						.timeout_ms = 600000 },
			   &e);
	assert_non_null(x->http);
	struct snapshot_opts opts = job_world_opts(x->w, "x.net.");
	opts.http = x->http;
	return opts;
}

static const struct snapshot *take(struct world *x, const char *page, const char *cert_host)
{
	struct snapshot_opts opts = serve(x, page, cert_host);
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	assert_int_equal(snapshot_take(x->w->a, &opts, &s, &e), 0);
	assert_false(s->out_of_time);
	assert_int_equal(http_open(x->http), 0);
	return s;
}

static const char *ok_page(struct arena *a, const char *body)
{
	return arena_printf(a,
			    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
			    "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			    strlen(body), body);
}

static void it_is_fetched_from_the_host_of_the_zone(void **state)
{
	struct world *x = *state;
	const struct snapshot *s = take(x, ok_page(x->w->a, POLICY), HOST);
	assert_int_equal(s->sts.fetch, STS_FETCHED);
	assert_int_equal(s->sts.status, 200);
	assert_null(s->sts.note);
	assert_string_equal(s->sts.content_type, "text/plain");
	assert_string_equal(s->sts.body, POLICY);
	assert_true(s->sts.at_ms >= s->started_ms && s->sts.at_ms <= s->ended_ms);
	tiny_stop(x->tiny, &x->heard);
	x->tiny = NULL;
	assert_non_null(strstr(x->heard, "GET /.well-known/mta-sts.txt HTTP/1.1"));
	assert_non_null(strstr(x->heard, "Host: " HOST));
}

static const struct seen *found(const struct snapshot *s, const char *name)
{
	const struct seen *own = server_seen(&s->servers[0], name, RR_TXT);
	assert_non_null(own);
	assert_true(seen_is_away(own));
	const struct seen *seen = snapshot_follow(s, own);
	if (seen == own || seen->state != SEEN_DATA)
		fail_msg("%s was not followed", name);
	return seen;
}

/* Senders follow the alias of _mta-sts, and keep to the policy that is announced there. */
static void a_record_that_is_served_elsewhere_is_followed(void **state)
{
	struct world *x = *state;
	struct snapshot_opts opts = serve(x, ok_page(x->w->a, POLICY), "mta-sts.hosted.net");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.domain = "hosted.net.";
	assert_int_equal(snapshot_take(x->w->a, &opts, &s, &e), 0);
	assert_int_equal(s->sts.fetch, STS_FETCHED);
	assert_string_equal(s->sts.body, POLICY);
	assert_string_equal(found(s, "_mta-sts.hosted.net.")->rrset->rdata[0], "\"v=STSv1; id=7\"");
	assert_string_equal(found(s, "_smtp._tls.hosted.net.")->rrset->rdata[0],
			    "\"v=TLSRPTv1; rua=mailto:a@dns.org\"");
	(void)found(s, "_dmarc.hosted.net.");
	/* Nobody looks above, and whether the reports are taken is asked. */
	assert_null(snapshot_lookup(s, "_dmarc.net.", RR_TXT));
	assert_non_null(snapshot_lookup(s, "hosted.net._report._dmarc.other.org.", RR_TXT));
}

/* "https://mta-sts.a@b.x.net/" would be b.x.net. */
static void only_the_host_itself_is_asked(void **state)
{
	struct world *x = *state;
	struct snapshot_opts opts = serve(x, ok_page(x->w->a, POLICY), HOST);
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.domain = "a@b.x.net.";
	assert_int_equal(snapshot_take(x->w->a, &opts, &s, &e), 0);
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_non_null(strstr(s->sts.note, "the name of its host"));
	assert_null(snapshot_host(s, "mta-sts.a@b.x.net."));
}

static void too_many_hosts_are_no_missing_policy(void **state)
{
	struct world *x = *state;
	struct snapshot_opts opts = serve(x, ok_page(x->w->a, POLICY), HOST);
	const char *hosts[64];
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	for (size_t i = 0; i < 64; i++)
		hosts[i] = arena_printf(x->w->a, "h%zu.plain.net.", i);
	opts.hosts = hosts;
	opts.host_n = 64;
	assert_int_equal(snapshot_take(x->w->a, &opts, &s, &e), 0);
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_string_equal(s->sts.note, "too many hosts to look up");
}

static void nothing_in_it_controls_a_terminal(void **state)
{
	struct world *x = *state;
	const struct snapshot *s = take(x, ok_page(x->w->a, NOT_EVEN), HOST);
	assert_int_equal(s->sts.fetch, STS_FETCHED);
	assert_string_equal(s->sts.body, "version: ?[31mSTSv1\n");
}

static void what_is_no_policy_is_none(void **state)
{
	struct world *x = *state;
	static const struct {
		const char *head;
		int status;
		const char *note;
	} pages[] = {
		{ "HTTP/1.1 301 Moved\r\nLocation: https://www.x.net/policy\r\n", 301,
		  "a redirect (HTTP 301)" },
		{ "HTTP/1.1 404 Not Found\r\n", 404, "HTTP 404" },
		{ "HTTP/1.1 500 Broken\r\n", 500, "HTTP 500" },
	};
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		const char *page = arena_printf(x->w->a, "%sContent-Length: %zu\r\n\r\n%s",
						pages[i].head, strlen(POLICY), POLICY);
		const struct snapshot *s = take(x, page, HOST);
		assert_int_equal(s->sts.fetch, STS_FAILED);
		assert_int_equal(s->sts.status, pages[i].status);
		assert_string_equal(s->sts.note, pages[i].note);
		http_free(x->http);
		tiny_stop(x->tiny, &x->heard);
		free(x->heard);
		*x = (struct world){ .w = x->w };
	}
}

static void a_certificate_of_another_host_ends_it(void **state)
{
	struct world *x = *state;
	const struct snapshot *s = take(x, ok_page(x->w->a, POLICY), "www.x.net");
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_int_equal(s->sts.status, 0);
	assert_string_equal(s->sts.note, "the certificate is not for " HOST);
	assert_string_equal(s->sts.body, "");
}

static void a_long_one_is_no_policy(void **state)
{
	enum { LONG = 64 * 1024 + 1 };
	struct world *x = *state;
	char *body = arena_alloc(x->w->a, LONG + 1);
	memset(body, 'x', LONG);
	const struct snapshot *s = take(x, ok_page(x->w->a, body), HOST);
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_string_equal(s->sts.note, "it is longer than 64 KiB");
	assert_int_equal(strlen(s->sts.body), 64 * 1024);
}

/* The other answers are there; the web server never says anything. */
static void silence_ends_with_the_budget(void **state)
{
	struct world *x = *state;
	struct snapshot_opts opts = serve(x, "", HOST);
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.engine = walk_world_patient(x->w);
	struct snapshot_job *job = snapshot_begin(x->w->a, &opts);
	while (http_open(x->http) == 0 || dns_engine_open(opts.engine) > 0) {
		assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_ASKING);
		assert_int_equal(snapshot_turn(opts.engine, x->http, 10, &e), 0);
	}
	x->w->ahead_ms = 5500;
	assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_DONE);
	assert_true(s->out_of_time);
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_string_equal(s->sts.note, "not answered within 5.5 s");
	assert_int_equal(s->servers[0].state, SERVER_OK);
	assert_int_equal(http_open(x->http), 0);
	dns_engine_free(opts.engine);
}

int main(void)
{
	dial_global_init();
#define POLICY_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		POLICY_TEST(it_is_fetched_from_the_host_of_the_zone),
		POLICY_TEST(a_record_that_is_served_elsewhere_is_followed),
		POLICY_TEST(only_the_host_itself_is_asked),
		POLICY_TEST(too_many_hosts_are_no_missing_policy),
		POLICY_TEST(nothing_in_it_controls_a_terminal),
		POLICY_TEST(what_is_no_policy_is_none),
		POLICY_TEST(a_certificate_of_another_host_ends_it),
		POLICY_TEST(a_long_one_is_no_policy),
		POLICY_TEST(silence_ends_with_the_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
