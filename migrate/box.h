/*
 * box.h - one mailbox on its way: what the files of the mover share. While folders are
 * copied by several lanes (attempt.c), each has a box of its own, whose figures are added
 * to the mailbox's; a box belongs to one thread.
 */
#ifndef MIGRATE_BOX_H
#define MIGRATE_BOX_H

#include "base/vec.h"
#include "migrate/listing.h"
#include "migrate/migrate.h"
#include "migrate/reach.h"
#include "migrate/session.h"
#include "store/ledger.h"

struct reporter;
struct throttle;
struct workers;

/* A pair of folders in this attempt. */
struct box_folder {
	struct ledger_folder row;
	const struct listed *src; /* figures as listed; borrowed from the attempt */
	bool exists_at_dst;
	bool filled;             /* there was something to copy into it in this attempt */
	bool unnameable;         /* the target takes it by no name */
	unsigned names_tried;    /* other names, after refusals */
	const char *own_name;    /* at the target, before these; NULL: none was tried */
	int64_t dst_uidvalidity; /* as listed; -1 */
	int64_t dst_uidnext;     /* the same */
	struct session_folder src_open, dst_open; /* as opened */
	bool dst_left;                            /* the target's folder is not selected any more */
	bool looks_ahead; /* nothing is known that must be done behind the copies */
	bool counted;     /* read in this attempt: the row's counts are of it */
};

/* What was asked of a folder that is read (scan.h). */
struct scan {
	uint32_t fetch_tag, search_tag; /* 0: it is read in windows (window.h) */
	bool changes_only;              /* CHANGEDSINCE (RFC 7162) */
};

/* What a target that is full was seen to have no room for (lane_full.c). */
struct room {
	uint64_t below;    /* bytes: only what is smaller may fit; 0: it is not full */
	unsigned refusals; /* that told something new */
	bool left;         /* messages stayed behind for it */
	struct err why;
};

/* The newest of our messages in a target's folder, as it is asked for (place.h). */
struct place {
	uint32_t tag; /* 0: there is none */
	struct ledger_last_place last;
	bool there, other;
};

/* A folder that is being opened on both sides (ahead.h). */
struct ahead {
	struct box_folder *folder; /* the lane's next one; NULL: none was taken yet */
	bool begun;                /* its commands are out: */
	uint32_t src_tag, dst_tag;
	struct scan scan;
	struct place place;
};

struct box {
	const struct migrate_opts *opts;
	const struct migrate_mailbox *mailbox;
	struct reporter *reporter;
	struct throttle *throttle; /* of the whole copy; NULL: none (tests) */
	struct reach *reach;       /* the same; NULL: none, and in lanes */
	struct workers *workers;   /* whose place this box holds; NULL */
	struct box *whole;         /* the mailbox, when this is one of its lanes; else NULL */
	struct ledger_mailbox row;
	struct migrate_counts counts;
	struct err trouble;       /* the first thing that kept a message or folder back */
	VEC(int64_t) finished;    /* ids of folders that this pass is through with */
	struct arena *pass_arena; /* owned; of `finished` */

	/* Of one attempt, gone when a connection is lost: */
	struct session *src, *dst; /* owned */
	struct arena *arena;       /* owned */
	struct box_folder *folders;
	size_t n_folders;
	const char *folder; /* being copied, for progress */
	/* A lane's: takes the next folder for it, NULL when none is left; and that one. */
	struct box_folder *(*take)(void *ctx);
	void *take_ctx;
	struct ahead ahead;

	uint64_t progress; /* rises with everything that got done: bounds the retries */
	/* Messages in one APPEND (RFC 3502), when refusals or cuts made it fewer, until so many
	 * were copied; 0: as many as the lane likes. */
	size_t group_max, group_left;
	/* Lanes at once at most, when a server took no more connections; 0: as many as wanted. */
	size_t lanes_max;
	bool fetch_single;   /* the source tells the UID behind the body: one at a time */
	int64_t reported_ms; /* monotonic */
	int64_t asked_ms;    /* when opts->may was last asked; monotonic */
	bool reads_only;     /* the target, too: it is compared */
	bool stopped;        /* a person stopped it */
	bool store_failed;   /* the ledger could not be written */
	bool quiet;          /* nobody else fills the target, as far as can be seen */
	bool entered;        /* it holds a place at both hosts */
	struct reach_ticket src_ticket, dst_ticket; /* to connect */
	bool src_there, dst_there;                  /* counted as live at both hosts */
	struct reach_word word;            /* of the last attempt, when a host did not answer */
	bool src_throttled, dst_throttled; /* at login: there is no connection to ask */
	bool no_groups; /* what the target refuses in a group it may store in part: one by one */
	bool keywords_doubted;     /* a message that has some was refused */
	bool no_keywords;          /* the target refuses keywords that it said it takes */
	unsigned keyword_refusals; /* messages in a row that seem to be refused for them */
	bool stays_compressed;     /* no other connection was given in place of it */
	struct room room;          /* of this pass */
};

