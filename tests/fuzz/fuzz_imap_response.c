/*
 * Whatever a server sends: no crash, no reading beyond the input, and the same events
 * for any split of it. The first byte chooses the second split, and whether names come as UTF-8.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "migrate/imap/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(struct buf *out, const struct imap_event *ev)
{
	if (ev->kind == IMAP_EV_LITERAL_DATA) {
		buf_add(out, ev->data.ptr, ev->data.len);
		return;
	}
	buf_addf(out, "|%d", (int)ev->kind);
	if (ev->kind == IMAP_EV_LIST)
		buf_add(out, ev->list.name.ptr, ev->list.name.len);
	else if (ev->kind == IMAP_EV_FETCH || ev->kind == IMAP_EV_LITERAL_BEGIN)
		buf_addf(out, " %u %llu %llu", ev->fetch.uid, (unsigned long long)ev->fetch.size,
			 (unsigned long long)ev->literal_len);
	else if (ev->kind == IMAP_EV_STATUS)
		buf_add(out, ev->status.text.ptr, ev->status.text.len);
	else if (ev->kind == IMAP_EV_VANISHED)
		buf_add(out, ev->vanished.uids.ptr, ev->vanished.uids.len);
	else if (ev->kind == IMAP_EV_QUOTA)
		buf_addf(out, " %lld %lld", (long long)ev->quota.kib_limit,
			 (long long)ev->quota.messages_limit);
	else if (ev->kind == IMAP_EV_SEARCH)
		buf_add(out, ev->numbers.ptr, ev->numbers.len);
}

static void play(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err e;
	int rc = 0;
	if ((data[0] & 0x80) != 0)
		imap_parser_utf8(p);
	for (size_t at = 1; at < size && rc >= 0; at += piece) {
		size_t len = size - at < piece ? size - at : piece;
		char *copy = mem_alloc(len);
		memcpy(copy, data + at, len);
		struct slice in = { copy, len };
		while ((rc = imap_parser_next(p, &in, &ev, &e)) == 1)
			note(out, &ev);
		free(copy);
	}
	buf_addf(out, "|%d", rc);
	imap_parser_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole;
	struct buf split;
	if (size < 2)
		return 0;
	buf_init(&whole);
	buf_init(&split);
	play(data, size, size, &whole);
	play(data, size, (size_t)data[0] % 16 + 1, &split);
	if (whole.len != split.len || memcmp(whole.at, split.at, whole.len) != 0)
		abort();
	buf_release(&whole);
	buf_release(&split);
	return 0;
}
