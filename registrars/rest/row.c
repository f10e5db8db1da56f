/*
 * Reading: the provider's item to rows. Parts are put together in the order of the presentation
 * form, targets made absolute, TXT quoted; then ldns makes it canonical, as for any other source.
 */
#include "registrars/rest/row.h"

#include <string.h>

#include "zone/dname.h"

static const struct desc_shape *shape_of(const struct desc_record *r, uint16_t type)
{
	const struct desc_shape *any = NULL;
	for (size_t i = 0; i < r->shape_n; i++) {
		if (r->shapes[i].type == type)
			return &r->shapes[i];
		if (r->shapes[i].type == 0)
			any = &r->shapes[i];
	}
	return any;
}

/* What the provider calls it may be another word: OVH's "DKIM" is a TXT. */
static uint16_t type_of(const struct desc_record *r, const char *word, bool *renamed_r)
{
	*renamed_r = false;
	for (size_t i = 0; i < r->types.n; i++) {
		if (!str_eq_nocase(r->types.at[i].name, word))
			continue;
		*renamed_r = true;
		return rr_type_from_name(r->types.at[i].text);
	}
	return rr_type_from_name(word);
}

static const char *name_of(const struct row_world *w, const char *text, struct err *e)
{
	const struct desc_forms *f = &w->desc->record.read;
	if (text == NULL || text[0] == '\0' || str_eq(text, f->apex))
		return w->zone;
	return f->name == NAME_RELATIVE ? dname_in_zone(w->a, text, w->zone, e)
					: dname_canon(w->a, text, e);
}

/* An absolute name with its dot. A dot at the end always means absolute, whatever is described. */
static const char *target_of(const struct row_world *w, const char *text, struct err *e)
{
	if (str_eq(text, "@"))
		return w->zone;
	if (w->desc->record.read.target == TARGET_RELATIVE)
		return dname_in_zone(w->a, text, w->zone, e);
	return dname_canon(w->a, text, e);
}

static bool ends_with_target(uint16_t type)
{
	return type == RR_CNAME || type == RR_NS || type == RR_PTR || type == RR_MX ||
	       type == RR_SRV;
}

/* Only the last word of the data is a name. */
static const char *with_target(const struct row_world *w, const char *data, struct err *e)
{
	const char *last = strrchr(data, ' ');
	const char *target = target_of(w, last != NULL ? last + 1 : data, e);
	if (target == NULL || last == NULL)
		return target;
	return arena_printf(w->a, "%.*s %s", (int)(last - data), data, target);
}

/* One quoted string may be longer there than one of the DNS can be. */
static const char *text_of(const struct row_world *w, const char *text)
{
	enum { STRING_MAX = 255 };
	if (w->desc->record.read.text != TEXT_QUOTED || text[0] != '"')
		return txt_quote(w->a, slice_str(text));
	bool one = strstr(text, "\" \"") == NULL && strlen(text) > STRING_MAX;
	return one ? txt_quote(w->a, txt_join(w->a, text)) : text;
}

/* A list of strings is one text in pieces. */
static const char *part_text(struct arena *a, const struct js *value, const char *path)
{
	const struct js *at = body_at(value, path);
	if (!js_is_array(at))
		return body_text_at(a, value, path);
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < js_len(at); i++)
		buf_adds(&b, js_str(js_at(at, i)));
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* The parts with a blank between; NULL when one is missing. NS1 gives a whole value as a list of
 * its words, which is what "$words" says. */
static const char *join_parts(struct arena *a, const struct desc_shape *shape,
			      const struct js *value)
{
	struct buf b;
	buf_init(&b);
	bool whole = true;
	for (size_t i = 0; i < shape->n && whole; i++) {
		const char *text = part_text(a, value, shape->parts[i]);
		whole = text != NULL;
		buf_addf(&b, "%s%s", i > 0 ? " " : "", whole ? text : "");
	}
	const char *data = whole ? arena_slice(a, buf_slice(&b)) : NULL;
	buf_release(&b);
	return data;
}

/* The value of a CAA stands in quotes in the zone-file form, and bare in most answers. */
static const char *with_quotes(const struct row_world *w, const char *data)
{
	struct slice rest = slice_str(data);
	struct slice flags = slice_until(&rest, ' ');
	struct slice tag = slice_until(&rest, ' ');
	if (rest.len == 0 || rest.ptr[0] == '"')
		return data;
	return arena_printf(w->a, "%.*s %.*s %s", (int)flags.len, flags.ptr, (int)tag.len, tag.ptr,
			    txt_quote(w->a, rest));
}

/* "10 10 mx.a.": a value that has the priority in it, and the priority beside it (Scaleway). */
static const char *without_twice(const char *data)
{
	struct slice rest = slice_str(data);
	struct slice first = slice_until(&rest, ' ');
	struct slice behind = rest;
	return slice_eq(first, slice_until(&behind, ' ')) && behind.len > 0 ? rest.ptr : data;
}

