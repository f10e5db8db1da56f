/*
 * A pass over one mailbox: attempts until it is through, each with fresh connections,
 * each going on from the ledger. Retries are bounded by progress, not by their number:
 * a lost connection an hour is no failure, six in a row without a message are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hook.h"
#include "migrate/report.h"

enum {
	RETRIES_MAX = 6,    /* without progress; as many as reach.c */
	RETRIES_UNSEEN = 2, /* of servers that never answered in this pass */
	WAITS_MAX = 50,     /* times the server asked to wait, without progress */
	DENIALS_MAX = 2, /* refused rights behind a good login: a server may be too busy to look */
	DENIED_PAUSE_MS = 5000,
	RETRY_FIRST_MS = 250,
	RETRY_MOST_MS = 8000,
};

/* -- policy -- */

struct patience {
	uint64_t progress;
	unsigned retries, waits, denials;
	bool seen;
};

static int64_t retry_pause_ms(const struct box *b, unsigned retries)
{
	int64_t ms = RETRY_FIRST_MS;
	for (unsigned i = 1; i < retries && ms < RETRY_MOST_MS; i++)
		ms *= 2;
	/* Up to half more, so that many mailboxes do not come back at once. */
	return ms + (int64_t)(rng_u64(b->opts->rng) % (uint64_t)(ms / 2));
}

/* RETRY and WAIT were for this policy; who reads the result learns that the world failed. */
static int give_up(struct err *e)
{
	if (e->kind == ERR_RETRY || e->kind == ERR_WAIT) {
		e->kind = ERR_WORLD;
		if (e->hint[0] == '\0')
			(void)err_hint(e, "run the copy again: it goes on where it stopped");
	}
	return -1;
}

/* The moment; 0: no more. A host that does not answer is waited for by all of its mailboxes
 * together (reach.h). */
static int64_t next_retry(const struct box *b, struct patience *p)
{
	const struct reach_word *word = &b->word;
	bool patient = p->seen || word->common;
	if (++p->retries > (unsigned)(patient ? RETRIES_MAX : RETRIES_UNSEEN))
		return 0;
	return word->common ? word->again_ms
			    : clock_now_ms(b->opts->clock) + retry_pause_ms(b, p->retries);
}

/* Of a host that does not answer once, not by each of its mailboxes; of a hold its holder told. */
static void say_retry(struct box *b, const struct err *why)
{
	if (why->kind == ERR_WAIT && box_is_held(b))
		return;
	if (!b->word.common)
		log_info(b->opts->log, "%s: %s; trying again", b->mailbox->address, why->text);
	else if (b->word.first)
		log_info(b->opts->log, "%s; trying again, one mailbox for all", why->text);
}

/* 0: try again; -1: *e stands. */
static int wait_before_retry(struct box *b, struct patience *p, struct err *e)
{
	struct err cancelled;
	int64_t until = 0;
	if (b->progress != p->progress)
		p->retries = p->waits = 0;
	p->progress = b->progress;
	if (e->kind == ERR_RETRY)
		until = next_retry(b, p);
	else if (e->kind == ERR_WAIT && ++p->waits <= WAITS_MAX)
		until = e->until_ms;
	else if (e->kind == ERR_ACCOUNT && p->seen && ++p->denials <= DENIALS_MAX)
		until = clock_now_ms(b->opts->clock) + DENIED_PAUSE_MS;
	if (until == 0)
		return give_up(e);
	say_retry(b, e);
	e->until_ms = until;
	if (box_sleep(b, e, &cancelled) == 0)
		return 0;
	*e = cancelled;
	return -1;
}

/* Who asked for a wait is known by its connection, so that is settled before they are closed; and
 * the places at the hosts are given back behind that, before any pause, for others wait for them.
 */
static int attempts(struct box *b, struct err *e)
{
	struct patience p = { .progress = 0 };
	for (;;) {
		b->arena = arena_new();
		int rc = box_attempt(b, &p.seen, e);
		if (rc == 0)
			rc = box_totals(b, e);
		if (rc != 0 && e->kind == ERR_WAIT)
			e->until_ms = box_throttled(b, e);
		box_disconnect(b);
		box_leave(b, rc == 0);
		b->folders = NULL;
		b->n_folders = 0;
		arena_free(b->arena);
		b->arena = NULL;
		if (rc == 0 || b->stopped || wait_before_retry(b, &p, e) != 0)
			return rc;
	}
}

/* -- the outcome -- */

static void say_refused(struct box *b, struct err *why_r)
{
	err_set(why_r, ERR_ITEM, "%llu messages did not get to the target",
		(unsigned long long)b->counts.refused);
	err_hint(why_r, "the report lists each with its reason");
}

/* An interrupted mailbox is no failed one. Refused messages are errors that a person has to
 * look at, even when all else is well. */
static enum mailbox_state judge(struct box *b, int rc, struct err *why)
{
	if (rc != 0 && b->stopped)
		return MAILBOX_STOPPED;
	if (rc != 0) /* interrupted, it waits for its next turn */
		return why->kind == ERR_CANCELLED ? MAILBOX_QUEUED : MAILBOX_FAILED;
	err_clear(why);
	if (b->trouble.kind != ERR_NONE)
		*why = b->trouble;
	else if (b->counts.refused > 0)
		say_refused(b, why);
	return why->kind == ERR_NONE ? MAILBOX_SYNCED : MAILBOX_SYNCED_WITH_ERRORS;
}

/* "Syncing" stands in the ledger from the begin on: that is what `status` shows, and what
 * stays there when the program is killed. */
static int begin_pass(struct box *b, struct err *e)
{
	struct store *s = b->opts->store;
	if (ledger_pass_begin(s, b->mailbox->address, clock_now_ms(b->opts->clock), &b->row, e) !=
	    0)
		return -1;
	if (b->opts->dry_run)
		return 0;
	b->row.state = MAILBOX_SYNCING;
	err_clear(&b->row.err);
	hook_point("pass-begin");
	return ledger_pass_end(s, &b->row, false, e);
}

/* Only a pass that came through moves the times that the gates look at. */
static int end_pass(struct box *b, enum mailbox_state state, const struct err *why, struct err *e)
{
	b->row.state = (int)state;
	b->row.err = *why;
	if (b->opts->dry_run)
		return ledger_limit_put(b->opts->store, &b->row, e);
	if (migrate_is_through(state))
		b->row.pass_end_ms = clock_now_ms(b->opts->clock);
	hook_point("pass-end");
	return ledger_pass_end(b->opts->store, &b->row, migrate_is_through(state), e);
}

/* The store does not take what has to be remembered: nothing more may be done. */
static int store_failed(struct box *b, struct err *why_r, const struct err *store_err)
{
	*why_r = *store_err;
	b->store_failed = true;
	b->row.state = MAILBOX_FAILED;
	box_report_end(b, MAILBOX_FAILED, why_r);
	return -1;
}

int box_pass(struct box *b, struct err *why_r)
{
	struct err store_err;
	err_clear(why_r);
	if (begin_pass(b, &store_err) != 0)
		return store_failed(b, why_r, &store_err);
	b->pass_arena = arena_new();
	box_report(b, MAILBOX_SYNCING, true);
	int rc = attempts(b, why_r);
	enum mailbox_state state = judge(b, rc, why_r);
	arena_free(b->pass_arena);
	if (end_pass(b, state, why_r, &store_err) != 0)
		return store_failed(b, why_r, &store_err);
	box_report_end(b, state, state == MAILBOX_SYNCED ? NULL : why_r);
	return migrate_is_through(state) ? 0 : -1;
}
