/*
 * lane_priv.h - what the lane's files share: lane_plan.c takes messages from the ledger,
 * lane_record.c writes their outcomes back, lane_src.c reads FETCH, lane_append.c writes
 * APPEND, lane_dst.c reads what became of it, lane_doubt.c asks where that says too little,
 * lane.c turns the crank.
 */
#ifndef MIGRATE_LANE_PRIV_H
#define MIGRATE_LANE_PRIV_H

#include "base/buf.h"
#include "base/digest.h"
#include "migrate/altered.h"
#include "migrate/imap/uidset.h"
#include "migrate/lane.h"
#include "migrate/lineends.h"

enum {
	BATCH_MESSAGES = 100,
	BATCH_BYTES = 8 * 1024 * 1024,     /* one bigger message makes a batch of its own */
	BATCHES_MAX = 24,                  /* not yet recorded */
	UNRECORDED_MAX = 64 * 1024 * 1024, /* bytes of these: to be looked for after a cut */
	FETCHES_MAX = 8,                   /* unanswered: a long way is filled */
	/* No more are asked for while so many are unanswered: so several are planned together, and
	 * their intents share one transaction, whose fsync is what it costs. */
	FETCHES_LOW = 4,
	BUFFER_MAX = 256 * 1024,       /* between source and target */
	TRIES_MAX = 4,                 /* connections lost in the middle of one message */
	GROUP_MESSAGES = 100,          /* one APPEND (RFC 3502) */
	GROUP_BYTES = 4 * 1024 * 1024, /* one bigger message makes a group of its own */
	GROUP_SHRINK = 8,              /* a refused group is tried again as so many */
	GROUPS_GROW_AFTER = 2500,      /* messages: more than are ever in flight */
	KEYWORDLESS_MAX = 100,         /* messages that go again without keywords, at once */
	GROUP_IDLE_MS = 1000,          /* an APPEND does not stay open longer for a silent source */
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
	size_t place;             /* in that APPEND, from 0 */
	uint64_t size, told;      /* of the body once it comes; as the scan had it */
	const char *date, *flags; /* the batch's arena */
	const char *reason;       /* refusal, or loss; the batch's arena; NULL */
	const char *carried;      /* its flags without the keywords that are held back; NULL: all */
	bool without_keywords;
	bool alone;  /* by an APPEND of its own: it was refused before, or a connection was lost */
	bool blamed; /* AGAIN, and alone then */
	bool doubtful; /* AGAIN, and may be at the target: a part of its group was stored */
	bool listed;   /* the source says that it has it */
	bool older;    /* the target's answer names a message that was there before */
	unsigned did;  /* to the copy on its way (enum repair_kind) */
	unsigned char sha[SHA256_LEN], copy_sha[SHA256_LEN];
};

struct batch {
	uint32_t fetch_tag;
	bool fetched; /* its FETCH is answered */
	bool undated; /* a date of it is not known from the scan */
	bool asks;    /* the FETCH only asks whether its one message is there */
	bool refused; /* with NO or BAD */
	char refusal[256];
	struct item items[BATCH_MESSAGES]; /* rising UIDs */
	struct ledger_intent intent;
	size_t n, open;      /* open: without an outcome */
	uint64_t bytes;      /* as far as the ledger knows */
	struct arena *arena; /* owned */
};

/* An APPEND: of one message, or of many that are stored all or none (RFC 3502). */
struct group {
	uint32_t tag; /* 0: none was begun */
	size_t n;
	uint64_t bytes;
	bool open;     /* its line is not ended yet */
	bool answered; /* before it was ended */
};

