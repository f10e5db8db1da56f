/*
 * protocol.h - the plugin protocol as values: lines of JSON in, out of them what a plugin said.
 * Bytes only; nothing here knows where they come from. docs/providers-process.md is the contract
 * as its other side reads it.
 */
#ifndef REGISTRARS_PROCESS_PROTOCOL_H
#define REGISTRARS_PROCESS_PROTOCOL_H

#include "registrars/registrar.h"

enum {
	PLUGIN_PROTOCOL = 1,
	PLUGIN_NAME_MAX = 40,
	PLUGIN_TEXT_MAX = 300, /* octets of a title, help, note, message or hint; the rest is cut */
	PLUGIN_OPTIONS_MAX = 64,
	PLUGIN_NOTES_MAX = 16,
	PLUGIN_TTLS_MAX = 64,
};

/* A line is one of these. */
enum plugin_kind {
	PLUGIN_OK,    /* {"id":N,"ok":{…}}: the whole answer, or … */
	PLUGIN_ERROR, /* {"id":N,"error":{…}} … instead of it */
	PLUGIN_RRSET, /* {"id":N,"rrset":{…}}: one of a listing … */
	PLUGIN_END,   /* {"id":N,"end":{"count":N}}, and its end */
	PLUGIN_LOG,   /* {"log":"text"}: at any time */
};

struct plugin_line {
	enum plugin_kind kind;
	int64_t id;            /* 0 for a log line */
	const struct js *body; /* the member's value, in `tree` */
	struct js *tree;       /* owned */
};

/* Reads one line. -1 with ERR_WORLD when it is none of the above, has two of them, no id, or a
 * body of the wrong kind; nothing is left to release then. */
int plugin_line_parse(struct slice text, struct plugin_line *line_r, struct err *e);
/* Frees the tree, `body` with it. */
void plugin_line_release(struct plugin_line *line);

/* The body of a PLUGIN_ERROR. */
struct plugin_error {
	enum plugin_class {
		PLUGIN_AUTH,
		PLUGIN_GATE,
		PLUGIN_MISSING,
		PLUGIN_CONFLICT,
		PLUGIN_LIMIT,
		PLUGIN_REFUSED,
		PLUGIN_UNKNOWN,
		PLUGIN_CLASSES
	} class;
	const char *message, *hint;     /* the arena's, cut, "" when not given */
	int64_t retry_after_s;          /* PLUGIN_LIMIT: 0 when not given */
	enum registrar_applied applied; /* UNKNOWN when not given */
};
/* -1 with ERR_WORLD when the class is none, or `applied` no word for it. */
int plugin_error_read(struct arena *a, const struct js *body, struct plugin_error *error_r,
		      struct err *e);
/* Fills *e with what it means; -1. */
int plugin_error_tell(const char *title, const struct plugin_error *error, struct err *e);

/* What an `ok` to apply says: ALL. -1 with ERR_RETRY, and UNKNOWN, when it says anything else. */
int plugin_applied_read(const struct js *body, enum registrar_applied *applied_r, struct err *e);

/* An RRset in the plugin's words; it must be one of the zone. NULL with ERR_WORLD. */
const struct rrset *plugin_rrset(struct arena *a, const char *zone, const struct js *v,
				 struct err *e);
/* The changes of a set, as the request has them; the caller's. */
struct js *plugin_changes(const struct change_set *cs);

/* Limits for TTLs, in seconds; 0 and n = 0: none. */
struct plugin_ttl {
	uint32_t min, max;
	size_t n;
	uint32_t allowed[PLUGIN_TTLS_MAX]; /* rising */
};
/* Leaves *ttl_r alone when `v` is NULL. -1 with ERR_WORLD. */
int plugin_ttl_read(const struct js *v, struct plugin_ttl *ttl_r, struct err *e);
/* The TTL that is given for a wanted one: the next higher that is allowed, else the highest. */
uint32_t plugin_ttl_fit(const struct plugin_ttl *t, uint32_t wanted);

/* What a plugin is, by its answer to hello; texts are the arena's, printable and cut. */
struct plugin_hello {
	const char *name, *title, *verified; /* verified: NULL when not given */
	unsigned capabilities;               /* of enum registrar's, and … */
	bool reads;                          /* … a single RRset */
	struct registrar_option *options;    /* ends with a NULL name */
	size_t option_n;
	const char **notes; /* NULL-terminated */
	struct plugin_ttl ttl;
};
/* -1 with ERR_WORLD for what is no such answer, ERR_USAGE for another version. */
int plugin_hello_read(struct arena *a, const struct js *body, struct plugin_hello *hello_r,
		      struct err *e);

/* True for a word of lower-case letters, digits, "-" and "_", at most PLUGIN_NAME_MAX long. */
bool plugin_word_ok(const char *s);

#endif
