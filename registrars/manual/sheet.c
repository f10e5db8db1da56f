/*
 * A panel shows rows, a plan has RRsets: each change is told as rows to change, to add and
 * to delete, always with the values that the person sees now. Nothing is deleted before
 * its successor is there, except where a CNAME wants the name for itself.
 */
#include "registrars/manual/sheet.h"

#include <string.h>

#include "base/vec.h"
#include "zone/dname.h"

enum { LABEL_WIDTH = 12, TEXT_LONG = 255 };

struct sheet {
	struct arena *a;
	const struct panel *panel;
	const struct change_set *cs;
	struct buf *out;
};

/* The name as the panel wants it typed. */
static const char *host_text(const struct sheet *s, const char *name)
{
	const char *zone = s->cs->zone;
	if (!dname_equal(name, zone)) {
		size_t len = strlen(name) - strlen(zone) - 1;
		return arena_slice(s->a, (struct slice){ name, len });
	}
	switch (s->panel->apex) {
	case PANEL_APEX_AT: return "@";
	case PANEL_APEX_EMPTY: return "(leave empty)";
	default: return dname_show(s->a, zone);
	}
}

static const char *target_text(const struct sheet *s, const char *host)
{
	return s->panel->target_dot ? host : dname_show(s->a, host);
}

/* TXT from the network may hold anything. */
static const char *printable(struct arena *a, struct slice bytes)
{
	char *text = arena_slice(a, bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		if (text[i] == '\n' || text[i] == '\0')
			text[i] = '?';
	}
	str_make_printable(text);
	return text;
}

/* The value as it is typed: without priority, quotes and final dot. */
static const char *value_text(const struct sheet *s, uint16_t type, const char *rdata)
{
	struct mx mx;
	if (type == RR_TXT)
		return printable(s->a, txt_join(s->a, rdata));
	if (type == RR_MX && mx_parse(s->a, rdata, &mx))
		return target_text(s, mx.host);
	if (type == RR_CNAME || type == RR_NS || type == RR_PTR)
		return target_text(s, rdata);
	return rdata;
}

/* One line "Label         value". */
static void field(const struct sheet *s, const char *label, const char *value)
{
	/* Field widths count bytes: panel words with two-byte letters get their own blanks. */
	size_t shown = 0;
	for (const char *c = label; *c != '\0'; c++)
		shown += ((unsigned char)*c & 0xc0) != 0x80 ? 1 : 0;
	buf_addf(s->out, "      %s", label);
	for (size_t i = shown; i < LABEL_WIDTH; i++)
		buf_addc(s->out, ' ');
	buf_addf(s->out, "  %s\n", value);
}

/* A row as the person sees or types it, without its TTL: panels round those. */
static void row(const struct sheet *s, const struct rrset *set, const char *rdata)
{
	struct mx mx;
	field(s, s->panel->type, rr_type_name(s->a, set->type));
	field(s, s->panel->host, host_text(s, set->name));
	field(s, panel_value_field(s->panel, set->type), value_text(s, set->type, rdata));
	if (set->type == RR_MX && mx_parse(s->a, rdata, &mx))
		field(s, s->panel->priority, arena_printf(s->a, "%u", (unsigned)mx.preference));
}

/* The plan's clocks count with what is really published. */
static void warn_ttl(const struct sheet *s, uint32_t want_s, uint32_t got_s)
{
	if (got_s == want_s)
		return;
	if (got_s == 0)
		buf_adds(s->out,
			 "    ! This panel sets no TTL: the old one stays, and the switch waits"
			 " for it.\n");
	else
		buf_addf(s->out,
			 "    ! Wanted is %u s; the nearest that this panel takes is %u s.\n",
			 (unsigned)want_s, (unsigned)got_s);
}

static void new_ttl(const struct sheet *s, uint32_t want_s)
{
	uint32_t got_s;
	const char *choice = panel_ttl_choice(s->a, s->panel, want_s, &got_s);
	if (s->panel->ttl != NULL)
		field(s, s->panel->ttl, choice);
	warn_ttl(s, want_s, got_s);
}

/* The rows of a change by what happens to them. */
struct rows {
	VEC(const char *) gone, fresh, kept;
};

