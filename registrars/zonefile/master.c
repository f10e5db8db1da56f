/*
 * Words first, meaning second: the lexer cuts the bytes into entries and words and knows
 * only quotes, escapes, comments and parentheses (RFC 1035 §5.1); directives and records
 * are read from the words.
 */
#include "registrars/zonefile/master.h"

#include <string.h>

#include "base/vec.h"
#include "zone/dname.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 8, ENTRIES_MAX = 300000 };

int master_error(const struct master_entry *entry, struct err *e, const char *why)
{
	return err_set(e, ERR_REFUSED, "line %u: %s", entry->line, why);
}

struct slice master_word(const struct master *m, const struct master_token *t)
{
	return (struct slice){ m->text.ptr + t->at, t->len };
}

struct lexer {
	struct arena *a;
	struct slice text;
	size_t pos;
	unsigned line, depth;
	struct master_entry *entry;
	VEC(struct master_token) tokens;
};

static bool at_end(const struct lexer *x)
{
	return x->pos >= x->text.len;
}

/* The end reads as a line end: a last line without one is complete. */
static char peek(const struct lexer *x)
{
	if (at_end(x))
		return '\n';
	return x->text.ptr[x->pos];
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')';
}

/* From behind a backslash: any character but a line end belongs to the word. */
static int skip_escaped(struct lexer *x, struct err *e)
{
	x->pos++;
	if (peek(x) == '\n')
		return master_error(x->entry, e, "a backslash before the end of the line");
	x->pos++;
	return 0;
}

/* From an opening quote to behind the closing one. */
static int skip_quoted(struct lexer *x, struct err *e)
{
	x->pos++;
	while (peek(x) != '"') {
		if (peek(x) == '\n')
			return master_error(x->entry, e, "a quote is not closed on its line");
		if (peek(x) == '\\') {
			if (skip_escaped(x, e) != 0)
				return -1;
		} else {
			x->pos++;
		}
	}
	x->pos++;
	return 0;
}

