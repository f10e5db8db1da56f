/*
 * report.h - the story of a cutover: a view of the store, without asking anybody.
 */
#ifndef FLOW_REPORT_H
#define FLOW_REPORT_H

#include "flow/apply.h"
#include "flow/gates.h"
#include "flow/plan.h"
#include "flow/verify.h"

struct report_step {
	const char *name, *what;
	const char *state; /* "done", "open", "running", "waiting", "stopped" */
	int64_t at_ms;     /* when it came to that; 0: never ran */
	const char *note;
};

/* A line of the journal in a person's words. */
struct report_event {
	int64_t seq, at_ms;
	const char *step, *kind, *subject, *detail; /* detail: a reason; "" for none */
};

struct report {
	const char *domain; /* without the final dot */
	const char *project_path;
	int64_t made_ms;
	bool journal_intact;
	const char *journal_note; /* which row breaks the chain; NULL */
	size_t step_n;
	const struct report_step *steps;
	struct js *audit;        /* the audit document; NULL; owned by the report */
	struct js *progress;     /* the progress document; NULL; owned by the report */
	const struct plan *plan; /* NULL */
	bool staged, switched, cleaned_up;
	struct watch watch;
	size_t gate_n;
	const struct gate *gates;
	int64_t gates_ms;
	size_t mailbox_n;
	const struct gate_mailbox *mailboxes;
	const char *users_error;
	size_t refusal_n;
	const struct migrate_refusal *refusals;
	size_t remark_n;
	const struct migrate_remark *remarks; /* of messages that did get there */
	size_t event_n;
	const struct report_event *events;
	size_t plaintext_n; /* hosts for which the project switches TLS off */
	const char *const *plaintext_hosts;
};

/* Reads the store and the users CSV. Everything is the arena's, but for the documents:
 * report_release. A CSV that cannot be read and a journal whose chain is broken are told in
 * the report; they are no errors. */
int flow_report(struct flow *f, struct arena *a, struct report *report_r, struct err *e);
/* Frees the two documents; the rest goes with the arena. */
void report_release(struct report *r);

/* The report document, version 1 (docs/documents.md). */
struct js *report_to_js(struct arena *a, const struct report *r);

#endif
