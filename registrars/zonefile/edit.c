/*
 * Two walks over the file. In the first each entry of a planned RRset gets an order: keep, drop,
 * new rdata, new TTL; values that no entry has yet become new lines behind the last record of
 * their name. In the second the file is written entry by entry, and what the written part passes
 * on to the next entry (owner, TTL) is compared with what that entry had.
 */
#include "registrars/zonefile/edit.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/zonefile/serial.h"
#include "zone/dname.h"

/* Some bytes of an entry replaced by others. */
struct patch {
	size_t at, len;
	const char *text;
};

/* A new record. */
struct line {
	const struct rrset *set;
	const char *rdata; /* one of it */
};

struct lines {
	VEC(struct line) list;
};

/* What becomes of one entry; entries without an order stay as they are. */
struct order {
	size_t index;                /* the entry's */
	const struct change *change; /* whose RRset it is of; NULL: it is only a place */
	const char *has;             /* its value now, when it is of one */
	uint32_t has_ttl;
	bool drop;
	bool new_ttl;
	uint32_t ttl;
	const char *rdata;   /* NULL: as it is */
	const char *serial;  /* the SOA's */
	struct lines behind; /* new records of the same name */
};

/* Where new records of a change would go. */
struct place {
	bool is_there, of_set;
	size_t index; /* the entry that they stand behind */
};

struct editor {
	struct arena *a;
	const struct change_set *cs;
	struct place *places; /* one a change */
	VEC(struct order) orders;
	size_t soa_n;
	struct lines at_end; /* of names that the file does not know */

	/* The second walk. */
	struct buf *out;
	const char *line_end;
	struct buf last_name; /* what the next entry would inherit; empty: nothing */
	uint32_t last_ttl;
	bool has_last_ttl;
};

/* Whether the entry is a record of the RRset that is changed. */
static bool is_of(const struct master_entry *entry, const struct change *c)
{
	return entry->kind == MASTER_RECORD && entry->set != NULL && entry->type == c->type &&
	       dname_equal(entry->name, c->name);
}

/* The order for that entry, made when there is none yet; good until the next is made. */
static struct order *order_at(struct editor *ed, size_t index)
{
	for (size_t i = 0; i < ed->orders.n; i++) {
		if (ed->orders.at[i].index == index)
			return &ed->orders.at[i];
	}
	struct order *o = vec_push(ed->a, &ed->orders);
	o->index = index;
	return o;
}

/* The values of `after` that the file does not have yet are given out one by one. */
struct wanted {
	const struct change *change;
	bool *placed; /* one a value of after */
};

static const char *take_new_value(const struct wanted *w)
{
	for (size_t i = 0; w->change->after != NULL && i < w->change->after->n; i++) {
		if (!w->placed[i]) {
			w->placed[i] = true;
			return w->change->after->rdata[i];
		}
	}
	return NULL;
}

/* True when the entry's value stays; it is placed then. A second line with the same value
 * is not needed. */
static bool place_value(const struct wanted *w, const char *rdata)
{
	for (size_t i = 0; w->change->after != NULL && i < w->change->after->n; i++) {
		if (str_eq(w->change->after->rdata[i], rdata) && !w->placed[i]) {
			w->placed[i] = true;
			return true;
		}
	}
	return false;
}

/* A record without a TTL of its own gets one only when it must. */
static void order_ttl(struct order *o, uint32_t ttl)
{
	o->new_ttl = o->has_ttl != ttl;
	o->ttl = ttl;
}

/* Values that stay first, so that the others may take the places of those that go. */
static void order_entries(struct editor *ed, const struct wanted *w)
{
	for (size_t i = 0; i < ed->orders.n; i++) {
		struct order *o = &ed->orders.at[i];
		if (o->change != w->change)
			continue;
		o->drop = !place_value(w, o->has);
		if (!o->drop)
			order_ttl(o, w->change->after->ttl);
	}
	for (size_t i = 0; i < ed->orders.n; i++) {
		struct order *o = &ed->orders.at[i];
		if (o->change != w->change || !o->drop)
			continue;
		o->rdata = take_new_value(w);
		o->drop = o->rdata == NULL;
		if (!o->drop)
			order_ttl(o, w->change->after->ttl);
	}
}

