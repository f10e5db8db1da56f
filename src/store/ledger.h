/*
 * ledger.h - what is known of every message: source identity, SHA-256, place at the
 * target. The evidence that nothing is lost, and the memory that nothing is doubled.
 *
 * A mailbox has passes and folders, a folder has messages by source UID. A message is
 * NEW (seen at the source), IN_FLIGHT (its APPEND may have happened), DONE (acknowledged)
 * or REFUSED (by the target, with its reason). Rows are never removed while their
 * folder's UIDVALIDITY stays; messages that vanish at the source are kept as absent.
 * Candidates are messages found at the target that no row knows yet (see match.h in
 * migrate). Any thread; several verbs in one transaction: ledger_begin … ledger_commit,
 * with no waiting for the network between.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "base/digest.h"
#include "store/store.h"

/* Several verbs as one: all or none of them is kept. From begin to the end of the transaction
 * other threads' verbs wait, so nothing slow may stand between. The commit survives the death of
 * the program; a power cut may take it back, up to the last durable one. That is enough for what is
 * only learned: the next pass learns it again. */
int ledger_begin(struct store *s, struct err *e);
/* The same, but the commit waits for the disk, and with it all that was committed before: for the
 * intent, which must outlive whatever comes, before the first APPEND of it is said. */
int ledger_begin_durable(struct store *s, struct err *e);
/* Keeps them, and ends the transaction also when it fails: nothing is kept then. */
int ledger_commit(struct store *s, struct err *e);
/* Drops them and ends the transaction; after a verb in it failed. */
void ledger_rollback(struct store *s);

/* -- mailboxes and passes -- */

struct ledger_mailbox {
	int64_t id;
	int64_t pass;                       /* number of the last begun */
	int64_t begun_ms;                   /* of the pass that runs or was cut */
	int64_t pass_start_ms, pass_end_ms; /* of the last complete pass; 0: none */
	int64_t last_new_ms;
	int state;                /* enum mailbox_state of migrate */
	uint64_t messages, bytes; /* at the source, as the last pass counted */
	struct err err;
	int64_t verified_ms;
	bool verified;
	uint64_t compared, missing, differing, doubled, altered, losses, repaired, merged;
	bool by_headers; /* compared so: see struct ledger_comparison */
	struct err verify_err;
	char first_altered[256];
	/* Of the last pass: what its filter left out, in words and figures; "" when nothing was. */
	char filter[256];
	uint64_t left_out, left_out_bytes;
	uint64_t append_limit; /* APPENDLIMIT of the target; 0 not told */
	/* Of the last dry run: the target's quota, -1 not told; and what was not copied yet. */
	int64_t quota_bytes_used, quota_bytes, quota_messages_used, quota_messages;
	uint64_t needed, needed_bytes;
};

/* Finds or makes the mailbox's row, begins a pass. What a killed pass was about to append is
 * IN_FLIGHT then (ledger_intents_resolve). */
int ledger_pass_begin(struct store *s, const char *address, int64_t at_ms,
		      struct ledger_mailbox *m_r, struct err *e);
/* Writes state, figures and err; a complete pass also sets pass_start_ms/pass_end_ms, and voids the
 * quota that a dry run was told: it is another one now. Not last_new_ms, which has its own verb. */
int ledger_pass_end(struct store *s, const struct ledger_mailbox *m, bool complete, struct err *e);
/* What a dry run learned: the target's append_limit and quota, and what is needed there. */
int ledger_limit_put(struct store *s, const struct ledger_mailbox *m, struct err *e);
/* State `from` becomes `to`; another one stays. */
int ledger_state_move(struct store *s, const char *address, int from, int to, struct err *e);
/* A new message was found: last_new_ms is this, unless it is later already. In the transaction
 * of ledger_add, so that a kill cannot leave the message without its time. */
int ledger_new_found(struct store *s, int64_t mailbox_id, int64_t at_ms, struct err *e);
/* Writes what a comparison found (verified_ms to first_altered); the pass's own figures stay. What
 * is done by now did not come since. */
int ledger_verdict_put(struct store *s, const struct ledger_mailbox *m, struct err *e);
/* 1 found, 0 unknown, -1 failed. */
int ledger_mailbox_get(struct store *s, const char *address, struct ledger_mailbox *m_r,
		       struct err *e);
