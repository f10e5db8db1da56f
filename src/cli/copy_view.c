/*
 * What moves is shown, what is over is counted. The order of the mailboxes is that of the
 * list within each kind, so that lines do not dance.
 */
#include "cli/copy_view.h"

#include <inttypes.h>

#include "base/size.h"
#include "base/vec.h"

enum { ADDRESS_WIDEST = 34, TOTALS_MAX = 5 };

typedef VEC(const char *) line_list;

static bool is_busy(const struct copy_mailbox *m)
{
	return m->state == MAILBOX_SYNCING && m->err.kind == ERR_NONE;
}

static bool is_waiting(const struct copy_mailbox *m)
{
	return m->state == MAILBOX_SYNCING && m->err.kind != ERR_NONE;
}

static bool has_failed(const struct copy_mailbox *m)
{
	return m->state == MAILBOX_FAILED || m->state == MAILBOX_SYNCED_WITH_ERRORS;
}

static bool is_held(const struct copy_mailbox *m)
{
	return m->state == MAILBOX_STOPPED;
}

typedef bool kind_fn(const struct copy_mailbox *m);

static size_t count(const struct copy_progress *p, kind_fn *is_kind)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		n += is_kind(&p->mailboxes[i]);
	return n;
}

static uint64_t done_of(const struct migrate_counts *c)
{
	return c->known + c->copied + c->refused + c->left_out;
}

static const char *figures(struct arena *a, const struct migrate_counts *c)
{
	char done[SIZE_TEXT_MAX];
	char all[SIZE_TEXT_MAX];
	return arena_printf(a, "%" PRIu64 "/%" PRIu64 "  %s of %s", done_of(c), c->messages,
			    size_format(c->known_bytes + c->copied_bytes, done),
			    size_format(c->bytes, all));
}

/* Reasons last, for they may be long and are cut. */
static const char *mailbox_line(struct arena *a, const struct copy_mailbox *m)
{
	char text[TIME_TEXT_MAX];
	const char *head = arena_printf(a, "%-*s ", ADDRESS_WIDEST, m->address);
	if (is_busy(m))
		return arena_printf(a, "%s%-8s %s  %s", head, "Syncing", figures(a, &m->counts),
				    m->folder);
	if (is_waiting(m) && m->err.until_ms != 0)
		return arena_printf(a, "%swaits    until %s: %s", head,
				    time_format(m->err.until_ms, text), m->err.text);
	return arena_printf(a, "%s%-8s %s", head, mailbox_state_name(m->state), m->err.text);
}

static void add_kind(struct arena *a, line_list *list, const struct copy_progress *p,
		     kind_fn *is_kind, size_t most)
{
	for (size_t i = 0; i < p->n && list->n < most; i++)
		if (is_kind(&p->mailboxes[i]))
			*vec_push(a, list) = mailbox_line(a, &p->mailboxes[i]);
}

static void add_count(struct buf *b, size_t n, const char *what)
{
	if (n > 0)
		buf_addf(b, ", %zu %s", n, what);
}

static const char *take(struct arena *a, struct buf *b)
{
	const char *text = arena_strdup(a, b->at);
	buf_release(b);
	return text;
}

static const char *totals_line(struct arena *a, const struct copy_progress *p)
{
	struct buf b;
	size_t over = 0;
	for (size_t i = 0; i < p->n; i++)
		over += migrate_is_through(p->mailboxes[i].state);
	buf_init(&b);
	buf_addf(&b, "%zu of %zu mailboxes synced", over, p->n);
	add_count(&b, count(p, is_busy), "at work");
	add_count(&b, count(p, is_waiting), "waiting");
	add_count(&b, count(p, has_failed), "with errors");
	add_count(&b, count(p, is_held), "stopped");
	return take(a, &b);
}

/* By itself: behind the counts of a large copy it would be cut at a terminal's edge. */
static const char *figures_line(struct arena *a, const struct copy_progress *p)
{
	char done[SIZE_TEXT_MAX];
	char all[SIZE_TEXT_MAX];
	return arena_printf(a, "%" PRIu64 "/%" PRIu64 " messages, %s of %s", p->messages_done,
			    p->messages, size_format(p->bytes_done, done),
			    size_format(p->bytes, all));
}

/* The rate, what is left at that rate, and what the final pass is expected to take. */
static const char *rate_line(struct arena *a, const struct copy_progress *p)
{
	struct buf b;
	char text[TIME_TEXT_MAX];
	buf_init(&b);
	if (p->bytes_per_s == 0 && p->messages_per_s == 0)
		buf_adds(&b, p->ended ? "" : "rate not known yet");
	else
		buf_addf(&b, "now %.1f GB/h, %" PRIu64 " messages/s",
			 (double)p->bytes_per_s * 3600 / 1e9, p->messages_per_s);
	if (p->wire_percent > 0)
		buf_addf(&b, "%scompressed, %.2f on the wire", b.len > 0 ? ", " : "",
			 (double)p->wire_percent / 100);
	if (p->left_ms >= 0 && !p->ended)
		buf_addf(&b, ", %s left", duration_format(p->left_ms, text));
	if (p->forecast.deltas > 0)
		buf_addf(&b, "%sthe final pass is expected to take %s (by %zu earlier pass%s)",
			 b.len > 0 ? "; " : "", duration_format(p->forecast.expected_ms, text),
			 p->forecast.deltas, p->forecast.deltas == 1 ? "" : "es");
	return take(a, &b);
}

static const char *paused_line(struct arena *a, const struct copy_progress *p)
{
	char text[TIME_TEXT_MAX];
	return arena_printf(a, "paused: quiet hours until %s",
			    time_format(p->paused_until_ms, text));
}

struct copy_lines copy_view(struct arena *a, const struct copy_progress *p, size_t most)
{
	line_list list = { 0 };
	size_t room = most > TOTALS_MAX ? most - TOTALS_MAX : 0;
	size_t shown = count(p, is_busy) + count(p, is_waiting) + count(p, has_failed) +
		       count(p, is_held);
	add_kind(a, &list, p, is_busy, room);
	add_kind(a, &list, p, is_waiting, room);
	add_kind(a, &list, p, has_failed, room);
	add_kind(a, &list, p, is_held, room);
	size_t more = shown - list.n;
	if (more > 0)
		*vec_push(a, &list) = arena_printf(a, "… and %zu more", more);
	*vec_push(a, &list) = totals_line(a, p);
	*vec_push(a, &list) = figures_line(a, p);
	const char *rate = rate_line(a, p);
	if (rate[0] != '\0')
		*vec_push(a, &list) = rate;
	if (p->paused_until_ms != 0 && !p->ended)
		*vec_push(a, &list) = paused_line(a, p);
	return (struct copy_lines){ list.n, list.at };
}