/* Remembers the first trouble; the mailbox ends "Synced with errors". */
void box_trouble(struct box *b, const struct err *why);
/* Tells the progress callback, a few times a second at most unless `now`. */
void box_report(struct box *b, enum mailbox_state state, bool now);

/* hold.c: 0 go on; -1 cancelled, paused (ERR_WAIT) or stopped by a person (b->stopped). Cheap:
 * it may be called for every event. */
int box_check(struct box *b, struct err *e);
/* True while opts->may holds the mailbox. */
bool box_is_held(struct box *b);
/* Sleeps until why->until_ms and tells the progress so; ends early, with -1, when cancelled or
 * stopped. */
int box_wait(struct box *b, const struct err *why, struct err *e);
/* turn.c: both hosts let this mailbox work; waits, aside, until they do. -1 cancelled, or a host
 * was given up (b->word). */
int box_enter(struct box *b, struct err *e);
/* Gives both places back; `well`: the mailbox is through. */
void box_leave(struct box *b, bool well);
/* How connecting ended, the side whose error is told last: what the host's other mailboxes learn
 * of it, and b->word. e: the failure; NULL for none. */
void box_reached(struct box *b, bool at_src, enum login_host host, const struct err *e);
/* An attempt ended with ERR_WAIT: its server's account is left alone until the moment that is
 * returned (wall clock). */
int64_t box_throttled(struct box *b, const struct err *why);
/* A connection of this lane was asked to wait: its mailbox remembers which side it was. */
void box_note_throttled(struct box *b);
/* How many of `wanted` connections both accounts bear now; at least one. */
size_t box_lanes_allowed(struct box *b, size_t wanted);
/* box_wait, aside: another mailbox may work meanwhile. */
int box_sleep(struct box *b, const struct err *why, struct err *e);

/* report.c: adds what a lane's box counted since the last time to its mailbox's. */
void box_merge(struct box *b);

/* attempt.c: connects, plans, runs all folders that this pass is not through with, on a few
 * lanes. *seen_r: both servers were reached. The connections stay for box_disconnect. */
int box_attempt(struct box *b, bool *seen_r, struct err *e);
/* attempt.c: logs in at both sides at once; src and dst are freed by box_disconnect also when
 * it fails. */
int box_connect(struct box *b, struct err *e);
/* attempt.c: says LOGOUT where nothing is under way, waits for no answer, closes. Takes what is
 * closed. */
void box_disconnect(struct box *b);
/* attempt.c: a new connection, on which no folder is open, in place of one that is idle. -1: it was
 * not given, and the old one is as it was. */
int box_renew(struct box *b, bool at_src, struct err *e);
/* lanes.c: runs these folders, largest first when there are several lanes. */
int box_lanes(struct box *b, struct box_folder **todo, size_t n, struct err *e);

/* plan.c: pairs the folders, makes the missing ones, subscribes. */
int box_plan(struct box *b, struct err *e);
/* folder.c: all of one pair: open, scan, match, copy, flags. */
int box_folder_run(struct box *b, struct box_folder *f, struct err *e);
/* folder.c: this pass did not get into the folder. The counts of an earlier one say nothing of it
 * any more: they are told as unknown until it is read again. */
int box_folder_unread(struct box *b, struct box_folder *f, struct err *e);
/* look.c: what is in one folder of the source, read into the ledger for a dry run. */
int box_folder_look(struct box *b, struct box_folder *f, struct err *e);
/* totals.c: what stayed behind for want of room is an error of the mailbox, and each message is
 * told by name. `rc` and *e: how the attempt ended; what is handed back: how it ends. */
int box_told_full(struct box *b, int rc, struct err *e);
/* totals.c: row and counts from the ledger, at the end. */
int box_totals(struct box *b, struct err *e);
/* verify.c: reads one pair of folders into the comparison (ledger_compare_begin before). What
 * could not be read is trouble. */
int box_compare(struct box *b, const struct ledger_folder *f, struct err *e);
/* pass.c: a whole pass with its retries. The result is in row, counts and *why_r. */
int box_pass(struct box *b, struct err *why_r);

#endif