/* Of every mailbox, by address: list (NULL-terminated) and texts are the arena's. */
int ledger_mailbox_addresses(struct store *s, struct arena *a, const char *const **list_r,
			     struct err *e);

/* -- folders -- */

struct ledger_folder {
	int64_t id;
	const char *src_name, *dst_name; /* wire names; borrowed from the caller's arena */
	const char *shown;               /* for people, UTF-8 with '/' */
	/* The source as it was when all of it was last carried; -1 not told. */
	int64_t src_uidvalidity, src_uidnext, src_modseq, src_messages;
	int64_t dst_uidvalidity, dst_uidnext; /* the target's, likewise */
	/* Candidates must be looked for from this target UID on before anything is
	 * appended; 0: not needed. */
	int64_t match_from;
	bool settled; /* all carried; with the same figures there is nothing to do */
	/* From this target UID on second copies may appear, since surplus_ms; 0: no doubt. */
	int64_t surplus_from, surplus_ms;
	bool subscribed; /* at the target, by us */
	bool present;    /* seen at the source by the last pass */
	bool left_out;   /* the last pass was asked not to read it */
	/* One number by four ways; -1 not told. */
	int64_t count_status, count_exists, count_search, count_fetch;
};

/* True when the folder was read and nothing that was told contradicts it. */
bool ledger_counts_agree(const struct ledger_folder *f);
/* All that were ever seen, the vanished too (`present`), in the order of their discovery. List
 * and texts are the arena's. */
int ledger_folders(struct store *s, struct arena *a, int64_t mailbox_id,
		   struct ledger_folder **list_r, size_t *n_r, struct err *e);
/* New (id 0 gets its id) or changed. */
int ledger_folder_put(struct store *s, int64_t mailbox_id, struct ledger_folder *f, struct err *e);
/* The source's UIDVALIDITY changed: its UIDs mean nothing now. What they were at the
 * target becomes candidates, hashes kept. */
int ledger_folder_forget_src(struct store *s, int64_t folder_id, struct err *e);
/* The target's UIDVALIDITY changed: all messages are NEW again, hashes kept. */
int ledger_folder_forget_dst(struct store *s, int64_t folder_id, struct err *e);

/* -- messages -- */

enum ledger_state { LEDGER_NEW = 1, LEDGER_IN_FLIGHT, LEDGER_DONE, LEDGER_REFUSED };

/* A larger size is taken for this one: no server has such a message, but any can tell it. */
#define LEDGER_SIZE_MAX (UINT64_C(1) << 36)

struct ledger_message {
	uint32_t uid, dst_uid;
	enum ledger_state state;
	bool present; /* at the source */
	bool has_sha;
	bool has_copy_sha;
	bool by_header;   /* for ledger_set_done: known by its header alone, sha is of no meaning */
	bool appended;    /* the same: dst_uid is what the target answered to our APPEND of it */
	uint32_t tries;   /* connections lost in the middle of it */
	uint64_t size;    /* RFC822.SIZE as told, of the body once it was read */
	const char *date; /* INTERNALDATE as told; borrowed */
	const char *flags;     /* canonical, as last carried to the target; borrowed */
	const char *new_flags; /* to be carried; NULL: none; borrowed */
	const char *reason;    /* why refused, or what was lost (keywords); borrowed */
	const char *repair;    /* how the copy was altered on wish; NULL: not at all; borrowed */
	unsigned char sha[SHA256_LEN]; /* of the body with even line ends (migrate/lineends.h) */
	unsigned char copy_sha[SHA256_LEN]; /* the same of a copy that was altered */
};

/* Rows of a folder by rising UID, read in pages: no lock is held between calls. */
enum ledger_which {
	LEDGER_ALL,
	LEDGER_TODO,         /* NEW, and REFUSED by an earlier pass; present only */
	LEDGER_REFUSED_NOW,  /* REFUSED by the pass `pass`; present only */
	LEDGER_KEPT_NO_MORE, /* DONE, and kept as a file or to be looked at (ledger_set_kept) */
	LEDGER_UNASKED,      /* DONE, and the target was not asked yet (ledger_set_unasked) */
	LEDGER_MERGED,       /* REFUSED by an earlier pass, with a place at the target; present */
	LEDGER_UNPLACED,     /* DONE at an unknown target UID */
	LEDGER_VANISHED,     /* DONE, and gone at the source since; also at an unknown target UID */
	LEDGER_UNHEADED,     /* to be matched, without a header; `pass` 1: only IN_FLIGHT */
	LEDGER_ALIKE,        /* without a hash, and a candidate has such a header */
	LEDGER_NEAR,         /* without a hash, and a candidate has about its size */
	LEDGER_UNHASHED,     /* to be matched, without a hash; `pass` 1: only IN_FLIGHT */
	LEDGER_UNMATCHED,    /* to be matched, in all; `pass` 1: only IN_FLIGHT */
};
struct ledger_cursor;
/* From the lowest UID on; what `pass` means depends on `which`. Rows beyond the page in hand
 * are read as they are when their turn comes. */
