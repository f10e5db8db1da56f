/*
 * A snapshot's job: begins its strands (taking.h), looks after each turn
 * whether anything is still under way, and ends it all when its time is over.
 *
 * There is no list of what is still to do. Strands begin each other from the
 * answers, so the job is done as soon as no question of its own, no name of its
 * walk and no fetch is open.
 */
#include "dns/snapshot.h"

#include "dns/dnssec_ahead.h"
#include "dns/taking.h"
#include "zone/dname.h"

enum {
	BUDGET_MS = 5500, /* a broken domain costs less than 6 s */
	TURN_MAX_MS = 1000,
};

/* Kept in the list until the end: what is under way must be given up before the arena goes. */
static void inquiry_done(void *ctx, struct dns_ask *ask)
{
	struct inquiry *q = ctx;
	q->job->open--;
	if (!q->job->over && ask->reply.outcome != DNS_CANCELLED)
		q->heard(q);
}

void taking_put(struct snapshot_job *j, struct inquiry *q)
{
	if (j->over)
		return;
	q->job = j;
	q->ask.allowance = &j->allowance;
	q->ask.done = inquiry_done;
	q->ask.ctx = q;
	q->next = j->asked;
	j->asked = q;
	j->open++;
	dns_submit(j->en, j->a, &q->ask);
}

void taking_give_up(struct snapshot_job *j, struct inquiry *q)
{
	if (q->ask.under_way == NULL)
		return;
	dns_abandon(j->en, &q->ask);
	j->open--;
}

void taking_signed(struct snapshot_job *j, const struct seen *seen)
{
	if (j->opts.ahead != NULL)
		dnssec_ahead_heard(j->opts.ahead, seen);
}

void taking_heard(struct snapshot_job *j, const struct seen *seen)
{
	taking_signed(j, seen);
	taking_servers_heard(j, seen);
	taking_hosts_heard(j, seen);
	taking_spf_heard(j, seen);
	taking_dmarc_heard(j, seen);
	taking_sts_heard(j, seen);
	taking_away_heard(j, seen);
}

/* Nothing begins any more; who waits for the walk is called, and finds the job over. */
static void stop(struct snapshot_job *j, const char *note)
{
	j->over = true;
	for (struct inquiry *q = j->asked; q != NULL; q = q->next)
		taking_give_up(j, q);
	taking_axfr_give_up(j);
	walk_give_up(j->walk, note);
	taking_sts_give_up(j, note);
}

static bool busy(const struct snapshot_job *j)
{
	return j->open > 0 || j->held > 0 || j->transfers > 0 || walk_open(j->walk) > 0 ||
	       taking_sts_open(j);
}

bool snapshot_settled(const struct snapshot_job *j)
{
	return j->allowance.spent || !busy(j);
}

/* Words for a report: "5.5 s", or "250 ms" in a hurry. */
static const char *late_note(struct arena *a, int budget_ms)
{
	if (budget_ms < 1000)
		return arena_printf(a, "not answered within %d ms", budget_ms);
	return arena_printf(a, "not answered within %d.%d s", budget_ms / 1000,
			    budget_ms % 1000 / 100);
}

struct snapshot_job *snapshot_begin(struct arena *a, const struct snapshot_opts *opts)
{
	struct snapshot_job *j = ARENA_NEW(a, struct snapshot_job);
	int budget_ms = opts->budget_ms > 0 ? opts->budget_ms : BUDGET_MS;
	*j = (struct snapshot_job){ .a = a, .opts = *opts, .en = opts->engine };
	j->s = ARENA_NEW(a, struct snapshot);
	j->s->domain = opts->domain;
	j->s->sts.content_type = j->s->sts.body = "";
	j->s->started_ms = dns_engine_now_ms(j->en);
	j->begun_ms = dns_engine_mono_ms(j->en);
	j->due_ms = j->begun_ms + budget_ms;
	j->late = late_note(a, budget_ms);
	j->allowance.octets = opts->octets_max > 0 ? opts->octets_max : SNAPSHOT_OCTETS_MAX;
	j->allowance.records = SNAPSHOT_RECORDS_MAX;
	j->walk = walk_begin(a, &(struct walk_opts){ .engine = opts->engine,
						     .root_hints = opts->root_hints,
						     .cache = opts->cache,
						     .allowance = &j->allowance,
						     .fresh = opts->domain });
	taking_zone_begin(j);
	taking_panel_begin(j);
	for (size_t i = 0; i < opts->host_n; i++)
		taking_mail_host(j, opts->hosts[i]);
	return j;
}

/* What nobody has given says now that it was not read. */
static void retell(struct seen *seen, size_t n, const char *before)
{
	for (size_t i = 0; i < n; i++) {
		if (seen[i].note == before)
			seen[i].note = walk_too_much;
	}
}

/* Its time ends here: there is more than can be looked at. */
static void end_too_much(struct snapshot_job *j)
{
	for (size_t i = 0; i < j->servers.n; i++)
		retell(j->servers.at[i]->seen, j->servers.at[i]->view.n, j->late);
	for (size_t i = 0; i < j->resolver_n; i++)
		retell(j->resolvers[i].seen, j->resolvers[i].view->n, j->late);
	j->late = walk_too_much;
	j->s->too_much = true;
}

