/*
 * rows.h - the table's rows and what their functions work with; only for dns/check.
 *
 * A row's function looks at the input, collects evidence with check_saw_*() and ends a finding
 * with check_report(). It may report several times. Words for people come from phrase helpers
 * in report.c, so that the same thing is always said the same way.
 */
#ifndef DNS_CHECK_ROWS_H
#define DNS_CHECK_ROWS_H

#include "dns/check/check.h"

/* One run of one row. */
struct checking {
	struct arena *a;
	const struct check_input *in;
	const struct snapshot *s;   /* in->snap */
	const struct spf_tree *spf; /* of the domain */
	const struct check *row;
	struct findings *out;
	VEC(struct evidence) saw; /* for the next check_report() */
};

struct check {
	struct check_info info;
	void (*run)(struct checking *c);
	bool says_alone; /* judges the delegation itself: runs when nothing else can be read */
};

/* The families; each in its own file, rows ended by a NULL id. */
extern const struct check delegation_checks[];
extern const struct check hosting_checks[];
extern const struct check name_server_checks[];
extern const struct check server_checks[];
extern const struct check habit_checks[];
extern const struct check agreement_checks[];
extern const struct check answer_checks[];
extern const struct check hidden_checks[];
extern const struct check wildcard_checks[];
extern const struct check horizon_checks[];
extern const struct check dnssec_checks[];
extern const struct check mx_checks[];
extern const struct check timing_checks[];
extern const struct check ownership_checks[];
extern const struct check resolver_checks[];
extern const struct check spf_checks[];
extern const struct check dkim_checks[];
extern const struct check dmarc_checks[];
extern const struct check sts_checks[];
extern const struct check dane_checks[];
extern const struct check client_checks[];
extern const struct check plan_checks[];

/* Collects what a server said to a question, or a line of one's own. */
void check_saw_seen(struct checking *c, const struct server_view *v, const struct seen *seen);
/* A line of one's own about a server, with the time of its first answer (the snapshot's end
 * when it was never asked). */
void check_saw_server(struct checking *c, const struct server_view *v, const char *what);

struct check_report {
	enum severity severity;
	const char *subject, *message, *remedy;
};
/* What the row's levels say for the phase of this run; a row that says nothing in a phase is
 * not run in it. */
enum severity check_level(const struct checking *c);
/* A lookup as evidence. */
void check_saw_lookup(struct checking *c, const struct lookup *l);
/* A finding of the present row with the evidence collected so far. Its texts become printable
 * lines: what they quote may hold anything. */
void check_report(struct checking *c, struct check_report r);

/* Names for people: without the final dot. */
const char *check_show(struct checking *c, const char *name);
/* "x.net MX" */
const char *check_subject(struct checking *c, const char *name, uint16_t type);
/* "10 a.x, 20 b.x"; of more than 64 " and 3 more" stands for the rest. */
const char *check_show_rdata(struct checking *c, const struct rrset *s);
/* "the only server", "all 2 servers", "1 of 2 servers" */
const char *check_show_share(struct checking *c, size_t n, size_t of);
/* A moment and how far away it is: "2026-11-27T18:00:00Z (in 2 h)". */
const char *check_show_moment(struct checking *c, int64_t at_ms);
/* "ns1.x.net 192.0.2.1": one address of one server. */
const char *check_show_server(struct checking *c, const struct server_view *v);
/* "a, b, c"; "" for none. */
const char *check_show_list(struct checking *c, size_t n, const char *const *items);
/* True for an answer that says something certain (data, no data, no name). */
bool check_is_readable(const struct seen *seen);
/* True when this machine ran out of descriptors before it could ask: nothing is known of it. */
bool check_lacked_socket(const struct server_view *v);
/* The first readable authoritative answer; NULL when there is none. */
const struct seen *check_first_readable(const struct checking *c, const char *name, uint16_t type);
/* The same for a mail policy's text: where the name is an alias, or delegated away, what senders
 * and receivers find when they follow. NULL also when that could not be read. */
const struct seen *check_first_followed(const struct checking *c, const char *name, uint16_t type);
/* The lookup of (name, type) with who answered it; NULL when it was not made. */
const struct lookup *check_lookup(const struct checking *c, const char *name, uint16_t type);
/* A name below the audited domain ("_dmarc"); NULL when it would be too long. */
const char *check_below(struct checking *c, const char *label);

/* Servers that have something in common, for one finding about all of them. */
struct check_group {
	VEC(const struct server_view *) list;
};
/* What makes a server one of them, in words for the evidence; NULL: it is none. */
typedef const char *check_trait_fn(struct checking *c, const struct server_view *v);
/* The working servers of the zone with that trait, each with its evidence collected. */
struct check_group check_group_by(struct checking *c, check_trait_fn *trait);
/* Their names, each once: "ns1.x.net, ns2.x.net". */
const char *check_group_names(struct checking *c, const struct check_group *g);
/* The one server, or the zone's NS set when there are several: a finding's subject. */
const char *check_group_subject(struct checking *c, const struct check_group *g);

#endif