static const char *rdata_of(const struct row_world *w, uint16_t type, const char *data,
			    struct err *e)
{
	const char *text = data;
	if (type == RR_TXT || type == RR_SPF)
		text = text_of(w, data);
	else if (type == RR_CAA)
		text = with_quotes(w, data);
	else if (ends_with_target(type))
		text = with_target(w, type == RR_MX ? without_twice(data) : data, e);
	if (text == NULL)
		return NULL;
	const struct rrset *one = rrset_make(w->a, w->zone, type, 0, 1, &text, e);
	return one != NULL ? one->rdata[0] : NULL;
}

static bool to_ttl(const char *text, uint32_t *ttl_r)
{
	uint64_t v = 0;
	bool good = text != NULL && slice_to_u64(slice_str(text), &v) && v <= INT32_MAX;
	*ttl_r = good ? (uint32_t)v : 0;
	return good;
}

uint32_t row_zone_ttl(const struct row_world *w)
{
	struct err ignored;
	uint32_t ttl = 0;
	const char *template = w->desc->ttl.zone;
	if (template != NULL)
		(void)to_ttl(vars_text(w->vars, w->a, template, &ignored), &ttl);
	return ttl;
}

/* A number may stand for another: "0" for the zone's own TTL, which a look-up took. */
static int ttl_meant(const struct row_world *w, const char *text, uint32_t *ttl_r, struct err *e)
{
	const struct desc *d = w->desc;
	for (size_t i = 0; text != NULL && i < d->ttl.stands_for.n; i++) {
		const struct desc_field *f = &d->ttl.stands_for.at[i];
		if (!str_eq(f->name, text))
			continue;
		const char *means = vars_text(w->vars, w->a, f->text, e);
		if (means == NULL)
			return -1;
		text = str_eq(means, text) ? NULL : means;
		break;
	}
	if (!to_ttl(text, ttl_r))
		*ttl_r = row_zone_ttl(w);
	return 0;
}

static int ttl_of(const struct row_world *w, const struct js *item, struct row *row, struct err *e)
{
	const struct desc *d = w->desc;
	const char *text = d->record.ttl != NULL ? body_text_at(w->a, item, d->record.ttl) : NULL;
	const char *none = d->ttl.inherits;
	row->inherits = none != NULL && str_eq(text != NULL ? text : "null", none);
	return ttl_meant(w, text, &row->ttl, e);
}

const char *row_ttl_text(const struct row_world *w, const struct rrset *s)
{
	struct err ignored;
	uint32_t ttl = 0;
	const char *none = w->desc->ttl.inherits;
	if (none != NULL && s->of_zone && ttl_meant(w, none, &ttl, &ignored) == 0 && ttl == s->ttl)
		return none;
	return arena_printf(w->a, "%u", (unsigned)s->ttl);
}

static const char *locked_of(const struct row_world *w, const struct js *item)
{
	const struct desc_record *r = &w->desc->record;
	for (size_t i = 0; i < r->skip_n; i++) {
		const char *text = body_text_at(w->a, item, r->skips[i].field);
		bool any = str_eq(r->skips[i].equals, "*");
		if (text != NULL && (any ? text[0] != '\0' : str_eq(text, r->skips[i].equals)))
			return r->skips[i].why;
	}
	return NULL;
}

/* A record that cannot be read is kept as such: it must not look as if it were not there. */
static void add_value(const struct row_world *w, const struct row *like,
		      const struct desc_shape *shape, const struct js *value, struct rows *rows)
{
	struct err e = { .kind = ERR_NONE };
	struct row *row = vec_push(w->a, &rows->list);
	*row = *like;
	const char *data = join_parts(w->a, shape, value);
	row->said = data;
	if (data == NULL)
		(void)err_set(&e, ERR_ITEM, "a part of its value is missing in the answer");
	else
		row->rdata = rdata_of(w, row->type, data, &e);
	if (row->rdata == NULL)
		row->trouble = arena_strdup(w->a, e.text);
}

/* The members of the row in the places of the braces. */
static const char *id_from(const struct row_world *w, const struct js *item, const char *template)
{
	struct buf b;
	buf_init(&b);
	for (struct slice rest = slice_str(template); rest.len > 0;) {
		struct slice before = slice_until(&rest, '{');
		buf_add(&b, before.ptr, before.len);
		if (rest.len == 0)
			break;
		const char *path = arena_slice(w->a, slice_until(&rest, '}'));
		const char *text = body_text_at(w->a, item, path);
		buf_adds(&b, text != NULL ? text : "");
	}
	const char *id = arena_slice(w->a, buf_slice(&b));
	buf_release(&b);
	return id;
}

/* What a request must repeat as it came. */
static const char *const *kept_of(const struct row_world *w, const struct js *item)
{
	const struct desc_fields *f = &w->desc->record.keep;
	const char **kept = f->n > 0 ? ARENA_ARRAY(w->a, f->n, const char *) : NULL;
	for (size_t i = 0; i < f->n; i++)
		kept[i] = body_text_at(w->a, item, f->at[i].text);
	return kept;
}