static void finish(struct snapshot_job *j)
{
	j->over = true;
	taking_servers_finish(j);
	taking_panel_finish(j);
	taking_hosts_finish(j);
	taking_spf_finish(j);
	taking_lookups_finish(j);
	taking_chain_finish(j);
	j->s->axfr_n = j->axfr_mx.n;
	j->s->axfr_mx = j->axfr_mx.at;
	j->s->ended_ms = dns_engine_now_ms(j->en);
}

/* A world without a root is not the domain's fault, and every domain would look the same. */
static bool rootless(const struct snapshot_job *j)
{
	return j->s->delegation == DELEGATION_UNREACHABLE && !walk_root_heard(j->walk);
}

static int fail_rootless(const struct snapshot_job *j, struct err *e)
{
	(void)err_set(e, ERR_WORLD, "asking for %s: no root server answers",
		      dname_show(j->a, j->opts.domain));
	return err_hint(e, "is DNS (UDP port 53) to the Internet allowed from here? a closed "
			   "network needs --root-hints");
}

enum snapshot_progress snapshot_poll(struct snapshot_job *j, const struct snapshot **snap_r,
				     struct err *e)
{
	if (dns_engine_cancelled(j->en)) {
		snapshot_drop(j);
		(void)err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
		return SNAPSHOT_FAILED;
	}
	walk_tick(j->walk);
	int64_t now_ms = dns_engine_mono_ms(j->en);
	if (j->patience_ms > 0 && now_ms >= j->patience_ms)
		taking_lookups_begin(j);
	taking_panel_tick(j, now_ms);
	taking_hold_tick(j, now_ms);
	bool spent = j->allowance.spent;
	if (busy(j) && now_ms < j->due_ms && !rootless(j) && !spent)
		return SNAPSHOT_ASKING;
	j->s->out_of_time = busy(j) && now_ms >= j->due_ms && !spent;
	if (spent)
		end_too_much(j);
	stop(j, j->late);
	if (rootless(j)) {
		(void)fail_rootless(j, e);
		return SNAPSHOT_FAILED;
	}
	finish(j);
	*snap_r = j->s;
	return SNAPSHOT_DONE;
}

void snapshot_drop(struct snapshot_job *j)
{
	stop(j, "not waited for");
}

/* The sooner of the two; `b` 0: there is no such moment. */
static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
	return b_ms > 0 && b_ms < a_ms ? b_ms : a_ms;
}

int snapshot_wait_ms(struct snapshot_job *j, int max_ms)
{
	int64_t until_ms = j->due_ms;
	if (j->allowance.spent)
		return 0;
	until_ms = sooner(until_ms, j->looked ? 0 : j->patience_ms);
	until_ms = sooner(until_ms, taking_panel_due_ms(j));
	until_ms = sooner(until_ms, taking_hold_due_ms(j));
	int64_t left_ms = until_ms - dns_engine_mono_ms(j->en);
	if (left_ms < max_ms)
		max_ms = left_ms > 0 ? (int)left_ms : 0;
	return walk_wait_ms(j->walk, max_ms);
}

/* HTTPS waits for the engine's descriptor beside its own; alone, the engine waits itself. */
int snapshot_turn(struct dns_engine *en, struct http *http, int max_ms, struct err *e)
{
	if (http != NULL && http_open(http) > 0) {
		http_turn(http, dns_engine_fd(en), dns_engine_wait_ms(en, max_ms));
		max_ms = 0;
	}
	if (dns_engine_turn(en, max_ms) != 0)
		return err_set(e, ERR_CANCELLED, "asking the DNS was interrupted");
	return 0;
}

int snapshot_take(struct arena *a, const struct snapshot_opts *opts, const struct snapshot **snap_r,
		  struct err *e)
{
	struct snapshot_job *j = snapshot_begin(a, opts);
	for (;;) {
		enum snapshot_progress p = snapshot_poll(j, snap_r, e);
		if (p != SNAPSHOT_ASKING)
			return p == SNAPSHOT_DONE ? 0 : -1;
		int wait_ms = snapshot_wait_ms(j, TURN_MAX_MS);
		/* An interrupted turn is seen by the next poll, which ends the job. */
		(void)snapshot_turn(opts->engine, opts->http, wait_ms, e);
	}
}

int dns_resolve_host(struct arena *a, const struct snapshot_opts *opts, const char *name,
		     struct host_view *host_r, struct err *e)
{
	struct walk *w = walk_new(a, opts->engine, opts->root_hints);
	struct walk_task *t = walk_want_host(w, name);
	if (walk_run(w, e) != 0)
		return -1;
	if (!walk_root_heard(w))
		return err_set(e, ERR_WORLD, "looking up %s: no root server answers",
			       dname_show(a, name));
	*host_r = walk_host_view(a, t);
	return 0;
}
