/*
 * A job a domain, each with an arena of its own; all of them go on whenever the engine has a
 * turn. What is the same for thousands of domains (root, TLDs, the big providers' hosts) is
 * in one cache with a limit.
 */
#include "flow/bulk.h"

#include <stdlib.h>

#include "config/domain.h"
#include "dns/walk.h"
#include "flow/asking.h"
#include "flow/flow_priv.h"
#include "io/wait.h"
#include "zone/dname.h"

enum {
	CACHE_ENTRIES = 4096,
	ARENAS_KEPT = 64, /* of as many places */
	TURN_MS = 200,
	POLL_MS = 20,
	LOOK_MS = 50,
	/* Questions that wait for the pace: no domain begins meanwhile, for its time would run
	 * out in the queue. */
	WAITING_MAX = 128,
	/* Domains begun in one pass: each brings its fifty questions a moment later, and how long
	 * the queue then gets tells whether there is room for more. */
	BEGIN_MAX = 4,
	PASS_MS = 2,
};

struct job {
	struct arena *arena; /* owned; used again and again */
	bool busy;           /* false: the place is free */
	const struct project *project;
	struct snapshot_opts opts;
	struct snapshot_job *taking;
	int64_t look_ms; /* monotonic: its next moment, within LOOK_MS */
};

struct bulk {
	struct flow *f;
	const struct bulk_opts *opts;
	struct dns_engine *engine;     /* the flow's */
	struct walk_cache *cache;      /* owned */
	struct dnssec_cache *verified; /* owned: the upper zones' signatures, mostly */
	struct job *jobs;              /* owned; opts->at_once of them */
	size_t open;
	bool ended, starving; /* no more domains; none just now */
	bool hungry;          /* there is room for more than one pass begins */
	bool unwanted;        /* nobody reads any more */
};

/* Places are filled from the first on, so only those in front are used again and again: what the
 * others would keep after one crowded moment would stay for nothing. */
static void job_end(struct bulk *b, struct job *j)
{
	struct arena *a = j->arena;
	if (j < b->jobs + ARENAS_KEPT) {
		arena_reset(a);
	} else {
		arena_free(a);
		a = NULL;
	}
	*j = (struct job){ .arena = a };
	b->open--;
}

/* Not a domain: told at once, and no place is taken. */
static void refuse(struct bulk *b, const char *domain, struct err *e)
{
	b->unwanted = !b->opts->failed(b->opts->ctx, domain, e);
}

/* A copy of the flow's project with another domain: one line of options serves all. */
static int job_begin(struct bulk *b, struct job *j, const char *domain, struct err *e)
{
	struct arena *a = j->arena != NULL ? j->arena : arena_new();
	struct err bad = { 0 };
	j->arena = a;
	const char *name = domain_parse(a, domain, &bad);
	if (name == NULL) {
		refuse(b, domain, &bad);
		arena_reset(a);
		return 0;
	}
	struct project *p = arena_memdup(a, b->f->opts.project, sizeof(*p));
	p->domain = name;
	p->ownership_name = name;
	*j = (struct job){ .arena = a, .busy = true, .project = p };
	b->open++;
	if (flow_asking_about(b->f, a, p, ASK_BULK, &j->opts, e) != 0) {
		job_end(b, j);
		return -1;
	}
	j->opts.cache = b->cache;
	j->taking = snapshot_begin(a, &j->opts);
	return 0;
}

/* Fills free places while there are domains. */
static int take_in(struct bulk *b, struct err *e)
{
	size_t begun = 0;
	b->starving = b->hungry = false;
	for (size_t i = 0; i < b->opts->at_once && !b->ended && !b->unwanted; i++) {
		const char *domain;
		if (b->jobs[i].busy)
			continue;
		if (dns_engine_waiting(b->engine) > WAITING_MAX)
			return 0;
		b->hungry = begun++ == BEGIN_MAX;
		if (b->hungry)
			return 0;
		enum bulk_next next = b->opts->next(b->opts->ctx, &domain);
		b->ended = next == BULK_END;
		b->starving = next == BULK_NOT_YET;
		if (b->starving)
			return 0;
		if (next == BULK_DOMAIN && job_begin(b, &b->jobs[i], domain, e) != 0)
			return -1;
	}
	return 0;
}