/* By value alone: what differs only in TTL is a row that stays. */
static void sort_rows(struct arena *a, const struct change *c, struct rows *r)
{
	for (size_t i = 0; c->before != NULL && i < c->before->n; i++) {
		const char *rdata = c->before->rdata[i];
		if (rrset_has(c->after, rdata))
			*vec_push(a, &r->kept) = rdata;
		else
			*vec_push(a, &r->gone) = rdata;
	}
	for (size_t i = 0; c->after != NULL && i < c->after->n; i++) {
		if (!rrset_has(c->before, c->after->rdata[i]))
			*vec_push(a, &r->fresh) = c->after->rdata[i];
	}
}

/* A row that is edited never leaves the name empty, as deleting and adding would. */
static void step_change(const struct sheet *s, const struct change *c, const char *old,
			const char *fresh)
{
	struct mx mx;
	buf_addf(s->out, "    Change this row (%s):\n", s->panel->edit);
	row(s, c->before, old);
	buf_adds(s->out, "    so that it says:\n");
	field(s, panel_value_field(s->panel, c->type), value_text(s, c->type, fresh));
	if (c->type == RR_MX && mx_parse(s->a, fresh, &mx))
		field(s, s->panel->priority, arena_printf(s->a, "%u", (unsigned)mx.preference));
	new_ttl(s, c->after->ttl);
}

static void step_add(const struct sheet *s, const struct change *c, const char *rdata)
{
	buf_addf(s->out, "    Add a row (%s):\n", s->panel->add);
	row(s, c->after, rdata);
	new_ttl(s, c->after->ttl);
}

static void step_remove(const struct sheet *s, const struct change *c, const char *rdata)
{
	buf_addf(s->out, "    Delete this row (%s):\n", s->panel->remove);
	row(s, c->before, rdata);
}

/* Rows that stay are told too: the person sees the whole set and can tell that nothing is
 * missing. */
static void step_ttl(const struct sheet *s, const struct change *c, const char *rdata)
{
	if (c->before->ttl == c->after->ttl) {
		buf_adds(s->out, "    Leave this row as it is:\n");
		row(s, c->before, rdata);
		return;
	}
	buf_addf(s->out, "    Change the TTL of this row (%s), nothing else:\n", s->panel->edit);
	row(s, c->before, rdata);
	field(s, "TTL now", arena_printf(s->a, "%u seconds", (unsigned)c->before->ttl));
	buf_adds(s->out, "    to:\n");
	new_ttl(s, c->after->ttl);
}

/* Two SPF records are an error for every receiver (RFC 7208 §4.5). */
static void warn_txt(const struct sheet *s, const struct change *c, const struct rows *r)
{
	if (c->type != RR_TXT)
		return;
	if (r->kept.n > 0)
		buf_adds(s->out,
			 "    ! Each TXT value is a row of its own: do not merge them, and do "
			 "not\n      touch the ones that this sheet does not change.\n");
	for (size_t i = 0; i < r->fresh.n; i++) {
		struct slice text = txt_join(s->a, r->fresh.at[i]);
		if (text.len > TEXT_LONG)
			buf_adds(s->out,
				 "    ! A long value: paste it as one line without quotes; the "
				 "panel splits it.\n");
		if (slice_starts_nocase(text, SLICE_LIT("v=spf1")))
			buf_adds(s->out,
				 "    ! There must be only one row that begins with v=spf1.\n");
	}
}

/* A value that goes and one that comes are one row to change: fewer clicks, no gap. */
static void tell_rows(const struct sheet *s, const struct change *c, const struct rows *r)
{
	size_t paired = r->gone.n < r->fresh.n ? r->gone.n : r->fresh.n;
	for (size_t i = 0; i < r->kept.n; i++)
		step_ttl(s, c, r->kept.at[i]);
	for (size_t i = 0; i < paired; i++)
		step_change(s, c, r->gone.at[i], r->fresh.at[i]);
	for (size_t i = paired; i < r->fresh.n; i++)
		step_add(s, c, r->fresh.at[i]);
	for (size_t i = paired; i < r->gone.n; i++)
		step_remove(s, c, r->gone.at[i]);
	warn_txt(s, c, r);
}