struct ledger_cursor *ledger_cursor_new(struct store *s, int64_t folder_id, int64_t pass,
					enum ledger_which which);
/* Takes NULL; may be called before the end. */
void ledger_cursor_free(struct ledger_cursor *c);
/* 1: *m_r, borrowed until the next call; 0: no more; -1. */
int ledger_cursor_next(struct ledger_cursor *c, const struct ledger_message **m_r, struct err *e);

/* Seen at the source for the first time. */
int ledger_add(struct store *s, int64_t folder_id, const struct ledger_message *m, struct err *e);
enum { LEDGER_ADD_MANY = 20 };
/* The same of LEDGER_ADD_MANY at once, which costs half; in a transaction. */
int ledger_add_many(struct store *s, int64_t folder_id, const struct ledger_message *list,
		    struct err *e);
/* Its UID means another message now: the row goes, what it was at the target becomes a candidate,
 * and the folder is matched from its first message on (match_from). In a transaction with the
 * ledger_add of the other one. */
int ledger_forget_message(struct store *s, int64_t folder_id, uint32_t uid, struct err *e);
/* Gone at the source, by the pass that runs, unless it was so before. The row stays: what was
 * copied stays evidence. */
int ledger_set_absent(struct store *s, int64_t folder_id, uint32_t uid, struct err *e);
/* The same of all from `from` to `to`, both included. Costs what rows lie there, not how many UIDs.
 */
int ledger_set_absent_range(struct store *s, int64_t folder_id, uint32_t from, uint32_t to,
			    struct err *e);
/* The highest UID of a row, present or not; 0: there is none. */
int ledger_last_uid(struct store *s, int64_t folder_id, uint32_t *uid_r, struct err *e);
/* Where at the target the newest message is that has a place there. */
struct ledger_last_place {
	uint32_t dst_uid; /* 0: there is none */
	/* The INTERNALDATE that it has there. "": not known, for others put it there, or the target
	 * replaced it as was noted. */
	char date[48];
};
int ledger_last_place(struct store *s, int64_t folder_id, struct ledger_last_place *p_r,
		      struct err *e);
/* The row of m_r->uid: 1 and *m_r, texts the arena's; 0 none; -1. */
int ledger_message_get(struct store *s, struct arena *a, int64_t folder_id,
		       struct ledger_message *m_r, struct err *e);
/* Its flags at the source are other ones now. For a message that is not DONE they simply
 * become its flags. Also says that it is present. */
int ledger_set_flags(struct store *s, int64_t folder_id, const struct ledger_message *m,
		     struct err *e);
/* A batch that is about to be appended: each message of `folder_id` from `from` to `to` may be
 * at the target from now on, at `dst_uidnext` at the lowest. */
struct ledger_intent {
	int64_t id; /* given by ledger_intent_add */
	int64_t folder_id;
	uint32_t from, to; /* source UIDs, both included */
	int64_t dst_uidnext;
};
/* In a durable transaction, before anything of the batch is said. Messages stay NEW (or REFUSED)
 * meanwhile; what a kill leaves is made IN_FLIGHT by the next ledger_pass_begin. */
int ledger_intent_add(struct store *s, struct ledger_intent *i, struct err *e);
/* With the outcomes of all its messages, in one transaction; a message without outcome is
 * marked there by ledger_set_in_flight. */
int ledger_intent_drop(struct store *s, int64_t id, struct err *e);
/* Makes all messages within intents that are still there IN_FLIGHT, unless they are DONE, and drops
 * the intents. Too many become so: what is looked for and not found is NEW again. In a transaction.
 */
