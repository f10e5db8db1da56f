/*
 * registrar.h - the plugin contract: how a DNS provider is read and changed.
 *
 * A provider is a translator. It has no socket, file, clock or log of its own: its only
 * window to the world is the host that it is handed, so retry, redaction, allowed
 * hosts, journalling and dry run live in one place. Its test is a list of exchanges.
 */
#ifndef REGISTRARS_REGISTRAR_H
#define REGISTRARS_REGISTRAR_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/secret.h"
#include "zone/change.h"

enum { REGISTRAR_ABI = 3 };

/* One message of an answer that has several: 1 when more must come, 0 when it is complete,
 * -1 with *e. `message` is valid during the call. */
struct registrar_sink {
	int (*each)(void *ctx, struct slice message, struct err *e);
	void *ctx;
};

struct registrar_field {
	const char *name, *value;
};

/* One HTTP request; all of it borrowed for the call. Any part of it may be a secret: nothing but
 * method, host and path is ever logged. */
struct registrar_http {
	const char *method, *url; /* https://host[:port]/path?query, encoded */
	const struct registrar_field *headers;
	size_t header_n;
	struct slice body;
	bool writes; /* it changes something at the provider */
};
struct registrar_reply { /* the arena's */
	int status;
	struct slice body; /* ends with a NUL that is not counted */
	size_t header_n;
	const struct registrar_field *headers; /* names in lower case, values printable */
	size_t hidden_n;
	const struct secret *const *hidden; /* what no error may tell of it; the host's */
};
/* For errors: a text of the answer's, in the arena, with "***" where it holds what must not be
 * told. To be made before any of it is cut away, for half of a secret would not be found. */
const char *registrar_reply_words(const struct registrar_reply *r, struct arena *a,
				  struct slice text);
/* The first header of that name (lower case); NULL: there is none. */
const char *registrar_reply_header(const struct registrar_reply *r, const char *name);

/* A program of the user's that a provider speaks with in lines; all of it borrowed until
 * program_stop. */
struct registrar_program {
	const char *const *argv; /* NULL-terminated; argv[0] is an absolute path */
	/* What it can read from a descriptor of its own, whose number stands in the environment
	 * variable of that name; NULL: nothing. Secrets go this way and no other. */
	const struct secret *gift;
	const char *gift_name;
	/* What must not be shown when it says it. */
	size_t secret_n;
	const struct secret *const *secrets;
};
struct registrar_running; /* one that was started; the host's */

/* One request to it and all lines of the answer; borrowed for the call. */
struct registrar_talk {
	struct slice request; /* without a line end */
	bool writes;          /* it changes something at the provider */
	bool streams;         /* the time is for each line that the sink takes, not for all */
	int timeout_ms;
	const struct registrar_sink *sink; /* one line each, without its end */
};

/* The host: what a provider may do to the world. All functions block, obey the cancel
 * and fill *e. In a dry run the writing ones refuse with ERR_REFUSED before anything
 * leaves the process. */
struct registrar_host {
	const struct clock *clock;
	const struct rng *rng;
	/* One DNS message to `server` ("ADDR" or "ADDR#PORT") over TCP; the reply is appended.
	 * `writes`: it is an UPDATE. ERR_WORLD: the server was not reached, nothing left the
	 * process. ERR_RETRY: the connection was cut or silent after that, and the outcome of
	 * a write is unknown. */
	int (*dns_exchange)(void *ctx, const char *server, struct slice request, bool writes,
			    struct buf *reply, struct err *e);
	/* One request, read only, and its answer of many messages (AXFR): each is handed to
	 * `each` until that says that the answer is complete. A stream that ends before is
	 * ERR_RETRY. */
	int (*dns_transfer)(void *ctx, const char *server, struct slice request,
			    const struct registrar_sink *sink, struct err *e);
	/* One request over verified HTTPS to one of the provider's hosts, and only there; no
	 * redirect is followed. 0: there is an answer, whatever its status. ERR_WORLD: nothing
	 * reached the provider. ERR_RETRY: the outcome of a write is unknown. */
	int (*http)(void *ctx, struct arena *a, const struct registrar_http *request,
		    struct registrar_reply *reply_r, struct err *e);
	/* Checks that nobody else can have written the program, and starts it: a clean
	 * environment, a process group of its own, its standard error read into the log. ERR_USAGE
	 * when it cannot be run. program_stop ends it. */
	int (*program_start)(void *ctx, const struct registrar_program *program,
			     struct registrar_running **running_r, struct err *e);
	/* Sends the request, and hands on lines until the sink says that the answer is complete. On
	 * -1 the program has been ended and only program_stop may follow, but where a dry run
	 * refused. ERR_WORLD: nothing of the request left this process. ERR_RETRY: it did, and the
	 * outcome of a write is unknown; a request that only reads keeps the sink's kind. */
	int (*program_talk)(void *ctx, struct registrar_running *running,
			    const struct registrar_talk *talk, struct err *e);
	/* Its input ends, and soon it does; takes NULL. */
	void (*program_stop)(void *ctx, struct registrar_running *running);
	/* What the program says of its own accord: one line for who looks closely (-vv), made
	 * printable. */
	void (*note)(void *ctx, const char *text);
	/* Sleeps for so long; `why` is told when it is long. ERR_CANCELLED. */
	int (*wait)(void *ctx, int64_t ms, const char *why, struct err *e);
	int (*file_read)(void *ctx, const char *path, struct buf *out, struct err *e);
	/* Replaces the file atomically; mode, owner and symbolic links stay. */
	int (*file_write)(void *ctx, const char *path, struct slice bytes, struct err *e);
	void *ctx;
};

