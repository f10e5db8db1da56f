/*
 * master.h - a master file walked entry by entry, each with its place in the bytes, so that
 * one can be changed and all others kept. Nothing is kept of an entry when the next one is
 * read: a file may have a million of them. Private to the provider.
 *
 * An entry is one or more whole lines: a record (parentheses and all), a directive, or
 * lines without either. What an entry inherits from those before it is told, because
 * an edit must not change what the next one inherits.
 */
#ifndef REGISTRARS_ZONEFILE_MASTER_H
#define REGISTRARS_ZONEFILE_MASTER_H

#include "base/vec.h"
#include "registrars/registrar.h"
#include "zone/zone.h"

/* A zone's file; all of it borrowed. */
struct master_text {
	const char *zone; /* canonical */
	struct slice text;
};

enum master_kind {
	MASTER_BLANK,    /* comments and empty lines */
	MASTER_ORIGIN,   /* $ORIGIN */
	MASTER_TTL,      /* $TTL */
	MASTER_GENERATE, /* BIND's $GENERATE: `pattern` tells which names it may make */
	MASTER_RECORD,
};

/* A word, quotes and escapes as written. */
struct master_token {
	size_t at, len;
	unsigned depth; /* of parentheses */
};

struct master_entry {
	enum master_kind kind;
	size_t index;      /* from 0, all kinds counted */
	size_t start, end; /* [start, end) with the line end */
	unsigned line;     /* from 1 */
	size_t token_n;
	const struct master_token *tokens;
	bool starts_blank;  /* the first line begins with a blank: the owner is inherited */
	size_t content_end; /* behind the last word or parenthesis */
	const char *origin; /* in force behind this entry */

	/* Records only. */
	const char *name; /* absolute, canonical */
	uint16_t type;
	uint32_t ttl;
	bool has_ttl;            /* written in the record: tokens[ttl_at] */
	bool borrows_ttl;        /* taken over from the record before (no $TTL in force) */
	size_t ttl_at, type_at;  /* indices of tokens */
	const struct rrset *set; /* the one record; NULL: outside the zone or not understood */

	struct slice pattern; /* MASTER_GENERATE: its owner, `$` for the number */
};

/* One walk over a file. Only `of` and `entry` are for the reader's eyes; the rest is where the
 * lexer is and what later entries inherit. */
struct master {
	const struct master_text *of;
	struct master_entry entry; /* the one that was read last, good until the next is read */

	const struct registrar_names *only;
	struct arena *a; /* owned: what the entry points to */
	size_t pos;
	unsigned line, depth;
	VEC(struct master_token) tokens;
	struct buf origin, last_name; /* owned; last_name empty: no record yet */
	bool has_default, has_last;
	uint32_t default_ttl, last_ttl;
};

/* Begins at the start of the text; end it with master_end, whatever this returns. Where only what
 * is at the names `only` matters (NULL: all), the values of other records are not read, and for
 * such a record entry.set is NULL as if it were not understood; the SOA's always is. Both are
 * borrowed until then. -1 with *e (ERR_REFUSED): too large, or a NUL byte. */
int master_begin(struct master *m, const struct master_text *text,
		 const struct registrar_names *only, struct err *e);
/* 1: m->entry is the next one; 0: the file has no more, and entry.origin is what is in force at
 * its end. -1 with *e (ERR_REFUSED, the line named) for what cannot be edited safely: syntax, a
 * $INCLUDE (what it holds is not known), an unknown directive. */
int master_next(struct master *m, struct err *e);
/* Frees what the walk holds; the text stays the caller's. */
void master_end(struct master *m);

/* The entry's record as it is kept beyond the walk: a copy in `a`. */
const struct rrset *master_keep(struct arena *a, const struct master *m);
/* Whether the entry may hold `name` and `type` (0: any) but cannot be read as a record: a
 * $GENERATE, a type that is not understood. `name` must be one of `only`. */
bool master_doubtful(const struct master *m, const char *name, uint16_t type);
/* The token's bytes in the file, quotes and escapes as written; valid as long as the text. */
struct slice master_word(const struct master *m, const struct master_token *t);

/* For master.c only: fills the second half of m->entry out of its words, and what later entries
 * inherit (RFC 1035 §5.1). -1 (ERR_REFUSED) for a syntax that cannot be edited safely; a type
 * that is not understood only leaves entry.set NULL. */
int master_record(struct master *m, struct err *e);
/* For master.c and master_record.c: what `b` holds as a C string, good until it changes. */
const char *master_text_of(struct buf *b, const char *text);
/* "3600", "1h30m": RFC 1035 seconds or BIND's units. */
bool master_ttl(struct slice s, uint32_t *ttl_r);
/* Fills *e with ERR_REFUSED, the entry's line and `why`; always -1. */
int master_error(const struct master_entry *entry, struct err *e, const char *why);

#endif
