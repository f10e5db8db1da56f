/*
 * With PARTIAL (RFC 9394) a window is the next so many messages, whatever their UIDs are;
 * without, so many UIDs, which are no more messages than that. The last window has no upper
 * end: mail that came meanwhile is in it.
 */
#include "migrate/window.h"

#include "migrate/imap/uidset.h"

struct window {
	struct session *session;
	const struct window_opts *opts;
	const struct conn_call *call; /* the caller's */
	uint32_t low;                 /* of this window */
	uint32_t last;                /* the highest UID that it brought; 0: none */
	uint64_t brought;
};

bool window_is_whole(const struct session *s)
{
	return s->message_limit == 0;
}

static int on_fetched(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct window *w = ctx;
	if (ev->kind == IMAP_EV_FETCH && ev->fetch.uid >= w->low) {
		w->brought++;
		if (ev->fetch.uid > w->last)
			w->last = ev->fetch.uid;
	}
	return w->call != NULL && w->call->on_event != NULL ? w->call->on_event(w->call->ctx, ev, e)
							    : 0;
}

/* "UID FETCH 7:4294967295 …": never "7:*", which always names the last message. */
static uint32_t send_fetch(struct window *w, uint32_t high)
{
	struct imap_pipeline *out = conn_out(w->session->conn);
	uint32_t tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u:%u ", w->low, high);
	imap_add(out, w->opts->items);
	if ((w->session->caps & CAP_PARTIAL) != 0)
		imap_addf(out, " (PARTIAL 1:%llu)", (unsigned long long)w->session->message_limit);
	imap_end(out);
	return tag;
}

static int on_found(void *ctx, const struct imap_event *ev, struct err *e)
{
	int64_t *n = ctx;
	uint32_t uid;
	(void)e;
	if (ev->kind == IMAP_EV_SEARCH) {
		struct slice numbers = ev->numbers;
		while (imap_next_number(&numbers, &uid))
			++*n;
	} else if (ev->kind == IMAP_EV_ESEARCH && ev->esearch.has_count) {
		*n += ev->esearch.count > INT32_MAX ? INT32_MAX : (int64_t)ev->esearch.count;
	}
	return 0;
}

/* The same UIDs by another way. */
static int count_found(struct window *w, uint32_t high, struct err *e)
{
	const struct conn_call call = { on_found, w->opts->searched_r };
	struct imap_pipeline *out = conn_out(w->session->conn);
	struct conn_answer answer;
	if (w->opts->searched_r == NULL)
		return 0;
	uint32_t tag = imap_begin(out);
	imap_add(out, "UID SEARCH ");
	if ((w->session->caps & CAP_ESEARCH) != 0)
		imap_add(out, "RETURN (COUNT) ");
	imap_addf(out, "UID %u:%u", w->low, high);
	imap_end(out);
	return conn_wait(w->session->conn, tag, &call, &answer, e);
}

static int fetch_window(struct window *w, uint32_t high, struct err *e)
{
	const struct conn_call call = { on_fetched, w };
	w->last = 0;
	w->brought = 0;
	return conn_expect_ok(w->session->conn, send_fetch(w, high), &call, e);
}

/* Until a window is not full. */
static int by_messages(struct window *w, struct err *e)
{
	for (;;) {
		if (fetch_window(w, UINT32_MAX, e) != 0)
			return -1;
		bool full = w->brought >= w->session->message_limit && w->last < UINT32_MAX;
		if (count_found(w, full ? w->last : UINT32_MAX, e) != 0)
			return -1;
		if (!full)
			return 0;
		w->low = w->last + 1;
	}
}

/* Up to UIDNEXT; what lies above came meanwhile, and is not too much for one window. */
static int by_uids(struct window *w, struct err *e)
{
	uint64_t step = w->session->message_limit;
	uint64_t end = w->session->uidnext > 0 ? (uint64_t)w->session->uidnext : 0;
	for (;;) {
		bool is_last = w->low + step >= end || w->low + step > UINT32_MAX;
		uint32_t high = is_last ? UINT32_MAX : (uint32_t)(w->low + step - 1);
		if (fetch_window(w, high, e) != 0 || count_found(w, high, e) != 0)
			return -1;
		if (is_last)
			return 0;
		w->low = high + 1;
	}
}

static int whole(struct window *w, struct err *e)
{
	struct imap_pipeline *out = conn_out(w->session->conn);
	uint32_t tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u:* ", w->low);
	imap_add(out, w->opts->items);
	imap_end(out);
	return conn_expect_ok(w->session->conn, tag, w->call, e);
}

int window_fetch(struct session *s, const struct window_opts *o, const struct conn_call *call,
		 struct err *e)
{
	struct window w = { .session = s, .opts = o, .call = call, .low = o->from };
	if (window_is_whole(s))
		return whole(&w, e);
	if (o->searched_r != NULL)
		*o->searched_r = 0;
	return (s->caps & CAP_PARTIAL) != 0 ? by_messages(&w, e) : by_uids(&w, e);
}
