/*
 * One pass: the mover copies, its progress calls keep a picture of all mailboxes, then
 * those that want it are read again on both sides and compared. The picture is shown a few
 * times a second and stored once a second: `cutover status` in another terminal reads it
 * there.
 */
#include "flow/copy.h"

#include <inttypes.h>

#include "flow/flow_priv.h"

enum { SHOW_EVERY_MS = 200, KEEP_EVERY_MS = 1000, RATE_AFTER_MS = 500 };

/* The picture of a running pass, kept by the mover's progress calls (they come one at a
 * time). */
struct pass {
	struct flow *f;
	struct arena *a;
	const struct migrate_mailbox *boxes;
	struct copy_mailbox *mailboxes;
	size_t n;
	int64_t started_ms, started_mono_ms;
	int64_t shown_mono_ms, kept_mono_ms;
};

static void add_counts(struct copy_progress *p, const struct migrate_counts *c)
{
	p->messages += c->messages;
	p->bytes += c->bytes;
	p->messages_done += c->known + c->copied + c->refused;
	p->bytes_done += c->known_bytes + c->copied_bytes;
	p->copied += c->copied;
	p->copied_bytes += c->copied_bytes;
}

/* The rate is that of this pass and counts only bytes that really moved: known ones would
 * promise a speed that the rest does not have. */
static struct copy_progress picture(const struct pass *pass, bool ended)
{
	struct copy_progress p = {
		.n = pass->n,
		.mailboxes = pass->mailboxes,
		.started_ms = pass->started_ms,
		.now_ms = flow_now_ms(pass->f),
		.left_ms = -1,
		.ended = ended,
	};
	int64_t ran_ms = clock_mono_ms(pass->f->opts.clock) - pass->started_mono_ms;
	for (size_t i = 0; i < pass->n; i++)
		add_counts(&p, &pass->mailboxes[i].counts);
	if (ran_ms < RATE_AFTER_MS || p.copied_bytes == 0)
		return p;
	double per_ms = (double)p.copied_bytes / (double)ran_ms;
	p.gb_per_hour = per_ms * 3600.0 * 1000.0 / 1e9;
	if (p.bytes >= p.bytes_done)
		p.left_ms = (int64_t)((double)(p.bytes - p.bytes_done) / per_ms);
	return p;
}

static struct js *mailbox_to_js(const struct copy_mailbox *m)
{
	struct js *v = js_object();
	js_set_str(v, "mailbox", m->address);
	js_set_int(v, "row", (int64_t)m->row);
	js_set_str(v, "state", mailbox_state_name(m->state));
	js_set_str(v, "folder", m->folder);
	js_set_int(v, "messages", (int64_t)m->counts.messages);
	js_set_int(v, "bytes", (int64_t)m->counts.bytes);
	js_set_int(v, "copied", (int64_t)m->counts.copied);
	js_set_int(v, "copied_bytes", (int64_t)m->counts.copied_bytes);
	js_set_int(v, "known", (int64_t)m->counts.known);
	js_set_int(v, "refused", (int64_t)m->counts.refused);
	js_set_int(v, "flags_changed", (int64_t)m->counts.flags_changed);
	js_set_str(v, "error", m->err.kind != ERR_NONE ? m->err.text : NULL);
	js_set_str(v, "remedy", m->err.hint[0] != '\0' ? m->err.hint : NULL);
	return v;
}

struct js *copy_progress_to_js(const struct copy_progress *p)
{
	struct js *v = js_object();
	struct js *list = js_array();
	for (size_t i = 0; i < p->n; i++)
		js_push(list, mailbox_to_js(&p->mailboxes[i]));
	js_set_int(v, "version", 1);
	js_set_time(v, "started_at", p->started_ms);
	js_set_time(v, "at", p->now_ms);
	js_set_bool(v, "ended", p->ended);
	js_set_int(v, "messages", (int64_t)p->messages);
	js_set_int(v, "messages_done", (int64_t)p->messages_done);
	js_set_int(v, "bytes", (int64_t)p->bytes);
	js_set_int(v, "bytes_done", (int64_t)p->bytes_done);
	js_set_int(v, "copied", (int64_t)p->copied);
	js_set_int(v, "copied_bytes", (int64_t)p->copied_bytes);
	js_set(v, "gb_per_hour", js_real(p->gb_per_hour));
	js_set(v, "left_s", p->left_ms >= 0 ? js_int(p->left_ms / 1000) : js_null());
	js_set(v, "mailboxes", list);
	return v;
}