static const char *id_of(const struct row_world *w, const struct js *item)
{
	const char *id = w->desc->record.id;
	if (id == NULL)
		return NULL;
	return strchr(id, '{') != NULL ? id_from(w, item, id) : body_text_at(w->a, item, id);
}

/* What could be read in two ways is read in none. */
static int check_doubts(const struct row_world *w, const struct js *item, uint16_t type,
			struct err *e)
{
	const struct desc_record *r = &w->desc->record;
	for (size_t i = 0; i < r->doubt_n; i++) {
		uint64_t v;
		const char *text = r->doubts[i].type == type
					   ? body_text_at(w->a, item, r->doubts[i].field)
					   : NULL;
		if (text == NULL || !slice_to_u64(slice_str(text), &v))
			continue;
		(void)err_set(e, ERR_REFUSED, "%s", r->doubts[i].why);
		return err_hint(e, "nothing was changed; `dns.provider: manual` does it by hand");
	}
	return 0;
}

int rows_add(const struct row_world *w, const struct js *item, struct rows *rows, struct err *e)
{
	const struct desc_record *r = &w->desc->record;
	const char *word = body_text_at(w->a, item, r->type);
	if (word == NULL)
		return err_set(e, ERR_ITEM, "a record of the answer has no type (\"%s\")", r->type);
	struct row row = { .ttl = 0 };
	row.type = type_of(r, word, &row.renamed);
	if (row.type == 0)
		return 0;
	if (ttl_of(w, item, &row, e) != 0 || check_doubts(w, item, row.type, e) != 0)
		return -1;
	row.name = name_of(w, r->name != NULL ? body_text_at(w->a, item, r->name) : NULL, e);
	if (row.name == NULL)
		return err_wrap(e, "the name of a %s record of the answer", word);
	if (!registrar_names_have(w->only, row.name))
		return 0;
	row.etag = r->etag != NULL ? body_text_at(w->a, item, r->etag) : NULL;
	row.id = id_of(w, item);
	row.kept = kept_of(w, item);
	row.locked = locked_of(w, item);
	const struct desc_shape *shape = shape_of(r, row.type);
	if (shape == NULL)
		return 0;
	if (shape->values == NULL) {
		add_value(w, &row, shape, item, rows);
		return 0;
	}
	const struct js *values = body_at(item, shape->values);
	for (size_t i = 0; i < js_len(values); i++)
		add_value(w, &row, shape, js_at(values, i), rows);
	return 0;
}

static const char *copy_or_null(struct arena *a, const char *text)
{
	return text != NULL ? arena_strdup(a, text) : NULL;
}

static const char *const *copy_kept(struct arena *a, const struct row *row, size_t n)
{
	const char **kept = row->kept != NULL ? ARENA_ARRAY(a, n, const char *) : NULL;
	for (size_t i = 0; kept != NULL && i < n; i++)
		kept[i] = copy_or_null(a, row->kept[i]);
	return kept;
}

struct row row_copy(struct arena *a, const struct row *row, const struct desc_record *d)
{
	struct row copy = *row;
	copy.kept = copy_kept(a, row, d->keep.n);
	copy.name = arena_strdup(a, row->name);
	copy.rdata = copy_or_null(a, row->rdata);
	copy.said = copy_or_null(a, row->said);
	copy.id = copy_or_null(a, row->id);
	copy.etag = copy_or_null(a, row->etag);
	copy.trouble = copy_or_null(a, row->trouble);
	return copy;
}

static bool is_of(const struct row *row, const char *name, uint16_t type)
{
	return row->type == type && dname_equal(row->name, name);
}

static int refuse_unread(const struct row_world *w, const struct row *row, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "a record at %s %s could not be read: %s", row->name,
		      rr_type_name(w->a, row->type), row->trouble);
	return err_hint(e, "look at it in the panel; what is not understood is not changed");
}

int rows_rrset(const struct row_world *w, const struct rows *rows, const char *name, uint16_t type,
	       const struct rrset **rrset_r, struct err *e)
{
	const char **rdata = ARENA_ARRAY(w->a, rows->list.n + 1, const char *);
	size_t n = 0;
	uint32_t least = UINT32_MAX;
	uint32_t most = 0;
	bool inherits = true;
	*rrset_r = NULL;
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct row *row = &rows->list.at[i];
		if (!is_of(row, name, type))
			continue;
		if (row->rdata == NULL)
			return refuse_unread(w, row, e);
		rdata[n++] = row->rdata;
		least = row->ttl < least ? row->ttl : least;
		most = row->ttl > most ? row->ttl : most;
		inherits = inherits && row->inherits;
	}
	if (n == 0)
		return 0;
	const struct rrset *s = rrset_make(w->a, name, type, least, n, rdata, e);
	*rrset_r = s == NULL       ? NULL
		   : most != least ? rrset_as_uneven(w->a, s)
		   : inherits      ? rrset_as_of_zone(w->a, s)
				   : s;
	return s != NULL ? 0 : -1;
}
