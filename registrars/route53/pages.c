/*
 * A page begins at a name, type and set identifier, and says where the next one does. Each is freed
 * before the next is asked for. The end is only believed when it is said.
 */
#include "registrars/route53/pages.h"

#include "registrars/route53/exchange.h"
#include "registrars/route53/octal.h"
#include "registrars/route53/sigv4.h"
#include "zone/dname.h"

enum { PAGES_MAX = 20000 }; /* six million RRsets: an endless list ends there */

/* Where a page begins; NULL: not said. */
struct place {
	const char *identifier, *name, *type;
};

static void add_pair(struct buf *q, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(q, "%s%s=", q->len > 0 ? "&" : "", name);
	sigv4_encode(value, q);
}

/* Sorted by name. */
static const char *query_of(struct arena *a, const struct place *at, const char *max)
{
	struct buf q;
	buf_init(&q);
	add_pair(&q, "identifier", at->identifier);
	add_pair(&q, "maxitems", max);
	add_pair(&q, "name", at->name);
	add_pair(&q, "type", at->type);
	const char *text = arena_slice(a, buf_slice(&q));
	buf_release(&q);
	return text;
}

static int get_page(struct session *s, struct arena *a, const char *query,
		    const struct xml **root_r, struct err *e)
{
	const struct exchange x = {
		.method = "GET",
		.path = arena_printf(a, "/2013-04-01/hostedzone/%s/rrset", s->zone_id),
		.query = query,
		.wants = "ListResourceRecordSetsResponse",
	};
	return route53_exchange(s, a, &x, root_r, e) == EXCHANGE_OK ? 0 : -1;
}

/* 1: more follows, 0: that was all. */
static int is_truncated(const struct xml *root, struct err *e)
{
	const char *word = xml_text(root, "IsTruncated");
	if (str_eq(word, "false"))
		return 0;
	if (str_eq(word, "true"))
		return 1;
	return err_set(e, ERR_WORLD, "the answer does not say whether it is whole");
}

/* -- one -- */

/* Kept for a DELETE, which must repeat Route 53's spelling. */
static void remember(struct session *s, struct arena *a, const struct record *r,
		     const struct rrset *set)
{
	struct record ours = record_of(a, set);
	struct record *slot = NULL;
	for (size_t i = 0; i < s->spellings.n && slot == NULL; i++) {
		struct record *known = &s->spellings.at[i];
		if (known->type == r->type && dname_equal(known->name, r->name))
			slot = known;
	}
	if (slot == NULL && record_same_values(r, &ours))
		return;
	if (slot == NULL)
		slot = vec_push(s->arena, &s->spellings);
	*slot = *r;
	slot->name = arena_strdup(s->arena, r->name);
	slot->values = ARENA_ARRAY(s->arena, r->n, const char *);
	for (size_t i = 0; i < r->n; i++)
		slot->values[i] = arena_strdup(s->arena, r->values[i]);
}

/* The list begins with the first that is not before the place: it is ours or ours is not there. */
static int take_first(struct session *s, struct arena *a, const struct xml *root,
		      const struct place *at, const struct rrset **rrset_r, struct err *e)
{
	const struct xml *set = xml_at(root, "ResourceRecordSets/ResourceRecordSet");
	struct record r;
	if (set == NULL)
		return is_truncated(root, e) == 0
			       ? 0
			       : err_set(e, ERR_WORLD, "the answer has no records and no end");
	if (record_read(a, set, &r, e) != 0)
		return -1;
	if (r.type != rr_type_from_name(at->type) || !dname_equal(r.name, at->name))
		return 0;
	*rrset_r = record_rrset(a, &r, e);
	if (*rrset_r == NULL)
		return -1;
	remember(s, a, &r, *rrset_r);
	return 0;
}

int pages_read(struct session *s, struct arena *a, const char *name, uint16_t type,
	       const struct rrset **rrset_r, struct err *e)
{
	const struct place at = { NULL, name, rr_type_name(a, type) };
	const struct place there = { NULL, octal_write(a, name), at.type };
	const struct xml *root;
	*rrset_r = NULL;
	if (get_page(s, a, query_of(a, &there, "1"), &root, e) != 0)
		return -1;
	return take_first(s, a, root, &at, rrset_r, e);
}

/* -- all, or all at a name -- */

struct listing {
	struct session *s;
	struct arena *a;
	const char *only;  /* canonical; NULL: every name */
	const char *max;   /* RRsets of a page */
	struct place mark; /* where the last page began whose number is 2^n */
	VEC(const struct rrset *) sets;
};

/* At one name, what cannot be read is passed over: it must not stand in the way of its neighbour,
 * and were it meant itself, the batch would be refused for it. */