/* `why` may quote the project file and is made printable like all else. */
static void tell_step(const struct sheet *s, size_t number, const struct change *c)
{
	struct rows r = { 0 };
	sort_rows(s->a, c, &r);
	buf_addf(s->out, "\n%zu. %s %s: %s\n", number, dname_show(s->a, c->name),
		 rr_type_name(s->a, c->type),
		 printable(s->a, slice_str(c->why != NULL ? c->why : "as planned")));
	tell_rows(s, c, &r);
}

/* A deletion without which the CNAME, or what replaces it, cannot be typed in. */
static bool frees_name(const struct change_set *cs, const struct change *c)
{
	for (size_t i = 0; c->after == NULL && i < cs->n; i++) {
		const struct change *other = &cs->changes[i];
		if (other->after != NULL && dname_equal(other->name, c->name) &&
		    (other->type == RR_CNAME || c->type == RR_CNAME))
			return true;
	}
	return false;
}

enum phase { PHASE_FREE, PHASE_WRITE, PHASE_REMOVE };

static enum phase phase_of(const struct change_set *cs, const struct change *c)
{
	if (c->after != NULL)
		return PHASE_WRITE;
	return frees_name(cs, c) ? PHASE_FREE : PHASE_REMOVE;
}

/* Words for the whole sheet, wrapped at 76 columns behind a bullet. */
static void tell_note(struct buf *out, const char *note)
{
	size_t column = 0;
	struct slice rest = slice_str(note);
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		if (column == 0 || column + word.len > 74) {
			buf_adds(out, column == 0 ? "  * " : "\n    ");
			column = 4;
		} else {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, word.ptr, word.len);
		column += word.len;
	}
	buf_addc(out, '\n');
}

static bool has_type(const struct change_set *cs, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->changes[i].type == type)
			return true;
	}
	return false;
}

/* A TTL may be changed under a preset; another host may not. */
static bool moves_mx(const struct change_set *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		if (c->type == RR_MX && !rrset_equal(c->before, c->after))
			return true;
	}
	return false;
}

/* At the top, for who has begun to type no longer reads the end. */
static void tell_first(const struct sheet *s)
{
	if (s->panel->mx_first == NULL || !moves_mx(s->cs))
		return;
	buf_adds(s->out, "\nFirst of all\n");
	for (const char *const *note = s->panel->mx_first; *note != NULL; note++)
		tell_note(s->out, *note);
}

static void tell_notes(const struct sheet *s)
{
	buf_adds(s->out, "\nGood to know\n");
	if (has_type(s->cs, RR_TXT))
		tell_note(s->out, "TXT values are typed without quotes: the panel adds them.");
	for (const char *const *note = s->panel->notes; note != NULL && *note != NULL; note++)
		tell_note(s->out, *note);
	tell_note(s->out, s->panel->target_dot
				  ? "Host names in values are typed with a dot at the end."
				  : "Host names in values are typed without a dot at the end.");
	tell_note(s->out, "If a row is not there or says something else than this sheet, stop: the "
			  "zone has changed since the plan was made. Run `cutover plan` again.");
	tell_note(s->out,
		  "When all is saved, the same command again (or `cutover verify --wait 15m`) "
		  "watches the DNS until it is there.");
}

/* Order is important: a deletion that makes room for a CNAME first, then what is written, at
 * last what nobody needs any more. */
void sheet_print(const struct panel *p, const struct change_set *cs, struct buf *out)
{
	struct sheet s = { arena_new(), p, cs, out };
	size_t number = 0;
	buf_addf(out, "Changes of %s by hand: %s\n", dname_show(s.a, cs->zone), cs->id);
	buf_addf(out, "In %s, open\n  %s\n", p->title, p->where);
	buf_adds(out, "(the panel's words are of 2026-11 and may have changed since)\n");
	tell_first(&s);
	for (enum phase phase = PHASE_FREE; phase <= PHASE_REMOVE; phase++) {
		for (size_t i = 0; i < cs->n; i++) {
			if (phase_of(cs, &cs->changes[i]) == phase)
				tell_step(&s, ++number, &cs->changes[i]);
		}
	}
	tell_notes(&s);
	arena_free(s.a);
}
