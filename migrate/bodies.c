/*
 * Two hashes run along each body: of its bytes as they come, and with even line ends, by
 * which a copy is found again at a target that changed them. A message counts as read when
 * its body was there: OK alone proves nothing.
 */
#include "migrate/bodies.h"

#include <string.h>

#include "migrate/altered.h"
#include "migrate/headkey.h"
#include "migrate/imap/date.h"
#include "migrate/imap/flags.h"
#include "migrate/imap/uidset.h"
#include "migrate/lineends.h"
#include "migrate/window.h"

#define BODIES_ITEMS "(UID FLAGS INTERNALDATE BODY.PEEK[])"

struct reading {
	const struct bodies_call *call;
	struct sha256 *hash, *even;
	struct lineends ends;
	struct altered copies[BODY_COPIES];
	struct headkey_reader header;
	struct headkey key;
	struct body body;
	bool has_body;
	struct buf flags;
	struct bodies_count count;
};

/* The FETCH event comes when the response ends, and only then its flags and date are complete,
 * in whatever order the server told them. */
static int end_message(struct reading *r, const struct imap_fetch *f, struct err *e)
{
	struct imap_date date;
	if (!f->has_body || f->uid == 0)
		return 0; /* flags of another message, unasked for */
	if (!r->has_body) /* NIL: not read, which the count tells */
		return 0;
	r->has_body = false;
	buf_clear(&r->flags);
	imap_flags_canonical(&r->flags, f->flags);
	r->count.read++;
	r->body.uid = f->uid;
	r->body.flags = r->flags.at;
	r->body.message_id = r->key.id;
	r->body.date_s = imap_date_parse(f->date, &date) ? date.utc_s : 0;
	return r->call->on_body(r->call->ctx, &r->body, e);
}

static void begin_body(struct reading *r, uint64_t len)
{
	r->body.size = len;
	for (size_t i = 0; i < BODY_COPIES; i++)
		if (r->call->alter[i] != NULL)
			altered_begin(&r->copies[i]);
}

static void take_piece(struct reading *r, struct slice data)
{
	sha256_add(r->hash, data.ptr, data.len);
	lineends_add(&r->ends, data, r->even);
	if (r->call->with_ids)
		headkey_add(&r->header, data);
	for (size_t i = 0; i < BODY_COPIES; i++)
		if (r->call->alter[i] != NULL)
			altered_add(&r->copies[i], data);
}

static void end_body(struct reading *r)
{
	sha256_finish(r->hash, r->body.sha);
	lineends_finish(&r->ends, r->even, r->body.even);
	if (r->call->with_ids)
		headkey_finish(&r->header, &r->key);
	for (size_t i = 0; i < BODY_COPIES; i++)
		if (r->call->alter[i] != NULL)
			r->body.copies[i].did = altered_finish(&r->copies[i],
							       r->body.copies[i].even);
	r->has_body = true;
}

static int on_event(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct reading *r = ctx;
	switch (ev->kind) {
	case IMAP_EV_LITERAL_BEGIN: begin_body(r, ev->literal_len); return 0;
	case IMAP_EV_LITERAL_DATA: take_piece(r, ev->data); return 0;
	case IMAP_EV_LITERAL_END: end_body(r); return 0;
	case IMAP_EV_EXPUNGE: r->count.expunged++; return 0;
	case IMAP_EV_VANISHED:
		r->count.expunged += ev->vanished.earlier ? 0 : imap_uidset_size(ev->vanished.uids);
		return 0;
	case IMAP_EV_FETCH: return end_message(r, &ev->fetch, e);
	default: return 0;
	}
}

/* BODY.PEEK[] of the whole message: BODY[] would set \Seen, and parts can come back empty
 * (Exchange, calendar parts). */
static int send_set(struct session *s, struct slice set, const struct conn_call *call,
		    struct err *e)
{
	struct imap_pipeline *out = conn_out(s->conn);
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID FETCH ");
	imap_add_slice(out, set);
	imap_add(out, " " BODIES_ITEMS);
	imap_end(out);
	return conn_expect_ok(s->conn, tag, call, e);
}

/* An empty set means all of the folder. */
static int read_set(struct session *s, struct slice set, struct reading *r, struct err *e)
{
	const struct conn_call call = { on_event, r };
	const struct window_opts all = { .items = BODIES_ITEMS, .from = 1 };
	r->hash = sha256_new();
	r->even = sha256_new();
	for (size_t i = 0; i < BODY_COPIES; i++)
		if (r->call->alter[i] != NULL)
			altered_init(&r->copies[i], r->call->alter[i], NULL, NULL);
	buf_init(&r->flags);
	int rc = set.len > 0 ? send_set(s, set, &call, e) : window_fetch(s, &all, &call, e);
	buf_release(&r->flags);
	sha256_free(r->hash);
	sha256_free(r->even);
	for (size_t i = 0; i < BODY_COPIES; i++)
		altered_release(&r->copies[i]);
	return rc;
}

int bodies_read(struct session *s, struct slice set, const struct bodies_call *call, struct err *e)
{
	struct reading r = { .call = call };
	return read_set(s, set, &r, e);
}

int bodies_read_all(struct session *s, const struct bodies_call *call, struct bodies_count *n_r,
		    struct err *e)
{
	struct reading r = { .call = call };
	int rc = read_set(s, (struct slice){ NULL, 0 }, &r, e);
	*n_r = r.count;
	return rc;
}