int ledger_intents_resolve(struct store *s, int64_t mailbox_id, struct err *e);
/* Its APPEND may happen from now on; what is known of its bytes is forgotten. `dst_uidnext`: the
 * lowest UID that it can get at the target; from there on it is looked for after a crash. */
int ledger_set_in_flight(struct store *s, int64_t folder_id, uint32_t uid, int64_t dst_uidnext,
			 struct err *e);
/* Of what is IN_FLIGHT in the folder nothing got to the target: all of it is NEW again. */
int ledger_flight_over(struct store *s, int64_t folder_id, struct err *e);
/* The APPEND was acknowledged, or found to be there, by the pass `pass`: sha, size, dst_uid
 * (0 unknown), reason (a loss) are kept. */
int ledger_set_done(struct store *s, int64_t folder_id, int64_t pass,
		    const struct ledger_message *m, struct err *e);
/* By the target, or not given by the source; reason and size are kept. LEDGER_TODO names it
 * again in the next pass, where it may lose connections anew. */
int ledger_set_refused(struct store *s, int64_t folder_id, int64_t pass,
		       const struct ledger_message *m, struct err *e);
/* All that is NEW in the mailbox, at the source and asked for, stays behind for this reason, which
 * is a remark about each (ledger_notes) until it is copied. */
int ledger_left_behind(struct store *s, int64_t mailbox_id, const char *reason, struct err *e);
/* Not at the target after all: NEW again. */
int ledger_set_new(struct store *s, int64_t folder_id, uint32_t uid, struct err *e);
/* The hash and size of a body that was read to be matched, and the hash of its copy when that may
 * have been altered (copy_sha, repair); its state stays. */
int ledger_set_sha(struct store *s, int64_t folder_id, const struct ledger_message *m,
		   struct err *e);
/* The connection was lost in the middle of it; *tries_r counts this one too. */
int ledger_blame(struct store *s, int64_t folder_id, uint32_t uid, uint32_t *tries_r,
		 struct err *e);

enum { LEDGER_ELSEWHERE = 0xffffffff }; /* the dst_uid of a row whose copy is another folder's */

/* A message that its source has in several folders at once. */
struct ledger_twin {
	int64_t mailbox_id, folder_id;
	uint32_t uid;
	uint64_t id;      /* the same in all of them */
	bool stays;       /* it is to be copied for this folder in any case */
	const char *loss; /* what is lost by not copying it, noted as the row's reason; NULL */
};
/* For a row that was just added: when another folder's row of the message is copied or will be,
 * this one becomes DONE at LEDGER_ELSEWHERE. */
int ledger_set_twin(struct store *s, const struct ledger_twin *t, struct err *e);
/* Rows at LEDGER_ELSEWHERE whose other row vanished before it was copied are NEW again. */
int ledger_twins_homeless(struct store *s, int64_t mailbox_id, int64_t folder_id, struct err *e);
/* The same for a folder that was not read anew, at the price of what is not copied in the mailbox;
 * *any_r: there were some. Folder by folder, for the first of them is the others' home. */
int ledger_twins_orphaned(struct store *s, int64_t mailbox_id, int64_t folder_id, bool *any_r,
			  struct err *e);

struct ledger_figures {
	uint64_t present, present_bytes; /* at the source */
	uint64_t done, done_bytes;       /* of these, acknowledged */
	uint64_t refused;                /* of these */
	uint64_t flag_changes;           /* waiting */
	uint64_t since_verified;         /* of those done: after the last comparison, or none was */
};
/* Of one folder (folder_id) or all present folders of a mailbox (folder_id 0): from sums that are
 * kept with the rows, so at any size for the price of a few queries. */
int ledger_figures(struct store *s, int64_t mailbox_id, int64_t folder_id,
		   struct ledger_figures *f_r, struct err *e);

/* Counts the mailbox's rows, all of them, and compares: *wrong_r folders had other sums than their
 * rows, which only another program's hand can bring about, and have the right ones now. */
int ledger_sums_check(struct store *s, int64_t mailbox_id, uint64_t *wrong_r, struct err *e);

/* Whether anything of a folder is open, from indexes: the same at any size of it. */
struct ledger_open {
	bool messages; /* at the source, and not DONE */
	bool flags;    /* changes wait */
};
int ledger_open_of(struct store *s, int64_t folder_id, struct ledger_open *o_r, struct err *e);

