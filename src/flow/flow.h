/*
 * flow.h - one cutover: the project, its memory, and what the steps share.
 *
 * A step reads what earlier steps wrote in the store and writes its own part; nothing
 * else passes between steps. So any step can be shown, repeated, interrupted, resumed.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "config/project.h"

struct flow;
struct copy_progress;

/* A login that a person has to do in a browser. */
struct flow_login {
	const char *side; /* "source", "target" */
	const char *url;
	const char *code;   /* to enter there; NULL: the browser comes back to this machine */
	int64_t expires_ms; /* wall clock */
};

/* What a run shows while it works; all may be NULL. Called from the flow's own thread,
 * but `copy` from the mover's threads, one call at a time, and `login` from any thread. */
struct flow_show {
	void (*step)(void *ctx, const char *name, const char *what);
	void (*waiting)(void *ctx, const char *reason, int64_t until_ms);
	void (*sheet)(void *ctx, const char *text); /* what a person has to do by hand */
	void (*copy)(void *ctx, const struct copy_progress *p);
	void (*login)(void *ctx, const struct flow_login *l);
	void *ctx;
};

/* FLOW_BESIDE_STORE: a word to whoever has the store open for writing (store.h). */
enum flow_memory { FLOW_NO_STORE, FLOW_READ_STORE, FLOW_BESIDE_STORE, FLOW_WRITE_STORE };

struct flow_opts {
	const struct project *project; /* borrowed */
	enum flow_memory memory;
	const struct clock *clock; /* borrowed, as are the next ones */
	const struct rng *rng;
	struct log *log;
	struct flow_show show;
	unsigned dns_qps, dns_qps_per_server; /* questions a second; 0: as fast as it goes */
	size_t https_at_once;                 /* connections; 0: as http_opts has it */
	bool dry_run;                         /* the same code with a refusing last step */
	const char *snapshot;   /* the provider's copy that a rollback restores first; NULL: none */
	bool by_hand;           /* a person changes the zone, whatever provider the project names */
	unsigned allow_changes; /* RRsets in a change set, over policy.max_changed_rrsets */
};

/* Makes the flow; asks nobody yet. FLOW_WRITE_STORE takes the writer's lock and resolves what an
 * earlier run left unfinished as far as that needs no network. */
int flow_open(const struct flow_opts *opts, struct flow **flow_r, struct err *e);
/* Frees everything that the flow owns and lets go of the writer's lock. Takes NULL; no other
 * thread may still use it. */
void flow_close(struct flow *f);

/* Ends every wait and makes the running step return ERR_CANCELLED; async-signal-safe. */
void flow_interrupt(struct flow *f);

/* The project it was opened with; borrowed from whoever opened the flow. */
const struct project *flow_project(const struct flow *f);
/* Wall time of the flow's clock, milliseconds since 1970: a test's clock may run otherwise. */
int64_t flow_now_ms(const struct flow *f);

/* Tells whoever watches the run, then sleeps until the wall clock shows until_ms; -1 with
 * ERR_CANCELLED. */
int flow_wait(struct flow *f, const char *reason, int64_t until_ms, struct err *e);

/* What a step says. */
enum step_result { STEP_DONE, STEP_WAIT, STEP_STOP };
struct step_outcome {
	enum step_result result;
	int64_t until_ms; /* for STEP_WAIT; when to look again */
	char reason[ERR_TEXT_MAX];
	char remedy[ERR_HINT_MAX]; /* for STEP_STOP: what to do next */
};
/* The three ends of a step: each sets the result and the reason, made printable and cut at
 * ERR_TEXT_MAX. */

/* It is done; `fmt` says what came of it. */
void step_done(struct step_outcome *o, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Not yet, and nobody has to act: `fmt` says why, `until_ms` (wall clock) when to look again. */
void step_wait(struct step_outcome *o, int64_t until_ms, const char *fmt, ...) ERR_PRINTF(3, 4);
/* A person must act first: `fmt` says why, `remedy` (copied) what to do. */
void step_stop(struct step_outcome *o, const char *remedy, const char *fmt, ...) ERR_PRINTF(3, 4);

#endif
