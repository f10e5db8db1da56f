/*
 * lane_priv.h - what the lane's files share: lane_plan.c takes messages from the ledger
 * and writes their outcomes back, lane_src.c reads FETCH, lane_dst.c reads what became
 * of the APPENDs, lane.c turns the crank.
 */
#ifndef MIGRATE_LANE_PRIV_H
#define MIGRATE_LANE_PRIV_H

#include "base/digest.h"
#include "migrate/imap/uidset.h"
#include "migrate/lane.h"
#include "migrate/lineends.h"

enum {
	BATCH_MESSAGES = 100,
	BATCH_BYTES = 8 * 1024 * 1024, /* one bigger message makes a batch of its own */
	BATCHES_MAX = 8,               /* not yet recorded */
	FETCHES_MAX = 2,               /* unanswered: the next is asked for before one ends */
	BUFFER_MAX = 256 * 1024,       /* between source and target */
	TRIES_MAX = 4,                 /* connections lost in the middle of one message */
};

enum item_state {
	ITEM_WAITING,   /* for its body */
	ITEM_STREAMING, /* its body is passing */
	ITEM_APPENDED,  /* wholly said to the target, not answered */
	ITEM_DONE,
	ITEM_REFUSED,
	ITEM_AGAIN, /* to be NEW again: alone, or without keywords */
	ITEM_GONE,  /* removed at the source meanwhile */
};

struct item {
	uint32_t uid, dst_uid;
	enum item_state state;
	uint32_t append_tag;
	uint64_t size;
	const char *date, *flags; /* the batch's arena */
	const char *reason;       /* refusal, or loss; the batch's arena; NULL */
	bool without_keywords;
	bool listed; /* the source says that it has it */
	unsigned char sha[SHA256_LEN];
};

struct batch {
	uint32_t fetch_tag;
	bool fetched; /* its FETCH is answered */
	bool asks;    /* the FETCH only asks whether its one message is there */
	bool refused; /* with NO or BAD */
	char refusal[256];
	struct item items[BATCH_MESSAGES];
	size_t n, open;      /* open: without an outcome */
	struct arena *arena; /* owned */
};

struct lane {
	struct box *box;
	struct box_folder *folder;
	struct conn *src, *dst;
	struct slice permanent; /* PERMANENTFLAGS; ptr NULL: not told */
	struct ledger_cursor *cursor;
	const struct ledger_message *next;  /* read and not yet planned; NULL */
	bool todo_end;                      /* the cursor is through */
	bool again;                         /* rows went back to NEW behind the cursor */
	struct batch *batches[BATCHES_MAX]; /* oldest first; owned */
	size_t n_batches;
	struct item *current;        /* whose body is passing; NULL */
	struct batch *current_batch; /* its batch */
	uint32_t current_tag;        /* of its APPEND; 0: the body is thrown away */
	struct sha256 *hash; /* of the current body with even line ends: so it is found again */
	struct lineends ends;
	uint64_t left;              /* bytes of the body still to come */
	int64_t dst_uidnext;        /* no APPEND that is not recorded lies below */
	struct item *last_appended; /* for blame */
	int64_t moved_ms;           /* monotonic: when a byte last came or went */
};

/* Sends the FETCH of more messages while there is room; each batch is in the ledger as
 * IN_FLIGHT, durably, before any of it can be appended. */
int lane_plan(struct lane *l, struct err *e);
/* Writes the outcomes of batches that are through. */
int lane_record(struct lane *l, struct err *e);
/* The connection is lost: writes what is known, and who was in the middle. */
void lane_abandon(struct lane *l, bool blame);
/* One event of the source: a body passes to the target, a FETCH ends. 1: took one, 0: needs
 * input, -1. */
int lane_src_event(struct lane *l, struct err *e);
/* One event of the target: what became of an APPEND. 1: took one, 0: needs input, -1: a
 * refusal that is not about this one message (ERR_RETRY, ERR_WAIT, ERR_MAILBOX …). */
int lane_dst_event(struct lane *l, struct err *e);
/* This message will not be copied in this pass; `reason` is copied, logged and kept for the
 * report. */
void lane_item_refused(struct lane *l, struct batch *batch, struct item *item, const char *reason);
/* True when no batch is on its way: all outcomes are in the ledger. */
bool lane_is_idle(const struct lane *l);

#endif
