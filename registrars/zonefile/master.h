/*
 * master.h - a master file as its entries, each with its place in the bytes, so that
 * one can be changed and all others kept. Private to the provider.
 *
 * An entry is one or more whole lines: a record (parentheses and all), a directive, or
 * lines without either. What an entry inherits from those before it is told, because
 * an edit must not change what the next one inherits.
 */
#ifndef REGISTRARS_ZONEFILE_MASTER_H
#define REGISTRARS_ZONEFILE_MASTER_H

#include "registrars/registrar.h"
#include "zone/zone.h"

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
	size_t start, end; /* [start, end) with the line end */
	unsigned line;     /* from 1 */
	size_t token_n;
	const struct master_token *tokens;
	bool starts_blank;  /* the first line begins with a blank: the owner is inherited */
	size_t content_end; /* behind the last word or parenthesis */
	const char *origin; /* in force for this entry */

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

struct master {
	const char *zone;  /* canonical */
	struct slice text; /* borrowed */
	size_t n;
	const struct master_entry *entries;
	const char *last_origin; /* in force at the end */
};

/* NULL with *e (ERR_REFUSED, the line named) for what cannot be edited safely: syntax, a
 * $INCLUDE (what it holds is not known), an unknown directive, a NUL byte. `text` must
 * outlive the result. */
const struct master *master_parse(struct arena *a, const char *zone, struct slice text,
				  struct err *e);
/* The same where only what is at these names matters (NULL: all): the values of other records are
 * not read, and for such a record entry->set is NULL as if it were not understood. */
const struct master *master_parse_only(struct arena *a, const char *zone, struct slice text,
				       const struct registrar_names *only, struct err *e);
/* The records of the zone; what is not understood is left out. */
const struct zone *master_zone(struct arena *a, const struct master *m);
/* The first entry that may hold `name` and `type` but cannot be read as a record (a
 * $GENERATE, a type that is not understood); NULL when there is none. Type 0: any. */
const struct master_entry *master_doubt(struct arena *a, const struct master *m, const char *name,
					uint16_t type);
/* The token's bytes in the file, quotes and escapes as written; valid as long as m->text. */
struct slice master_word(const struct master *m, const struct master_token *t);

/* For master.c only: reads the entry's words as a record. */
struct master_state {
	struct arena *a;
	struct arena *scratch; /* for one record */
	const struct registrar_names *only;
	const struct master *m;
	const char *origin, *last_name; /* last_name NULL: no record yet */
	bool has_default, has_last;
	uint32_t default_ttl, last_ttl;
};
/* Fills the second half of the entry, and in `s` what later entries inherit (RFC 1035 §5.1).
 * -1 (ERR_REFUSED) for a syntax that cannot be edited safely; a type that is not understood
 * only leaves entry->set NULL. */
int master_record(struct master_state *s, struct master_entry *entry, struct err *e);
/* "3600", "1h30m": RFC 1035 seconds or BIND's units. */
bool master_ttl(struct slice s, uint32_t *ttl_r);
/* Fills *e with ERR_REFUSED, the entry's line and `why`; always -1. */
int master_error(const struct master_entry *entry, struct err *e, const char *why);

#endif
