/*
 * The lines of an RRset that have a wanted value already are kept (edited when only their TTL
 * differs), others are edited to values that are still missing, and what is left over is removed
 * or added. The server applies all of it or nothing.
 */
#include "registrars/cpanel/edits.h"

#include "registrars/form.h"
#include "zone/dname.h"

struct edits {
	struct arena *a;
	const struct lines *lines;
	struct buf *form;
};

/* "10 mail.example.net." as a list of words; the last takes the rest. */
static void push_words(struct arena *a, const char *rdata, size_t words, struct js *list)
{
	struct slice rest = slice_str(rdata);
	for (size_t i = 0; i + 1 < words; i++)
		js_push(list, js_string(arena_slice(a, slice_until(&rest, ' '))));
	js_push(list, js_string(arena_slice(a, rest)));
}

static int push_text(struct arena *a, struct slice text, struct js *list, struct err *e)
{
	if (!str_is_utf8(text))
		return err_set(e, ERR_REFUSED,
			       "a text with bytes that are no UTF-8 cannot be sent "
			       "to cPanel");
	js_push(list, js_string(arena_slice(a, text)));
	return 0;
}

/* The character-strings as they are, without quotes and escapes. */
static int push_strings(struct arena *a, const char *rdata, struct js *list, struct err *e)
{
	const char *at = rdata;
	while (*at != '\0') {
		const char *end = at + 1;
		while (*end != '\0' && *end != '"')
			end += *end == '\\' && end[1] != '\0' ? 2 : 1;
		end += *end == '"' ? 1 : 0;
		struct slice one = { at, (size_t)(end - at) };
		if (push_text(a, txt_join(a, arena_slice(a, one)), list, e) != 0)
			return -1;
		at = *end == ' ' ? end + 1 : end;
	}
	return 0;
}

static size_t words_of(uint16_t type)
{
	switch (type) {
	case RR_MX: return 2;
	case RR_SRV:
	case RR_TLSA: return 4;
	case RR_CAA: return 3;
	default: return 1;
	}
}

static int push_data(struct arena *a, uint16_t type, const char *rdata, struct js *list,
		     struct err *e)
{
	if (type == RR_TXT || type == RR_SPF)
		return push_strings(a, rdata, list, e);
	if (type != RR_CAA) {
		push_words(a, rdata, words_of(type), list);
		return 0;
	}
	struct slice rest = slice_str(rdata);
	js_push(list, js_string(arena_slice(a, slice_until(&rest, ' '))));
	js_push(list, js_string(arena_slice(a, slice_until(&rest, ' '))));
	return push_strings(a, arena_slice(a, rest), list, e);
}

/* One record as cPanel takes it; `line` is the one to be edited, NULL: it is new. */
static int put(const struct edits *x, const struct line *line, const struct rrset *set, size_t i,
	       struct err *e)
{
	struct js *list = js_array();
	struct js *v = js_object();
	if (line != NULL)
		js_set_int(v, "line_index", line->index);
	js_set_str(v, "dname", set->name);
	js_set_int(v, "ttl", set->ttl);
	js_set_str(v, "record_type", rr_type_name(x->a, set->type));
	int rc = push_data(x->a, set->type, set->rdata[i], list, e);
	js_set(v, "data", list);
	if (rc == 0)
		form_add(x->form, line != NULL ? "edit" : "add", slice_str(js_text(x->a, v)));
	js_free(v);
	return rc == 0 ? 0 : err_wrap(e, "%s %s", set->name, rr_type_name(x->a, set->type));
}

/* Which lines carry what is wanted already; `line_of[i]` is where value i stands. */
static void match(const struct edits *x, const struct change *c, const struct line **line_of,
		  bool *used)
{
	size_t n = c->after != NULL ? c->after->n : 0;
	for (size_t k = 0; k < x->lines->list.n; k++) {
		const struct line *line = &x->lines->list.at[k];
		for (size_t i = 0; i < n && line_is_of(line, c->name, c->type) && !used[k]; i++) {
			used[k] = line_of[i] == NULL && str_eq(line->rdata, c->after->rdata[i]);
			if (used[k])
				line_of[i] = line;
		}
	}
}

/* The next line of that RRset that nobody has taken. */
static const struct line *take_free(const struct edits *x, const struct change *c, bool *used)
{
	for (size_t k = 0; k < x->lines->list.n; k++) {
		if (used[k] || !line_is_of(&x->lines->list.at[k], c->name, c->type))
			continue;
		used[k] = true;
		return &x->lines->list.at[k];
	}
	return NULL;
}

static void add_number(const struct edits *x, const char *name, uint32_t number)
{
	form_add(x->form, name, slice_str(arena_printf(x->a, "%u", (unsigned)number)));
}

static int add_change(const struct edits *x, const struct change *c, struct err *e)
{
	size_t n = c->after != NULL ? c->after->n : 0;
	bool *used = ARENA_ARRAY(x->a, x->lines->list.n + 1, bool);
	const struct line **line_of = ARENA_ARRAY(x->a, n + 1, const struct line *);
	const struct line *over;
	match(x, c, line_of, used);
	for (size_t i = 0; i < n; i++) {
		if (line_of[i] != NULL && line_of[i]->ttl == c->after->ttl)
			continue;
		if (line_of[i] == NULL)
			line_of[i] = take_free(x, c, used);
		if (put(x, line_of[i], c->after, i, e) != 0)
			return -1;
	}
	while ((over = take_free(x, c, used)) != NULL)
		add_number(x, "remove", over->index);
	return 0;
}

int edits_form(struct arena *a, const struct lines *l, const struct change_set *cs,
	       struct buf *form, struct err *e)
{
	const struct edits x = { a, l, form };
	form_add(form, "zone", slice_str(dname_show(a, l->zone)));
	add_number(&x, "serial", l->serial);
	for (size_t i = 0; i < cs->n; i++) {
		if (add_change(&x, &cs->changes[i], e) != 0)
			return -1;
	}
	return 0;
}