/* Up to what ends a word; quotes inside of one keep blanks (alpn="h2 h3"). */
static int skip_plain(struct lexer *x, struct err *e)
{
	while (!ends_word(peek(x))) {
		int rc = 0;
		if (peek(x) == '\\')
			rc = skip_escaped(x, e);
		else if (peek(x) == '"') /* key="value" */
			rc = skip_quoted(x, e);
		else
			x->pos++;
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int read_word(struct lexer *x, struct err *e)
{
	size_t start = x->pos;
	int rc = peek(x) == '"' ? skip_quoted(x, e) : skip_plain(x, e);
	if (rc != 0)
		return -1;
	struct master_token *t = vec_push(x->a, &x->tokens);
	*t = (struct master_token){ start, x->pos - start, x->depth };
	x->entry->content_end = x->pos;
	return 0;
}

/* They only join lines (RFC 1035 §5.1); nesting is allowed by servers, in reason. */
static int read_parenthesis(struct lexer *x, struct err *e)
{
	bool opens = peek(x) == '(';
	if (!opens && x->depth == 0)
		return master_error(x->entry, e, "a parenthesis is closed that was not opened");
	if (opens && x->depth >= DEPTH_MAX)
		return master_error(x->entry, e, "too many parentheses");
	x->depth = opens ? x->depth + 1 : x->depth - 1;
	x->pos++;
	x->entry->content_end = x->pos;
	return 0;
}

static void skip_comment(struct lexer *x)
{
	while (peek(x) != '\n')
		x->pos++;
}

/* 1 when the entry ends here, behind its line end. */
static int read_line_end(struct lexer *x, struct err *e)
{
	if (at_end(x) && x->depth > 0)
		return master_error(x->entry, e, "a parenthesis is not closed");
	if (!at_end(x))
		x->pos++;
	x->line++;
	return x->depth == 0 ? 1 : 0;
}

/* 1 at the end of the entry. */
static int read_piece(struct lexer *x, struct err *e)
{
	switch (peek(x)) {
	case '\n': return read_line_end(x, e);
	case ';': skip_comment(x); return 0;
	case '(':
	case ')': return read_parenthesis(x, e);
	case ' ':
	case '\t':
	case '\r': x->pos++; return 0;
	default: return read_word(x, e);
	}
}

/* Lines that parentheses join are one entry; the blank at its start is remembered, for it
 * means that the owner is inherited. */
static int read_entry(struct lexer *x, struct master_entry *entry, struct err *e)
{
	int done = 0;
	*entry = (struct master_entry){ .start = x->pos, .line = x->line };
	entry->starts_blank = peek(x) == ' ' || peek(x) == '\t';
	entry->content_end = x->pos;
	x->entry = entry;
	x->tokens.at = NULL;
	x->tokens.n = x->tokens.cap = 0;
	while (done == 0)
		done = read_piece(x, e);
	entry->end = x->pos;
	entry->token_n = x->tokens.n;
	entry->tokens = x->tokens.at;
	return done == 1 ? 0 : -1;
}

static const char *word_text(const struct master_state *s, const struct master_entry *entry,
			     size_t i)
{
	return arena_slice(s->a, master_word(s->m, &entry->tokens[i]));
}

/* A relative $ORIGIN is relative to the one before (RFC 1035 §5.1). */
static int read_origin(struct master_state *s, struct master_entry *entry, struct err *e)
{
	entry->kind = MASTER_ORIGIN;
	if (entry->token_n != 2)
		return master_error(entry, e, "$ORIGIN needs one name");
	s->origin = dname_in_zone(s->a, word_text(s, entry, 1), s->origin, e);
	if (s->origin != NULL)
		return 0;
	e->kind = ERR_REFUSED;
	return err_wrap(e, "line %u", entry->line);
}

/* $TTL (RFC 2308 §4) holds from here on, until the next one. */
static int read_default_ttl(struct master_state *s, struct master_entry *entry, struct err *e)
{
	entry->kind = MASTER_TTL;
	if (entry->token_n != 2 ||
	    !master_ttl(master_word(s->m, &entry->tokens[1]), &s->default_ttl))
		return master_error(entry, e, "$TTL needs one number of seconds");
	s->has_default = true;
	return 0;
}

/* What it makes is the server's business: only its owner is of interest here. */
static int read_generate(const struct master_state *s, struct master_entry *entry, struct err *e)
{
	entry->kind = MASTER_GENERATE;
	if (entry->token_n < 4)
		return master_error(entry, e, "$GENERATE needs a range, a name, a type and data");
	entry->pattern = master_word(s->m, &entry->tokens[2]);
	return 0;
}

/* What is unknown might change the meaning of every line behind it: refused, not skipped. */
static int read_directive(struct master_state *s, struct master_entry *entry, struct err *e)
{
	struct slice word = master_word(s->m, &entry->tokens[0]);
	if (slice_eq_nocase(word, SLICE_LIT("$ORIGIN")))
		return read_origin(s, entry, e);
	if (slice_eq_nocase(word, SLICE_LIT("$TTL")))
		return read_default_ttl(s, entry, e);
	if (slice_eq_nocase(word, SLICE_LIT("$GENERATE")))
		return read_generate(s, entry, e);
	if (!slice_eq_nocase(word, SLICE_LIT("$INCLUDE")))
		return master_error(entry, e, "an unknown directive");
	(void)master_error(entry, e, "$INCLUDE: what it brings is not known here");
	return err_hint(e, "put the zone into one file, or use another provider (rfc2136, manual)");
}

/* A line is a directive when its first word begins with `$`; an owner that does is written
 * with a backslash. */
static int interpret(struct master_state *s, struct master_entry *entry, struct err *e)
{
	entry->origin = s->origin;
	if (entry->token_n == 0)
		return 0; /* MASTER_BLANK */
	if (s->m->text.ptr[entry->tokens[0].at] == '$')
		return read_directive(s, entry, e);
	entry->kind = MASTER_RECORD;
	return master_record(s, entry, e);
}

/* An edit is verified by reading the whole file four times over, all in memory. */
static int refuse_big(struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "the file has more than %d records and comments",
		      ENTRIES_MAX);
	return err_hint(e, "a zone of this size is changed by the server: use rfc2136");
}

static int parse_all(struct lexer *x, struct master_state *s, struct master *m, struct err *e)
{
	VEC(struct master_entry) list = { 0 };
	while (!at_end(x)) {
		if (list.n == ENTRIES_MAX)
			return refuse_big(e);
		struct master_entry *entry = vec_push(x->a, &list);
		if (read_entry(x, entry, e) != 0 || interpret(s, entry, e) != 0)
			return -1;
	}
	m->n = list.n;
	m->entries = list.at;
	m->last_origin = s->origin;
	return 0;
}

const struct master *master_parse_only(struct arena *a, const char *zone, struct slice text,
				       const struct registrar_names *only, struct err *e)
{
	struct master *m = ARENA_NEW(a, struct master);
	struct lexer x = { .a = a, .text = text, .line = 1 };
	struct master_state s = { .a = a, .only = only, .m = m, .origin = zone };
	*m = (struct master){ .zone = zone, .text = text };
	if (text.len > FILE_MAX || (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
		(void)err_set(e, ERR_REFUSED, "this is no zone file: %s",
			      text.len > FILE_MAX ? "too large" : "it holds a NUL byte");
		return NULL;
	}
	s.scratch = arena_new();
	int rc = parse_all(&x, &s, m, e);
	arena_free(s.scratch);
	return rc == 0 ? m : NULL;
}

const struct master *master_parse(struct arena *a, const char *zone, struct slice text,
				  struct err *e)
{
	return master_parse_only(a, zone, text, NULL, e);
}

/* One set a record; zone_make joins those of one name and type. */
const struct zone *master_zone(struct arena *a, const struct master *m)
{
	VEC(const struct rrset *) sets = { 0 };
	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].set != NULL)
			*vec_push(a, &sets) = m->entries[i].set;
	}
	return zone_make(a, m->zone, sets.n, sets.at);
}

/* Whether `name` could be made from the pattern: what stands before its first `$` and
 * behind its last must agree, the rest is taken for possible. */
static bool may_generate(struct arena *a, const struct master_entry *entry, const char *name)
{
	struct err ignored;
	struct slice rest = entry->pattern;
	struct slice head = slice_until(&rest, '$');
	struct slice made = slice_str(name);
	if (head.len == entry->pattern.len) { /* always the same name */
		const char *one = dname_in_zone(a, arena_slice(a, head), entry->origin, &ignored);
		return one == NULL || dname_equal(one, name);
	}
	if (memchr(head.ptr, '\\', head.len) != NULL)
		return true;
	return slice_starts_nocase(made, head);
}

/* Before an RRset is changed: is there a line that may belong to it and cannot be edited? */
const struct master_entry *master_doubt(struct arena *a, const struct master *m, const char *name,
					uint16_t type)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct master_entry *entry = &m->entries[i];
		if (entry->kind == MASTER_GENERATE && may_generate(a, entry, name))
			return entry;
		if (entry->kind == MASTER_RECORD && entry->set == NULL &&
		    dname_equal(entry->name, name) && (type == 0 || type == entry->type))
			return entry;
	}
	return NULL;
}
