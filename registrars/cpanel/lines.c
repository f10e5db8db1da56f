/*
 * Each line is put together as a zone file would have it, names made absolute and text quoted;
 * then ldns makes it canonical, as for any other source.
 */
#include "registrars/cpanel/lines.h"

#include <string.h>

#include "base/digest.h"
#include "zone/dname.h"

/* Decoded text in the arena; NULL: it is no base64, or holds a NUL, which no zone file can. */
static const char *decoded(struct arena *a, const struct js *v, struct slice *bytes_r)
{
	struct buf b;
	const char *text = NULL;
	buf_init(&b);
	if (js_is_string(v) && base64_decode(&b, slice_str(js_str(v))) &&
	    memchr(b.at, '\0', b.len) == NULL) {
		*bytes_r = (struct slice){ arena_slice(a, buf_slice(&b)), b.len };
		text = bytes_r->ptr;
	}
	buf_release(&b);
	return text;
}

static const char *decoded_text(struct arena *a, const struct js *v)
{
	struct slice bytes;
	return decoded(a, v, &bytes);
}

/* Numbers come as such or as texts, as cPanel's Perl happens to hold them. */
static bool number_of(const struct js *v, uint32_t *value_r)
{
	uint64_t n = 0;
	if (js_is_string(v)) {
		if (!slice_to_u64(slice_str(js_str(v)), &n))
			return false;
	} else {
		int64_t i = js_int_of(v);
		if (v == NULL || i < 0)
			return false;
		n = (uint64_t)i;
	}
	*value_r = (uint32_t)n;
	return n <= UINT32_MAX;
}

/* Which words of the rdata are names; a bit each. */
static unsigned names_in(uint16_t type)
{
	switch (type) {
	case RR_CNAME:
	case RR_NS:
	case RR_PTR: return 1U << 0;
	case RR_MX: return 1U << 1;
	case RR_SRV: return 1U << 3;
	case RR_SOA: return 1U << 0 | 1U << 1;
	default: return 0;
	}
}

/* And which stand between quotes. */
static bool is_quoted(uint16_t type, size_t i)
{
	return type == RR_TXT || type == RR_SPF || (type == RR_CAA && i == 2);
}

/* One word of the presentation form. */
static const char *word_of(struct arena *a, const struct lines *l, uint16_t type, size_t i,
			   struct slice bytes)
{
	struct err ignored;
	if (is_quoted(type, i))
		return txt_quote(a, bytes);
	if (i < 32 && (names_in(type) & 1U << i) != 0)
		return dname_in_zone(a, bytes.ptr, l->zone, &ignored);
	return bytes.len > 0 ? bytes.ptr : NULL;
}

/* NULL: a word of it cannot be read. */
static const char *join(struct arena *a, const struct lines *l, uint16_t type,
			const struct js *data)
{
	struct buf b;
	bool good = js_len(data) > 0;
	buf_init(&b);
	for (size_t i = 0; good && i < js_len(data); i++) {
		struct slice bytes = { "", 0 };
		const char *word = decoded(a, js_at(data, i), &bytes) != NULL
					   ? word_of(a, l, type, i, bytes)
					   : NULL;
		good = word != NULL;
		buf_addf(&b, "%s%s", i > 0 ? " " : "", good ? word : "");
	}
	const char *text = good ? arena_slice(a, buf_slice(&b)) : NULL;
	buf_release(&b);
	return text;
}

/* What is wrong with it is kept, for it matters only when this very RRset is asked for. */
static void read_rdata(struct arena *a, const struct lines *l, struct line *line,
		       const struct js *data)
{
	struct err e;
	const char *text = line->type != 0 ? join(a, l, line->type, data) : NULL;
	const struct rrset *one = text != NULL
					  ? rrset_make(a, line->name, line->type, 0, 1, &text, &e)
					  : NULL;
	if (one != NULL)
		line->rdata = one->rdata[0];
	else if (text != NULL)
		line->trouble = arena_strdup(a, e.text);
	else
		line->trouble = line->type == 0 ? "it is of an unknown type"
						: "its data cannot be read";
}

static int add_record(struct arena *a, const struct js *item, struct lines *l, struct err *e)
{
	struct line line = { .type = rr_type_from_name(js_get_str(item, "record_type")) };
	const char *name = decoded_text(a, js_get(item, "dname_b64"));
	if (name == NULL || !number_of(js_get(item, "line_index"), &line.index))
		return err_set(e, ERR_WORLD, "a record of the answer has no name or no line");
	line.name = dname_in_zone(a, name, l->zone, e);
	if (line.name == NULL) {
		e->kind = ERR_WORLD;
		return err_wrap(e, "line %u of the zone", (unsigned)line.index + 1);
	}
	if (!number_of(js_get(item, "ttl"), &line.ttl) || line.ttl > INT32_MAX)
		line.trouble = "it has no TTL";
	else
		read_rdata(a, l, &line, js_get(item, "data_b64"));
	*vec_push(a, &l->list) = line;
	return 0;
}

