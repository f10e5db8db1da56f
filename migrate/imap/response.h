/*
 * response.h - what an IMAP server says (RFC 3501 §7), as events; no socket inside.
 *
 * Bytes are taken from a slice until an event is complete; any split of the input
 * gives the same events (only the pieces of a streamed literal follow the split).
 * Bodies in FETCH responses are never held: BEGIN, DATA…, END pass through, then the
 * FETCH event itself comes when the response ends (a short body may come as a quoted
 * string: its events are the same). Everything that an event points
 * at is valid until the next call. One thread at a time.
 */
#ifndef MIGRATE_IMAP_RESPONSE_H
#define MIGRATE_IMAP_RESPONSE_H

#include "base/err.h"
#include "base/str.h"

enum {
	IMAP_LINE_MAX = 1024 * 1024,  /* one response without its streamed literals */
	IMAP_INLINE_MAX = 256 * 1024, /* a literal that is no message body (names, texts) */
	IMAP_LITERALS_MAX = 256,      /* in one response: each is looked at with all before it */
	IMAP_SEARCH_PIECE = 8 * 1024, /* SEARCH and VANISHED are handed over in such pieces */
};

enum imap_event_kind {
	IMAP_EV_STATUS,   /* untagged OK NO BAD BYE PREAUTH, or a tagged result */
	IMAP_EV_CONTINUE, /* "+": go on with the literal */
	IMAP_EV_CAPABILITY,
	IMAP_EV_ENABLED,
	IMAP_EV_LIST,
	IMAP_EV_LSUB,
	IMAP_EV_NAMESPACE,
	IMAP_EV_FOLDER_STATUS, /* "* STATUS name (…)" */
	IMAP_EV_FLAGS,
	IMAP_EV_EXISTS,
	IMAP_EV_EXPUNGE,
	IMAP_EV_SEARCH, /* some of the numbers; more may follow */
	IMAP_EV_ESEARCH,
	IMAP_EV_LITERAL_BEGIN,
	IMAP_EV_LITERAL_DATA,
	IMAP_EV_LITERAL_END,
	IMAP_EV_FETCH,    /* FETCH and UIDFETCH (RFC 9586), complete */
	IMAP_EV_ID,       /* RFC 2971: the server's own account of itself */
	IMAP_EV_VANISHED, /* RFC 7162, RFC 9586: some of the UIDs that are gone; more may follow */
	IMAP_EV_QUOTA,    /* RFC 9208: one quota root */
	IMAP_EV_OTHER,    /* understood by its shape only: RECENT, QUOTAROOT … */
};