/* One option of a provider's `dns:` section. */
struct registrar_option {
	const char *name;
	bool secret, required;
	const char *help;
};

/* The values given for them; a provider sees only options that it declared. */
struct registrar_value {
	const char *name;
	const char *text;            /* NULL for a secret */
	const struct secret *secret; /* NULL for text */
};
struct registrar_config {
	const char *zone; /* canonical origin */
	size_t n;
	const struct registrar_value *values;
};

/* What an apply left behind when it failed, or did. */
enum registrar_applied {
	APPLIED_ALL,     /* the provider says that all was done; still to be read back */
	APPLIED_NONE,    /* nothing changed */
	APPLIED_PARTIAL, /* some of it */
	APPLIED_UNKNOWN, /* only reading tells */
	APPLIED_BEYOND,  /* all of it, and what was not planned is not as it was: the error says
			  * what; told even when the planned records read back well */
};

enum {
	REGISTRAR_LIST = 1,            /* list() gives the whole zone */
	REGISTRAR_ATOMIC = 2,          /* a change set is applied whole or not at all */
	REGISTRAR_COMPARE_AND_SET = 4, /* apply itself refuses when a before-image differs */
	REGISTRAR_BY_HAND = 8,         /* a person applies it; `sheet` tells them how */
	REGISTRAR_MORE_OPTIONS = 16,   /* there are options beside the table: open() checks all */
	REGISTRAR_ZONE_TTL = 32,       /* records have the zone's TTL: none can be set */
	REGISTRAR_READS_ONE = 64,      /* read() asks for that RRset alone, and is less dear than
					* pick(): that is for what reads by type cannot tell */
};

/* Canonical names, borrowed; one may stand there twice. */
struct registrar_names {
	size_t n;
	const char *const *at;
};
/* NULL: all names are. */
bool registrar_names_have(const struct registrar_names *names, const char *name);
/* The names of a change set's RRsets, one a change; the list is the arena's. */
struct registrar_names registrar_names_of(struct arena *a, const struct change_set *cs);

struct registrar {
	int abi;           /* REGISTRAR_ABI */
	const char *name;  /* "rfc2136" */
	const char *title; /* "DNS UPDATE (RFC 2136) with TSIG" */
	unsigned capabilities;
	const struct registrar_option *options; /* ends with a NULL name */
	const char *const *hosts; /* where HTTP requests may go, NULL-terminated ("host" or
				   * "host:port"), beside the host of the option base_url;
				   * NULL: nowhere else */
	const char *const *notes; /* what an operator must know, NULL-terminated; NULL */
	const char *verified;     /* when it was last compared with the vendor's documents; NULL */
	const void *own;          /* the provider's; NULL */

	/* Checks the values of the configuration (names are checked already) and makes a
	 * session. No exchange yet. `host` outlives the session; `config` is borrowed for this
	 * call only: copy what is kept. */
	int (*open)(const struct registrar *self, const struct registrar_host *host,
		    const struct registrar_config *config, void **session_r, struct err *e);
	/* Frees the session and wipes its secrets. */
	void (*close)(void *session);
	/* The provider as this session has it (capabilities, title, TTLs, functions), where only
	 * open() could find out; the session's, until close. NULL: the row itself. */
	const struct registrar *(*as_opened)(void *session);