static void order_lines(struct editor *ed, const struct wanted *w, const struct place *p)
{
	struct lines *lines = p->is_there ? &order_at(ed, p->index)->behind : &ed->at_end;
	for (const char *rdata = take_new_value(w); rdata != NULL; rdata = take_new_value(w))
		*vec_push(ed->a, &lines->list) = (struct line){ w->change->after, rdata };
}

/* Entries before lines: a new value takes the line of one that goes, with its place and
 * comment; only what is left over becomes a new line. */
static void order_change(struct editor *ed, size_t i)
{
	const struct change *c = &ed->cs->changes[i];
	size_t n = c->after != NULL ? c->after->n : 0;
	struct wanted w = { c, ARENA_ARRAY(ed->a, n + 1, bool) };
	order_entries(ed, &w);
	order_lines(ed, &w, &ed->places[i]);
}

/* New records go behind the last record of the set, else of the name, else to the end of the
 * file. */
static void survey_change(struct editor *ed, const struct master_entry *entry, size_t i)
{
	const struct change *c = &ed->cs->changes[i];
	struct place *p = &ed->places[i];
	bool of_set = is_of(entry, c);
	if (!dname_equal(entry->name, c->name))
		return;
	if (of_set || !p->of_set)
		*p = (struct place){ true, p->of_set || of_set, entry->index };
	if (!of_set)
		return;
	struct order *o = vec_push(ed->a, &ed->orders);
	o->index = entry->index;
	o->change = c;
	o->has = arena_strdup(ed->a, entry->set->rdata[0]);
	o->has_ttl = entry->ttl;
}

/* Without a higher serial (RFC 1982) no secondary would fetch the change. */
static void survey_soa(struct editor *ed, const struct master *m, int64_t now_ms)
{
	const struct master_entry *entry = &m->entry;
	struct soa soa;
	if (entry->type != RR_SOA || entry->set == NULL || !dname_equal(entry->name, m->of->zone) ||
	    !soa_parse(entry->set->rdata[0], &soa))
		return;
	ed->soa_n++;
	order_at(ed, entry->index)->serial = arena_printf(
		ed->a, "%u", (unsigned)serial_next(soa.serial, now_ms));
}

/* The first walk. */
static int survey(struct editor *ed, struct master *m, int64_t now_ms, struct err *e)
{
	int rc;
	while ((rc = master_next(m, e)) == 1) {
		if (m->entry.kind != MASTER_RECORD)
			continue;
		for (size_t i = 0; i < ed->cs->n; i++)
			survey_change(ed, &m->entry, i);
		survey_soa(ed, m, now_ms);
	}
	if (rc != 0 || ed->soa_n == 1)
		return rc;
	(void)err_set(e, ERR_REFUSED, "the file has %s SOA record of %s",
		      ed->soa_n == 0 ? "no" : "more than one", m->of->zone);
	return err_hint(e, "is \"path\" the file of this zone?");
}

/* For qsort: as the second walk meets them. */
static int compare_orders(const void *a, const void *b)
{
	size_t x = ((const struct order *)a)->index;
	size_t y = ((const struct order *)b)->index;
	return (x > y) - (x < y);
}

static void give_orders(struct editor *ed)
{
	for (size_t i = 0; i < ed->cs->n; i++)
		order_change(ed, i);
	qsort(ed->orders.at, ed->orders.n, sizeof(*ed->orders.at), compare_orders);
}

/* "@", a relative or an absolute name, as the origin in force allows. */
static const char *owner_text(struct arena *a, const char *name, const char *origin)
{
	if (dname_equal(name, origin))
		return "@";
	if (str_eq(origin, ".") || !dname_is_within(name, origin))
		return name;
	size_t len = strlen(name) - strlen(origin) - 1;
	return arena_slice(a, (struct slice){ name, len });
}