static int take_record(struct listing *k, const struct record *r, struct err *e)
{
	struct err ignored;
	if (r->type == 0 || r->locked != NULL)
		return 0;
	const struct rrset *set = record_rrset(k->a, r, k->only != NULL ? &ignored : e);
	if (set == NULL)
		return k->only != NULL ? 0 : -1;
	*vec_push(k->a, &k->sets) = set;
	if (k->only != NULL)
		remember(k->s, k->a, r, set);
	return 0;
}

static int take_page(struct listing *k, struct arena *page, const struct xml *root, struct err *e)
{
	const struct xml *x = xml_at(root, "ResourceRecordSets/ResourceRecordSet");
	for (; x != NULL; x = xml_next(x)) {
		struct record r;
		if (record_read(page, x, &r, e) != 0)
			return -1;
		if (!dname_is_within(r.name, k->s->zone))
			return err_set(e, ERR_WORLD, "the answer has %s, which is not in %s",
				       r.name, k->s->zone);
		if (k->only != NULL && !dname_equal(r.name, k->only))
			return 0;
		if (take_record(k, &r, e) != 0)
			return -1;
	}
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : str_eq(a, b);
}

static bool same_place(const struct place *a, const struct place *b)
{
	return same(a->name, b->name) && same(a->type, b->type) &&
	       same(a->identifier, b->identifier);
}

/* The place must be said, and be another one; that pages go in a circle shows at the mark. */
static int next_place(struct listing *k, struct arena *a, const struct xml *root, struct place *at,
		      struct err *e)
{
	const struct xml *identifier = xml_child(root, "NextRecordIdentifier");
	const struct place next = {
		identifier != NULL ? arena_strdup(a, identifier->text) : NULL,
		arena_strdup(a, xml_text(root, "NextRecordName")),
		arena_strdup(a, xml_text(root, "NextRecordType")),
	};
	if (next.name[0] == '\0' || next.type[0] == '\0' || same_place(&next, at) ||
	    same_place(&next, &k->mark))
		return err_set(e, ERR_WORLD, "the answer does not say where the next page begins");
	*at = next;
	return 0;
}

/* Names are in an order: one that begins elsewhere has nothing of ours any more. */
static bool is_of_interest(const struct listing *k, struct arena *a, const struct place *at)
{
	struct err ignored;
	const char *name = octal_read(a, at->name, &ignored);
	const char *canon = name != NULL ? dname_canon(a, name, &ignored) : NULL;
	return k->only == NULL || (canon != NULL && dname_equal(canon, k->only));
}

/* 1: another page follows. `places`: the page's are freed with it. */
static int list_page(struct listing *k, struct arena *places, struct place *at, struct err *e)
{
	const struct xml *root;
	struct arena *page = arena_new();
	int rc = get_page(k->s, page, query_of(page, at, k->max), &root, e);
	if (rc == 0)
		rc = take_page(k, page, root, e);
	if (rc == 0)
		rc = is_truncated(root, e);
	if (rc == 1 && next_place(k, places, root, at, e) != 0)
		rc = -1;
	if (rc == 1 && !is_of_interest(k, page, at))
		rc = 0;
	arena_free(page);
	return rc;
}

/* From that name on; NULL: from the first. */
static int list_pages(struct listing *k, const char *from, struct err *e)
{
	struct arena *places = arena_new();
	struct place at = { NULL, from, NULL };
	int rc = 1;
	for (unsigned page = 0; rc == 1 && page < PAGES_MAX; page++) {
		if ((page & (page - 1)) == 0)
			k->mark = at;
		rc = list_page(k, places, &at, e);
	}
	arena_free(places);
	return rc == 1 ? err_set(e, ERR_WORLD, "the list of records has no end") : rc;
}

int pages_zone(struct session *s, struct arena *a, const struct zone **zone_r, struct err *e)
{
	struct listing k = { .s = s, .a = a, .max = "300" };
	if (list_pages(&k, NULL, e) != 0)
		return -1;
	*zone_r = zone_make(a, s->zone, k.sets.n, k.sets.at);
	return 0;
}

int pages_pick(struct session *s, struct arena *a, const struct registrar_names *names,
	       const struct zone **zone_r, struct err *e)
{
	struct listing k = { .s = s, .a = a, .max = "20" };
	for (size_t i = 0; i < names->n; i++) {
		const struct registrar_names before = { i, names->at };
		k.only = names->at[i];
		if (registrar_names_have(&before, k.only))
			continue;
		if (list_pages(&k, octal_write(a, k.only), e) != 0)
			return err_wrap(e, "what is at %s", k.only);
	}
	*zone_r = zone_make(a, s->zone, k.sets.n, k.sets.at);
	return 0;
}
