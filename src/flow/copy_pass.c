/*
 * The picture is shown a few times a second and stored once a second: `cutover status` in
 * another terminal reads it there. Long lists are stored less often, for the document has a
 * line for each mailbox. That a mailbox is through is stored sooner: it may be the last news for
 * hours, when all others wait for a server.
 */
#include "flow/copy_pass.h"

#include "flow/flow_priv.h"
#include "migrate/compress.h"

enum { SHOW_EVERY_MS = 200, KEEP_EVERY_MS = 1000, RATE_AFTER_MS = 500 };

static void add_counts(struct copy_progress *p, const struct migrate_counts *c)
{
	p->messages += c->messages;
	p->bytes += c->bytes;
	p->messages_done += c->known + c->copied + c->refused + c->left_out;
	p->bytes_done += c->known_bytes + c->copied_bytes;
	p->copied += c->copied;
	p->copied_bytes += c->copied_bytes;
	p->left_out += c->left_out;
	p->left_out_bytes += c->left_out_bytes;
	p->mirrored += c->mirror_moved + c->mirror_deleted;
	p->mirror_kept += c->mirror_kept;
}

/* Only what really moved counts: known mail would promise a speed that the rest does not have. */
static void add_rate(struct copy_run *run, struct copy_progress *p)
{
	const struct copy_sample now = { clock_mono_ms(run->f->opts.clock), p->copied,
					 p->copied_bytes };
	int64_t ran_ms = now.mono_ms - run->started_mono_ms - p->paused_ms;
	copy_rate_add(&run->rate, &now);
	const struct copy_speed speed = copy_rate_now(&run->rate, &now);
	p->bytes_per_s = (uint64_t)speed.bytes_per_s;
	p->messages_per_s = (uint64_t)speed.messages_per_s;
	if (p->messages >= p->messages_done && p->bytes + p->left_out_bytes >= p->bytes_done)
		p->left_ms = copy_rate_left(&speed, p->messages - p->messages_done,
					    p->bytes - p->bytes_done);
	if (ran_ms >= RATE_AFTER_MS)
		p->gb_per_hour = (double)p->copied_bytes / (double)ran_ms * 3600e3 / 1e9;
}

struct copy_progress copy_run_picture(struct copy_run *run, bool ended)
{
	int64_t now = flow_now_ms(run->f);
	struct copy_progress p = {
		.n = run->list->n,
		.mailboxes = run->mailboxes,
		.started_ms = run->started_ms,
		.now_ms = now,
		.left_ms = -1,
		.forecast = run->forecast,
		.filter = run->filter_text,
		.dry_run = run->dry_run,
		.ended = ended,
	};
	p.paused_ms = copy_hold_paused_ms(&run->hold);
	if (run->hold.paused_until_ms > now)
		p.paused_until_ms = run->hold.paused_until_ms;
	for (size_t i = 0; i < p.n; i++)
		add_counts(&p, &run->mailboxes[i].counts);
	add_rate(run, &p);
	const struct compress_sum sum = compress_sum(run->compress);
	if (sum.bytes > 0)
		p.wire_percent = (sum.wire * 100 + sum.bytes - 1) / sum.bytes;
	return p;
}

int copy_run_keep(struct copy_run *run, const struct copy_progress *p, struct err *e)
{
	struct js *doc = copy_progress_to_js(p);
	int rc = flow_put(run->f, DOC_PROGRESS, doc, e);
	js_free(doc);
	return rc;
}

/* The mover hands back the very element that it was given. */
static struct copy_mailbox *find(struct copy_run *run, const struct migrate_mailbox *box)
{
	return &run->mailboxes[run->turn.place[box - run->turn.boxes]];
}

int copy_run_may(void *ctx, const struct migrate_mailbox *box, struct err *e)
{
	struct copy_run *run = ctx;
	size_t i = (size_t)(find(run, box) - run->mailboxes);
	if (copy_hold_may(&run->hold, box, e) != 0)
		return -1;
	return copy_quota_may(&run->quota, i, box->address, e);
}

static uint64_t less(uint64_t n, uint64_t by)
{
	return n > by ? n - by : 0;
}

void copy_run_count(struct copy_mailbox *m, const struct migrate_counts *turn)
{
	m->counts = *turn;
	m->counts.copied += m->earlier;
	m->counts.copied_bytes += m->earlier_bytes;
	m->counts.known = less(turn->known, m->earlier);
	m->counts.known_bytes = less(turn->known_bytes, m->earlier_bytes);
}

static void take(struct copy_mailbox *m, const struct migrate_progress *mp)
{
	m->state = mp->state;
	copy_run_count(m, &mp->counts);
	str_copy(m->folder, sizeof(m->folder), mp->folder != NULL ? mp->folder : "");
	if (mp->why != NULL)
		m->err = *mp->why;
	else
		err_clear(&m->err);
}

void copy_run_progress(void *ctx, const struct migrate_progress *mp)
{
	struct copy_run *run = ctx;
	struct err ignored; /* the pass itself meets a failing store soon enough */
	struct copy_mailbox *m = find(run, mp->mailbox);
	const struct flow_show *view = &run->f->opts.show;
	int64_t now = clock_mono_ms(run->f->opts.clock);
	bool show = view->copy != NULL && now - run->shown_mono_ms >= SHOW_EVERY_MS;
	int64_t keep_every_ms = (m->state != mp->state ? 0 : KEEP_EVERY_MS) + (int64_t)run->list->n;
	bool store = now - run->kept_mono_ms >= keep_every_ms;
	take(m, mp);
	copy_quota_took(&run->quota, (size_t)(m - run->mailboxes), mp->counts.copied_bytes);
	if (!show && !store)
		return;
	struct copy_progress p = copy_run_picture(run, false);
	if (show) {
		view->copy(view->ctx, &p);
		run->shown_mono_ms = now;
	}
	if (store) {
		(void)copy_run_keep(run, &p, &ignored);
		run->kept_mono_ms = now;
	}
}
