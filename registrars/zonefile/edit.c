/*
 * First each entry gets an order: keep, drop, new rdata, new TTL; values that no entry
 * has yet become new lines behind the last record of their name. Then the file is
 * written entry by entry, and what the written part passes on to the next entry (owner,
 * TTL) is compared with what that entry had.
 */
#include "registrars/zonefile/edit.h"

#include <string.h>

#include "base/vec.h"
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

struct order {
	bool drop;
	bool new_ttl;
	uint32_t ttl;
	const char *rdata;   /* NULL: as it is */
	const char *serial;  /* the SOA's */
	struct lines behind; /* new records of the same name */
};

struct editor {
	struct arena *a;
	const struct master *m;
	struct order *orders; /* one an entry */
	struct lines at_end;  /* of names that the file does not know */
	struct buf *out;
	const char *line_end;
	const char *last_name; /* what the next entry would inherit */
	uint32_t last_ttl;
	bool has_last_ttl;
};

/* Whether the entry is a record of the RRset that is changed. */
static bool is_of(const struct master_entry *entry, const struct change *c)
{
	return entry->kind == MASTER_RECORD && entry->set != NULL && entry->type == c->type &&
	       dname_equal(entry->name, c->name);
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
static void order_ttl(struct order *o, const struct master_entry *entry, uint32_t ttl)
{
	o->new_ttl = entry->ttl != ttl;
	o->ttl = ttl;
}

/* Values that stay first, so that the others may take the places of those that go. */
static void order_entries(struct editor *ed, const struct wanted *w)
{
	for (size_t i = 0; i < ed->m->n; i++) {
		const struct master_entry *entry = &ed->m->entries[i];
		if (!is_of(entry, w->change))
			continue;
		ed->orders[i].drop = !place_value(w, entry->set->rdata[0]);
		if (!ed->orders[i].drop)
			order_ttl(&ed->orders[i], entry, w->change->after->ttl);
	}
	for (size_t i = 0; i < ed->m->n; i++) {
		const struct master_entry *entry = &ed->m->entries[i];
		if (!is_of(entry, w->change) || !ed->orders[i].drop)
			continue;
		ed->orders[i].rdata = take_new_value(w);
		ed->orders[i].drop = ed->orders[i].rdata == NULL;
		if (!ed->orders[i].drop)
			order_ttl(&ed->orders[i], entry, w->change->after->ttl);
	}
}

/* Behind the last record of the set, else of the name, else at the end of the file. */
static struct lines *find_place(struct editor *ed, const struct change *c)
{
	struct lines *place = &ed->at_end;
	bool of_set = false;
	for (size_t i = 0; i < ed->m->n; i++) {
		const struct master_entry *entry = &ed->m->entries[i];
		bool same_name = entry->kind == MASTER_RECORD && dname_equal(entry->name, c->name);
		bool same_set = same_name && is_of(entry, c);
		if (same_set || (same_name && !of_set))
			place = &ed->orders[i].behind;
		of_set = of_set || same_set;
	}
	return place;
}

static void order_lines(struct editor *ed, const struct wanted *w)
{
	struct lines *place = find_place(ed, w->change);
	for (const char *rdata = take_new_value(w); rdata != NULL; rdata = take_new_value(w))
		*vec_push(ed->a, &place->list) = (struct line){ w->change->after, rdata };
}

/* Entries before lines: a new value takes the line of one that goes, with its place and
 * comment; only what is left over becomes a new line. */
static void order_change(struct editor *ed, const struct change *c)
{
	size_t n = c->after != NULL ? c->after->n : 0;
	struct wanted w = { c, ARENA_ARRAY(ed->a, n + 1, bool) };
	order_entries(ed, &w);
	order_lines(ed, &w);
}

static bool is_soa(const struct editor *ed, const struct master_entry *entry, struct soa *soa_r)
{
	return entry->kind == MASTER_RECORD && entry->type == RR_SOA && entry->set != NULL &&
	       dname_equal(entry->name, ed->m->zone) && soa_parse(entry->set->rdata[0], soa_r);
}

/* Without a higher serial (RFC 1982) no secondary would fetch the change. */
static int order_serial(struct editor *ed, int64_t now_ms, struct err *e)
{
	struct soa soa;
	size_t n = 0;
	for (size_t i = 0; i < ed->m->n; i++) {
		if (!is_soa(ed, &ed->m->entries[i], &soa))
			continue;
		n++;
		ed->orders[i].serial = arena_printf(ed->a, "%u",
						    (unsigned)serial_next(soa.serial, now_ms));
	}
	if (n == 1)
		return 0;
	(void)err_set(e, ERR_REFUSED, "the file has %s SOA record of %s",
		      n == 0 ? "no" : "more than one", ed->m->zone);
	return err_hint(e, "is \"path\" the file of this zone?");
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

/* Owner, TTL and class are spelled out, none inherited: such a line is right wherever it
 * stands under its origin. */
static void write_line(struct editor *ed, const struct rrset *set, const char *origin,
		       const char *rdata)
{
	if (ed->out->len > 0 && ed->out->at[ed->out->len - 1] != '\n')
		buf_adds(ed->out, ed->line_end);
	buf_addf(ed->out, "%s\t%u\tIN\t%s\t%s%s", owner_text(ed->a, set->name, origin),
		 (unsigned)set->ttl, rr_type_name(ed->a, set->type), rdata, ed->line_end);
	ed->last_name = set->name;
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
static struct patch owner_patch(struct editor *ed, const struct master_entry *entry)
{
	const char *text = owner_text(ed->a, entry->name, entry->origin);
	size_t blanks = 0;
	while (entry->start + blanks < entry->end && ed->m->text.ptr[entry->start + blanks] == ' ')
		blanks++;
	size_t len = strlen(text);
	return (struct patch){ entry->start, blanks > len ? len : 0, text };
}

/* Behind the owner is always a good place for a TTL (RFC 1035 §5.1 allows it before and
 * after the class). */
static struct patch ttl_patch(struct editor *ed, const struct master_entry *entry, uint32_t ttl)
{
	if (entry->has_ttl) {
		const struct master_token *t = &entry->tokens[entry->ttl_at];
		return (struct patch){ t->at, t->len, arena_printf(ed->a, "%u", (unsigned)ttl) };
	}
	size_t at = entry->tokens[entry->starts_blank ? 0 : 1].at;
	char blank = at > 0 && ed->m->text.ptr[at - 1] == '\t' ? '\t' : ' ';
	return (struct patch){ at, 0, arena_printf(ed->a, "%u%c", (unsigned)ttl, blank) };
}

/* From behind the blanks after the type to the last word or parenthesis: a comment at the
 * end of the line stays. */
static struct patch rdata_patch(struct editor *ed, const struct master_entry *entry,
				const char *rdata)
{
	const struct master_token *type = &entry->tokens[entry->type_at];
	size_t from = type->at + type->len;
	size_t blanks = 0;
	while (ed->m->text.ptr[from + blanks] == ' ' || ed->m->text.ptr[from + blanks] == '\t')
		blanks++;
	return (struct patch){ from + blanks, entry->content_end - from - blanks,
			       arena_printf(ed->a, "%s%s", blanks > 0 ? "" : " ", rdata) };
}

/* mname, rname, then the serial. */
static struct patch serial_patch(const struct master_entry *entry, const char *serial)
{
	const struct master_token *t = &entry->tokens[entry->type_at + 3];
	return (struct patch){ t->at, t->len, serial };
}

/* The entry's bytes with the patches in their places; those must be in order. */
static void write_patched(struct editor *ed, const struct master_entry *entry,
			  const struct patch *patches, size_t n)
{
	const char *text = ed->m->text.ptr;
	size_t pos = entry->start;
	for (size_t i = 0; i < n; i++) {
		buf_add(ed->out, text + pos, patches[i].at - pos);
		buf_adds(ed->out, patches[i].text);
		pos = patches[i].at + patches[i].len;
	}
	buf_add(ed->out, text + pos, entry->end - pos);
}

/* What the entry inherited and would no longer inherit is written into it. */
static void write_record(struct editor *ed, const struct master_entry *entry, const struct order *o)
{
	struct patch patches[4]; /* in the order of the line */
	size_t n = 0;
	bool lost_owner = entry->starts_blank &&
			  (ed->last_name == NULL || !dname_equal(ed->last_name, entry->name));
	bool lost_ttl = entry->borrows_ttl && (!ed->has_last_ttl || ed->last_ttl != entry->ttl);
	uint32_t ttl = o->new_ttl ? o->ttl : entry->ttl;
	bool opened = entry->tokens[entry->type_at].depth > 0;
	if (o->rdata != NULL && opened) { /* the parenthesis began before the rdata */
		struct rrset fresh = { .name = entry->name, .type = entry->type, .ttl = ttl };
		write_line(ed, &fresh, entry->origin, o->rdata);
		return;
	}
	if (lost_owner)
		patches[n++] = owner_patch(ed, entry);
	if (o->new_ttl || lost_ttl)
		patches[n++] = ttl_patch(ed, entry, ttl);
	if (o->rdata != NULL)
		patches[n++] = rdata_patch(ed, entry, o->rdata);
	if (o->serial != NULL)
		patches[n++] = serial_patch(entry, o->serial);
	write_patched(ed, entry, patches, n);
	ed->last_name = entry->name;
	if (entry->has_ttl || o->new_ttl || lost_ttl) {
		ed->last_ttl = ttl;
		ed->has_last_ttl = true;
	}
}

static void write_entry(struct editor *ed, size_t i)
{
	const struct master_entry *entry = &ed->m->entries[i];
	struct order *o = &ed->orders[i];
	if (entry->kind != MASTER_RECORD)
		write_patched(ed, entry, NULL, 0);
	else if (!o->drop)
		write_record(ed, entry, o);
	write_lines(ed, &o->behind, entry->origin);
}

/* In the file's order, so what each entry inherits is known when it is written. */
static void write_all(struct editor *ed)
{
	for (size_t i = 0; i < ed->m->n; i++)
		write_entry(ed, i);
	write_lines(ed, &ed->at_end, ed->m->last_origin);
}

/* New lines end as the file's first one does. */
static const char *line_end_of(struct slice text)
{
	const char *first = text.len > 0 ? memchr(text.ptr, '\n', text.len) : NULL;
	return first != NULL && first > text.ptr && first[-1] == '\r' ? "\r\n" : "\n";
}

int edit_apply(const struct master *m, const struct change_set *cs, int64_t now_ms, struct buf *out,
	       struct err *e)
{
	struct editor ed = { .a = arena_new(), .m = m, .out = out };
	ed.orders = ARENA_ARRAY(ed.a, m->n + 1, struct order);
	ed.line_end = line_end_of(m->text);
	for (size_t i = 0; i < cs->n; i++)
		order_change(&ed, &cs->changes[i]);
	int rc = order_serial(&ed, now_ms, e);
	if (rc == 0)
		write_all(&ed);
	arena_free(ed.a);
	return rc;
}
