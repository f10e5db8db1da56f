/*
 * gates.h - may the MX record switch? A pure function of evidence and policy.
 *
 * Every gate has a verdict, what was observed and when, and a remedy. They fail closed:
 * what cannot be told does not let pass. A person may accept a gate by name, with a
 * reason that every report shows.
 */
#ifndef FLOW_GATES_H
#define FLOW_GATES_H

#include "flow/audit.h"
#include "flow/plan.h"
#include "flow/settling.h"
#include "migrate/migrate.h"
#include "migrate/rcpt.h"

enum gate_verdict { GATE_OPEN, GATE_CLOSED, GATE_WAITING, GATE_CANNOT_TELL };
/* "open", "closed", "waiting", "cannot tell": as documents and people read it; static. */
const char *gate_verdict_name(enum gate_verdict v);

struct gate {
	const char *id;
	const char *what; /* what it asks, one line */
	enum gate_verdict verdict;
	int64_t until_ms;     /* for GATE_WAITING */
	int64_t at_ms;        /* when the evidence was observed */
	const char *evidence; /* what was observed */
	const char *remedy;   /* what to do; "" when open */
	enum gate_policy policy;
	/* What exactly an acceptance would be for (the verdict, the mailboxes named …), without
	 * times and counts that change by themselves. */
	const char *matter;
	const char *accepted; /* the reason a person gave for this very matter; NULL */
	int64_t accepted_ms;
};

struct gate_mailbox {
	const char *address;
	size_t row;
	/* Of one that a person stopped or removed, `state` says so, in the report only. */
	struct migrate_status status;
	const char *held; /* the person's reason, for the report; NULL: not held; "" none given */
	/* For the report, too: what the last comparison found, in which folders, and what to do;
	 * NULL: it was never compared, or is verified. */
	const char *doubt, *doubt_remedy;
};

struct gate_dropped { /* copied before, and not in the users CSV any more */
	size_t n;
	const char *const *addresses;
};

struct gate_host {                  /* one planned MX host, probed at one of its addresses */
	const char *name, *address; /* address NULL: it has none */
	bool probed;
	struct rcpt_report report;
	struct err err; /* why it could not be probed */
};

struct gate_acceptance {
	const char *gate, *matter, *reason;
	int64_t at_ms;
};

/* Everything that the gates look at; absent parts are NULL / 0 and close their gates. */
struct gate_evidence {
	const struct project *project;
	int64_t now_ms;
	const struct audit *audit; /* fresh, phase ready */
	struct history history;
	const struct plan *plan;
	bool staged; /* the staging and the policy set are in force by the journal */
	bool switched;
	const struct change_set *begun;    /* what of the switch was made, or perhaps was; NULL */
	const struct change_set *in_force; /* what the journal has, the latest of each RRset */
	struct settling sts, tlsa;         /* since a policy has changed */
	const char *users_error;           /* why the users CSV could not be read; NULL */
	size_t mailbox_n;
	const struct gate_mailbox *mailboxes; /* without those that a person removed */
	const char *removed;                  /* these, with their reasons; NULL: none */
	struct gate_dropped dropped;
	size_t host_n;
	const struct gate_host *hosts;
	size_t probe_n;
	const struct rcpt_probe *probes; /* one an address, at the preferred host */
	size_t accepted_n;
	const struct gate_acceptance *accepted;
};

/* All gates in the order of their table, in the arena; their number. Pure: the same evidence
 * gives the same verdicts. */
size_t gates_decide(struct arena *a, const struct gate_evidence *ev, const struct gate **gates_r);
/* Open, accepted, or not required by policy. */
bool gate_lets_pass(const struct gate *g);
/* Of all gates: open when all let pass; waiting when only waiting ones do not, until the
 * last of them; else closed. */
enum gate_verdict gates_verdict(const struct gate *gates, size_t n, int64_t *until_ms_r);

/* The gates document, version 1 (docs/documents.md). */
struct js *gates_to_js(const struct gate *gates, size_t n, int64_t at_ms);
/* A kept document back as gates, texts in the arena; their number, 0 when it is none. What it
 * names unknown becomes `cannot tell` and `required`: the strict reading. */
size_t gates_from_js(struct arena *a, const struct js *v, const struct gate **gates_r);

/* The step: observes everything freshly, decides, keeps the verdicts. *gates_r and *n_r
 * are filled also when the outcome is STEP_STOP or STEP_WAIT. */
int flow_gate(struct flow *f, struct arena *a, const struct gate **gates_r, size_t *n_r,
	      struct step_outcome *out, struct err *e);
/* ERR_USAGE for an unknown gate or an empty reason. Pure: before a store is made for it. */
int flow_accept_check(const char *gate, const char *reason, struct err *e);
/* Accepts by name what the gate said when it was last asked, after the same check; other
 * evidence, or a rollback, needs another acceptance. ERR_REFUSED when it was never asked. */
int flow_accept(struct flow *f, const char *gate, const char *reason, struct err *e);
/* Every acceptance of the journal since the last rollback, oldest first, in the arena. */
int flow_acceptances(struct flow *f, struct arena *a, const struct gate_acceptance **list_r,
		     size_t *n_r, struct err *e);

#endif
