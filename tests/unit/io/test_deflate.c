#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "io/stream.h"

/* Two ends of a line that takes `room` bytes at once and gives `piece` of them. */
struct line {
	struct buf bytes;
	size_t room, piece;
	bool closed;
	unsigned sends;
};
struct end {
	struct stream stream;
	struct line *from, *to; /* borrowed */
	size_t begun;           /* told AGAIN over so many bytes: stream_send's rule */
};

static ssize_t end_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	struct line *l = ((struct end *)s)->from;
	size_t n = size < l->piece ? size : l->piece;
	(void)e;
	if (l->bytes.len == 0)
		return l->closed ? STREAM_END : STREAM_AGAIN;
	n = n < l->bytes.len ? n : l->bytes.len;
	memcpy(to, l->bytes.at, n);
	buf_consume(&l->bytes, n);
	return (ssize_t)n;
}

static ssize_t end_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	struct end *end = (struct end *)s;
	struct line *l = end->to;
	size_t n = len < l->room - l->bytes.len ? len : l->room - l->bytes.len;
	(void)e;
	assert_true(len >= end->begun);
	end->begun = n == 0 ? len : 0;
	if (n == 0)
		return STREAM_AGAIN;
	buf_add(&l->bytes, from, n);
	l->sends++;
	return (ssize_t)n;
}

static int end_fd(const struct stream *s)
{
	(void)s;
	return -1;
}

static bool end_pending(const struct stream *s)
{
	return ((const struct end *)s)->from->bytes.len > 0;
}

static const char *end_name(const struct stream *s)
{
	(void)s;
	return "server.test:993";
}

static void end_free(struct stream *s)
{
	free(s);
}

static struct stream *end_new(struct line *from, struct line *to)
{
	static const struct stream_ops ops = { end_recv,    end_send, end_fd,
					       end_pending, end_name, end_free };
	struct end *end = mem_alloc(sizeof(*end));
	end->stream.ops = &ops;
	end->from = from;
	end->to = to;
	return &end->stream;
}

/* Both ends compressed, and lines of any narrowness between them. */
struct pair {
	struct line up, down;
	struct stream *client, *server;
	struct stream_traffic at_client, at_server;
};

static void pair_init(struct pair *p, size_t room, size_t piece)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->up.bytes);
	buf_init(&p->down.bytes);
	p->up.room = p->down.room = room;
	p->up.piece = p->down.piece = piece;
	p->client = stream_deflate(end_new(&p->down, &p->up), SLICE_LIT(""), &p->at_client);
	p->server = stream_deflate(end_new(&p->up, &p->down), SLICE_LIT(""), &p->at_server);
}

static void pair_release(struct pair *p)
{
	stream_free(p->client);
	stream_free(p->server);
	buf_release(&p->up.bytes);
	buf_release(&p->down.bytes);
}

/* All that is there now. */
static void drain(struct stream *s, struct buf *to)
{
	char piece[1000];
	struct err e;
	ssize_t n;
	do {
		n = stream_recv(s, piece, sizeof(piece), &e);
		if (n > 0)
			buf_add(to, piece, (size_t)n);
	} while (n > 0 || (n == STREAM_AGAIN && stream_pending(s)));
	assert_int_equal(n, STREAM_AGAIN);
}

/* Lines that repeat, then bytes that do not. */
static void fill(struct buf *b, size_t size)
{
	uint32_t x = 1;
	while (b->len < size / 2)
		buf_adds(b, "Received: from mail.nwtraders.com by mail2.nwtraders.com\r\n");
	while (b->len < size) {
		x = x * 1664525U + 1013904223U;
		buf_addc(b, (char)(x >> 24));
	}
}

static void pass(struct pair *p, struct slice bytes, struct buf *got)
{
	struct err e;
	while (bytes.len > 0) {
		/* Elsewhere in memory each time, as stream_send allows. */
		char *moved = mem_alloc(bytes.len);
		memcpy(moved, bytes.ptr, bytes.len);
		ssize_t n = stream_send(p->client, moved, bytes.len, &e);
		free(moved);
		assert_true(n > 0 || n == STREAM_AGAIN);
		if (n > 0) {
			bytes.ptr += n;
			bytes.len -= (size_t)n;
		}
		drain(p->server, got);
	}
	drain(p->server, got);
}

static void test_any_line_brings_the_same_bytes(void **state)
{
	static const size_t sizes[] = { 1, 2, 7, 100, 4096, 70000, 1000000 };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct pair p;
		struct buf got;
		struct buf text;
		buf_init(&got);
		buf_init(&text);
		fill(&text, sizes[i] < 4096 ? 8000 : 200000);
		pair_init(&p, sizes[i], sizes[sizeof(sizes) / sizeof(sizes[0]) - 1 - i]);
		pass(&p, buf_slice(&text), &got);
		assert_int_equal(got.len, text.len);
		assert_memory_equal(got.at, text.at, text.len);
		assert_int_equal(p.at_client.out, text.len);
		assert_int_equal(p.at_server.in, text.len);
		assert_int_equal(p.at_client.wire_out, p.at_server.wire_in);
		assert_true(p.at_client.wire_out < text.len * 6 / 10);
		buf_release(&got);
		buf_release(&text);
		pair_release(&p);
	}
}