/* A line in the direction of the mail, since the last sample. */
struct lane_line {
	int64_t waited_ms;
	uint64_t bytes, wire;
};
struct lane_meter {                /* lane_compress.c; zero when nothing is ever compressed */
	int64_t began_ms, from_ms; /* monotonic: the folder, the sample */
	uint64_t began_at;         /* bytes of the source by then */
	struct lane_line src, dst;
	bool switching; /* plans nothing until it is compressed, or plain again */
	bool bounded;   /* keeps little on its way */
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
	struct group group;          /* the APPEND that was begun last */
	size_t group_max;            /* messages in one */
	unsigned refused_in_a_row;   /* groups of several messages */
	/* Refused with keywords, these go once more without: */
	uint32_t keywordless[KEYWORDLESS_MAX];
	size_t n_keywordless;
	bool unplaced;       /* of a copy nobody told where it is: it is looked for in the end */
	bool shrink;         /* what goes again goes in smaller groups */
	bool doubtful;       /* some of it is in flight (lane_doubt.c) */
	bool refused_group;  /* behind it, UIDs that nobody explains may be its messages' */
	bool unexplained;    /* there were such */
	struct buf text;     /* for a moment */
	struct sha256 *hash; /* of the current body with even line ends: so it is found again */
	struct lineends ends;
	struct altered *disarm;     /* owned: requests for a receipt are renamed; NULL: they stay */
	uint64_t left;              /* bytes of the body still to come */
	bool awaited;               /* somebody asked for that body */
	int64_t dst_uidnext;        /* no APPEND that is not recorded lies below */
	struct item *last_appended; /* for blame */
	/* Monotonic: since when a side is silent that has to speak, or to take what we say. */
	int64_t src_ms, dst_ms;
	struct lane_meter meter;
};

/* Sends the FETCH of more messages while there is room; each batch is an intent in the ledger,
 * durably, before any of it can be appended. */
int lane_plan(struct lane *l, struct err *e);
/* From now on fewer messages in one APPEND, in the folders that follow too. */
void lane_groups_distrust(struct lane *l);
/* Before what was refused in a group is said again: it is NEW now, or it is looked for (ERR_RETRY).
 * Nothing may be on its way. */
int lane_doubt_end(struct lane *l, struct err *e);
/* This message goes without keywords: it was refused with them, or its mailbox's all are. */
bool lane_is_keywordless(const struct lane *l, uint32_t uid);
/* How many messages of the APPEND with this tag wait for its answer. */
size_t lane_said_together(const struct lane *l, uint32_t tag);
/* lane_full.c: false when the target was seen to have no room for a message of this size. */
bool lane_fits(const struct lane *l, uint64_t size);
/* Bytes in one group at most. */
uint64_t lane_group_bytes(const struct lane *l);
/* An APPEND of so many bytes was refused for want of room. True: it is enough of it, the mailbox is
 * given up. */
bool lane_is_full(struct lane *l, uint64_t bytes, const struct err *why);
/* Takes its arena with it. */
void lane_batch_free(struct batch *batch);
/* Writes the outcomes of batches that are through. */
int lane_record(struct lane *l, struct err *e);
/* The connection is lost: writes what is known, and who was in the middle. */
void lane_abandon(struct lane *l, bool is_blamed);
/* One event of the source: a body passes to the target, a FETCH ends. 1: took one, 0: needs
 * input, -1. */
int lane_src_event(struct lane *l, struct err *e);
/* One event of the target: what became of an APPEND. 1: took one, 0: needs input, -1: a
 * refusal that is not about this one message (ERR_RETRY, ERR_WAIT, ERR_MAILBOX …). */
int lane_dst_event(struct lane *l, struct err *e);
/* Begins the APPEND of the current message, in the open group or a new one; `len` is its
 * literal's, whose bytes are added to conn_out(dst) then. */
void lane_append_begin(struct lane *l, uint64_t len);
/* All of the current message's bytes were added; ends its group when nothing more belongs to
 * it. */
void lane_append_end(struct lane *l);
/* Ends the open group, if any: the target stores it now. Not while a body is passing. */
void lane_group_end(struct lane *l);
/* This message will not be copied in this pass; `reason` is copied, logged and kept for the
 * report. */
void lane_item_refused(struct lane *l, struct batch *batch, struct item *item, const char *reason);
/* lane_compress.c: around a folder's copies. */
void lane_meter_begin(struct lane *l);
void lane_meter_end(struct lane *l);
/* After each turn; tells now and then what the lines carried. */
void lane_meter_turn(struct lane *l, int64_t now_ms);
/* From then until now there was nothing to do but to wait: for the target to take what is held or
 * to answer what it has, or for the source. */
void lane_meter_waited(struct lane *l, int64_t from_ms, bool for_dst);
/* Bytes that may be on their way, not recorded. */
uint64_t lane_window(const struct lane *l);
/* True while nothing more may be planned. */
bool lane_is_switching(const struct lane *l);
/* Begins to compress where that is wanted, or ends it by another connection (l->src, l->dst), once
 * nothing is on its way. */
int lane_compress(struct lane *l, struct err *e);
/* True while the source owes an answer. */
bool lane_is_fetching(const struct lane *l);
/* True when no batch is on its way: all outcomes are in the ledger. */
bool lane_is_idle(const struct lane *l);

#endif
