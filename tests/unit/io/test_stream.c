#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "io/stream.h"

static void read_all(struct stream *s, size_t size, struct buf *out)
{
	struct err e;
	char piece[64];
	ssize_t n;
	while ((n = stream_recv(s, piece, size, &e)) > 0)
		buf_add(out, piece, (size_t)n);
	assert_int_equal(n, STREAM_END);
}

static void send_all(struct stream *s, struct slice bytes)
{
	struct err e;
	while (bytes.len > 0) {
		ssize_t n = stream_send(s, bytes.ptr, bytes.len, &e);
		assert_true(n > 0);
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
}

static void test_memory_gives_pieces_and_keeps_what_is_sent(void **state)
{
	struct err e;
	struct buf sent;
	char to[16];
	(void)state;
	buf_init(&sent);
	struct stream *s = stream_mem(SLICE_LIT("abcdefg"), 3, &sent);
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), 3);
	assert_memory_equal(to, "abc", 3);
	assert_int_equal(stream_recv(s, to, 1, &e), 1);
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), 3);
	assert_memory_equal(to, "efg", 3);
	assert_int_equal(stream_recv(s, to, sizeof(to), &e), STREAM_END);
	send_all(s, SLICE_LIT("hello"));
	assert_string_equal(sent.at, "hello");
	assert_int_equal(stream_fd(s), -1);
	assert_true(stream_pending(s));
	stream_free(s);
	buf_release(&sent);
}

/* The cut comes after exactly that many bytes, whatever their direction. */
static void test_fail_cuts_after_n_bytes_of_both_directions(void **state)
{
	struct err e = { 0 };
	struct buf sent;
	char to[16];
	(void)state;
	buf_init(&sent);
	struct stream *s = stream_fail(stream_mem(SLICE_LIT("abcdefg"), 100, &sent), 6);
	assert_int_equal(stream_recv(s, to, 4, &e), 4);
	assert_int_equal(stream_send(s, "xyz", 3, &e), 2);
	assert_string_equal(sent.at, "xy");
	assert_int_equal(stream_send(s, "z", 1, &e), STREAM_FAILED);
	assert_int_equal(e.kind, ERR_RETRY);
	assert_int_equal(stream_recv(s, to, 1, &e), STREAM_FAILED);
	assert_string_equal(sent.at, "xy");
	stream_free(s);
	buf_release(&sent);
}

struct logged {
	FILE *file;
	char *text;
	size_t len;
	struct fake_clock clock;
	struct log *log;
};

static void logged_init(struct logged *l, enum log_level level)
{
	l->file = open_memstream(&l->text, &l->len);
	fake_clock_init(&l->clock, 0);
	l->log = log_new(l->file, level, &l->clock.clock);
}

static const char *logged_text(struct logged *l)
{
	(void)fflush(l->file);
	return l->text;
}

static void logged_release(struct logged *l)
{
	log_free(l->log);
	(void)fclose(l->file);
	free(l->text);
}

#define AT "1970-01-01T00:00:00Z debug: memory "

static void test_rawlog_shows_lines_and_hides_literals(void **state)
{
	static const char server[] = "* 1 FETCH (BODY[] {11}\r\nSecret mail UID 7)\r\nA1 OK\r\n";
	static const char client[] = "A2 APPEND x {4+}\r\nMAIL\r\n";
	static const char expected[] = AT "< * 1 FETCH (BODY[] {11}\n" AT "< (11 bytes)\n" AT
					  "<  UID 7)\n" AT "< A1 OK\n" AT "> A2 APPEND x {4+}\n" AT
					  "> (4 bytes)\n" AT "> \n";
	(void)state;
	for (size_t piece = 1; piece < 60; piece++) { /* any split gives the same log */
		struct logged l;
		struct buf sent;
		struct buf got;
		buf_init(&sent);
		buf_init(&got);
		logged_init(&l, LOG_DEBUG);
		struct stream *s = stream_rawlog(stream_mem(slice_str(server), piece, &sent),
						 l.log);
		read_all(s, 64, &got);
		send_all(s, slice_str(client));
		assert_string_equal(got.at, server);
		assert_string_equal(sent.at, client);
		assert_string_equal(logged_text(&l), expected);
		stream_free(s);
		logged_release(&l);
		buf_release(&sent);
		buf_release(&got);
	}
}

/* A body may be a quoted string too: behind a literal, with quotes in it, with a line end. */
static void test_rawlog_hides_quoted_mail(void **state)
{
	static const char server[] =
		"* 1 FETCH (INTERNALDATE \"17-Jul-1996\" BODY[] \"Sec\\\"ret\\\\\" UID 7)\r\n"
		"* LIST () \"/\" \"Secretary\"\r\n"
		"* 2 uidfetch (X {1}\r\na BODY[] \"Secret\" UID 8)\r\n"
		"* 3 FETCH (BODY[] \"Secret\r\nSecret\r\n\" UID 9)\r\n* OK \"end\"\r\n";
	static const char expected[] = AT
		"< * 1 FETCH (INTERNALDATE \"17-Jul-1996\" BODY[] \"...\" UID 7)\n" AT
		"< * LIST () \"/\" \"Secretary\"\n" AT "< * 2 uidfetch (X {1}\n" AT
		"< (1 bytes)\n" AT "<  BODY[] \"...\" UID 8)\n" AT "< * 3 FETCH (BODY[] \"...\n" AT
		"< \n" AT "< \" UID 9)\n" AT "< * OK \"end\"\n";
	(void)state;
	for (size_t piece = 1; piece < 80; piece++) {
		struct logged l;
		struct buf got;
		buf_init(&got);
		logged_init(&l, LOG_DEBUG);
		struct stream *s = stream_rawlog(stream_mem(slice_str(server), piece, NULL), l.log);
		read_all(s, 64, &got);
		assert_string_equal(logged_text(&l), expected);
		stream_free(s);
		logged_release(&l);
		buf_release(&got);
	}
}

static void test_rawlog_survives_hostile_lines(void **state)
{
	static const char server[] = "{99999999999999999999999}\r\n}\r\n{}\r\n{x}\r\n\033[31m\r\n"
				     "{0}\r\nend\r\n";
	struct logged l;
	struct buf got;
	(void)state;
	buf_init(&got);
	logged_init(&l, LOG_DEBUG);
	struct stream *s = stream_rawlog(stream_mem(slice_str(server), 5, NULL), l.log);
	read_all(s, 7, &got);
	assert_null(strstr(logged_text(&l), "\033"));
	assert_non_null(strstr(l.text, "< end\n"));
	stream_free(s);
	logged_release(&l);
	buf_release(&got);
}

static void test_rawlog_stays_away_when_nobody_reads(void **state)
{
	struct logged l;
	(void)state;
	logged_init(&l, LOG_INFO);
	struct stream *s = stream_mem(SLICE_LIT(""), 1, NULL);
	assert_ptr_equal(stream_rawlog(s, l.log), s);
	assert_ptr_equal(stream_rawlog(s, NULL), s);
	stream_free(s);
	stream_free(NULL);
	logged_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_gives_pieces_and_keeps_what_is_sent),
		cmocka_unit_test(test_fail_cuts_after_n_bytes_of_both_directions),
		cmocka_unit_test(test_rawlog_shows_lines_and_hides_literals),
		cmocka_unit_test(test_rawlog_hides_quoted_mail),
		cmocka_unit_test(test_rawlog_survives_hostile_lines),
		cmocka_unit_test(test_rawlog_stays_away_when_nobody_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