/* Flag changes that wait, like ones together: these UIDs go from `flags` to `new_flags`. */
struct ledger_flag_group {
	const char *flags, *new_flags;
	uint32_t *uids, *dst_uids; /* arena's, rising dst_uids */
	size_t n;
};
/* At most `max` rows of the first group that shares both lists. *g_r is given as the group
 * before (n 0: from the first on) and becomes the next; n 0: none is left. Texts are the
 * arena's. */
int ledger_flag_group(struct store *s, struct arena *a, int64_t folder_id, size_t max,
		      struct ledger_flag_group *g_r, struct err *e);
/* The target refused the change: the reason is noted as the rows' loss; they wait on, for the
 * next pass. */
int ledger_flags_refused(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
			 const char *reason, struct err *e);
/* The target never takes them: nothing waits any more, and the reason is the rows' loss. */
int ledger_flags_lost(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
		      const char *reason, struct err *e);
/* Carried: new_flags become flags, and a loss noted by ledger_flags_refused is none. */
int ledger_flags_carried(struct store *s, int64_t folder_id, const struct ledger_flag_group *g,
			 struct err *e);

/* Messages of which it is not known whether, or where, they are at the target. */
struct ledger_unresolved {
	int64_t from;       /* the lowest target UID that they may have; 0: there are none */
	uint64_t in_flight; /* of these: whether */
	uint64_t largest;   /* of those in flight, bytes */
};
/* Of one folder; rows without APPENDUID count for `from`, those in flight for all three. */
int ledger_unresolved(struct store *s, int64_t folder_id, struct ledger_unresolved *u_r,
		      struct err *e);

struct ledger_refusal {
	const char *folder, *reason;
	int64_t folder_id, uidvalidity; /* of the source's folder */
	bool kept;                      /* there is a file of it */
	uint32_t uid;
	uint64_t size;
};
/* Refused messages that are still at the source, by folder and UID; the arena's. */
int ledger_refusals(struct store *s, struct arena *a, int64_t mailbox_id,
		    struct ledger_refusal **list_r, size_t *n_r, struct err *e);

struct ledger_larger {
	uint64_t limit;
	size_t max;
};
/* Messages not yet at the target that are larger than `limit` octets: the largest `max` of them,
 * largest first, in the arena; reason is "". */
int ledger_oversize(struct store *s, struct arena *a, int64_t mailbox_id,
		    const struct ledger_larger *than, struct ledger_refusal **list_r, size_t *n_r,
		    struct err *e);
/* The date of the present message with the lowest UID, in the arena; *date_r NULL: none. */
int ledger_first_date(struct store *s, struct arena *a, int64_t folder_id, const char **date_r,
		      struct err *e);

/* There is a file of a refused message, or no more. Of one that is DONE: it may have been merged
 * with another (migrate/merged.h), which is to be looked at before such a file goes. */
int ledger_set_kept(struct store *s, int64_t folder_id, uint32_t uid, bool kept, struct err *e);
/* A DONE message that the target may have merged with another one, in whatever folder: who it is
 * there is to be asked (LEDGER_UNASKED). One of ledger_set_kept is read in any case, and stays so.
 */
int ledger_set_unasked(struct store *s, int64_t folder_id, uint32_t uid, struct err *e);
struct ledger_identity {
	int64_t mailbox_id, folder_id;
	uint32_t uid;
	uint64_t id; /* the target's number of it, the same in all folders; 0 not told */
	bool other;  /* what is in its place is another message, as far as can be seen */
};
/* The answer. One that is another, and all of the mailbox that are DONE under one number with
 * contents that differ, are to be looked at (ledger_set_kept). */
int ledger_set_identity(struct store *s, const struct ledger_identity *i, struct err *e);
/* What an earlier pass refused this one refuses too, for the same reason. */
int ledger_set_refused_still(struct store *s, int64_t folder_id, uint32_t uid, int64_t pass,
			     struct err *e);
/* The APPEND of an altered copy may happen: IN_FLIGHT with both hashes and `repair`. */
int ledger_set_mending(struct store *s, int64_t folder_id, int64_t dst_uidnext,
		       const struct ledger_message *m, struct err *e);

/* -- remarks about single messages and folders -- */

