/*
 * conn.h - one IMAP connection: a stream, the parser, the pipeline. Commands are written
 * with imap_begin … imap_end on conn_out(); results are waited for by tag, or events are
 * pulled one by one where two connections must be served at once (lane.c).
 *
 * A BYE, a cut or a broken protocol is an error here (ERR_RETRY, or ERR_WAIT when the
 * server named a time). One thread.
 */
#ifndef MIGRATE_CONN_H
#define MIGRATE_CONN_H

#include "io/wait.h"
#include "migrate/imap/pipeline.h"
#include "migrate/imap/response.h"

struct conn;

struct conn_env {
	const struct clock *clock;
	const struct cancel *cancel;
	int timeout_ms;    /* silence; talk that does not get on: headway.h */
	struct pace *pace; /* pays for what is received; NULL */
};

/* Takes over the stream. *env is copied; what it points at must outlive the connection. */
struct conn *conn_new(struct stream *stream, const struct conn_env *env);
/* Closes without a word; what was not sent is lost. Takes NULL. */
void conn_free(struct conn *c);
/* Where commands are written; the connection's, as long as it lives. */
struct imap_pipeline *conn_out(struct conn *c);
/* The server took ENABLE UTF8=ACCEPT: mailbox names travel as UTF-8 from now on, both ways. */
void conn_utf8(struct conn *c);
/* The server took COMPRESS DEFLATE (RFC 4978), and nothing is on its way: from now on both
 * directions are compressed, and what was received behind its OK is already. */
void conn_compress(struct conn *c);
/* What passed; borrowed, as long as the connection lives. */
const struct stream_traffic *conn_traffic(const struct conn *c);
/* Who is at the other end, for messages; the stream's, as long as it lives. */
const char *conn_name(const struct conn *c);
/* The clock of its environment; borrowed. */
const struct clock *conn_clock(const struct conn *c);

/* The result of one command; a value, texts cut to fit. */
struct conn_answer {
	enum imap_cond cond;
	enum imap_code code;
	uint64_t number[2];
	char text[256];
};

/* Events that come before the awaited result; may stop the wait by -1 with *e. The data among them
 * counts as awaited (headway.h); without a handler only the result does. */
typedef int conn_handler(void *ctx, const struct imap_event *ev, struct err *e);
struct conn_call {
	conn_handler *on_event; /* NULL: no data is asked for */
	void *ctx;
};
/* A handler for data that was asked for and that nobody cares for any more. */
int conn_ignore(void *ctx, const struct imap_event *ev, struct err *e);
/* Blocks until the command's result is there; NO and BAD are answers, not errors. A server that
 * is silent, or talks and does not get on, is ERR_RETRY. */
int conn_wait(struct conn *c, uint32_t tag, const struct conn_call *call,
	      struct conn_answer *answer_r, struct err *e);
/* Sends until at most `most` bytes are held; results that come meanwhile wait for conn_wait. For
 * who says more than memory should hold. */
int conn_drain(struct conn *c, size_t most, struct err *e);
/* Begins nothing new: sends what is pending and waits like conn_wait, but NO and BAD are
 * the error of conn_refusal. */
int conn_expect_ok(struct conn *c, uint32_t tag, const struct conn_call *call, struct err *e);
/* The kind of a refusal by its code and text (FACTS: throttling with a time, quota, limits
 * on connections, expired tokens); ERR_ITEM when it only says no to this command. */
int conn_refusal(struct conn *c, const struct conn_answer *answer, struct err *e);
/* True once a refusal or a BYE of this connection asked to wait (ERR_WAIT): so it is known which
 * side it was. */
bool conn_was_throttled(const struct conn *c);
/* A status event as a value that outlives the event: text made printable, cut to fit. */
void conn_answer_of(const struct imap_status *status, struct conn_answer *answer_r);

/* -- for whoever serves two connections -- */

/* 1: the next event of what was received; 0: receive more; -1. */
int conn_event(struct conn *c, struct imap_event *ev_r, struct err *e);
/* Sends what may be sent without blocking; 1 when something went, 0, -1. */
int conn_flush(struct conn *c, struct err *e);
/* Receives what is there without blocking; 1 when something came, 0, -1. */
int conn_fill(struct conn *c, struct err *e);
/* True while received bytes are not read as events yet. */
bool conn_has_input(const struct conn *c);
/* What this connection wants of the next wait. */
struct wait_item conn_wants(const struct conn *c, bool want_read);
/* "… said nothing for N s" (ERR_RETRY). */
int conn_silent(const struct conn *c, struct err *e);
/* So many octets came that were asked for: results and what is sent are counted already. */
void conn_got(struct conn *c, uint64_t octets);
/* 0, or "… talks, and brings nothing …" (ERR_RETRY) when it took no step for too long (headway.h).
 * `owes`: something is awaited of it; else the time begins anew. All that was received has to
 * be taken as events before. */
int conn_judge(struct conn *c, bool owes, struct err *e);

#endif
