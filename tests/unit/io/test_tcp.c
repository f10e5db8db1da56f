/*
 * Connections to a listener in this process. What the kernel does by itself (it accepts
 * into the backlog, it keeps what was sent) is enough of a peer: no threads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "io/tcp.h"

struct fixture {
	int listener;
	int peer; /* the accepted end; -1 */
	char server[40];
	struct cancel *cancel;
	struct err e;
};

static int setup(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	struct fixture *f = mem_alloc(sizeof(*f));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f->peer = -1;
	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(f->listener, 4) != 0 ||
	    getsockname(f->listener, (struct sockaddr *)&at, &len) != 0)
		return -1;
	(void)snprintf(f->server, sizeof(f->server), "127.0.0.1#%u", ntohs(at.sin_port));
	f->cancel = cancel_new(&f->e);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	if (f->peer >= 0)
		close(f->peer);
	close(f->listener);
	cancel_free(f->cancel);
	free(f);
	return 0;
}

static struct tcp *try_open(struct fixture *f, int timeout_ms)
{
	return tcp_open(
		&(struct tcp_opts){
			.server = f->server,
			.what = "test server",
			.port = 53,
			.timeout_ms = timeout_ms,
			.clock = clock_system(),
			.cancel = f->cancel,
		},
		&f->e);
}

static struct tcp *open_both(struct fixture *f, int timeout_ms)
{
	struct tcp *t = try_open(f, timeout_ms);
	if (t == NULL)
		fail_msg("%s", f->e.text);
	f->peer = accept(f->listener, NULL, NULL);
	assert_true(f->peer >= 0);
	return t;
}

static void bytes_go_both_ways(void **state)
{
	struct fixture *f = *state;
	char got[8] = "";
	struct tcp *t = open_both(f, 60000);
	assert_int_equal(tcp_send(t, SLICE_LIT("to you"), &f->e), 0);
	assert_int_equal(recv(f->peer, got, 6, MSG_WAITALL), 6);
	assert_string_equal(got, "to you");
	/* More than was asked for stays for the next call. */
	assert_int_equal(send(f->peer, "to me", 5, 0), 5);
	assert_int_equal(tcp_recv(t, got, 3, &f->e), 0);
	assert_memory_equal(got, "to ", 3);
	assert_int_equal(tcp_recv(t, got, 2, &f->e), 0);
	assert_memory_equal(got, "me", 2);
	tcp_close(t);
	assert_int_equal(recv(f->peer, got, 1, 0), 0);
}

static void no_listener_is_certain(void **state)
{
	struct fixture *f = *state;
	(void)shutdown(f->listener, SHUT_RDWR);
	assert_null(try_open(f, 60000));
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "connecting to the test server 127.0.0.1#"));
	assert_non_null(strstr(f->e.text, "refused"));
}

/* A full backlog lets the next connect wait; with no time to wait it ends at once. */
static void a_late_connect_is_certain(void **state)
{
	struct fixture *f = *state;
	struct tcp *held[16] = { NULL };
	size_t n = 0;
	assert_int_equal(listen(f->listener, 0), 0);
	while (n < 16 && (held[n] = try_open(f, 50)) != NULL)
		n++;
	assert_true(n < 16);
	assert_int_equal(f->e.kind, ERR_WORLD);
	assert_non_null(strstr(f->e.text, "no answer in 50 ms"));
	while (n > 0)
		tcp_close(held[--n]);
}

static void silence_and_a_cut_are_uncertain(void **state)
{
	struct fixture *f = *state;
	char got[4];
	struct tcp *t = open_both(f, 50);
	assert_int_equal(send(f->peer, "ab", 2, 0), 2);
	assert_int_equal(tcp_recv(t, got, 4, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	assert_non_null(strstr(f->e.text, "no answer in 50 ms"));
	tcp_extend(t);
	close(f->peer);
	f->peer = -1;
	assert_int_equal(tcp_recv(t, got, 4, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	assert_non_null(strstr(f->e.text, "cut the connection"));
	tcp_close(t);
}

/* Nobody reads: the buffers fill, and then the send must end by its deadline. */
static void a_send_that_nobody_reads_ends(void **state)
{
	struct fixture *f = *state;
	static const char block[64 << 10];
	struct tcp *t = open_both(f, 50);
	int rc = 0;
	for (int i = 0; i < 4096 && rc == 0; i++)
		rc = tcp_send(t, (struct slice){ block, sizeof(block) }, &f->e);
	assert_int_equal(rc, -1);
	assert_int_equal(f->e.kind, ERR_RETRY);
	tcp_close(t);
}

static void the_cancel_ends_each_wait(void **state)
{
	struct fixture *f = *state;
	char got;
	struct tcp *t = open_both(f, 60000);
	cancel_request(f->cancel);
	assert_int_equal(tcp_recv(t, &got, 1, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_CANCELLED);
	tcp_close(t);
	assert_null(try_open(f, 60000));
	assert_int_equal(f->e.kind, ERR_CANCELLED);
}

static void an_address_is_numbers(void **state)
{
	static const char *const good[] = { "192.0.2.1", "192.0.2.1#5353", "2001:db8::1",
					    "2001:db8::1#53", "192.0.2.1#65535" };
	static const char *const bad[] = { "",
					   "ns1.example.org",
					   "192.0.2.1#",
					   "192.0.2.1#0",
					   "192.0.2.1#65536",
					   "192.0.2.1#5x",
					   "192.0.2.1:53",
					   "192.0.2.256",
					   "[2001:db8::1]" };
	struct err e = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(tcp_server_check(good[i], &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(tcp_server_check(bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* Writable when it is there, or has failed. */
static void a_dial_only_begins(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	int fd = tcp_dial(f->server, 53, &e);
	assert_true(fd >= 0);
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	assert_int_equal(poll(&ready, 1, 5000), 1);
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	char c;
	assert_int_equal(recv(fd, &c, 1, 0), -1); /* it does not wait */
	assert_int_equal(errno, EAGAIN);
	(void)close(fd);
	assert_int_equal(tcp_dial("ns1.example.org", 53, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bytes_go_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(no_listener_is_certain, setup, teardown),
		cmocka_unit_test_setup_teardown(a_late_connect_is_certain, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_and_a_cut_are_uncertain, setup, teardown),
		cmocka_unit_test_setup_teardown(a_send_that_nobody_reads_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(the_cancel_ends_each_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dial_only_begins, setup, teardown),
		cmocka_unit_test(an_address_is_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
