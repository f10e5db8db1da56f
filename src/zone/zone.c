/*
 * Records are sorted by owner (RFC 4034 §6.1) and type; equal neighbours are merged.
 * ldns reads the master-file text.
 */
#include "zone/zone.h"

#include <string.h>

#include "base/vec.h"
#include "zone/dname.h"
#include "zone/record.h"

/* ldns cannot read an owner back whose text is longer (only escapes make it so). */
enum { ZONE_TEXT_MAX = 64 << 20, OWNER_TEXT_MAX = 255 };

/* Equal texts first: dname_compare encodes both names, and most neighbours share one. */
static int compare_keys(const char *name_a, uint16_t type_a, const struct rrset *b)
{
	int d = str_eq(name_a, b->name) ? 0 : dname_compare(name_a, b->name);
	return d != 0 ? d : (int)type_a - (int)b->type;
}

/* For qsort; it is not stable, but equals are merged into a set that is sorted again. */
static int compare_rrsets(const void *a, const void *b)
{
	const struct rrset *ra = *(const struct rrset *const *)a;
	return compare_keys(ra->name, ra->type, *(const struct rrset *const *)b);
}

/* One set out of n that have the same owner and type. */
static const struct rrset *merge(struct arena *a, const struct rrset *const *sets, size_t n)
{
	if (n == 1)
		return sets[0];
	size_t total = 0;
	uint32_t ttl = sets[0]->ttl;
	for (size_t i = 0; i < n; i++) {
		total += sets[i]->n;
		ttl = sets[i]->ttl < ttl ? sets[i]->ttl : ttl;
	}
	const char **texts = ARENA_ARRAY(a, total, const char *);
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < sets[i]->n; j++)
			texts[k++] = sets[i]->rdata[j];
	}
	return record_set(a, sets[0]->name, sets[0]->type, ttl, texts, total);
}

const struct zone *zone_make(struct arena *a, const char *origin, size_t n,
			     const struct rrset *const *rrsets)
{
	struct zone *z = ARENA_NEW(a, struct zone);
	z->origin = origin;
	const struct rrset **sorted = ARENA_ARRAY(a, n, const struct rrset *);
	const struct rrset **merged = ARENA_ARRAY(a, n, const struct rrset *);
	for (size_t i = 0; i < n; i++)
		sorted[i] = rrsets[i];
	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), compare_rrsets);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && compare_rrsets(&sorted[i], &sorted[end]) == 0)
			end++;
		merged[z->n++] = merge(a, sorted + i, end - i);
		i = end;
	}
	z->rrsets = merged;
	return z;
}

const struct rrset *zone_find(const struct zone *z, const char *name, uint16_t type)
{
	size_t low = 0;
	size_t high = z->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = compare_keys(name, type, z->rrsets[mid]);
		if (d == 0)
			return z->rrsets[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

void zone_print(const struct zone *z, struct buf *out)
{
	for (size_t i = 0; i < z->n; i++)
		rrset_print(z->rrsets[i], out);
}

/* What the reading of one file carries from line to line. */
struct reader {
	struct arena *a; /* where each record is made */
	const char *zone;
	const struct zone_sink *sink;
	struct slice left; /* what `in` has not read */
	FILE *in;          /* owned by read_text */
	int line;          /* that ldns reads next */
	int start;         /* where the present record began */
	uint32_t ttl;
	ldns_rdf *origin, *prev; /* owned by read_text */
};

/* One record is a set of one until zone_make merges them. */
static int hand_on(struct reader *r, const ldns_rr *rr, struct err *e)
{
	const char *name = record_name(r->a, ldns_rr_owner(rr), true);
	const char **rdata = ARENA_ARRAY(r->a, 1, const char *);
	rdata[0] = record_rdata(r->a, rr);
	if (name == NULL || rdata[0] == NULL || strlen(name) > OWNER_TEXT_MAX)
		return err_set(e, ERR_ITEM, "line %d: the record cannot be read", r->start);
	if (!dname_is_within(name, r->zone))
		return err_set(e, ERR_ITEM, "line %d: %s is not within %s", r->start, name,
			       r->zone);
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return err_set(e, ERR_ITEM, "line %d: %s is not of class IN", r->start, name);
	return r->sink->each(r->sink->ctx,
			     record_set(r->a, name, (uint16_t)ldns_rr_get_type(rr),
					record_ttl(ldns_rr_ttl(rr)), rdata, 1),
			     e);
}

/* ldns tells directives and empty lines by "errors", and keeps origin, TTL and last owner for
 * us. */
static int read_record(struct reader *r, struct err *e)
{
	ldns_rr *rr = NULL;
	r->start = r->line;
	ldns_status st = ldns_rr_new_frm_fp_l(&rr, r->in, &r->ttl, &r->origin, &r->prev, &r->line);
	if (st == LDNS_STATUS_SYNTAX_TTL || st == LDNS_STATUS_SYNTAX_ORIGIN ||
	    st == LDNS_STATUS_SYNTAX_EMPTY)
		return 0; /* $TTL, $ORIGIN, an empty line */
	if (st == LDNS_STATUS_SYNTAX_INCLUDE || st == LDNS_STATUS_SYNTAX_INCLUDE_ERR_NOTIMPL)
		return err_set(e, ERR_ITEM, "line %d: $INCLUDE is not followed", r->start);
	if (st != LDNS_STATUS_OK)
		return err_set(e, ERR_ITEM, "line %d: %s", r->start, ldns_get_errorstr_by_id(st));
	int rc = hand_on(r, rr, e);
	ldns_rr_free(rr);
	return rc;
}

/* The end is only known after a reading that found nothing. */
static int read_all(struct reader *r, struct err *e)
{
	while (!feof(r->in)) {
		if (read_record(r, e) != 0)
			return -1;
	}
	return 0;
}

/* ldns takes an open quote for a closed one at the line's end; a person meant something
 * else. Returns the line of the first such quote, 0 when there is none. */
static int open_quote(struct slice text)
{
	int line = 1;
	bool quoted = false;
	bool comment = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '\n') {
			if (quoted)
				return line;
			comment = false;
			line++;
		} else if (comment) {
			continue;
		} else if (c == '\\') {
			i += i + 1 < text.len && text.ptr[i + 1] != '\n';
		} else if (c == '"') {
			quoted = !quoted;
		} else if (c == ';' && !quoted) {
			comment = true;
		}
	}
	return quoted ? line : 0;
}

