/*
 * Only the three fields that a key is made of are asked for. They come as a literal that
 * passes through the reader; size, flags and date belong to the same response, in any order.
 */
#include "migrate/heads.h"

#include "migrate/imap/uidset.h"

#include <stdlib.h>

#include "migrate/imap/date.h"
#include "migrate/imap/flags.h"

struct reading {
	struct heads_call *call;
	struct headkey_reader header;
	struct head head;
	bool has_header;
	struct buf flags;
};

static int end_message(struct reading *r, const struct imap_fetch *f, struct err *e)
{
	struct imap_date date;
	if (f->uid == 0 || !r->has_header)
		return 0;
	r->has_header = false;
	buf_clear(&r->flags);
	imap_flags_canonical(&r->flags, f->flags);
	r->head.uid = f->uid;
	r->head.size = f->size;
	r->head.flags = r->flags.at;
	r->head.date_s = imap_date_parse(f->date, &date) ? date.utc_s : 0;
	r->call->read++;
	return r->call->on_head(r->call->ctx, &r->head, e);
}

static int on_event(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct reading *r = ctx;
	switch (ev->kind) {
	case IMAP_EV_LITERAL_DATA: headkey_add(&r->header, ev->data); return 0;
	case IMAP_EV_LITERAL_END:
		headkey_finish(&r->header, &r->head.key);
		r->has_header = true;
		return 0;
	case IMAP_EV_EXPUNGE: r->call->expunged++; return 0;
	case IMAP_EV_VANISHED:
		r->call->expunged += ev->vanished.earlier ? 0 : imap_uidset_size(ev->vanished.uids);
		return 0;
	case IMAP_EV_FETCH: return end_message(r, &ev->fetch, e);
	default: return 0;
	}
}

int heads_read(struct session *s, struct slice set, struct heads_call *call, struct err *e)
{
	struct reading *r = mem_alloc(sizeof(*r));
	struct imap_pipeline *out = conn_out(s->conn);
	r->call = call;
	buf_init(&r->flags);
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID FETCH ");
	imap_add_slice(out, set);
	imap_add(out,
		 " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" HEADKEY_FIELDS
		 ")])");
	imap_end(out);
	int rc = conn_expect_ok(s->conn, tag, &(struct conn_call){ on_event, r }, e);
	buf_release(&r->flags);
	free(r);
	return rc;
}