enum { LEDGER_NOTES_MAX = 10000, LEDGER_PLACED_MAX = 32 };
struct ledger_note {
	int64_t mailbox_id;
	/* "doubled", "date", "missing", "merged", "differing", "altered"; "folder" (it has another
	 * name at the target, UIDs 0); "mirror" (what the last one did there, UIDs 0); from the
	 * rows themselves "loss" (flags that the target does not take), "repaired", "no room" (it
	 * is not there, for the target is full). */
	const char *kind, *folder, *detail;
	uint32_t uid, dst_uid; /* 0: not known */
};
/* Adds it unless it is there; texts are copied. */
int ledger_note_add(struct store *s, const struct ledger_note *n, struct err *e);
/* Drops those of its mailbox and kind, and of its folder unless that is NULL. */
int ledger_notes_drop(struct store *s, const struct ledger_note *like, struct err *e);
struct ledger_note_list {
	struct ledger_note *at;
	size_t n;
};
/* The worst kind first, by folder and UID, LEDGER_NOTES_MAX at most; the arena's. */
int ledger_notes(struct store *s, struct arena *a, int64_t mailbox_id,
		 struct ledger_note_list *list_r, struct err *e);
/* Candidates that equal a message which is placed elsewhere become notes like *first, which gets
 * the first one's UIDs; *n_r in all. By hashes, or by headers of all that was read at the target.
 */
int ledger_surplus(struct store *s, int64_t folder_id, struct ledger_note *first, bool by_header,
		   uint64_t *n_r, struct err *e);
struct ledger_placed {
	uint32_t uid, dst_uid;
	const char *date; /* the arena's */
};
struct ledger_placed_list {
	int64_t from; /* only target UIDs from here on */
	struct ledger_placed rows[LEDGER_PLACED_MAX];
	size_t n;
};
/* The newest of the source, by rising target UID; none of those that share a place, where a target
 * merged them. */
int ledger_last_placed(struct store *s, int64_t folder_id, struct ledger_placed_list *list,
		       struct arena *a, struct err *e);

/* -- candidates: messages at the target that no row knows -- */

/* Listing: begin, each UID that is there (those that a row knows are passed over), end
 * (candidates that were not listed are dropped). */
int ledger_candidates_begin(struct store *s, int64_t folder_id, struct err *e);
/* One UID of the listing; its hash stays when it was listed before. */
int ledger_candidate_add(struct store *s, int64_t folder_id, uint32_t dst_uid, struct err *e);
/* Drops those that were not listed and those that a DONE row holds; *n_r are left. */
int ledger_candidates_end(struct store *s, int64_t folder_id, uint64_t *n_r, struct err *e);
enum ledger_candidates {
	LEDGER_CANDIDATES_UNHEADED, /* without a header */
	LEDGER_CANDIDATES_UNHASHED, /* without a hash */
	LEDGER_CANDIDATES_ALIKE,    /* of these: a message to be matched has such a header */
	LEDGER_CANDIDATES_NEAR,     /* of these: one has about its size */
};
struct ledger_uid_page {
	enum ledger_candidates which;
	uint32_t after; /* 0: from the first on */
	uint32_t uids[200];
	size_t n;
};
/* The next UIDs above `after`, rising; `after` becomes the last of them. n 0: no more. */
int ledger_candidates_page(struct store *s, int64_t folder_id, struct ledger_uid_page *page,
			   struct err *e);
/* The hash of one that was read (with even line ends, as the messages'). */
int ledger_candidate_sha(struct store *s, int64_t folder_id, uint32_t dst_uid,
			 const unsigned char sha[SHA256_LEN], struct err *e);
/* 1 when one has this hash, 0, -1. */
int ledger_candidate_has(struct store *s, int64_t folder_id, const unsigned char sha[SHA256_LEN],
			 struct err *e);
/* Takes one with this hash: 1 and its UID, 0 none, -1. */
int ledger_candidate_claim(struct store *s, int64_t folder_id, const unsigned char sha[SHA256_LEN],
			   uint32_t *dst_uid_r, struct err *e);
/* All of the folder, headers too: the matching is over. */
int ledger_candidates_drop(struct store *s, int64_t folder_id, struct err *e);

/* -- headers, while a folder is matched: who a message is without its body -- */

