/*
 * The check that stands between an edit and the file: it knows nothing of how the edit was
 * made and compares only what the two texts say.
 */
#include "registrars/zonefile/edit.h"
#include "zone/dname.h"

static int wrong(struct err *e, const char *what)
{
	(void)err_set(e, ERR_BUG, "the edited zone file is not what was planned: %s", what);
	return err_hint(e, "the file was left as it is; please report this with the file");
}

static const struct change *find_change(const struct change_set *cs, const struct change *like)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->changes[i].type == like->type &&
		    dname_equal(cs->changes[i].name, like->name))
			return &cs->changes[i];
	}
	return NULL;
}

/* What differs is planned, and what is planned differs. */
static int check_records(struct arena *a, const struct zone *before, const struct zone *after,
			 const struct change_set *cs, struct err *e)
{
	const struct change_set *found = zone_diff(a, before, after);
	if (found->n != cs->n)
		return wrong(e, "other RRsets than the planned ones differ");
	for (size_t i = 0; i < found->n; i++) {
		const struct change *planned = find_change(cs, &found->changes[i]);
		if (planned == NULL || !rrset_same(planned->after, found->changes[i].after))
			return wrong(e, found->changes[i].name);
	}
	return 0;
}

static bool is_raised(uint32_t from, uint32_t to)
{
	uint32_t d = to - from; /* RFC 1982 §3.2 */
	return d != 0 && d < UINT32_C(0x80000000);
}

static int check_soa(const struct zone *before, const struct zone *after, struct err *e)
{
	const struct rrset *b = zone_find(before, before->origin, RR_SOA);
	const struct rrset *c = zone_find(after, after->origin, RR_SOA);
	struct soa sb;
	struct soa sc;
	if (b == NULL || c == NULL || b->n != 1 || c->n != 1 || b->ttl != c->ttl ||
	    !soa_parse(b->rdata[0], &sb) || !soa_parse(c->rdata[0], &sc))
		return wrong(e, "the SOA");
	bool same = sb.refresh == sc.refresh && sb.retry == sc.retry && sb.expire == sc.expire &&
		    sb.minimum == sc.minimum;
	return same && is_raised(sb.serial, sc.serial) ? 0 : wrong(e, "the SOA");
}

/* Comments, directives and what was not understood keep their bytes and their order. */
static const struct master_entry *next_opaque(const struct master *m, size_t *i)
{
	while (*i < m->n) {
		const struct master_entry *entry = &m->entries[(*i)++];
		if (entry->kind != MASTER_RECORD || entry->set == NULL)
			return entry;
	}
	return NULL;
}

/* Without the line end: the last line of a file may have got one. */
static struct slice content(const struct master *m, const struct master_entry *entry)
{
	struct slice s = { m->text.ptr + entry->start, entry->end - entry->start };
	while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	return s;
}

static bool same_opaque(const struct master *b, const struct master_entry *x,
			const struct master *c, const struct master_entry *y)
{
	if (x->kind != y->kind)
		return false;
	if (x->kind == MASTER_RECORD) /* its owner may have been written out */
		return dname_equal(x->name, y->name) && x->type == y->type && x->ttl == y->ttl;
	return slice_eq(content(b, x), content(c, y));
}

static int check_opaque(const struct master *before, const struct master *after, struct err *e)
{
	size_t i = 0;
	size_t k = 0;
	for (;;) {
		const struct master_entry *x = next_opaque(before, &i);
		const struct master_entry *y = next_opaque(after, &k);
		if (x == NULL && y == NULL)
			return 0;
		if (x == NULL || y == NULL || !same_opaque(before, x, after, y))
			return wrong(e, "a comment or directive changed");
	}
}

/* ldns takes a relative $ORIGIN for an absolute one. */
static bool has_relative_origin(const struct master *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct master_entry *entry = &m->entries[i];
		struct slice name = { "", 0 };
		if (entry->kind == MASTER_ORIGIN)
			name = master_word(m, &entry->tokens[1]);
		if (name.len > 0 && name.ptr[name.len - 1] != '.')
			return true;
	}
	return false;
}

/* NULL when both see the same records, TTLs left out (without $TTL they differ by design);
 * else what differs. */
static const char *disagreement(const struct zone *ours, const struct zone *theirs)
{
	if (theirs == NULL)
		return "it cannot be read any more";
	for (size_t i = 0; i < ours->n; i++) {
		const struct rrset *s = ours->rrsets[i];
		if (!rrset_equal(s, zone_find(theirs, s->name, s->type)))
			return s->name;
	}
	return theirs->n == ours->n ? NULL : "another number of RRsets";
}

struct reading {
	const struct master *m;
	const struct zone *zone; /* ours of it */
};

static int ldns_says(const struct reading *r, struct err *e)
{
	struct arena *a = arena_new();
	const char *what = disagreement(r->zone, zone_parse(a, r->m->zone, r->m->text, e));
	int rc = what == NULL ? 0 : wrong(e, what);
	arena_free(a);
	return rc;
}

/* A second opinion: ldns reads the whole file by itself. It counts only where it agreed
 * with us about the file as it was. */
static int check_by_ldns(const struct reading *before, const struct reading *after, struct err *e)
{
	struct err ignored;
	if (has_relative_origin(before->m) || ldns_says(before, &ignored) != 0)
		return 0;
	return ldns_says(after, e);
}

int edit_verify(const struct master *before, const struct master *after,
		const struct change_set *cs, struct err *e)
{
	struct arena *a = arena_new();
	const struct zone *b = master_zone(a, before);
	const struct zone *c = master_zone(a, after);
	int rc = check_records(a, b, c, cs, e);
	if (rc == 0)
		rc = check_soa(b, c, e);
	if (rc == 0)
		rc = check_opaque(before, after, e);
	if (rc == 0)
		rc = check_by_ldns(&(struct reading){ before, b }, &(struct reading){ after, c },
				   e);
	arena_free(a);
	return rc;
}
