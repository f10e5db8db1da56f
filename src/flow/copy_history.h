/*
 * copy_history.h - the passes that were made, and what they foretell: how long the final one
 * will take.
 */
#ifndef FLOW_COPY_HISTORY_H
#define FLOW_COPY_HISTORY_H

#include "flow/flow.h"

struct js;

struct copy_pass { /* one pass over the whole list, nothing left out */
	int64_t began_ms, took_ms;
	uint64_t mailboxes, messages, copied, copied_bytes; /* messages: at the source */
};

struct copy_forecast {
	size_t deltas; /* passes that it rests on; 0: nothing can be told */
	int64_t expected_ms, longest_ms;
	double messages_per_hour; /* that arrive at the source, between the passes */
};

/* Adds a pass to the store's history (the last hundred are kept). */
int copy_history_add(struct flow *f, const struct copy_pass *p, struct err *e);
/* From the store. */
int copy_history_forecast(struct flow *f, struct copy_forecast *fc_r, struct err *e);

/* The two as functions of the document ({ "version": 1, "passes": [ … ] }, oldest first; NULL:
 * none yet). */
struct js *copy_history_with(const struct js *doc, const struct copy_pass *p);
/* A delta is a pass that copied less than a tenth of what is there: the median of the last five
 * is what the next one, and so the final one, is expected to take. */
struct copy_forecast copy_forecast_of(const struct js *doc);

#endif
