/*
 * One loop, one poll on both ends. Answers of the target are always read, whatever
 * else is stuck: so the target can always go on reading what we send, and the source is
 * only asked for as much as there is room for. No order of buffer sizes can stop it.
 */
#include <stdlib.h>
#include <string.h>

#include "migrate/ahead.h"
#include "migrate/lane_priv.h"

/* Behind the last answer for this folder those for the next one come, when that is opened ahead:
 * they are not for the lane. */
static bool is_owed(const struct lane *l)
{
	for (size_t i = 0; i < l->n_batches; i++)
		if (l->batches[i]->open > 0)
			return true;
	return !ahead_is_begun(l->box);
}

static int pump_dst(struct lane *l, struct err *e)
{
	int any = conn_flush(l->dst, e);
	if (any < 0)
		return -1;
	int rc = conn_fill(l->dst, e);
	if (rc < 0)
		return -1;
	any |= rc;
	while (is_owed(l) && (rc = lane_dst_event(l, e)) == 1)
		any = 1;
	return rc < 0 ? -1 : any;
}

/* The pipeline knows a number of commands; two places stay free, for the APPEND that the next
 * message may need and for what opens the next folder. What the source says of that one waits. */
static bool has_room(const struct lane *l)
{
	const struct imap_pipeline *out = conn_out(l->dst);
	return !ahead_is_begun(l->box) && imap_held(out) < BUFFER_MAX && !imap_awaits_plus(out) &&
	       imap_in_flight(out) + 2 < IMAP_IN_FLIGHT_MAX;
}

static int pump_src(struct lane *l, struct err *e)
{
	int any = conn_flush(l->src, e);
	if (any < 0)
		return -1;
	if (!has_room(l))
		return any;
	int rc = conn_fill(l->src, e);
	if (rc < 0)
		return -1;
	any |= rc;
	/* One event at a time may fill the buffer: look each time. */
	while (has_room(l) && (rc = lane_src_event(l, e)) == 1)
		any = 1;
	return rc < 0 ? -1 : any;
}

/* The source has something to bring, and we read it. */
static bool src_owes(const struct lane *l)
{
	return lane_is_fetching(l) && has_room(l);
}

/* The target has to take what is held, or to answer what it was told wholly. */
static bool dst_owes(const struct lane *l)
{
	const struct imap_pipeline *out = conn_out(l->dst);
	size_t unsaid = l->group.open && !l->group.answered ? 1 : 0;
	return imap_held(out) > 0 || imap_awaits_plus(out) || imap_in_flight(out) > unsaid;
}

/* One side may talk for ever while the other is dead: each has its own silence, which does not
 * count while it owes nothing. When neither seems to owe, both do: something must come. */
static void count_silence(struct lane *l, bool src_moved, bool dst_moved, int64_t now)
{
	bool src = src_owes(l);
	bool dst = dst_owes(l);
	if (src_moved || (dst && !src) || l->src_ms == 0)
		l->src_ms = now;
	if (dst_moved || (src && !dst) || l->dst_ms == 0)
		l->dst_ms = now;
}

/* The same for one that talks and does not get on. Called when neither has input left, but for what
 * is not read because it owes nothing now. */
static int judge(struct lane *l, struct err *e)
{
	bool src = src_owes(l);
	bool dst = dst_owes(l);
	return conn_judge(l->src, src || !dst, e) != 0 ? -1 : conn_judge(l->dst, dst || !src, e);
}

static int64_t silent_since(const struct lane *l)
{
	return l->src_ms < l->dst_ms ? l->src_ms : l->dst_ms;
}

/* An open group waits a little for its next message: the target should not think that we
 * went silent in the middle of a command. */
static int lane_wait(struct lane *l, int64_t now, struct err *e)
{
	const struct migrate_opts *o = l->box->opts;
	struct wait_item items[2] = { conn_wants(l->src, has_room(l)), conn_wants(l->dst, true) };
	bool idle = l->group.open && l->current == NULL;
	int64_t until = idle ? now + GROUP_IDLE_MS : silent_since(l) + o->timeout_ms;
	int rc = wait_streams(items, 2, o->clock, until, o->cancel, e);
	/* What is said lies in the kernel's buffers mostly: then its answers are what is slow. */
	bool for_dst = items[1].want_write || (dst_owes(l) && !src_owes(l));
	if (for_dst || src_owes(l))
		lane_meter_waited(l, now, for_dst);
	if (rc == 0 && idle)
		lane_group_end(l);
	return rc < 0 ? -1 : 0;
}

bool lane_is_idle(const struct lane *l)
{
	return l->n_batches == 0;
}

