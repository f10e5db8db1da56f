/*
 * Every line end (LF, CR LF, any run of CRs, with or without LF) becomes CR LF, and a last
 * line without one gets it. It works on the stream: a CR at the end of a piece waits for
 * what follows. Even lines, which is nearly all mail, are hashed in one go.
 */
#include "migrate/lineends.h"

#include <string.h>

/* Whatever it was, CR LF goes into the hash. */
static void end_line(struct lineends *le, struct sha256 *h)
{
	sha256_add(h, "\r\n", 2);
	le->cr = le->open = false;
}

/* Where the next CR or LF is; the slice's end without one. */
static size_t next_end(struct slice s, size_t from)
{
	const char *p = s.ptr + from;
	const char *lf = memchr(p, '\n', s.len - from);
	size_t len = lf != NULL ? (size_t)(lf - p) : s.len - from;
	const char *cr = memchr(p, '\r', len);
	return from + (cr != NULL ? (size_t)(cr - p) : len);
}

/* Lines that are even already go on as they are; behind them an odd end may be taken. */
static size_t add_lines(struct lineends *le, struct slice s, size_t from, struct sha256 *h)
{
	size_t at = from;
	for (;;) {
		size_t end = next_end(s, at);
		le->open |= end > at;
		at = end;
		if (at + 1 >= s.len || s.ptr[at] != '\r' || s.ptr[at + 1] != '\n')
			break;
		at += 2;
		le->open = false;
	}
	sha256_add(h, s.ptr + from, at - from);
	if (at == s.len)
		return at;
	if (s.ptr[at] == '\r')
		le->cr = true;
	else
		end_line(le, h);
	return at + 1;
}

/* From behind a first CR: more CRs belong to the same end, and so does one LF. */
static size_t end_run(struct lineends *le, struct slice s, size_t at, struct sha256 *h)
{
	while (at < s.len && s.ptr[at] == '\r')
		at++;
	if (at == s.len)
		return at;
	end_line(le, h);
	return s.ptr[at] == '\n' ? at + 1 : at;
}

void lineends_add(struct lineends *le, struct slice s, struct sha256 *h)
{
	size_t at = 0;
	while (at < s.len)
		at = le->cr ? end_run(le, s, at, h) : add_lines(le, s, at, h);
}

void lineends_finish(struct lineends *le, struct sha256 *h, unsigned char sha_r[SHA256_LEN])
{
	if (le->cr || le->open)
		end_line(le, h);
	sha256_finish(h, sha_r);
}