static void passes_on(struct editor *ed, const char *name)
{
	(void)master_text_of(&ed->last_name, name);
}

/* Owner, TTL and class are spelled out, none inherited: such a line is right wherever it
 * stands under its origin. */
static void write_line(struct editor *ed, const struct rrset *set, const char *origin,
		       const char *rdata)
{
	if (ed->out->len > 0 && ed->out->at[ed->out->len - 1] != '\n')
		buf_adds(ed->out, ed->line_end);
	buf_addf(ed->out, "%s\t%u\tIN\t%s\t%s%s", owner_text(ed->a, set->name, origin),
		 (unsigned)set->ttl, rr_type_name(ed->a, set->type), rdata, ed->line_end);
	passes_on(ed, set->name);
	ed->last_ttl = set->ttl;
	ed->has_last_ttl = true;
}

static void write_lines(struct editor *ed, const struct lines *lines, const char *origin)
{
	for (size_t i = 0; i < lines->list.n; i++)
		write_line(ed, lines->list.at[i].set, origin, lines->list.at[i].rdata);
}

/* The owner in front of a line that begins with blanks; it takes the room of some of
 * them, so that columns stay. */
static struct patch owner_patch(const struct master *m)
{
	const struct master_entry *entry = &m->entry;
	const char *text = owner_text(m->a, entry->name, entry->origin);
	size_t blanks = 0;
	while (entry->start + blanks < entry->end && m->of->text.ptr[entry->start + blanks] == ' ')
		blanks++;
	size_t len = strlen(text);
	return (struct patch){ entry->start, blanks > len ? len : 0, text };
}

/* Behind the owner is always a good place for a TTL (RFC 1035 §5.1 allows it before and
 * after the class). */
static struct patch ttl_patch(const struct master *m, uint32_t ttl)
{
	const struct master_entry *entry = &m->entry;
	if (entry->has_ttl) {
		const struct master_token *t = &entry->tokens[entry->ttl_at];
		return (struct patch){ t->at, t->len, arena_printf(m->a, "%u", (unsigned)ttl) };
	}
	size_t at = entry->tokens[entry->starts_blank ? 0 : 1].at;
	char blank = at > 0 && m->of->text.ptr[at - 1] == '\t' ? '\t' : ' ';
	return (struct patch){ at, 0, arena_printf(m->a, "%u%c", (unsigned)ttl, blank) };
}

/* From behind the blanks after the type to the last word or parenthesis: a comment at the
 * end of the line stays. */
static struct patch rdata_patch(const struct master *m, const char *rdata)
{
	const struct master_token *type = &m->entry.tokens[m->entry.type_at];
	const char *text = m->of->text.ptr;
	size_t from = type->at + type->len;
	size_t blanks = 0;
	while (text[from + blanks] == ' ' || text[from + blanks] == '\t')
		blanks++;
	return (struct patch){ from + blanks, m->entry.content_end - from - blanks,
			       arena_printf(m->a, "%s%s", blanks > 0 ? "" : " ", rdata) };
}

/* mname, rname, then the serial. */
static struct patch serial_patch(const struct master_entry *entry, const char *serial)
{
	const struct master_token *t = &entry->tokens[entry->type_at + 3];
	return (struct patch){ t->at, t->len, serial };
}

/* The entry's bytes with the patches in their places; those must be in order. */
static void write_patched(struct editor *ed, const struct master *m, const struct patch *patches,
			  size_t n)
{
	const char *text = m->of->text.ptr;
	size_t pos = m->entry.start;
	for (size_t i = 0; i < n; i++) {
		buf_add(ed->out, text + pos, patches[i].at - pos);
		buf_adds(ed->out, patches[i].text);
		pos = patches[i].at + patches[i].len;
	}
	buf_add(ed->out, text + pos, m->entry.end - pos);
}