	/* The RRset as the provider's own primary data has it; *rrset_r NULL when there is none.
	 * read and list are NULL where nothing but the DNS itself can tell (a panel). */
	int (*read)(void *session, struct arena *a, const char *name, uint16_t type,
		    const struct rrset **rrset_r, struct err *e);
	/* The whole zone, complete or an error: a listing that may be cut is an error. NULL
	 * without REGISTRAR_LIST. */
	int (*list)(void *session, struct arena *a, const struct zone **zone_r, struct err *e);
	/* All RRsets at these names, of whatever type, as read has them, in one go, and nothing of
	 * the rest kept: a zone may have more records than there is memory. For who can only list,
	 * or reads all to tell one; with REGISTRAR_READS_ONE for what else is at a name. NULL:
	 * each is read, or the zone is listed. */
	int (*pick)(void *session, struct arena *a, const struct registrar_names *names,
		    const struct zone **zone_r, struct err *e);
	/* Applies the changes in order, each a whole RRset. On 0 *applied_r is APPLIED_ALL. On
	 * -1 it tells what is known; ERR_REFUSED with APPLIED_NONE: a before-image differs or
	 * the provider refuses. Never called with a set that change_set_check refuses. NULL
	 * with REGISTRAR_BY_HAND. */
	int (*apply)(void *session, const struct change_set *changes,
		     enum registrar_applied *applied_r, struct err *e);
	/* Makes the servers serve what an apply of this or of an earlier session has written, where
	 * that is a request of its own (OVH's refresh): called when reading shows a change as
	 * written and nobody knows whether apply came as far as that. Safe to repeat. On -1 what
	 * was written is not served yet. NULL: what is written is served. */
	int (*publish)(void *session, struct err *e);
	/* What the answers so far tell about how this zone is kept that would spoil a change
	 * (secondaries that are never told), with what to do about it; NULL: nothing. The text is
	 * the session's. Sends nothing itself. NULL: the provider tells no such thing. */
	const char *(*warning)(void *session);
	/* Whether the zone as it is could be written at all, as far as reading tells: where a write
	 * sends everything, what cannot be sent again stops every change. Changes nothing. NULL:
	 * nothing that is there stands in the way of a change. */
	int (*writable)(void *session, struct err *e);
	/* The provider's own id of the zone, which tells it from one of the same name in another
	 * account, as far as it was given or the exchanges so far have told; NULL: not. The
	 * session's. Sends nothing itself. NULL: the provider has none. */
	const char *(*zone_id)(void *session);
	/* The second net: has the provider itself keep the whole zone as it is now, and gives the
	 * id by which restore() and a person in the panel find it again (the arena's, printable).
	 * No record changes. A write for the host, so a dry run refuses it. On -1 there is none;
	 * the zone was not touched. NULL, as restore is, where the provider keeps none. */
	int (*snapshot)(void *session, struct arena *a, const char **id_r, struct err *e);
	/* Puts the whole zone back as that snapshot has it, what others edited since included:
	 * only ever called because a person asked for it by that id, never by a rollback of its
	 * own accord. *applied_r as with apply. */
	int (*restore)(void *session, const char *id, enum registrar_applied *applied_r,
		       struct err *e);
	/* The TTL that a record gets when `wanted` seconds are asked for; NULL: that very one. */
	uint32_t (*ttl)(const struct registrar *self, uint32_t wanted);
	/* REGISTRAR_BY_HAND only: what to do in the panel, in its own words. */
	int (*sheet)(void *session, struct arena *a, const struct change_set *changes,
		     const char **text_r, struct err *e);
};

/* The TTL, in seconds, that the provider would give a record that is to have `wanted`. */
uint32_t registrar_ttl(const struct registrar *r, uint32_t wanted);

/* For providers: the text of an option, or `otherwise` when it was not given.
 * Borrowed from the configuration: copy it to keep it behind open(). */
const char *registrar_text(const struct registrar_config *c, const char *name,
			   const char *otherwise);
/* For providers: the secret given for an option, NULL when none was. Borrowed likewise. */
const struct secret *registrar_secret(const struct registrar_config *c, const char *name);

/* For providers: ERR_USAGE unless `server` is "ADDR" or "ADDR#PORT" with a numeric IPv4 or
 * IPv6 address. */
int registrar_server_check(const char *server, struct err *e);

#endif
