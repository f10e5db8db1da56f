/*
 * session.h - one logged-in IMAP session: what the server can do, how it spells names,
 * which folder is open.
 */
#ifndef MIGRATE_SESSION_H
#define MIGRATE_SESSION_H

#include "migrate/conn.h"
#include "migrate/imap/name.h"
#include "migrate/login.h"
#include "migrate/migrate.h"
#include "migrate/preset.h"

enum session_cap {
	CAP_UIDPLUS = 1 << 0,
	CAP_LIST_EXTENDED = 1 << 1,
	CAP_LIST_STATUS = 1 << 2,
	CAP_SPECIAL_USE = 1 << 3,
	CAP_ESEARCH = 1 << 4,
	CAP_CONDSTORE = 1 << 5,
	CAP_STATUS_SIZE = 1 << 6,
	CAP_NAMESPACE = 1 << 7,
	CAP_ID = 1 << 8,
	CAP_MULTIAPPEND = 1 << 9,
	CAP_UNSELECT = 1 << 10,
	CAP_ENABLE = 1 << 11,
	CAP_UIDONLY = 1 << 12,     /* RFC 9586 */
	CAP_PARTIAL = 1 << 13,     /* RFC 9394 */
	CAP_UTF8_ACCEPT = 1 << 14, /* RFC 6855 */
	CAP_UTF8_ONLY = 1 << 15,   /* the same, and nothing else */
	CAP_GMAIL = 1 << 16,       /* X-GM-EXT-1 */
	CAP_QUOTA = 1 << 17,       /* RFC 9208 */
	CAP_MOVE = 1 << 18,        /* RFC 6851 */
	CAP_QRESYNC = 1 << 19,     /* RFC 7162 */
	CAP_COMPRESS = 1 << 20,    /* COMPRESS=DEFLATE (RFC 4978) */
};

struct session {
	struct conn *conn; /* owned */
	unsigned caps;     /* enum session_cap */
	enum imap_literals literals;
	uint64_t append_limit; /* APPENDLIMIT; 0: none told */
	/* Messages that one command may be about: MESSAGELIMIT (RFC 9738); 0: any number. */
	uint64_t message_limit;
	int64_t trip_ms;             /* a round trip to it, about: the server's work is in it */
	int64_t uidnext;             /* of the folder that was opened last; -1 not told */
	bool uidonly;                /* ENABLE UIDONLY was taken: no sequence numbers any more */
	bool utf8;                   /* ENABLE UTF8=ACCEPT was (RFC 6855) */
	bool qresync;                /* ENABLE QRESYNC was: VANISHED in place of EXPUNGE */
	bool compressed;             /* both directions are (RFC 4978) */
	struct compress *compress;   /* of the whole copy; borrowed; NULL: none */
	const struct preset *preset; /* what kind of server it is; never NULL */
	char preset_why[PRESET_WHY_MAX]; /* by which signs, for people */
	struct imap_name_style style;    /* style.prefix points to `prefix` */
	char prefix[256];
};

struct session_opts {
	const struct migrate_endpoint *endpoint;
	const struct migrate_opts *migrate;
	const char *side;             /* "source", "target": for messages */
	struct login_report *login_r; /* what became of the login, for who counts; NULL */
	bool paced;                   /* what it receives counts against the cap on the rate */
	/* Messages are only read there. A server may alter those with UTF-8 in their headers for
	 * who does not ENABLE UTF8=ACCEPT (RFC 6858), so that is done where it is offered. Who
	 * appends does it only where nothing else goes (UTF8=ONLY): mail with raw 8-bit headers of
	 * the old kind is no UTF-8, and would be refused. */
	bool reads_only;
};

/* Dials, logs in, asks CAPABILITY, tells ID, asks NAMESPACE. Kinds as dial_open's. */
int session_open(const struct session_opts *opts, struct session **session_r, struct err *e);
/* The same on a stream that is logged in already (tests); takes over the stream. The greeting
 * is not known, the preset not forced. */
int session_on(struct stream *stream, const struct conn_env *env, struct session **session_r,
	       struct err *e);
struct session_start {
	const char *greeting;      /* the server's first line; "" when it is not known */
	const char *preset;        /* as migrate_endpoint.preset */
	bool reads_only;           /* as session_opts.reads_only */
	struct compress *compress; /* as migrate_opts.compress */
};
/* What both of these do with a stream that is logged in: CAPABILITY, ID, NAMESPACE, and the
 * choice of the preset. Takes over the stream. */
int session_begin(struct stream *stream, const struct conn_env *env,
		  const struct session_start *how, struct session **session_r, struct err *e);
/* COMPRESS DEFLATE, and a NOOP that proves it. Nothing else may be on its way. 0 also when the
 * server refuses: it is not asked again, then or when it says yes and sends something else. A plain
 * answer to the NOOP is -1, as is a lost connection. */
int session_compress(struct session *s, struct err *e);
/* Closes; LOGOUT is said without waiting for its answer. Takes NULL. */
void session_free(struct session *s);

/* The most messages of `n` that one command may be about at this server: by MESSAGELIMIT, and by
 * the length of a line that names them all. */
size_t session_at_most(const struct session *s, size_t n);

/* What SELECT or EXAMINE tells; -1 not told. */
struct session_folder {
	int64_t uidvalidity, uidnext, exists;
	int64_t modseq; /* HIGHESTMODSEQ; 0: NOMODSEQ */
	bool has_permanent;
	char permanent[1024]; /* PERMANENTFLAGS */
};
/* Queues the command (EXAMINE only reads, RFC 3501 §6.3.2); its tag. Wait with
 * session_selected. */
uint32_t session_select(struct session *s, const char *name, bool examine);
/* Waits for that command. A refusal has conn_refusal's kind, mostly ERR_ITEM: this folder
 * cannot be opened. */
int session_selected(struct session *s, uint32_t tag, struct session_folder *f_r, struct err *e);

#endif