/* What the entry inherited and would no longer inherit is written into it. */
static void write_record(struct editor *ed, const struct master *m, const struct order *o)
{
	const struct master_entry *entry = &m->entry;
	struct patch patches[4]; /* in the order of the line */
	size_t n = 0;
	bool lost_owner = entry->starts_blank &&
			  (ed->last_name.len == 0 || !dname_equal(ed->last_name.at, entry->name));
	bool lost_ttl = entry->borrows_ttl && (!ed->has_last_ttl || ed->last_ttl != entry->ttl);
	uint32_t ttl = o->new_ttl ? o->ttl : entry->ttl;
	bool opened = entry->tokens[entry->type_at].depth > 0;
	if (o->rdata != NULL && opened) { /* the parenthesis began before the rdata */
		struct rrset fresh = { .name = entry->name, .type = entry->type, .ttl = ttl };
		write_line(ed, &fresh, entry->origin, o->rdata);
		return;
	}
	if (lost_owner)
		patches[n++] = owner_patch(m);
	if (o->new_ttl || lost_ttl)
		patches[n++] = ttl_patch(m, ttl);
	if (o->rdata != NULL)
		patches[n++] = rdata_patch(m, o->rdata);
	if (o->serial != NULL)
		patches[n++] = serial_patch(entry, o->serial);
	write_patched(ed, m, patches, n);
	passes_on(ed, entry->name);
	if (entry->has_ttl || o->new_ttl || lost_ttl) {
		ed->last_ttl = ttl;
		ed->has_last_ttl = true;
	}
}

static void write_entry(struct editor *ed, const struct master *m, const struct order *o)
{
	if (m->entry.kind != MASTER_RECORD)
		write_patched(ed, m, NULL, 0);
	else if (!o->drop)
		write_record(ed, m, o);
	write_lines(ed, &o->behind, m->entry.origin);
}

/* The second walk: in the file's order, so what each entry inherits is known when it is written.
 * The first one has read the same bytes, so this one cannot fail. */
static int write_all(struct editor *ed, struct master *m, struct err *e)
{
	static const struct order as_it_is = { 0 };
	size_t next = 0;
	int rc;
	while ((rc = master_next(m, e)) == 1) {
		bool ordered = next < ed->orders.n && ed->orders.at[next].index == m->entry.index;
		write_entry(ed, m, ordered ? &ed->orders.at[next++] : &as_it_is);
	}
	write_lines(ed, &ed->at_end, m->entry.origin);
	return rc;
}

/* New lines end as the file's first one does. */
static const char *line_end_of(struct slice text)
{
	const char *first = text.len > 0 ? memchr(text.ptr, '\n', text.len) : NULL;
	return first != NULL && first > text.ptr && first[-1] == '\r' ? "\r\n" : "\n";
}

/* One walk; no values are read but of the names that change. */
static int walk(struct editor *ed, const struct master_text *text, const int64_t *survey_ms,
		struct err *e)
{
	struct registrar_names names = registrar_names_of(ed->a, ed->cs);
	struct master m;
	int rc = master_begin(&m, text, &names, e);
	if (rc == 0)
		rc = survey_ms != NULL ? survey(ed, &m, *survey_ms, e) : write_all(ed, &m, e);
	master_end(&m);
	return rc;
}

int edit_apply(const struct master_text *m, const struct change_set *cs, int64_t now_ms,
	       struct buf *out, struct err *e)
{
	struct editor ed = { .a = arena_new(), .cs = cs, .out = out };
	ed.places = ARENA_ARRAY(ed.a, cs->n + 1, struct place);
	ed.line_end = line_end_of(m->text);
	buf_init(&ed.last_name);
	int rc = walk(&ed, m, &now_ms, e);
	if (rc == 0) {
		give_orders(&ed);
		rc = walk(&ed, m, NULL, e);
	}
	buf_release(&ed.last_name);
	arena_free(ed.a);
	return rc;
}
