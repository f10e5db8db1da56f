/*
 * One pass: the list is read, what a person stopped or removed is left alone, the mover
 * copies the rest in one or two turns, then those that want it are read again on both
 * sides and compared. What came of it goes into the history that the forecast reads.
 */
#include "flow/copy.h"

#include <inttypes.h>
#include <stdlib.h>

#include "flow/copy_notes.h"
#include "flow/copy_parked.h"
#include "flow/copy_pass.h"
#include "flow/flow_priv.h"
#include "migrate/compress.h"
#include "migrate/filter.h"
#include "migrate/pace.h"

/* The rooms do not know each other: the same list in the mover's words. */
static const struct migrate_folder_rule *folder_rules(struct arena *a, const struct project *p)
{
	size_t n = 0;
	while (p->folders != NULL && p->folders[n].from != NULL)
		n++;
	struct migrate_folder_rule *rules = ARENA_ARRAY(a, n + 1, struct migrate_folder_rule);
	for (size_t i = 0; i < n; i++)
		rules[i] = (struct migrate_folder_rule){ p->folders[i].from, p->folders[i].to };
	return rules;
}

static struct migrate_opts mover_opts(struct copy_run *run)
{
	const struct project *p = run->f->opts.project;
	return (struct migrate_opts){
		.clock = run->f->opts.clock,
		.rng = run->f->opts.rng,
		.log = run->f->opts.log,
		.store = run->f->store,
		.cancel = run->f->cancel,
		.ca_file = p->network.ca_file,
		.mailboxes_at_once = p->policy.mailboxes_at_once,
		.lanes_per_mailbox = p->policy.lanes_per_mailbox,
		.timeout_ms = p->network.mail_timeout_ms,
		.match = copy_match(p),
		.repair = copy_repair(run->a, p),
		.quarantine_dir = arena_printf(run->a, "%s/.cutover/quarantine", p->dir),
		.keep_refused = str_eq(p->policy.keep_refused, "yes"),
		.progress = copy_run_progress,
		.progress_ctx = run,
		.may = copy_run_may,
		.may_ctx = run,
		.filter = run->filtered ? &run->filter : NULL,
		.labels_as_folders = p->source_labels != NULL &&
				     str_eq(p->source_labels, "folders"),
		.folder_rules = folder_rules(run->a, p),
		.pace = run->pace,
		.compress = run->compress,
		.mirror = run->mirrors ? &run->mirror : NULL,
		.dry_run = run->dry_run,
	};
}

/* A tenth: docs/decisions/0002 tells why not none. Every day brings mail, and reading both
 * sides whole each time would never end. */
bool copy_is_verified(const struct migrate_status *s)
{
	return s->last_verified_ms != 0 && s->verdict.verified &&
	       s->since_verified <= s->acknowledged / 10;
}

/* ---- who is copied, and in which order ---- */

static void say_held(struct copy_mailbox *m, const struct word *w)
{
	m->state = w->verb == WORD_REMOVE ? MAILBOX_REMOVED : MAILBOX_STOPPED;
	err_set(&m->err, ERR_REFUSED, "%s by hand%s%s",
		w->verb == WORD_REMOVE ? "removed" : "stopped", w->reason[0] != '\0' ? ": " : "",
		w->reason);
}

/* False for what a person holds back and for a login that was refused: both are told. */
static bool takes_part(struct copy_run *run, size_t i)
{
	const struct migrate_mailbox *box = &run->list->mailboxes[i];
	const struct word *w = words_of(&run->hold.words, box->address);
	struct copy_mailbox *m = &run->mailboxes[i];
	if (w != NULL && w->verb != WORD_START) {
		say_held(m, w);
		return false;
	}
	const struct err *parked = copy_parked_reason(run->f->parked, box, w, flow_now_ms(run->f));
	if (parked == NULL)
		return true;
	m->state = MAILBOX_FAILED;
	m->err = *parked;
	return false;
}

struct place {
	size_t at;
	unsigned priority;
	uint64_t bytes;
};

/* By priority; within one, the largest first, so that the last to end is not the longest; what
 * was never counted comes in the order of the list. */