static int after_turn(struct lane *l, bool src_moved, bool dst_moved, struct err *e)
{
	const struct migrate_opts *o = l->box->opts;
	int64_t now = clock_mono_ms(o->clock);
	count_silence(l, src_moved, dst_moved, now);
	lane_meter_turn(l, now);
	if (lane_is_idle(l))
		return 0;
	if (now - silent_since(l) >= o->timeout_ms)
		return conn_silent(l->src_ms < l->dst_ms ? l->src : l->dst, e);
	if (judge(l, e) != 0)
		return -1;
	return src_moved || dst_moved ? 0 : lane_wait(l, now, e);
}

/* Nothing more can come before the open group is answered: it is all that there is, or the
 * window of unrecorded messages is full. */
static bool group_is_last(const struct lane *l)
{
	return l->group.open && l->current == NULL && !lane_is_fetching(l);
}

/* Only answers of the target are missing, and nothing speaks for more to be done here. */
static bool is_all_said(const struct lane *l)
{
	return l->folder->looks_ahead && l->todo_end && !l->again && !l->shrink && !l->unplaced &&
	       l->n_keywordless == 0 && !l->group.open && l->current == NULL &&
	       !lane_is_fetching(l);
}

static int turn(struct lane *l, struct err *e)
{
	if (group_is_last(l))
		lane_group_end(l);
	if (is_all_said(l))
		ahead_begin(l->box, l->folder);
	int dst = pump_dst(l, e);
	int src = dst < 0 ? -1 : pump_src(l, e);
	if (dst < 0 || src < 0)
		return -1;
	if (lane_record(l, e) != 0)
		return -1;
	return after_turn(l, src != 0, dst != 0, e);
}

static int run(struct lane *l, struct err *e)
{
	if (conn_judge(l->src, false, e) != 0 || conn_judge(l->dst, false, e) != 0)
		return -1; /* never: what was long ago does not count */
	for (;;) {
		if (lane_compress(l, e) != 0 || lane_plan(l, e) != 0)
			return -1;
		if (lane_is_idle(l))
			return 0;
		if (turn(l, e) != 0 || box_check(l->box, e) != 0)
			return -1;
		box_report(l->box, MAILBOX_SYNCING, false);
	}
}

static size_t group_max(const struct box *b)
{
	if ((b->dst->caps & CAP_MULTIAPPEND) == 0 || b->no_groups)
		return 1;
	return b->group_max > 0 ? b->group_max : GROUP_MESSAGES;
}

/* Of the same length, so that the literal's length is told before anything is read. */
static void on_disarmed(void *ctx, struct slice s)
{
	struct lane *l = ctx;
	imap_add_slice(conn_out(l->dst), s);
}

static struct altered *disarm_new(struct lane *l)
{
	static const struct migrate_repair receipts = { .read_receipts = true };
	const struct migrate_repair *wish = l->box->opts->repair;
	if (wish == NULL || !wish->read_receipts)
		return NULL;
	struct altered *a = mem_alloc(sizeof(*a));
	altered_init(a, &receipts, on_disarmed, l);
	return a;
}

static void disarm_free(struct altered *a)
{
	if (a != NULL)
		altered_release(a);
	free(a);
}

static void lane_init(struct lane *l, struct box *b, struct box_folder *f)
{
	memset(l, 0, sizeof(*l));
	l->box = b;
	l->folder = f;
	l->src = b->src->conn;
	l->dst = b->dst->conn;
	if (f->dst_open.has_permanent)
		l->permanent = slice_str(f->dst_open.permanent);
	l->cursor = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass, LEDGER_TODO);
	l->hash = sha256_new();
	l->disarm = disarm_new(l);
	buf_init(&l->text);
	l->group_max = group_max(b);
	l->dst_uidnext = f->dst_open.uidnext > 0 ? f->dst_open.uidnext : 1;
}

static void lane_release(struct lane *l)
{
	for (size_t i = 0; i < l->n_batches; i++)
		lane_batch_free(l->batches[i]);
	ledger_cursor_free(l->cursor);
	sha256_free(l->hash);
	disarm_free(l->disarm);
	buf_release(&l->text);
}

int lane_run(struct box *b, struct box_folder *f, struct err *e)
{
	struct lane *l = mem_alloc(sizeof(*l));
	lane_init(l, b, f);
	lane_meter_begin(l);
	int rc = run(l, e);
	lane_meter_end(l);
	f->row.dst_uidnext = f->dst_open.uidnext > 0 ? l->dst_uidnext : -1;
	if (rc != 0) {
		lane_abandon(l, e->kind == ERR_RETRY);
		(void)err_wrap(e, "copying '%s'", f->row.shown);
	}
	lane_release(l);
	free(l);
	return rc;
}