enum { LEDGER_HEAD_LEN = 16 };
struct ledger_head {
	bool at_dst;
	uint32_t uid;
	uint64_t size;             /* as told */
	const unsigned char *key;  /* LEDGER_HEAD_LEN bytes; NULL: it has no Message-ID */
	const unsigned char *weak; /* the same without the Message-ID; NULL: too little is told */
};
/* Of a message to be matched, or of a candidate. */
int ledger_head_put(struct store *s, int64_t folder_id, const struct ledger_head *h, struct err *e);
/* The header of a source's UID; `weak`: by what is told without a Message-ID. */
struct ledger_head_of {
	uint32_t uid;
	bool weak;
};
/* How often a header is on either side, among what is not matched yet. */
struct ledger_head_group {
	uint64_t n_src, n_dst;
	/* Different contents among those of the source; 0: not all of them have a hash. */
	uint64_t contents;
};
/* All 0 when it has no such header. */
int ledger_head_group(struct store *s, int64_t folder_id, struct ledger_head_of of,
		      struct ledger_head_group *g_r, struct err *e);
/* Takes the candidate with this header whose size is nearest, within its class (at most twice the
 * other and 16 KiB more): 1 and its UID, 0 none, -1. */
int ledger_head_claim(struct store *s, int64_t folder_id, struct ledger_head_of of,
		      uint32_t *dst_uid_r, struct err *e);
/* A pair was made: neither is looked for any more. */
int ledger_head_paired(struct store *s, int64_t folder_id, uint32_t uid, uint32_t dst_uid,
		       struct err *e);

/* -- comparison of both sides, independent of the above -- */

struct ledger_seen {
	int64_t mailbox_id;
	const char *folder; /* a key of the caller's for the pair of folders */
	bool at_dst;
	uint32_t uid;
	/* The ledger's folder of this UID at the source: a message that is REFUSED there may be
	 * missing. 0: not known. */
	int64_t folder_id;
	int64_t date_s;
	const char *flags;
	uint64_t size;  /* as told; only matters by_header */
	bool by_header; /* its body was not read, both hashes are of no meaning: */
	/* LEDGER_HEAD_LEN bytes each, as struct ledger_head has them; NULL */
	const unsigned char *head, *weak;
	/* Where the target keeps one message a Message-ID; NULL: it does not, or there is none. */
	const char *message_id;
	unsigned char sha[SHA256_LEN];  /* of its bytes */
	unsigned char even[SHA256_LEN]; /* with even line ends */
};
/* Makes room for one mailbox's comparison; what an earlier one left is dropped. The table is
 * temporary: a kill leaves nothing. */
int ledger_compare_begin(struct store *s, int64_t mailbox_id, struct err *e);
/* One message that was seen, on either side; *m is copied. */
int ledger_compare_add(struct store *s, const struct ledger_seen *m, struct err *e);
/* How many REFUSED messages of the ledger's folder were not added for the source: of `at`
 * mailbox_id, folder and folder_id (0: none) matter. */
int ledger_compare_unread(struct store *s, const struct ledger_seen *at, uint64_t *n_r,
			  struct err *e);
/* Drops what was added for the mailbox, or for one folder of it (NULL: all): it could not be read
 * whole, and would only be missed. */
int ledger_compare_drop(struct store *s, int64_t mailbox_id, const char *folder, struct err *e);
struct ledger_comparison {
	uint64_t compared; /* at the source, but for refused ones that are missing */
	uint64_t missing, differing, doubled;
	uint64_t altered;  /* there, with other line ends */
	uint64_t repaired; /* there as the copy that was altered on wish (copy_sha) */
	/* There but for flags or a date, as the ledger noted before: not among `differing`. */
	uint64_t losses;
	/* At the source once more than at the target, which keeps one message a Message-ID: another
	 * of the same content and Message-ID is there in that folder. Not among `missing`. */
	uint64_t merged;
	bool by_headers;         /* they were told apart by their headers: a weaker claim */
	char first[256];         /* the first difference, for people; "" none */
	char first_altered[256]; /* the same */
};
/* Pairs and counts what was added, and drops it. Each message that is missing, doubled, differing,
 * altered, or has another date than was noted becomes a note in place of an earlier comparison's,
 * of each kind the first LEDGER_NOTES_MAX. One that is missing and whose Message-ID another content
 * has is marked (ledger_set_kept). */
int ledger_compare_end(struct store *s, int64_t mailbox_id, struct ledger_comparison *c_r,
		       struct err *e);

#endif