static int keep(struct pass *pass, const struct copy_progress *p, struct err *e)
{
	struct js *doc = copy_progress_to_js(p);
	int rc = flow_put(pass->f, DOC_PROGRESS, doc, e);
	js_free(doc);
	return rc;
}

/* The mover hands back the very element that it was given: its place is the index. */
static struct copy_mailbox *find(struct pass *pass, const struct migrate_mailbox *box)
{
	return &pass->mailboxes[box - pass->boxes];
}

/* The mover's call: keeps the picture; shows and stores it a few times a second. */
static void on_progress(void *ctx, const struct migrate_progress *mp)
{
	struct pass *pass = ctx;
	struct err ignored; /* the pass itself meets a failing store soon enough */
	struct copy_mailbox *m = find(pass, mp->mailbox);
	int64_t now = clock_mono_ms(pass->f->opts.clock);
	m->state = mp->state;
	m->counts = mp->counts;
	m->folder = NULL;
	if (mp->why != NULL)
		m->err = *mp->why;
	bool show = pass->f->opts.show.copy != NULL && now - pass->shown_mono_ms >= SHOW_EVERY_MS;
	bool store = now - pass->kept_mono_ms >= KEEP_EVERY_MS;
	if (!show && !store)
		return;
	m->folder = mp->folder; /* borrowed for the time of this call */
	struct copy_progress p = picture(pass, false);
	if (show) {
		pass->f->opts.show.copy(pass->f->opts.show.ctx, &p);
		pass->shown_mono_ms = now;
	}
	if (store) {
		(void)keep(pass, &p, &ignored);
		pass->kept_mono_ms = now;
	}
	m->folder = NULL;
}

static struct migrate_opts mover_opts(struct pass *pass)
{
	const struct project *p = pass->f->opts.project;
	return (struct migrate_opts){
		.clock = pass->f->opts.clock,
		.rng = pass->f->opts.rng,
		.log = pass->f->opts.log,
		.store = pass->f->store,
		.cancel = pass->f->cancel,
		.ca_file = p->network.ca_file,
		.mailboxes_at_once = p->policy.mailboxes_at_once,
		.timeout_ms = p->network.mail_timeout_ms,
		.progress = on_progress,
		.progress_ctx = pass,
	};
}

static void take_results(struct pass *pass, const struct migrate_result *results)
{
	for (size_t i = 0; i < pass->n; i++) {
		pass->mailboxes[i].state = results[i].state;
		pass->mailboxes[i].counts = results[i].counts;
		pass->mailboxes[i].err = results[i].err;
		pass->mailboxes[i].folder = NULL;
	}
}

/* A tenth: docs/decisions/0002 tells why not none. Every day brings mail, and reading both
 * sides whole each time would never end. */
bool copy_is_verified(const struct migrate_status *s)
{
	uint64_t since = s->acknowledged > s->verdict.compared
				 ? s->acknowledged - s->verdict.compared
				 : 0;
	return s->last_verified_ms != 0 && s->verdict.verified && since <= s->acknowledged / 10;
}

/* A mailbox that failed is not compared: what it lacks is known, and the reason too. */
static int wants_verify(struct pass *pass, size_t i, enum copy_verify wish, bool *wants_r,
			struct err *e)
{
	struct migrate_status s;
	bool synced = pass->mailboxes[i].state == MAILBOX_SYNCED ||
		      pass->mailboxes[i].state == MAILBOX_SYNCED_WITH_ERRORS;
	*wants_r = synced && wish == COPY_VERIFY_ALL;
	if (!synced || wish != COPY_VERIFY_NEW)
		return 0;
	if (migrate_status(pass->f->store, pass->a, pass->boxes[i].address, &s, e) != 0)
		return -1;
	*wants_r = !copy_is_verified(&s);
	return 0;
}

static void take_verdict(struct pass *pass, struct copy_mailbox *m, const struct migrate_verdict *v)
{
	if (!v->verified) {
		m->state = MAILBOX_SYNCED_WITH_ERRORS;
		m->err = v->err;
	}
	if (v->altered > 0)
		log_info(pass->f->opts.log,
			 "%s: the target changed the line ends of %" PRIu64
			 " message%s, and nothing else (%s%s)",
			 m->address, v->altered, v->altered == 1 ? "" : "s",
			 v->altered == 1 ? "" : "first ", v->first_altered);
}

