/*
 * The real world's side: DNS over TCP to a peer in this process, and files. The peer is a
 * thread on a loopback address and speaks only what the test gives it.
 */
#include "tests/unit/registrars/fake_host.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "registrars/host.h"

enum { PATIENT_MS = 180 * 1000 }; /* never reached when all is well */

struct peer {
	int fd;
	pthread_t thread;
	char server[40];
	const char *reply; /* bytes to send once the request is there */
	size_t reply_len;
	bool by_octets; /* one octet a send */
	bool endless;   /* again and again, until nobody takes it */
	bool hang;      /* keep the connection, say nothing more */
	char request[64];
	ssize_t request_len;
};

static void *peer_run(void *ctx)
{
	struct peer *p = ctx;
	int fd = accept(p->fd, NULL, NULL);
	if (fd < 0)
		return NULL;
	p->request_len = recv(fd, p->request, sizeof(p->request), 0);
	size_t step = p->by_octets ? 1 : p->reply_len;
	for (size_t i = 0; i < p->reply_len; i += step)
		(void)send(fd, p->reply + i, step, MSG_NOSIGNAL);
	while (p->endless && send(fd, p->reply, p->reply_len, MSG_NOSIGNAL) > 0)
		continue;
	char more;
	if (p->hang)
		(void)recv(fd, &more, 1, 0); /* until the client goes */
	close(fd);
	return NULL;
}

static void peer_start(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(p->server, sizeof(p->server), "127.0.0.1#%u", ntohs(at.sin_port));
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
}

static void peer_stop(struct peer *p)
{
	(void)shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
}

static int ask(struct peer *p, int timeout_ms, struct buf *reply, struct err *e)
{
	struct host_world w = { .clock = clock_system(),
				.rng = rng_system(),
				.timeout_ms = timeout_ms };
	peer_start(p);
	int rc = host_dns_exchange(&w, p->server, SLICE_LIT("question"), reply, e);
	peer_stop(p);
	return rc;
}

static void test_exchange(void **state)
{
	(void)state;
	for (int by_octets = 0; by_octets < 2; by_octets++) {
		struct peer p = { .reply = "\0\6answer", .reply_len = 8, .by_octets = by_octets };
		struct err e = { 0 };
		struct buf reply;
		buf_init(&reply);
		if (ask(&p, PATIENT_MS, &reply, &e) != 0)
			fail_msg("%s", e.text);
		assert_string_equal(reply.at, "answer");
		assert_int_equal(p.request_len, 10);
		assert_memory_equal(p.request, "\0\10question", 10);
		buf_release(&reply);
	}
}

