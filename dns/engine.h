/*
 * engine.h - asks DNS servers, many questions at once, on one thread.
 *
 * One question goes to one address and gets one outcome. An address has a socket of its own
 * and at most a hundred questions in flight, the others in a queue. UDP with EDNS first; beside
 * the third try also without it, at once when the server answers FORMERR; TCP by our own
 * decision after truncation. An answer with the wrong ID, question or source is counted and
 * never used; the right one is waited for.
 *
 * A server that never answered anything in a whole window of (2^tries - 1) timeouts is
 * dead: all that is asked of it ends then, and for eight windows more at once.
 */
#ifndef DNS_ENGINE_H
#define DNS_ENGINE_H

#include "base/clock.h"
#include "base/digest.h"
#include "zone/wire.h"

struct dns_engine;

struct dns_engine_opts {
	const struct clock *clock; /* borrowed */
	const struct rng *rng;     /* borrowed */
	uint16_t port;             /* 53 */
	int timeout_ms;            /* first try; each later one waits twice as long; 0: 500 */
	int tries;                 /* datagrams with EDNS, >= 3 before "silent" is said; 0: 3 */
	int wake_fd;               /* readable = stop asking (cancel); -1 for none */
	unsigned qps;              /* questions a second over all; 0: as fast as it goes */
	unsigned qps_per_server;   /* the same for each address */
};
/* Copies the options; clock and rng must outlive the engine. NULL with ERR_BUG when c-ares
 * cannot start. One thread at a time. */
struct dns_engine *dns_engine_new(const struct dns_engine_opts *opts, struct err *e);
/* Takes NULL. Closes the sockets that were kept between calls. */
void dns_engine_free(struct dns_engine *en);

enum dns_outcome {
	DNS_ANSWERED,  /* `answer` is there; look at rcode and aa */
	DNS_SILENT,    /* no answer within all tries, with and without EDNS */
	DNS_REFUSED,   /* the port answered with an ICMP error or TCP reset */
	DNS_TRUNCATED, /* TC on UDP and no TCP: unreadable, not missing */
	DNS_GARBAGE,   /* only bytes that are no answer to this question */
	DNS_CANCELLED, /* the user's wish, another of its group was answered, or its allowance is
			* spent */
	DNS_NO_ROUTE,  /* this machine has no way to that address (no IPv6, no such network) */
	DNS_NO_SOCKET, /* this machine had no free descriptor; it says nothing about the server */
};

/* How a server takes the OPT record (RFC 6891). */
enum dns_edns {
	DNS_EDNS_UNKNOWN, /* nothing was answered */
	DNS_EDNS_OK,
	DNS_EDNS_DROPPED, /* silent with it, answers without it */
	DNS_EDNS_REFUSED, /* FORMERR or NOTIMP with it, answers without it */
	DNS_EDNS_IGNORED, /* answers, but with no OPT of its own */
};

struct dns_reply {
	enum dns_outcome outcome;
	const struct dns_answer *answer; /* NULL unless DNS_ANSWERED; arena of the ask */
	int64_t at_ms;                   /* wall clock, when it came or was given up */
	int rtt_ms; /* from the packet that was answered; else from the first until given up */
	bool over_tcp, without_edns;
	enum dns_edns edns;    /* what is known of this server by now */
	bool case_changed;     /* the question came back with its letters' case changed */
	unsigned ignored;      /* datagrams with a wrong ID or question; never used */
	unsigned wrong_source; /* datagrams from another address or port; never used */
};

/* How much may be read for one purpose, by all its questions together: a time limit bounds the
 * waiting, not the work that hostile servers can make. */
struct dns_allowance {
	size_t octets, records; /* of messages; what is left */
	bool spent;             /* nothing more is read: such questions end as DNS_CANCELLED */
};

/* One question to one address ("192.0.2.1" or "2001:db8::1", "ADDR#PORT" allowed). */
struct dns_ask {
	const char *address;
	struct dns_question question;
	bool rd;       /* recursion desired: for resolvers, not for authoritative servers */
	bool dnssec;   /* DO: signatures and proofs too (RFC 4035 §3.2.1) */
	bool tcp_only; /* no datagram at all: to see whether TCP works */
	/* Asks of one group (> 0) are alternatives: when one got NOERROR or NXDOMAIN, the
	 * others are given up. 0: every answer is wanted. */
	unsigned group;
	struct dns_allowance *allowance; /* borrowed until it is done; NULL: no limit */
	struct dns_reply reply;          /* filled when it is done */
	/* For dns_submit: called once, from dns_engine_turn, never from dns_submit itself; may
	 * submit and abandon others. */
	void (*done)(void *ctx, struct dns_ask *ask);
	void *ctx;
	void *under_way; /* the engine's own; NULL when it is not under way */
};

/* Begins to ask; `ask` must stay where it is until it is done or abandoned. The answer will
 * live in the arena. Groups are not looked at. */
void dns_submit(struct dns_engine *en, struct arena *a, struct dns_ask *ask);
/* Gives up one that is under way, without a call of `done`; its reply says DNS_CANCELLED. */
void dns_abandon(struct dns_engine *en, struct dns_ask *ask);
/* How many are under way. */
size_t dns_engine_open(const struct dns_engine *en);
/* How many of them were not sent yet, for the pace or a full server holds them back: who asks
 * for many domains begins no further one while there are. */
size_t dns_engine_waiting(const struct dns_engine *en);
/* Sends, waits at most max_ms for something to happen, reads, and calls `done` for what is
 * done. 0, or -1 when cancelled (then everything under way was called with DNS_CANCELLED). */
int dns_engine_turn(struct dns_engine *en, int max_ms);
/* For a loop that waits for other things too: readable when a turn has something to do
 * (level-triggered, an epoll descriptor); and how long it may sleep at most. */
int dns_engine_fd(const struct dns_engine *en);
/* Milliseconds until a turn is due even when nothing comes, at most max_ms. */
int dns_engine_wait_ms(const struct dns_engine *en, int max_ms);

/* Asks all and returns when each has its outcome; takes `done` and `ctx` of each for itself.
 * Answers live in the arena. Silence costs (2^tries - 1) * timeout_ms, with TCP after
 * truncation at most one timeout_ms more. What was submitted before goes on meanwhile. */
void dns_ask_all(struct dns_engine *en, struct arena *a, struct dns_ask *asks, size_t n);
/* True once wake_fd was seen readable. */
bool dns_engine_cancelled(const struct dns_engine *en);
/* The wall clock of the engine: for stamps only, it may be set while something waits. */
int64_t dns_engine_now_ms(const struct dns_engine *en);
/* Its monotonic clock, of no known origin: for budgets and moments to wait for. */
int64_t dns_engine_mono_ms(const struct dns_engine *en);
/* "no answer", "connection refused" …: the outcome in a person's words; static. */
const char *dns_outcome_text(enum dns_outcome outcome);

#endif
