/* flow_priv.h - what only the steps see of a flow. */
#ifndef FLOW_FLOW_PRIV_H
#define FLOW_FLOW_PRIV_H

#include "dns/dnssec_ahead.h"
#include "dns/engine.h"
#include "flow/flow.h"
#include "io/cancel.h"
#include "io/http.h"
#include "store/store.h"

struct plan;

struct flow {
	struct flow_opts opts;
	struct cancel *cancel;      /* owned */
	struct store *store;        /* owned; NULL with FLOW_NO_STORE */
	struct dns_engine *engine;  /* owned; made on first use */
	struct http *http;          /* the same */
	struct dnssec_ahead *ahead; /* while an audit asks, flow_audit's; else NULL */
	/* Logins that were refused, for passes that repeat; NULL before the first. */
	struct copy_parked *parked; /* owned */
	/* The plan of a file that a person reviewed: the only one that counts then; NULL. */
	const struct plan *reviewed;
	struct arena *reviewed_in; /* owned; NULL */
	/* Read from their files once, for thousands of domains need them; NULL until then. */
	struct arena *roots; /* owned */
	const char *const *root_hints;
	const struct rrset *trust_anchor;
};

/* The one engine of this flow, the flow's; made by the first call. */
int flow_engine(struct flow *f, struct dns_engine **engine_r, struct err *e);
/* The same for what fetches MTA-STS policies. */
int flow_http(struct flow *f, struct http **http_r, struct err *e);

/* Where the project's walks begin, and the root's key; the flow's. */
int flow_root_hints(struct flow *f, const char *const **hints_r, struct err *e);
int flow_trust_anchor(struct flow *f, const struct rrset **anchor_r, struct err *e);

/* Documents that the steps leave for each other in the store. */
#define DOC_SNAPSHOT "snapshot"
#define DOC_AUDIT    "audit"
#define DOC_PLAN     "plan"
#define DOC_GATES    "gates"
#define DOC_PROGRESS "progress"
#define DOC_TAIL     "tail"
#define DOC_VERIFY   "verify"
/* Which clock the moments of the observations are told by: boot, start_ms (one_clock.c). */
#define DOC_CLOCK "clock"
/* What the tail waits for: at, until, reason. Beside DOC_TAIL, which says that it is over. */
#define DOC_TAIL_WAIT "tail-wait"

/* Replaces the document of this name, with the time. Does nothing without a store. */
int flow_put(struct flow *f, const char *name, const struct js *doc, struct err *e);
/* *doc_r NULL when there is none; the caller's, js_free. */
int flow_get(struct flow *f, const char *name, struct js **doc_r, int64_t *at_ms_r, struct err *e);
/* A fact for the journal that has no effect on the world. */
int flow_note(struct flow *f, const char *step, const char *subject, const struct js *detail,
	      struct err *e);

/* Tells whoever watches the run what is waited for, and until when. */
void flow_waiting(struct flow *f, const char *reason, int64_t until_ms);

#endif
