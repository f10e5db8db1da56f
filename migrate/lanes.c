/*
 * Folders of one mailbox on several lanes: each is a thread with a connection pair of its own
 * and a box of its own, and takes the next folder until none is left. A folder is never
 * shared: its messages come to the target in the source's order.
 *
 * The first lane has the attempt's own connections. The others are a gain and no need: one
 * that gets no connection is done without, and the mailbox remembers to ask for fewer.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/ahead.h"
#include "migrate/lanes_wanted.h"

enum {
	MESSAGE_BYTES = 8 * 1024, /* what a message costs two servers, in bytes of a big one */
	STACK_BYTES = 1024 * 1024,
};

struct crew {
	struct box *box; /* the mailbox: figures under the reporter's mutex, the rest under this */
	struct box_folder **todo;
	size_t n, next;
	bool stop;      /* no folder is begun any more */
	struct err err; /* the first failure; ERR_NONE */
	pthread_mutex_t mutex;
};

struct lane_of {
	struct crew *crew;
	struct box box;
	pthread_t thread;
};

static struct box_folder *take_folder(void *ctx)
{
	struct crew *c = ctx;
	struct box_folder *f = NULL;
	(void)pthread_mutex_lock(&c->mutex);
	if (!c->stop && c->next < c->n)
		f = c->todo[c->next++];
	(void)pthread_mutex_unlock(&c->mutex);
	return f;
}

static bool is_stopped(struct crew *c)
{
	(void)pthread_mutex_lock(&c->mutex);
	bool stop = c->stop;
	(void)pthread_mutex_unlock(&c->mutex);
	return stop;
}

/* How many are left is what the server takes, for the rest of the pass. */
static void do_without(struct crew *c)
{
	if (c->box->lanes_max > 1)
		c->box->lanes_max--;
}

/* A lost connection is one lane's; what else goes wrong would meet the others too. */
static void lane_failed(struct crew *c, const struct err *e)
{
	(void)pthread_mutex_lock(&c->mutex);
	if (e->kind == ERR_RETRY || e->kind == ERR_WAIT)
		do_without(c);
	if (c->err.kind == ERR_NONE || c->err.kind == ERR_RETRY)
		c->err = *e;
	c->stop |= e->kind != ERR_RETRY;
	(void)pthread_mutex_unlock(&c->mutex);
}

static void folder_finished(struct crew *c, const struct box_folder *f)
{
	(void)pthread_mutex_lock(&c->mutex);
	*vec_push(c->box->pass_arena, &c->box->finished) = f->row.id;
	(void)pthread_mutex_unlock(&c->mutex);
}

/* What fails for one folder keeps only that folder back. */
static int tolerate(struct box *b, struct box_folder *f, struct err *e)
{
	if (e->kind != ERR_ITEM)
		return -1;
	log_warn(b->opts->log, "%s: %s", b->mailbox->address, e->text);
	e->kind = ERR_MAILBOX;
	box_trouble(b, e);
	err_clear(e);
	return box_folder_unread(b, f, e);
}

static int run_folder(struct box *b, struct box_folder *f, struct err *e)
{
	b->folder = f->row.shown;
	int rc = box_check(b, e);
	if (rc != 0)
		return -1;
	rc = b->opts->dry_run ? box_folder_look(b, f, e) : box_folder_run(b, f, e);
	if (rc != 0 && tolerate(b, f, e) != 0)
		return -1;
	b->counts.folders++;
	b->progress++;
	b->folder = NULL;
	box_report(b, MAILBOX_SYNCING, false);
	return 0;
}

/* The lane that met the smaller one knows more. */
static void take_room(struct room *whole, const struct room *lane)
{
	bool left = whole->left || lane->left;
	if (lane->below != 0 && (whole->below == 0 || lane->below < whole->below))
		*whole = *lane;
	whole->left = left;
}

static void run_lane(struct lane_of *lane)
{
	struct err e;
	struct box_folder *f;
	while ((f = ahead_next(&lane->box)) != NULL && !is_stopped(lane->crew)) {
		if (run_folder(&lane->box, f, &e) != 0) {
			lane_failed(lane->crew, &e);
			break;
		}
		folder_finished(lane->crew, f);
	}
	box_merge(&lane->box);
	(void)pthread_mutex_lock(&lane->crew->mutex);
	box_note_throttled(&lane->box);
	lane->crew->box->no_groups |= lane->box.no_groups;
	take_room(&lane->crew->box->room, &lane->box.room);
	(void)pthread_mutex_unlock(&lane->crew->mutex);
}

static void not_connected(struct lane_of *lane, const struct err *e)
{
	log_info(lane->box.opts->log, "%s: copied with fewer connections: %s",
		 lane->box.mailbox->address, e->text);
	(void)pthread_mutex_lock(&lane->crew->mutex);
	do_without(lane->crew);
	box_note_throttled(&lane->box);
	(void)pthread_mutex_unlock(&lane->crew->mutex);
}