/* Reads both sides again where that was wished; a difference makes the mailbox one with
 * errors. */
static int verify(struct pass *pass, enum copy_verify wish, struct err *e)
{
	struct migrate_mailbox *chosen = ARENA_ARRAY(pass->a, pass->n + 1, struct migrate_mailbox);
	size_t *index = ARENA_ARRAY(pass->a, pass->n + 1, size_t);
	size_t n = 0;
	for (size_t i = 0; i < pass->n; i++) {
		bool wants;
		if (wants_verify(pass, i, wish, &wants, e) != 0)
			return -1;
		if (!wants)
			continue;
		index[n] = i;
		chosen[n++] = pass->boxes[i];
	}
	if (n == 0)
		return 0;
	struct migrate_verdict *verdicts = ARENA_ARRAY(pass->a, n, struct migrate_verdict);
	struct migrate_opts opts = mover_opts(pass);
	opts.progress = NULL;
	log_info(pass->f->opts.log, "reading both sides of %zu mailbox%s again to compare", n,
		 n == 1 ? "" : "es");
	if (migrate_verify(&opts, chosen, n, verdicts, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		take_verdict(pass, &pass->mailboxes[index[i]], &verdicts[i]);
	return 0;
}

static void conclude(const struct copy_progress *end, struct step_outcome *out)
{
	size_t failed = 0;
	size_t flawed = 0;
	for (size_t i = 0; i < end->n; i++) {
		failed += end->mailboxes[i].state == MAILBOX_FAILED;
		flawed += end->mailboxes[i].state == MAILBOX_SYNCED_WITH_ERRORS;
	}
	if (failed + flawed == 0)
		step_done(out, "%zu mailbox%s complete, %" PRIu64 " message%s copied", end->n,
			  end->n == 1 ? "" : "es", end->copied, end->copied == 1 ? "" : "s");
	else
		step_stop(out,
			  "mend what the reasons say, then run `cutover copy` again: it moves only "
			  "what is missing",
			  "%zu of %zu mailboxes complete, %zu failed, %zu with errors",
			  end->n - failed - flawed, end->n, failed, flawed);
}

/* The picture is kept also when the pass failed: the report tells how far it came. The first
 * error is the one that is handed on. */
static int run_pass(struct pass *pass, const struct copy_wishes *wishes,
		    const struct copy_progress **end_r, struct step_outcome *out, struct err *e)
{
	struct migrate_result *results = ARENA_ARRAY(pass->a, pass->n + 1, struct migrate_result);
	struct migrate_opts opts = mover_opts(pass);
	int rc = migrate_copy(&opts, pass->boxes, pass->n, results, e);
	take_results(pass, results);
	if (rc == 0 && wishes->verify != COPY_VERIFY_NONE)
		rc = verify(pass, wishes->verify, e);
	struct copy_progress *end = ARENA_NEW(pass->a, struct copy_progress);
	struct err keep_err;
	*end = picture(pass, true);
	if (keep(pass, end, &keep_err) != 0 && rc == 0) {
		*e = keep_err;
		rc = -1;
	}
	if (pass->f->opts.show.copy != NULL)
		pass->f->opts.show.copy(pass->f->opts.show.ctx, end);
	conclude(end, out);
	*end_r = end;
	return rc;
}

int flow_copy(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
	      const struct copy_progress **end_r, struct step_outcome *out, struct err *e)
{
	struct copy_list list;
	if (copy_list_load(f, a, wishes, &list, e) != 0)
		return -1;
	struct pass pass = {
		.f = f,
		.a = a,
		.boxes = list.mailboxes,
		.n = list.n,
		.mailboxes = ARENA_ARRAY(a, list.n + 1, struct copy_mailbox),
		.started_ms = flow_now_ms(f),
		.started_mono_ms = clock_mono_ms(f->opts.clock),
	};
	for (size_t i = 0; i < list.n; i++) {
		pass.mailboxes[i].address = arena_strdup(a, list.mailboxes[i].address);
		pass.mailboxes[i].row = list.mailboxes[i].row;
	}
	int rc = run_pass(&pass, wishes, end_r, out, e);
	copy_list_release(&list);
	return rc;
}
