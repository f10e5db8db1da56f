/*
 * Words first, meaning second: the lexer cuts the bytes into entries and words and knows
 * only quotes, escapes, comments and parentheses (RFC 1035 §5.1); directives and records
 * are read from the words.
 */
#include "registrars/zonefile/master.h"

#include <string.h>

#include "zone/dname.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 8 };

int master_error(const struct master_entry *entry, struct err *e, const char *why)
{
	return err_set(e, ERR_REFUSED, "line %u: %s", entry->line, why);
}

struct slice master_word(const struct master *m, const struct master_token *t)
{
	return (struct slice){ m->of->text.ptr + t->at, t->len };
}

static bool at_end(const struct master *m)
{
	return m->pos >= m->of->text.len;
}

/* The end reads as a line end: a last line without one is complete. */
static char peek(const struct master *m)
{
	if (at_end(m))
		return '\n';
	return m->of->text.ptr[m->pos];
}

static bool ends_word(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')';
}

/* From behind a backslash: any character but a line end belongs to the word. */
static int skip_escaped(struct master *m, struct err *e)
{
	m->pos++;
	if (peek(m) == '\n')
		return master_error(&m->entry, e, "a backslash before the end of the line");
	m->pos++;
	return 0;
}

/* From an opening quote to behind the closing one. */
static int skip_quoted(struct master *m, struct err *e)
{
	m->pos++;
	while (peek(m) != '"') {
		if (peek(m) == '\n')
			return master_error(&m->entry, e, "a quote is not closed on its line");
		if (peek(m) == '\\') {
			if (skip_escaped(m, e) != 0)
				return -1;
		} else {
			m->pos++;
		}
	}
	m->pos++;
	return 0;
}