static bool is_word(struct slice text, struct slice word)
{
	return slice_starts_nocase(text, word) &&
	       (text.len == word.len || str_has(" \t", text.ptr[word.len]));
}

/* Names are completed with the zone; a line that changes that, or makes records, is not ours to
 * understand. */
static int check_control(struct arena *a, const struct js *item, const struct lines *l,
			 struct err *e)
{
	struct err ignored;
	struct slice origin = SLICE_LIT("$ORIGIN");
	const char *text = decoded_text(a, js_get(item, "text_b64"));
	struct slice line = slice_trim(slice_str(text));
	if (is_word(line, SLICE_LIT("$TTL")))
		return 0;
	if (is_word(line, origin)) {
		struct slice rest = { line.ptr + origin.len, line.len - origin.len };
		const char *name = dname_canon(a, arena_slice(a, slice_trim(rest)), &ignored);
		if (name != NULL && dname_equal(name, l->zone))
			return 0;
	}
	(void)err_set(e, ERR_REFUSED, "the zone has a line that may make or rename records: %.80s",
		      text != NULL ? text : "it cannot be read");
	return err_hint(e, "write it out as plain records in cPanel's Zone Editor");
}

static int add_item(struct arena *a, const struct js *item, struct lines *l, struct err *e)
{
	const char *type = js_get_str(item, "type");
	if (str_eq(type, "record"))
		return add_record(a, item, l, e);
	if (str_eq(type, "control"))
		return check_control(a, item, l, e);
	if (str_eq(type, "comment"))
		return 0;
	return err_set(e, ERR_WORLD, "the answer has a line of the unknown kind \"%.20s\"", type);
}

/* Without the SOA there is no serial, and no whole zone either. */
static int find_serial(struct lines *l, struct err *e)
{
	struct soa soa;
	for (size_t i = 0; i < l->list.n; i++) {
		const struct line *line = &l->list.at[i];
		if (!line_is_of(line, l->zone, RR_SOA) || line->rdata == NULL ||
		    !soa_parse(line->rdata, &soa))
			continue;
		l->serial = soa.serial;
		return 0;
	}
	return err_set(e, ERR_WORLD, "the answer holds no SOA of %s: it is not the whole zone",
		       l->zone);
}

int lines_parse(struct arena *a, const char *zone, const struct js *data, struct lines *lines_r,
		struct err *e)
{
	*lines_r = (struct lines){ .zone = zone };
	if (!js_is_array(data))
		return err_set(e, ERR_WORLD, "the answer has no list of lines");
	for (size_t i = 0; i < js_len(data); i++) {
		if (add_item(a, js_at(data, i), lines_r, e) != 0)
			return -1;
	}
	return find_serial(lines_r, e);
}

bool line_is_of(const struct line *line, const char *name, uint16_t type)
{
	return line->type == type && dname_equal(line->name, name);
}

static int refuse_unread(struct arena *a, const struct line *line, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "line %u of the zone, %s %s, could not be read: %s",
		      (unsigned)line->index + 1, line->name,
		      line->type != 0 ? rr_type_name(a, line->type) : "a record", line->trouble);
	return err_hint(e, "look at it in cPanel's Zone Editor; what is not understood is not "
			   "changed");
}

int lines_rrset(struct arena *a, const struct lines *l, const char *name, uint16_t type,
		const struct rrset **rrset_r, struct err *e)
{
	const char **rdata = ARENA_ARRAY(a, l->list.n + 1, const char *);
	uint32_t ttl = UINT32_MAX;
	size_t n = 0;
	*rrset_r = NULL;
	for (size_t i = 0; i < l->list.n; i++) {
		const struct line *line = &l->list.at[i];
		if (!line_is_of(line, name, type))
			continue;
		if (line->rdata == NULL)
			return refuse_unread(a, line, e);
		rdata[n++] = line->rdata;
		ttl = line->ttl < ttl ? line->ttl : ttl;
	}
	if (n == 0)
		return 0;
	*rrset_r = rrset_make(a, name, type, ttl, n, rdata, e);
	return *rrset_r != NULL ? 0 : -1;
}

/* zone_make puts the records of one RRset together. */
int lines_zone(struct arena *a, const struct lines *l, const struct zone **zone_r, struct err *e)
{
	const struct rrset **sets = ARENA_ARRAY(a, l->list.n + 1, const struct rrset *);
	for (size_t i = 0; i < l->list.n; i++) {
		const struct line *line = &l->list.at[i];
		if (line->rdata == NULL)
			return refuse_unread(a, line, e);
		sets[i] = rrset_make(a, line->name, line->type, line->ttl, 1, &line->rdata, e);
		if (sets[i] == NULL)
			return -1;
	}
	*zone_r = zone_make(a, l->zone, l->list.n, sets);
	return 0;
}