static int by_turn(const void *va, const void *vb)
{
	const struct place *a = va;
	const struct place *b = vb;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static int take_turn(struct copy_run *run, const struct place *places, size_t n)
{
	struct copy_turn *t = &run->turn;
	t->n = n;
	t->boxes = ARENA_ARRAY(run->a, n + 1, struct migrate_mailbox);
	t->place = ARENA_ARRAY(run->a, n + 1, size_t);
	for (size_t i = 0; i < n; i++) {
		t->boxes[i] = run->list->mailboxes[places[i].at];
		t->place[i] = places[i].at;
	}
	return 0;
}

typedef bool wants_fn(struct copy_run *run, size_t i);

static int choose(struct copy_run *run, wants_fn *wants, struct err *e)
{
	struct place *places = ARENA_ARRAY(run->a, run->list->n + 1, struct place);
	size_t n = 0;
	for (size_t i = 0; i < run->list->n; i++) {
		if (!wants(run, i))
			continue;
		places[n] = (struct place){ i, run->list->priority[i], 0 };
		if (migrate_bytes(run->f->store, run->list->mailboxes[i].address, &places[n].bytes,
				  e) != 0)
			return -1;
		n++;
	}
	qsort(places, n, sizeof(places[0]), by_turn);
	return take_turn(run, places, n);
}

/* ---- a turn of the mover ---- */

static void take_results(struct copy_run *run, const struct migrate_result *results)
{
	struct err ignored; /* less is counted than was read: no reason to fail */
	for (size_t i = 0; i < run->turn.n; i++) {
		struct copy_mailbox *m = &run->mailboxes[run->turn.place[i]];
		m->state = results[i].state;
		copy_run_count(m, &results[i].counts);
		m->earlier = m->counts.copied;
		m->earlier_bytes = m->counts.copied_bytes;
		m->err = results[i].err;
		m->folder[0] = '\0';
		(void)copy_quota_keep(&run->quota, run->turn.place[i], m->address, &ignored);
		if (run->dry_run && migrate_is_through(m->state))
			m->state = MAILBOX_QUEUED;
		copy_parked_note(run->f->parked, &run->turn.boxes[i], &results[i].err,
				 flow_now_ms(run->f), run->repeats ? run->f->opts.log : NULL);
	}
}

static int run_turn(struct copy_run *run, struct err *e)
{
	struct migrate_result *results = ARENA_ARRAY(run->a, run->turn.n + 1,
						     struct migrate_result);
	struct migrate_opts opts = mover_opts(run);
	int rc = migrate_copy(&opts, run->turn.boxes, run->turn.n, results, e);
	take_results(run, results);
	return rc;
}

/* Stopped while it ran and started again, or failed and a person said start since: it need not
 * wait for the next pass. */
static bool wants_another_try(struct copy_run *run, size_t i)
{
	const struct copy_mailbox *m = &run->mailboxes[i];
	const struct word *w = words_of(&run->hold.words, m->address);
	if (w == NULL || w->verb != WORD_START || w->at_ms < run->started_ms)
		return false;
	return m->state == MAILBOX_STOPPED || m->state == MAILBOX_FAILED;
}

/* Bounded by the person's words: each is taken up once. */
static int take_up_again(struct copy_run *run, struct err *e)
{
	if (copy_hold_refresh(&run->hold, e) != 0)
		return -1;
	int64_t now = flow_now_ms(run->f);
	if (choose(run, wants_another_try, e) != 0)
		return -1;
	run->started_ms = now;
	return run->turn.n > 0 ? run_turn(run, e) : 0;
}

static void describe(struct copy_run *run)
{
	struct buf text;
	buf_init(&text);
	filter_describe(&run->filter, &text);
	run->filtered = text.len > 0;
	run->filter_text = run->filtered ? arena_strdup(run->a, text.at) : NULL;
	buf_release(&text);
}

/* The newest mail of every mailbox before the old mail of any: people can work with that. */
static int run_newest(struct copy_run *run, int64_t newest_ms, struct err *e)
{
	const struct migrate_filter whole = run->filter;
	int64_t since = flow_now_ms(run->f) - newest_ms;
	if (since > run->filter.since_ms)
		run->filter.since_ms = since;
	describe(run);
	log_info(run->f->opts.log, "first the newest mail of all mailboxes");
	int rc = run_turn(run, e);
	run->filter = whole;
	describe(run);
	log_info(run->f->opts.log, "now the rest");
	return rc;
}

static int run_turns(struct copy_run *run, const struct copy_wishes *wishes, struct err *e)
{
	int64_t began = run->started_ms;
	if (choose(run, takes_part, e) != 0)
		return -1;
	if (wishes->newest_ms > 0 && run_newest(run, wishes->newest_ms, e) != 0)
		return -1;
	int rc = run_turn(run, e);
	while (rc == 0 && !run->dry_run) {
		rc = take_up_again(run, e);
		if (run->turn.n == 0)
			break;
	}
	run->started_ms = began;
	return rc;
}

/* ---- comparing ---- */

/* A mailbox that failed is not compared: what it lacks is known, and the reason too. */
static int wants_verify(struct copy_run *run, size_t i, enum copy_verify wish, bool *wants_r,
			struct err *e)
{
	struct migrate_status s;
	bool synced = migrate_is_through(run->mailboxes[i].state);
	*wants_r = synced && wish == COPY_VERIFY_ALL;
	if (!synced || wish != COPY_VERIFY_NEW)
		return 0;
	if (migrate_status(run->f->store, run->a, run->mailboxes[i].address, &s, e) != 0)
		return -1;
	*wants_r = !copy_is_verified(&s);
	return 0;
}

static void take_verdict(struct copy_run *run, struct copy_mailbox *m,
			 const struct migrate_verdict *v)
{
	if (!v->verified) {
		m->state = MAILBOX_SYNCED_WITH_ERRORS;
		m->err = v->err;
	}
	if (v->by_headers)
		log_info(run->f->opts.log, "%s: compared %s", m->address, migrate_compared_by(v));
	if (v->losses > 0)
		log_info(run->f->opts.log,
			 "%s: %" PRIu64 " message%s arrived with a recorded loss of flags or date",
			 m->address, v->losses, v->losses == 1 ? "" : "s");
	if (v->altered > 0)
		log_info(run->f->opts.log,
			 "%s: the target changed the line ends of %" PRIu64
			 " message%s, and nothing else (%s%s)",
			 m->address, v->altered, v->altered == 1 ? "" : "s",
			 v->altered == 1 ? "" : "first ", v->first_altered);
}

static int compare(struct copy_run *run, struct err *e)
{
	const struct copy_turn *t = &run->turn;
	struct migrate_verdict *verdicts = ARENA_ARRAY(run->a, t->n, struct migrate_verdict);
	struct migrate_opts opts = mover_opts(run);
	opts.progress = NULL;
	log_info(run->f->opts.log, "reading both sides of %zu mailbox%s again to compare", t->n,
		 t->n == 1 ? "" : "es");
	if (migrate_verify(&opts, t->boxes, t->n, verdicts, e) != 0)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		take_verdict(run, &run->mailboxes[t->place[i]], &verdicts[i]);
	return 0;
}

/* Reads both sides again where that was wished; a difference makes the mailbox one with errors.
 * What was left out would only be missed. */
static int verify(struct copy_run *run, enum copy_verify wish, struct err *e)
{
	struct place *places = ARENA_ARRAY(run->a, run->list->n + 1, struct place);
	size_t n = 0;
	if (wish == COPY_VERIFY_NONE || run->dry_run || run->filtered)
		return 0;
	for (size_t i = 0; i < run->list->n; i++) {
		bool wants;
		if (wants_verify(run, i, wish, &wants, e) != 0)
			return -1;
		if (wants)
			places[n++] = (struct place){ .at = i };
	}
	if (n == 0)
		return 0;
	(void)take_turn(run, places, n);
	return compare(run, e);
}

/* ---- the end ---- */

/* Only a pass over everything tells how long one takes. */
static bool is_whole(const struct copy_run *run, const struct copy_wishes *wishes)
{
	return !run->dry_run && !run->filtered && wishes->pilot == 0 && wishes->only == NULL &&
	       wishes->newest_ms == 0;
}

static int remember(struct copy_run *run, const struct copy_progress *end, int64_t took_ms,
		    struct err *e)
{
	const struct copy_pass p = { .began_ms = end->started_ms,
				     .took_ms = took_ms,
				     .mailboxes = copy_tally(end).through,
				     .messages = end->messages,
				     .copied = end->copied,
				     .copied_bytes = end->copied_bytes };
	if (p.mailboxes == 0)
		return 0;
	return copy_history_add(run->f, &p, e) != 0
		       ? -1
		       : copy_history_forecast(run->f, &run->forecast, e);
}

static int look_back(struct copy_run *run, const struct copy_wishes *wishes, int64_t copied_in_ms,
		     struct err *e)
{
	const struct copy_progress p = copy_run_picture(run, true);
	return is_whole(run, wishes) ? remember(run, &p, copied_in_ms, e) : 0;
}

/* The picture is kept also when the pass failed: the report tells how far it came. The first
 * error is the one that is handed on. */
static int end_pass(struct copy_run *run, struct copy_progress *end, struct step_outcome *out)
{
	struct err e;
	*end = copy_run_picture(run, true);
	int rc = copy_notes(run->f, run->a, run->list, &end->notes, &end->note_n, &e);
	if (copy_run_keep(run, end, &e) != 0)
		rc = -1;
	if (run->f->opts.show.copy != NULL)
		run->f->opts.show.copy(run->f->opts.show.ctx, end);
	copy_conclude(end, out);
	return rc;
}

static int run_pass(struct copy_run *run, const struct copy_wishes *wishes,
		    const struct copy_progress **end_r, struct step_outcome *out, struct err *e)
{
	struct copy_progress *end = ARENA_NEW(run->a, struct copy_progress);
	int rc = run_turns(run, wishes, e);
	int64_t copied_in_ms = clock_mono_ms(run->f->opts.clock) - run->started_mono_ms -
			       copy_hold_paused_ms(&run->hold);
	if (rc == 0)
		rc = verify(run, wishes->verify, e);
	if (rc == 0)
		rc = look_back(run, wishes, copied_in_ms, e);
	if (end_pass(run, end, out) != 0 && rc == 0)
		rc = err_set(e, ERR_WORLD, "keeping what the pass came to");
	if (rc == 0)
		rc = copy_judge_folders(run, out, e);
	*end_r = end;
	return rc;
}

/* ---- the beginning ---- */

static const char *const *given(const char *const *wish, const char *const *project)
{
	return wish != NULL ? wish : project;
}

/* The command line speaks over the project file, member by member. */
static void set_filter(struct copy_run *run, const struct migrate_filter *wish)
{
	const struct project *p = run->f->opts.project;
	run->filter = (struct migrate_filter){
		.folders = given(wish->folders, p->copy.folders),
		.folders_not = given(wish->folders_not, p->copy.folders_not),
		.since_ms = wish->since_ms != 0 ? wish->since_ms : p->copy.since_ms,
		.before_ms = wish->before_ms != 0 ? wish->before_ms : p->copy.before_ms,
		.max_bytes = wish->max_bytes != 0 ? wish->max_bytes : p->copy.max_message,
	};
	describe(run);
}

/* Under a cap the line is not what the copy waits for, whatever it looks like. */
static struct compress *new_compress(const struct copy_run *run)
{
	const struct project *p = run->f->opts.project;
	bool always = str_eq(p->copy.compress, "always");
	if (run->dry_run || str_eq(p->copy.compress, "never") || (run->pace != NULL && !always))
		return NULL;
	return compress_new(always ? COMPRESS_ALWAYS : COMPRESS_AUTO, run->f->opts.log);
}

static int begin(struct copy_run *run, const struct copy_wishes *wishes, struct err *e)
{
	const struct copy_list *list = run->list;
	uint64_t rate = run->f->opts.project->copy.bytes_per_s;
	run->mailboxes = ARENA_ARRAY(run->a, list->n + 1, struct copy_mailbox);
	run->started_ms = flow_now_ms(run->f);
	run->started_mono_ms = clock_mono_ms(run->f->opts.clock);
	run->dry_run = wishes->dry_run;
	run->repeats = wishes->repeats;
	for (size_t i = 0; i < list->n; i++) {
		run->mailboxes[i].address = arena_strdup(run->a, list->mailboxes[i].address);
		run->mailboxes[i].row = list->mailboxes[i].row;
	}
	copy_quota_begin(&run->quota, run->f, run->a, list->n);
	if (run->f->parked == NULL)
		run->f->parked = copy_parked_new();
	if (rate != 0)
		run->pace = pace_new(rate);
	run->compress = new_compress(run);
	set_filter(run, &wishes->filter);
	if (run->filtered && wishes->verify == COPY_VERIFY_ALL) {
		err_set(e, ERR_USAGE,
			"a comparison of both sides is about whole mailboxes, and "
			"this pass leaves out %s",
			run->filter_text);
		return err_hint(e, "copy without the filter, then compare with --verify");
	}
	if (copy_mirror_begin(run, wishes, e) != 0 ||
	    copy_history_forecast(run->f, &run->forecast, e) != 0)
		return -1;
	return copy_hold_begin(&run->hold, run->f, run->a, e);
}

int flow_copy(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
	      const struct copy_progress **end_r, struct step_outcome *out, struct err *e)
{
	struct copy_list list;
	if (copy_list_load(f, a, wishes, &list, e) != 0)
		return -1;
	struct copy_run run = { .f = f, .a = a, .list = &list };
	int rc = begin(&run, wishes, e);
	if (rc == 0)
		rc = run_pass(&run, wishes, end_r, out, e);
	copy_hold_end(&run.hold);
	pace_free(run.pace);
	compress_free(run.compress);
	copy_list_release(&list);
	return rc;
}
