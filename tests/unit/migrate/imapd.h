/*
 * imapd.h - an IMAP server in memory, as a stream: it keeps folders and messages between
 * connections, is strict where a real one is, and has the habits of real ones on demand. No
 * socket; time passes on a fake clock while it has nothing to say.
 *
 * Strict: a command that it does not know, a sequence number after ENABLE UIDONLY, a literal
 * that is not as long as announced, or a command behind LOGOUT is BAD, and `offences` counts it.
 */
#ifndef TESTS_IMAPD_H
#define TESTS_IMAPD_H

#include "base/buf.h"
#include "base/clock.h"
#include "io/stream.h"

/* What it says to COMPRESS DEFLATE (RFC 4978), and whether it means it. */
enum imapd_compress {
	COMPRESS_UNKNOWN,
	COMPRESS_FINE,
	COMPRESS_ACTIVE,
	COMPRESS_LIES,
	COMPRESS_MUTE
};

enum imapd_bye { BYE_NEVER, BYE_BEFORE_LITERAL, BYE_AFTER_STORING, BYE_AND_STORE_LATE };

/* What a test wants of a server; zero: a plain good one. */
struct imapd_habits {
	const char *greeting;   /* for the preset; NULL */
	const char *capability; /* behind "IMAP4rev1 "; NULL: UIDPLUS LITERAL+ NAMESPACE */
	const char *id;         /* "(\"name\" \"GImap\")"; NULL: NIL */
	const char *name_space; /* NULL: (("" "/")) NIL NIL */
	char delimiter;         /* 0: '/' */
	const char *permanent;  /* PERMANENTFLAGS; NULL: with \* */
	bool refuses_keywords;  /* BAD Command Argument Error. 11, whatever PERMANENTFLAGS says */
	bool folds_case;        /* folder names */
	bool no_blanks;         /* at the ends of a folder's name */
	bool makes_nothing;     /* every CREATE is refused */
	bool disk_full;         /* every CREATE is too, as Dovecot does it */
	const char *reserved;   /* a folder name that is */
	const char *locked;     /* this folder cannot be opened */
	bool needs_id;          /* SELECT is an unsafe login before ID */
	unsigned not_connected; /* so many SELECTs are */
	unsigned throttled;     /* so many APPENDs, with this back-off, and BYE */
	unsigned backoff_ms;
	/* At the APPEND or UID FETCH of this number, from 1, the session ends: all that it is told
	 * from then on is answered with these words. Once; the next connection is well. */
	const char *dead_words;
	unsigned dead_at_append, dead_at_fetch;
	bool dead_stores;        /* the APPEND is stored all the same */
	enum imapd_bye bye;      /* at the APPEND with this number, once */
	unsigned bye_at;         /* from 1 */
	int64_t late_ms;         /* BYE_AND_STORE_LATE: how much later it stores the message */
	bool noise;              /* unasked-for answers between, items in another order */
	bool odd_list;           /* literals, NIL delimiter, repeated rows, Inbox beside INBOX */
	int size_off;            /* RFC822.SIZE is wrong by so much */
	bool rewrites;           /* a header line is added to what is appended */
	bool one_per_message_id; /* a second one is merged */
	unsigned message_limit;  /* of a command; plain sessions see no more of a folder */
	bool blind_search;       /* SEARCH finds nothing */
	unsigned search_most;    /* SEARCH finds so many of a folder at most; 0: all */
	uint32_t hidden;         /* this UID is counted and searched for, and no FETCH brings it */
	uint32_t rotten;         /* this UID cannot be fetched with others */
	size_t cut_after;        /* bytes that a connection says before it is cut; 0: all */
	unsigned cuts;           /* so many connections are */
	size_t hang_after;       /* bytes that a connection says before it says nothing more; 0 */
	unsigned hangs;          /* so many connections do */
	bool keeps_alive;        /* "* OK still here" whenever it has nothing to say */
	const char *alive_words; /* what it says then instead in an open folder; '#' is a rising
				    number */
	bool mute;               /* answers nothing any more once a folder is open */
	bool utf8_only;          /* nothing goes before ENABLE UTF8=ACCEPT, nor a plain APPEND */
	bool downgrades;         /* 8-bit headers are '?' for who did not say that */
	const char *refused_words;    /* a message with them: NO Message contains NUL characters */
	bool stores_part;             /* of a refused group what goes before the refused one */
	unsigned quota;               /* so many messages have room; 0: any number */
	size_t quota_bytes;           /* and so many bytes of them; 0: any */
	const char *full_words;       /* what it says then; NULL: as Dovecot */
	unsigned move_most;           /* so many messages go by one MOVE, then it says NO; 0: all */
	unsigned move_bye_at;         /* the MOVE of this number is done and never answered */
	enum imapd_compress compress; /* with COMPRESS=DEFLATE among `capability` */
};

struct imapd_message {
	uint32_t uid;
	uint64_t gm_id; /* X-GM-MSGID */
	char *flags, *date;
	struct buf body;
};
struct imapd_folder {
	char *name;
	const char *attrs; /* borrowed */
	uint32_t uidvalidity, uidnext;
	uint32_t modseq; /* told with CONDSTORE among `capability`; all is told as changed */
	bool subscribed;
	struct imapd_message *at; /* owned */
	size_t n;
};
struct imapd {
	struct imapd_habits habits;
	struct fake_clock *clock; /* borrowed; NULL: none */
	struct {
		struct imapd_folder *folder; /* NULL: nothing is late */
		struct buf body;
		int64_t at_ms;
	} late;
	struct imapd_folder folders[400];
	size_t n_folders;
	unsigned appends, fetches, moves, connections, offences, bytes_fetched, compressed;
	uint64_t gm_ids;  /* given so far, where one message a Message-ID is kept */
	struct buf heard; /* all command lines, literals as "<n>" */
};

/* With an empty INBOX. */
void imapd_init(struct imapd *d, const struct imapd_habits *habits, struct fake_clock *clock);
void imapd_release(struct imapd *d);
/* A connection that is logged in. */
struct stream *imapd_connect(struct imapd *d);

/* Makes it, with RFC 6154 attributes or "". */
struct imapd_folder *imapd_make(struct imapd *d, const char *name, const char *attrs);
/* Takes the folder away that was made last. */
void imapd_unmake(struct imapd *d);
/* NULL when there is none. */
struct imapd_folder *imapd_find(struct imapd *d, const char *name);
/* Appends; returns its UID. */
uint32_t imapd_put(struct imapd_folder *f, const char *flags, const char *date, const char *body);
/* Its user deletes it; false when there is none of this UID. */
bool imapd_take(struct imapd_folder *f, uint32_t uid);
/* How many messages of the folder have these bytes. */
size_t imapd_count(const struct imapd_folder *f, const char *body);
/* The UID of a message that the other folder has not, or not as often; 0: there is none. */
uint32_t imapd_differs(const struct imapd_folder *f, const struct imapd_folder *other);

#endif