/* Up to what ends a word; quotes inside of one keep blanks (alpn="h2 h3"). */
static int skip_plain(struct master *m, struct err *e)
{
	while (!ends_word(peek(m))) {
		int rc = 0;
		if (peek(m) == '\\')
			rc = skip_escaped(m, e);
		else if (peek(m) == '"') /* key="value" */
			rc = skip_quoted(m, e);
		else
			m->pos++;
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int read_word(struct master *m, struct err *e)
{
	size_t start = m->pos;
	int rc = peek(m) == '"' ? skip_quoted(m, e) : skip_plain(m, e);
	if (rc != 0)
		return -1;
	struct master_token *t = vec_push(m->a, &m->tokens);
	*t = (struct master_token){ start, m->pos - start, m->depth };
	m->entry.content_end = m->pos;
	return 0;
}

/* They only join lines (RFC 1035 §5.1); nesting is allowed by servers, in reason. */
static int read_parenthesis(struct master *m, struct err *e)
{
	bool opens = peek(m) == '(';
	if (!opens && m->depth == 0)
		return master_error(&m->entry, e, "a parenthesis is closed that was not opened");
	if (opens && m->depth >= DEPTH_MAX)
		return master_error(&m->entry, e, "too many parentheses");
	m->depth = opens ? m->depth + 1 : m->depth - 1;
	m->pos++;
	m->entry.content_end = m->pos;
	return 0;
}

static void skip_comment(struct master *m)
{
	while (peek(m) != '\n')
		m->pos++;
}

/* 1 when the entry ends here, behind its line end. */
static int read_line_end(struct master *m, struct err *e)
{
	if (at_end(m) && m->depth > 0)
		return master_error(&m->entry, e, "a parenthesis is not closed");
	if (!at_end(m))
		m->pos++;
	m->line++;
	return m->depth == 0 ? 1 : 0;
}

/* 1 at the end of the entry. */
static int read_piece(struct master *m, struct err *e)
{
	switch (peek(m)) {
	case '\n': return read_line_end(m, e);
	case ';': skip_comment(m); return 0;
	case '(':
	case ')': return read_parenthesis(m, e);
	case ' ':
	case '\t':
	case '\r': m->pos++; return 0;
	default: return read_word(m, e);
	}
}

/* Lines that parentheses join are one entry; the blank at its start is remembered, for it
 * means that the owner is inherited. */
static int read_entry(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	int done = 0;
	size_t index = entry->line > 0 ? entry->index + 1 : 0;
	*entry = (struct master_entry){ .index = index, .start = m->pos, .line = m->line };
	entry->starts_blank = peek(m) == ' ' || peek(m) == '\t';
	entry->content_end = m->pos;
	m->tokens.at = NULL;
	m->tokens.n = m->tokens.cap = 0;
	while (done == 0)
		done = read_piece(m, e);
	entry->end = m->pos;
	entry->token_n = m->tokens.n;
	entry->tokens = m->tokens.at;
	return done == 1 ? 0 : -1;
}

const char *master_text_of(struct buf *b, const char *text)
{
	buf_clear(b);
	buf_add(b, text, strlen(text) + 1);
	return b->at;
}

/* A relative $ORIGIN is relative to the one before (RFC 1035 §5.1). */
static int read_origin(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	entry->kind = MASTER_ORIGIN;
	if (entry->token_n != 2)
		return master_error(entry, e, "$ORIGIN needs one name");
	const char *text = arena_slice(m->a, master_word(m, &entry->tokens[1]));
	const char *name = dname_in_zone(m->a, text, entry->origin, e);
	if (name != NULL) {
		entry->origin = master_text_of(&m->origin, name);
		return 0;
	}
	e->kind = ERR_REFUSED;
	return err_wrap(e, "line %u", entry->line);
}

/* $TTL (RFC 2308 §4) holds from here on, until the next one. */
static int read_default_ttl(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	entry->kind = MASTER_TTL;
	if (entry->token_n != 2 || !master_ttl(master_word(m, &entry->tokens[1]), &m->default_ttl))
		return master_error(entry, e, "$TTL needs one number of seconds");
	m->has_default = true;
	return 0;
}

/* What it makes is the server's business: only its owner is of interest here. */
static int read_generate(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	entry->kind = MASTER_GENERATE;
	if (entry->token_n < 4)
		return master_error(entry, e, "$GENERATE needs a range, a name, a type and data");
	entry->pattern = master_word(m, &entry->tokens[2]);
	return 0;
}

/* What is unknown might change the meaning of every line behind it: refused, not skipped. */
static int read_directive(struct master *m, struct err *e)
{
	struct slice word = master_word(m, &m->entry.tokens[0]);
	if (slice_eq_nocase(word, SLICE_LIT("$ORIGIN")))
		return read_origin(m, e);
	if (slice_eq_nocase(word, SLICE_LIT("$TTL")))
		return read_default_ttl(m, e);
	if (slice_eq_nocase(word, SLICE_LIT("$GENERATE")))
		return read_generate(m, e);
	if (!slice_eq_nocase(word, SLICE_LIT("$INCLUDE")))
		return master_error(&m->entry, e, "an unknown directive");
	(void)master_error(&m->entry, e, "$INCLUDE: what it brings is not known here");
	return err_hint(e, "put the zone into one file, or use another provider (rfc2136, manual)");
}

/* A line is a directive when its first word begins with `$`; an owner that does is written
 * with a backslash. */
static int interpret(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	entry->origin = m->origin.at;
	if (entry->token_n == 0)
		return 0; /* MASTER_BLANK */
	if (m->of->text.ptr[entry->tokens[0].at] == '$')
		return read_directive(m, e);
	entry->kind = MASTER_RECORD;
	return master_record(m, e);
}

int master_begin(struct master *m, const struct master_text *text,
		 const struct registrar_names *only, struct err *e)
{
	struct slice s = text->text;
	*m = (struct master){ .of = text, .only = only, .a = arena_new(), .line = 1 };
	buf_init(&m->last_name);
	buf_init(&m->origin);
	m->entry.origin = master_text_of(&m->origin, text->zone);
	if (s.len > FILE_MAX || (s.len > 0 && memchr(s.ptr, '\0', s.len) != NULL))
		return err_set(e, ERR_REFUSED, "this is no zone file: %s",
			       s.len > FILE_MAX ? "too large" : "it holds a NUL byte");
	return 0;
}

int master_next(struct master *m, struct err *e)
{
	if (at_end(m))
		return 0;
	arena_reset(m->a);
	return read_entry(m, e) == 0 && interpret(m, e) == 0 ? 1 : -1;
}

void master_end(struct master *m)
{
	arena_free(m->a);
	buf_release(&m->last_name);
	buf_release(&m->origin);
}

const struct rrset *master_keep(struct arena *a, const struct master *m)
{
	struct rrset *set = arena_memdup(a, m->entry.set, sizeof(*set));
	const char **rdata = ARENA_ARRAY(a, 1, const char *);
	rdata[0] = arena_strdup(a, m->entry.set->rdata[0]);
	set->name = arena_strdup(a, m->entry.set->name);
	set->rdata = rdata;
	return set;
}

/* Whether `name` could be made from the pattern: what stands before its first `$` and
 * behind its last must agree, the rest is taken for possible. */
static bool may_generate(const struct master *m, const char *name)
{
	struct err ignored;
	struct slice rest = m->entry.pattern;
	struct slice head = slice_until(&rest, '$');
	if (head.len == m->entry.pattern.len) { /* always the same name */
		const char *one = dname_in_zone(m->a, arena_slice(m->a, head), m->entry.origin,
						&ignored);
		return one == NULL || dname_equal(one, name);
	}
	if (memchr(head.ptr, '\\', head.len) != NULL)
		return true;
	return slice_starts_nocase(slice_str(name), head);
}

bool master_doubtful(const struct master *m, const char *name, uint16_t type)
{
	const struct master_entry *entry = &m->entry;
	if (entry->kind == MASTER_GENERATE)
		return may_generate(m, name);
	return entry->kind == MASTER_RECORD && entry->set == NULL &&
	       dname_equal(entry->name, name) && (type == 0 || type == entry->type);
}