/* Who waits for an answer must know that the question has left: all of each send can be read. */
static void test_each_send_can_be_read_at_once(void **state)
{
	struct err e;
	struct pair p;
	struct buf got;
	(void)state;
	buf_init(&got);
	pair_init(&p, 1000000, 1000000);
	for (int i = 0; i < 50; i++) {
		buf_clear(&got);
		assert_int_equal(stream_send(p.client, "A1 NOOP\r\n", 9, &e), 9);
		drain(p.server, &got);
		assert_string_equal(got.at, "A1 NOOP\r\n");
		assert_int_equal(stream_send(p.server, "A1 OK\r\n", 7, &e), 7);
		buf_clear(&got);
		drain(p.client, &got);
		assert_string_equal(got.at, "A1 OK\r\n");
	}
	/* One flush for a burst of lines, whatever their number. */
	struct buf burst;
	buf_init(&burst);
	for (int i = 0; i < 500; i++)
		buf_adds(&burst, "A1 NOOP\r\n");
	p.up.sends = 0;
	assert_int_equal(stream_send(p.client, burst.at, burst.len, &e), burst.len);
	assert_int_equal(p.up.sends, 1);
	assert_true(p.up.bytes.len < 200);
	buf_release(&burst);
	buf_release(&got);
	pair_release(&p);
}

/* A gigabyte in a megabyte fills the reader's buffer as often as it asks, and nothing else. */
static void test_a_bomb_fills_only_the_readers_buffer(void **state)
{
	struct err e;
	struct pair p;
	char to[512];
	size_t total = 0;
	char *zeros = mem_alloc(65536);
	(void)state;
	pair_init(&p, 1000000, 16384);
	for (int i = 0; i < 320; i++)
		assert_int_equal(stream_send(p.client, zeros, 65536, &e), 65536);
	assert_true(p.up.bytes.len < 160000);
	for (;;) {
		ssize_t n = stream_recv(p.server, to, sizeof(to), &e);
		if (n == STREAM_AGAIN && !stream_pending(p.server))
			break;
		assert_true(n == STREAM_AGAIN || (n > 0 && (size_t)n <= sizeof(to)));
		total += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(total, 320 * 65536);
	free(zeros);
	pair_release(&p);
}

static struct stream *reader(const char *bytes, size_t len, size_t piece, struct stream_traffic *t)
{
	return stream_deflate(stream_mem((struct slice){ bytes, len }, piece, NULL), SLICE_LIT(""),
			      t);
}

static void test_what_cannot_be_inflated_is_a_lost_connection(void **state)
{
	static const char *const garbage[] = { "* BYE I did not mean it\r\n", "\377\377\377\377",
					       "\006\006\006\006" };
	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct stream_traffic t = { 0 };
		struct err e = { 0 };
		char to[64];
		ssize_t n;
		struct stream *s = reader(garbage[i], strlen(garbage[i]), 1, &t);
		do {
			n = stream_recv(s, to, sizeof(to), &e);
		} while (n > 0 || n == STREAM_AGAIN);
		assert_int_equal(n, STREAM_FAILED);
		assert_int_equal(e.kind, ERR_RETRY);
		assert_non_null(strstr(e.text, "COMPRESS=DEFLATE"));
		assert_true(t.broken);
		stream_free(s);
	}
}

/* The right part before them is not lost over the wrong bytes. */
static void test_bytes_before_the_garbage_arrive(void **state)
{
	struct pair p;
	struct err e = { 0 };
	char to[64];
	(void)state;
	pair_init(&p, 1000, 1000);
	assert_int_equal(stream_send(p.client, "hello", 5, &e), 5);
	buf_adds(&p.up.bytes, "\377\377\377");
	assert_int_equal(stream_recv(p.server, to, sizeof(to), &e), 5);
	assert_memory_equal(to, "hello", 5);
	assert_true(stream_pending(p.server));
	assert_int_equal(stream_recv(p.server, to, sizeof(to), &e), STREAM_FAILED);
	assert_true(p.at_server.broken);
	pair_release(&p);
}

/* Cut at every byte: what was flushed before is there, then it is the end, never an error. */
static void test_a_cut_anywhere_is_the_end_of_the_connection(void **state)
{
	struct pair p;
	struct err e = { 0 };
	struct buf text;
	(void)state;
	buf_init(&text);
	fill(&text, 2000);
	pair_init(&p, 100000, 100000);
	assert_int_equal(stream_send(p.client, text.at, text.len, &e), text.len);
	for (size_t cut = 0; cut <= p.up.bytes.len; cut++) {
		struct stream_traffic t = { 0 };
		struct buf got;
		char to[100];
		ssize_t n;
		buf_init(&got);
		struct stream *s = reader(p.up.bytes.at, cut, 13, &t);
		while ((n = stream_recv(s, to, sizeof(to), &e)) > 0 || n == STREAM_AGAIN)
			if (n > 0)
				buf_add(&got, to, (size_t)n);
		assert_int_equal(n, STREAM_END);
		assert_true(got.len <= text.len);
		assert_memory_equal(got.at, text.at, got.len);
		assert_false(t.broken);
		stream_free(s);
		buf_release(&got);
	}
	buf_release(&text);
	pair_release(&p);
}