static void *help(void *ctx)
{
	struct lane_of *lane = ctx;
	struct err e;
	if (box_connect(&lane->box, &e) != 0)
		not_connected(lane, &e);
	else
		run_lane(lane);
	box_disconnect(&lane->box);
	return NULL;
}

/* Not every server tells the bytes. */
static int64_t work_in(const struct box_folder *f)
{
	int64_t messages = f->src->messages > 0 ? f->src->messages : 0;
	int64_t bytes = f->src->size > 0 ? f->src->size : 0;
	return bytes + messages * MESSAGE_BYTES;
}

/* Else the largest may come last, and one lane work on it while the others have nothing to do. */
static int larger_first(const void *a, const void *b)
{
	const struct box_folder *const *x = a;
	const struct box_folder *const *y = b;
	int64_t mine = work_in(*x);
	int64_t theirs = work_in(*y);
	if (mine != theirs)
		return mine > theirs ? -1 : 1;
	return (*x)->row.id < (*y)->row.id ? -1 : 1;
}

static size_t how_many(struct box *b, size_t n)
{
	const struct migrate_counts *c = &b->counts;
	const struct lanes_facts facts = {
		.folders = n,
		.messages = c->messages > c->known ? c->messages - c->known : 0,
		.bytes = c->bytes > c->known_bytes ? c->bytes - c->known_bytes : 0,
		.wished = b->opts->lanes_per_mailbox,
		.mailboxes_at_once = b->opts->mailboxes_at_once,
		.src_ms = b->src->trip_ms,
		.dst_ms = b->dst->trip_ms,
		.src_known = b->src->preset->lanes_max > 0,
		.dst_known = b->dst->preset->lanes_max > 0,
	};
	size_t lanes = lanes_wanted(&facts);
	if (b->lanes_max > 0 && lanes > b->lanes_max)
		lanes = b->lanes_max;
	/* In the plan's order: whatever has a label is known before All Mail is looked at. */
	if ((b->src->preset->flags & PRESET_LABELS) != 0)
		return 1;
	return lanes > 1 ? box_lanes_allowed(b, lanes) : 1;
}

static void lane_init(struct lane_of *lane, struct crew *c)
{
	const struct box *whole = c->box;
	lane->crew = c;
	lane->box = (struct box){ .opts = whole->opts,
				  .mailbox = whole->mailbox,
				  .reporter = whole->reporter,
				  .whole = c->box,
				  .take = take_folder,
				  .take_ctx = c,
				  .row = whole->row,
				  .group_max = whole->group_max,
				  .group_left = whole->group_left,
				  .no_groups = whole->no_groups,
				  .room = whole->room,
				  .fetch_single = whole->fetch_single,
				  .quiet = whole->quiet,
				  .no_keywords = whole->no_keywords,
				  .stays_compressed = whole->stays_compressed };
}

/* Threads that the system does not give are done without as well. */
static size_t start_helpers(struct lane_of *lanes, size_t n)
{
	pthread_attr_t attr;
	size_t started = 1;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	while (started < n &&
	       pthread_create(&lanes[started].thread, &attr, help, &lanes[started]) == 0)
		started++;
	(void)pthread_attr_destroy(&attr);
	return started;
}

/* The first lane is this thread. */
static void run_lanes(struct crew *c, size_t n)
{
	struct lane_of *lanes = mem_alloc(n * sizeof(*lanes));
	for (size_t i = 0; i < n; i++)
		lane_init(&lanes[i], c);
	lanes[0].box.src = c->box->src;
	lanes[0].box.dst = c->box->dst;
	size_t started = start_helpers(lanes, n);
	run_lane(&lanes[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(lanes[i].thread, NULL);
	c->box->src = lanes[0].box.src; /* maybe renewed */
	c->box->dst = lanes[0].box.dst;
	c->box->group_max = lanes[0].box.group_max;
	c->box->group_left = lanes[0].box.group_left;
	c->box->stays_compressed = lanes[0].box.stays_compressed;
	free(lanes);
}

int box_lanes(struct box *b, struct box_folder **todo, size_t n, struct err *e)
{
	struct crew c = { .box = b, .todo = todo, .n = n };
	size_t lanes = how_many(b, n);
	b->lanes_max = lanes;
	if (lanes > 1)
		qsort(todo, n, sizeof(todo[0]), larger_first);
	(void)pthread_mutex_init(&c.mutex, NULL);
	run_lanes(&c, lanes);
	(void)pthread_mutex_destroy(&c.mutex);
	if (c.err.kind == ERR_NONE)
		return 0;
	*e = c.err;
	return -1;
}