/* What ldns would take, and we do not. */
static int check_text(struct slice text, struct err *e)
{
	if (text.len > ZONE_TEXT_MAX)
		return err_set(e, ERR_ITEM, "this is no zone file: too large");
	if (memchr(text.ptr, '\0', text.len) != NULL)
		return err_set(e, ERR_ITEM, "this is no zone file: it holds a NUL byte");
	int line = open_quote(text);
	if (line > 0)
		return err_set(e, ERR_ITEM, "line %d: a quoted text is not closed", line);
	return 0;
}

/* fmemopen would need a copy of the text: it takes no const memory. */
static ssize_t read_left(void *cookie, char *to, size_t size)
{
	struct slice *left = cookie;
	size_t n = size < left->len ? size : left->len;
	memcpy(to, left->ptr, n);
	left->ptr += n;
	left->len -= n;
	return (ssize_t)n;
}

static int read_text(struct reader *r, struct slice text, struct err *e)
{
	if (text.len == 0)
		return 0;
	if (check_text(text, e) != 0)
		return -1;
	r->left = text;
	r->line = 1;
	r->ttl = 3600; /* of records without one of their own, before any $TTL (RFC 2308 §4) */
	r->in = fopencookie(&r->left, "r", (cookie_io_functions_t){ .read = read_left });
	if (r->in == NULL)
		return err_errno(e, ERR_BUG, "reading zone text");
	r->origin = ldns_dname_new_frm_str(r->zone);
	int rc = read_all(r, e);
	fclose(r->in);
	ldns_rdf_deep_free(r->origin);
	ldns_rdf_deep_free(r->prev);
	return rc;
}

struct collection {
	struct arena *a;
	VEC(const struct rrset *) sets;
};

static int collect(void *ctx, const struct rrset *one, struct err *e)
{
	struct collection *c = ctx;
	(void)e;
	*vec_push(c->a, &c->sets) = one;
	return 0;
}

const struct zone *zone_parse(struct arena *a, const char *origin, struct slice text, struct err *e)
{
	struct collection c = { .a = a };
	struct reader r = { .a = a, .zone = origin, .sink = &(struct zone_sink){ collect, &c } };
	return read_text(&r, text, e) == 0 ? zone_make(a, origin, c.sets.n, c.sets.at) : NULL;
}

/* Who reads on, and the memory that is empty again behind each record. */
struct passage {
	const struct zone_sink *to;
	struct arena *a;
};

static int pass_on(void *ctx, const struct rrset *one, struct err *e)
{
	const struct passage *p = ctx;
	int rc = p->to->each(p->to->ctx, one, e);
	arena_reset(p->a);
	return rc;
}

int zone_each(const char *origin, struct slice text, const struct zone_sink *sink, struct err *e)
{
	struct passage p = { sink, arena_new() };
	struct reader r = { .a = p.a, .zone = origin, .sink = &(struct zone_sink){ pass_on, &p } };
	int rc = read_text(&r, text, e);
	arena_free(p.a);
	return rc;
}