static int judge(struct bulk *b, const struct job *j, const struct snapshot *snap, struct err *e)
{
	const struct audit *au;
	struct audit_about about = { .project = j->project,
				     .phase = b->opts->phase,
				     .snap = snap,
				     .verified = b->verified };
	if (audit_judge_about(b->f, j->arena, &about, &au, e) != 0)
		return -1;
	b->unwanted = !b->opts->audit(b->opts->ctx, au);
	return 0;
}

/* A snapshot that failed is one domain's failure, unless the user ended it all. */
static int job_finished(struct bulk *b, struct job *j, enum snapshot_progress progress,
			const struct snapshot *snap, struct err *e)
{
	int rc = 0;
	if (progress != SNAPSHOT_FAILED)
		rc = judge(b, j, snap, e);
	else if (e->kind == ERR_CANCELLED)
		rc = -1;
	else
		b->unwanted = !b->opts->failed(b->opts->ctx,
					       dname_show(j->arena, j->project->domain), e);
	job_end(b, j);
	return rc;
}

/* Its place is free when it is over. */
static int look_at(struct bulk *b, struct job *j, int64_t now_ms, struct err *e)
{
	const struct snapshot *snap = NULL;
	enum snapshot_progress progress = snapshot_poll(j->taking, &snap, e);
	if (progress != SNAPSHOT_ASKING)
		return job_finished(b, j, progress, snap, e);
	j->look_ms = now_ms + snapshot_wait_ms(j->taking, LOOK_MS);
	return 0;
}

/* Most turns bring something for a few of hundreds: the others are looked at when their next
 * moment has come. Also how long a turn may last: no job's moment is slept through. */
static int hand_out(struct bulk *b, int *wait_ms_r, struct err *e)
{
	int64_t now_ms = clock_mono_ms(b->f->opts.clock);
	int64_t until_ms = now_ms + (b->hungry ? PASS_MS : b->starving ? POLL_MS : TURN_MS);
	for (size_t i = 0; i < b->opts->at_once && !b->unwanted; i++) {
		struct job *j = &b->jobs[i];
		if (!j->busy)
			continue;
		bool due = now_ms >= j->look_ms || snapshot_settled(j->taking);
		if (due && look_at(b, j, now_ms, e) != 0)
			return -1;
		int64_t next_ms = j->busy ? j->look_ms : now_ms;
		until_ms = next_ms < until_ms ? next_ms : until_ms;
	}
	*wait_ms_r = (int)(until_ms - now_ms);
	return 0;
}

/* The source has nothing yet, and nobody is under way. */
static int sleep_a_little(const struct bulk *b, struct err *e)
{
	int64_t until_ms = flow_now_ms(b->f) + POLL_MS;
	return wait_until(b->f->opts.clock, until_ms, b->f->cancel, e);
}

static int run(struct bulk *b, struct err *e)
{
	struct http *http;
	int wait_ms = 0;
	if (flow_engine(b->f, &b->engine, e) != 0 || flow_http(b->f, &http, e) != 0)
		return -1;
	while (!b->unwanted) {
		if (take_in(b, e) != 0)
			return -1;
		if (b->open == 0 && b->ended)
			return 0;
		int rc = b->open > 0 ? snapshot_turn(b->engine, http, wait_ms, e)
				     : sleep_a_little(b, e);
		if (rc != 0 || hand_out(b, &wait_ms, e) != 0)
			return -1;
	}
	return 0;
}

int flow_bulk(struct flow *f, const struct bulk_opts *opts, struct err *e)
{
	struct bulk b = { .f = f, .opts = opts };
	b.cache = walk_cache_new(CACHE_ENTRIES, f->opts.clock);
	b.verified = dnssec_cache_new();
	b.jobs = mem_alloc(opts->at_once * sizeof(*b.jobs));
	int rc = run(&b, e);
	for (size_t i = 0; i < opts->at_once; i++) {
		if (b.jobs[i].busy)
			snapshot_drop(b.jobs[i].taking);
		arena_free(b.jobs[i].arena);
	}
	free(b.jobs);
	dnssec_cache_free(b.verified);
	walk_cache_free(b.cache);
	return rc;
}