static void test_cut_and_silence_are_uncertain(void **state)
{
	struct peer cut = { .reply = "\0\6ans", .reply_len = 5 };
	struct peer silent = { .reply = "\0", .reply_len = 1, .hang = true };
	struct err e = { 0 };
	struct buf reply;
	(void)state;
	buf_init(&reply);
	assert_int_equal(ask(&cut, PATIENT_MS, &reply, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_int_equal(ask(&silent, 50, &reply, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_non_null(strstr(e.text, "no answer in 50 ms"));
	buf_release(&reply);
}

/* A port that was just ours and is closed again: nobody listens. */
static void test_unreached_is_certain(void **state)
{
	struct host_world w = { .clock = clock_system(),
				.rng = rng_system(),
				.timeout_ms = PATIENT_MS };
	struct peer p = { .reply_len = 0 };
	struct err e = { 0 };
	struct buf reply;
	(void)state;
	peer_start(&p);
	peer_stop(&p);
	buf_init(&reply);
	assert_int_equal(host_dns_exchange(&w, p.server, SLICE_LIT("q"), &reply, &e), -1);
	assert_int_equal(e.kind, ERR_WORLD);
	assert_non_null(strstr(e.text, "refused"));
	buf_release(&reply);
}

static void test_cancelled(void **state)
{
	struct err e = { 0 };
	struct cancel *cancel = cancel_new(&e);
	struct host_world w = { .clock = clock_system(),
				.rng = rng_system(),
				.cancel = cancel,
				.timeout_ms = PATIENT_MS };
	struct buf reply;
	(void)state;
	cancel_request(cancel);
	buf_init(&reply);
	assert_int_equal(host_dns_exchange(&w, "127.0.0.1", SLICE_LIT("q"), &reply, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	buf_release(&reply);
	cancel_free(cancel);
}

static int count_messages(void *ctx, struct slice message, struct err *e)
{
	unsigned *n = ctx;
	(void)e;
	assert_int_equal(message.len, 1);
	return ++*n < 3 ? 1 : 0;
}

static void test_transfer(void **state)
{
	struct host_world w = { .clock = clock_system(),
				.rng = rng_system(),
				.timeout_ms = PATIENT_MS };
	struct peer whole = { .reply = "\0\1a\0\1b\0\1c", .reply_len = 9 };
	struct peer early = { .reply = "\0\1a\0\1b", .reply_len = 6 };
	unsigned n = 0;
	struct registrar_sink sink = { count_messages, &n };
	struct err e = { 0 };
	(void)state;
	peer_start(&whole);
	assert_int_equal(host_dns_transfer(&w, whole.server, SLICE_LIT("q"), &sink, &e), 0);
	peer_stop(&whole);
	assert_int_equal(n, 3);
	n = 0;
	peer_start(&early);
	assert_int_equal(host_dns_transfer(&w, early.server, SLICE_LIT("q"), &sink, &e), -1);
	peer_stop(&early);
	assert_int_equal(e.kind, ERR_RETRY);
}

enum { LARGE_LEN = 60000 };

/* What a sink saw, and how long each message takes by the clock. */
struct slow_sink {
	struct fake_clock clock;
	int64_t each_ms;
	unsigned n, enough;
};

static int take_slowly(void *ctx, struct slice message, struct err *e)
{
	struct slow_sink *s = ctx;
	(void)message;
	(void)e;
	s->clock.at_ms += s->each_ms;
	return ++s->n < s->enough ? 1 : 0;
}

/* From a peer that never ends: `message_len` octets each. */
static int transfer_slowly(struct slow_sink *s, size_t message_len, struct err *e)
{
	struct host_world w = { .clock = &s->clock.clock,
				.rng = rng_system(),
				.timeout_ms = 30 * 1000 };
	struct registrar_sink sink = { take_slowly, s };
	char message[2 + LARGE_LEN] = { (char)(message_len >> 8), (char)(message_len & 0xff) };
	struct peer p = { .reply = message, .reply_len = 2 + message_len, .endless = true };
	fake_clock_init(&s->clock, 1000000);
	peer_start(&p);
	int rc = host_dns_transfer(&w, p.server, SLICE_LIT("q"), &sink, e);
	peer_stop(&p);
	return rc;
}

/* Each message is in time, and the eleventh is too late for the whole. */
static void test_a_transfer_that_drips_ends(void **state)
{
	struct slow_sink s = { .each_ms = 29000, .enough = 1000 };
	struct err e = { 0 };
	(void)state;
	assert_int_equal(transfer_slowly(&s, 100, &e), -1);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_non_null(strstr(e.text, "too slow: 1122 octets in 319 s"));
	assert_int_equal(s.n, 11);
}

/* Ten minutes, twice what the timeouts alone give: the octets earn it. */
static void test_a_large_transfer_takes_its_time(void **state)
{
	struct slow_sink s = { .each_ms = 14000, .enough = 43 };
	struct err e = { 0 };
	(void)state;
	if (transfer_slowly(&s, LARGE_LEN, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(s.n, 43);
}

static void test_a_transfer_without_end_ends(void **state)
{
	struct slow_sink s = { .enough = UINT32_MAX };
	struct err e = { 0 };
	(void)state;
	assert_int_equal(transfer_slowly(&s, LARGE_LEN, &e), -1);
	assert_int_equal(e.kind, ERR_WORLD);
	assert_non_null(strstr(e.text, "did not end in 1024 MiB"));
}

/* Mode and symbolic link stay: the file belongs to the name server. */
static void test_file_write(void **state)
{
	struct host_world w = { .clock = clock_system(),
				.rng = rng_system(),
				.timeout_ms = PATIENT_MS };
	struct registrar_host host = host_world_functions(&w);
	char dir[] = "/tmp/cutover-test-XXXXXX";
	struct err e = { 0 };
	struct stat st;
	struct buf b;
	(void)state;
	assert_non_null(mkdtemp(dir));
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/zone", dir);
	const char *name = arena_printf(a, "%s/link", dir);
	assert_int_equal(file_create(path, SLICE_LIT("old"), 0640, &e), 0);
	assert_int_equal(symlink("zone", name), 0);
	if (host.file_write(host.ctx, name, SLICE_LIT("new"), &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	buf_init(&b);
	assert_int_equal(host.file_read(host.ctx, path, &b, &e), 0);
	assert_string_equal(b.at, "new");
	buf_release(&b);
	assert_int_equal(
		host.file_write(host.ctx, arena_printf(a, "%s/none", dir), SLICE_LIT("x"), &e), -1);
	unlink(name);
	unlink(path);
	rmdir(dir);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_cut_and_silence_are_uncertain),
		cmocka_unit_test(test_unreached_is_certain),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_a_transfer_that_drips_ends),
		cmocka_unit_test(test_a_large_transfer_takes_its_time),
		cmocka_unit_test(test_a_transfer_without_end_ends),
		cmocka_unit_test(test_file_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