enum imap_cond { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

enum imap_code { /* the response codes that somebody acts on */
		 IMAP_CODE_NONE,
		 IMAP_CODE_UNKNOWN, /* one that nobody needs */
		 IMAP_CODE_ALERT,
		 IMAP_CODE_ALREADYEXISTS,
		 IMAP_CODE_APPENDUID,
		 IMAP_CODE_AUTHENTICATIONFAILED,
		 IMAP_CODE_CANNOT,
		 IMAP_CODE_CAPABILITY,
		 IMAP_CODE_EXPIRED,
		 IMAP_CODE_HIGHESTMODSEQ,
		 IMAP_CODE_INUSE,
		 IMAP_CODE_LIMIT,
		 IMAP_CODE_MESSAGELIMIT,
		 IMAP_CODE_NOMODSEQ,
		 IMAP_CODE_NONEXISTENT,
		 IMAP_CODE_NOPERM,
		 IMAP_CODE_OVERQUOTA,
		 IMAP_CODE_PERMANENTFLAGS,
		 IMAP_CODE_READONLY,
		 IMAP_CODE_SERVERBUG,
		 IMAP_CODE_TOOBIG,
		 IMAP_CODE_TRYCREATE,
		 IMAP_CODE_UIDNEXT,
		 IMAP_CODE_UIDVALIDITY,
		 IMAP_CODE_UNAVAILABLE,
		 IMAP_CODE_THROTTLED,
		 IMAP_CODE_AUTHORIZATIONFAILED,
};

struct imap_status {
	uint32_t tag; /* 0: untagged */
	enum imap_cond cond;
	enum imap_code code;
	uint64_t number[2]; /* APPENDUID: validity, uid; UIDNEXT, UIDVALIDITY, HIGHESTMODSEQ: [0] */
	struct slice args;  /* of the code, as they stand: flags, capabilities */
	struct slice text;
};

struct imap_list {
	struct slice attrs; /* "\HasChildren \Sent" */
	char delimiter;     /* 0: NIL, the name has no hierarchy */
	struct slice name;
	bool noselect, nonexistent;
};

struct imap_folder_status { /* members that were not told are -1 */
	struct slice name;
	int64_t messages, uidnext, uidvalidity, highestmodseq;
	int64_t size; /* STATUS=SIZE (RFC 8438) */
};

struct imap_quota { /* -1: not limited, or not told */
	int64_t kib_used, kib_limit;
	int64_t messages_used, messages_limit;
};

struct imap_fetch {
	uint32_t seq; /* 0 for UIDFETCH */
	uint32_t uid; /* 0: not told (yet, in LITERAL_BEGIN) */
	bool has_flags, has_date, has_size, has_body, body_is_nil, body_is_quoted;
	struct slice flags; /* "\Seen $Forwarded" */
	struct slice date;  /* "17-Jul-1996 02:44:25 -0700", may start with a blank */
	uint64_t size;      /* RFC822.SIZE: may be an estimate */
	uint64_t modseq;
	uint64_t gm_msgid;   /* X-GM-MSGID: one number in all folders; 0 not told */
	struct slice quoted; /* a body that came as a quoted string; it passes as events too */
};

struct imap_event {
	enum imap_event_kind kind;
	union {
		struct imap_status status;
		struct imap_list list;
		struct imap_folder_status folder;
		struct imap_fetch fetch; /* also in LITERAL_BEGIN: what was told before it */
		struct slice text;       /* CAPABILITY, ENABLED, FLAGS, NAMESPACE, ID, OTHER */
		struct slice numbers;    /* SEARCH: "1 4 5"; read with imap_next_number */
		struct {
			uint64_t count; /* COUNT */
			bool has_count;
			struct slice all; /* ALL: a set */
		} esearch;
		struct { /* VANISHED; the set is read with imap_uidset_next */
			struct slice uids;
			bool earlier; /* of the time before this session */
		} vanished;
		struct imap_quota quota;
		uint32_t number;   /* EXISTS, EXPUNGE */
		struct slice data; /* LITERAL_DATA */
	};
	uint64_t literal_len; /* LITERAL_BEGIN */
};

struct imap_parser;

/* For one connection from its greeting on; a new connection needs a new parser. */
struct imap_parser *imap_parser_new(void);
/* The server took ENABLE UTF8=ACCEPT (RFC 6855 §3): the mailbox names that it tells are UTF-8 from
 * now on; events still have them in modified UTF-7, so that a name is one name in both modes. */
void imap_parser_utf8(struct imap_parser *p);
/* Takes NULL; the events' texts go with it. */
void imap_parser_free(struct imap_parser *p);
/* Takes bytes from the front of *in. 1: *ev_r is filled; 0: *in is used up, give more;
 * -1: this is not IMAP or passes a limit (ERR_RETRY); the connection is of no use then. */
int imap_parser_next(struct imap_parser *p, struct slice *in, struct imap_event *ev_r,
		     struct err *e);
/* True between responses: an end of the stream elsewhere is a cut. */
bool imap_parser_idle(const struct imap_parser *p);

/* The next number of a SEARCH event; false at the end (or at garbage). */
bool imap_next_number(struct slice *rest, uint32_t *v_r);

#endif