/* RFC 1951: a last block, with no bytes; behind it nothing is read any more. */
static void test_the_end_of_the_deflate_stream_is_the_end(void **state)
{
	struct stream_traffic t = { 0 };
	struct err e;
	char to[8];
	(void)state;
	struct stream *s = reader("\003\000trailing", 10, 10, &t);
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), STREAM_END);
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), STREAM_END);
	stream_free(s);
}

/* Blocks of nothing, for ever: each call comes back, so that a deadline can be kept. */
static void test_empty_blocks_hold_nobody(void **state)
{
	struct line in = { .room = 1000000, .piece = 16384 };
	struct line out = { .room = 1000, .piece = 10 };
	struct stream_traffic t = { 0 };
	struct err e;
	char to[8];
	(void)state;
	buf_init(&in.bytes);
	buf_init(&out.bytes);
	for (int i = 0; i < 20000; i++)
		buf_add(&in.bytes, "\000\000\000\377\377", 5);
	struct stream *s = stream_deflate(end_new(&in, &out), SLICE_LIT(""), &t);
	size_t before = in.bytes.len;
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), STREAM_AGAIN);
	assert_true(before - in.bytes.len <= 16384);
	assert_true(stream_pending(s));
	stream_free(s);
	buf_release(&in.bytes);
	buf_release(&out.bytes);
}

/* Received with the OK, in the same read: these are the first compressed bytes. */
static void test_early_bytes_come_first(void **state)
{
	struct pair p;
	struct buf wire;
	struct err e;
	(void)state;
	buf_init(&wire);
	pair_init(&p, 100000, 100000);
	assert_int_equal(stream_send(p.client, "* 1 EXISTS\r\n", 12, &e), 12);
	buf_add(&wire, p.up.bytes.at, p.up.bytes.len);
	for (size_t cut = 0; cut <= wire.len; cut++) {
		struct stream_traffic t = { 0 };
		char to[64];
		size_t have = 0;
		ssize_t n;
		struct slice rest = { wire.at + cut, wire.len - cut };
		struct stream *s = stream_deflate(stream_mem(rest, 3, NULL),
						  (struct slice){ wire.at, cut }, &t);
		assert_true(stream_pending(s));
		while ((n = stream_recv(s, to + have, sizeof(to) - have, &e)) > 0 ||
		       n == STREAM_AGAIN)
			have += n > 0 ? (size_t)n : 0;
		assert_int_equal(have, 12);
		assert_memory_equal(to, "* 1 EXISTS\r\n", 12);
		assert_int_equal(t.wire_in, wire.len);
		stream_free(s);
	}
	buf_release(&wire);
	pair_release(&p);
}

/* The log shows what was said, not what passed. */
static void test_the_rawlog_stays_on_top(void **state)
{
	struct fake_clock clock;
	struct stream_traffic t = { 0 };
	struct buf sent;
	struct err e;
	char *text = NULL;
	size_t len = 0;
	(void)state;
	FILE *file = open_memstream(&text, &len);
	fake_clock_init(&clock, 0);
	struct log *log = log_new(file, LOG_DEBUG, &clock.clock);
	buf_init(&sent);
	struct stream *top = stream_rawlog(stream_mem(SLICE_LIT(""), 100, &sent), log);
	struct stream *s = stream_deflate(top, SLICE_LIT(""), &t);
	assert_ptr_equal(s, top);
	assert_int_equal(stream_send(s, "A1 NOOP\r\n", 9, &e), 9);
	(void)fflush(file);
	assert_non_null(strstr(text, "> A1 NOOP\n"));
	assert_int_equal(t.wire_out, sent.len);
	assert_null(strstr(sent.at, "NOOP"));
	stream_free(s);
	log_free(log);
	(void)fclose(file);
	free(text);
	buf_release(&sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_line_brings_the_same_bytes),
		cmocka_unit_test(test_each_send_can_be_read_at_once),
		cmocka_unit_test(test_a_bomb_fills_only_the_readers_buffer),
		cmocka_unit_test(test_what_cannot_be_inflated_is_a_lost_connection),
		cmocka_unit_test(test_bytes_before_the_garbage_arrive),
		cmocka_unit_test(test_a_cut_anywhere_is_the_end_of_the_connection),
		cmocka_unit_test(test_the_end_of_the_deflate_stream_is_the_end),
		cmocka_unit_test(test_empty_blocks_hold_nobody),
		cmocka_unit_test(test_early_bytes_come_first),
		cmocka_unit_test(test_the_rawlog_stays_on_top),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
