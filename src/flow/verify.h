/*
 * verify.h - who serves what was staged: each authoritative server, each resolver.
 */
#ifndef FLOW_VERIFY_H
#define FLOW_VERIFY_H

#include "dns/snapshot.h"
#include "flow/flow.h"
#include "zone/change.h"

/* One line of the watch: one server or resolver and one record. */
struct watch_row {
	const char *who; /* name, or "resolver" */
	const char *address;
	const char *record; /* "treyresearch.com TXT" */
	bool as_wished;
	const char *saw;  /* what it shows instead; "" when as wished */
	int64_t until_ms; /* when its cached data runs out; 0: not known */
};

struct watch {
	int64_t at_ms;
	size_t n;
	const struct watch_row *rows;
	size_t open;     /* rows that are not as wished */
	int64_t next_ms; /* the next moment at which something can change */
};

struct watch_input {
	const struct snapshot *snap;
	const struct change_set *changes;
	uint32_t max_mx_ttl;
	unsigned tries; /* earlier looks: the time between two grows from 1 s to 30 s */
	int64_t now_ms;
};
/* Pure: the set's wishes against a snapshot. Resolvers that do not work are left out. */
struct watch watch_make(struct arena *a, const struct watch_input *in);

/* The watch document, version 1 (docs/documents.md); the caller's, js_free. */
struct js *watch_to_js(const struct watch *w);
/* A kept document back, its texts in the arena; the number of its rows, 0 when it is none. */
size_t watch_from_js(struct arena *a, const struct js *v, struct watch *watch_r);

/* What the changes in force should show, against a snapshot that is there already; nothing is
 * asked or kept. n == 0 when no change is in force. */
int flow_watch(struct flow *f, struct arena *a, const struct snapshot *snap, struct watch *watch_r,
	       struct err *e);
/* The kept watch of the last `verify`; n == 0 when there is none. */
int flow_watch_load(struct flow *f, struct arena *a, struct watch *watch_r, struct err *e);

/* Observes until every authoritative server shows the set, or the deadline (wall clock)
 * passes: ERR_WAITING then, naming the server that lags. */
int flow_await_served(struct flow *f, struct arena *a, const struct change_set *cs,
		      int64_t deadline_ms, struct err *e);

#endif
