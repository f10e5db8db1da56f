/*
 * The check that stands between an edit and the file: it knows nothing of how the edit was
 * made and compares only what the two texts say. Each is walked once by our reader and once by
 * ldns. Records of planned RRsets and the SOA are kept and compared one by one; all others, which
 * must be the same before and after, are counted in a multiset.
 */
#include <string.h>

#include "registrars/zonefile/edit.h"
#include "registrars/zonefile/multiset.h"
#include "zone/dname.h"

/* What one text says. */
struct account {
	struct arena *a; /* owned */
	const struct master_text *of;
	const struct change_set *cs;
	struct sha256 *one; /* owned; for one record */
	VEC(const struct rrset *) kept;
	const struct zone *planned; /* of what was kept */
	struct multiset others;     /* with their TTLs */
	struct multiset values;     /* of all records, without */
	/* Comments, directives and what was not understood, in their order. */
	struct sha256 *opaque; /* owned */
	unsigned char opaque_is[SHA256_LEN];
	bool relative_origin;
};

static int wrong(struct err *e, const char *what)
{
	(void)err_set(e, ERR_BUG, "the edited zone file is not what was planned: %s", what);
	return err_hint(e, "the file was left as it is; please report this with the file");
}

static bool is_kept(const struct account *ac, const struct rrset *set)
{
	if (set->type == RR_SOA && dname_equal(set->name, ac->of->zone))
		return true;
	for (size_t i = 0; i < ac->cs->n; i++) {
		const struct change *c = &ac->cs->changes[i];
		if (c->type == set->type && dname_equal(c->name, set->name))
			return true;
	}
	return false;
}

/* A text and its end, so that two neighbours cannot be read as two others. */
static void add_text(struct sha256 *h, const char *text)
{
	sha256_add(h, text, strlen(text) + 1);
}

/* Without the TTL, which ldns may see otherwise: without $TTL they differ by design. */
static void count_value(struct sha256 *h, struct multiset *values, const struct rrset *set,
			unsigned char digest[SHA256_LEN])
{
	add_text(h, set->name);
	sha256_add(h, &set->type, sizeof(set->type));
	add_text(h, set->rdata[0]);
	sha256_finish(h, digest);
	multiset_add(values, digest);
}

static void take_record(struct account *ac, const struct master *m)
{
	const struct rrset *set = m->entry.set;
	unsigned char digest[SHA256_LEN];
	count_value(ac->one, &ac->values, set, digest);
	if (is_kept(ac, set)) {
		*vec_push(ac->a, &ac->kept) = master_keep(ac->a, m);
		return;
	}
	sha256_add(ac->one, digest, sizeof(digest));
	sha256_add(ac->one, &set->ttl, sizeof(set->ttl));
	sha256_finish(ac->one, digest);
	multiset_add(&ac->others, digest);
}

/* Without the line end: the last line of a file may have got one. */
static struct slice content(const struct master *m)
{
	struct slice s = { m->of->text.ptr + m->entry.start, m->entry.end - m->entry.start };
	while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	return s;
}

static void add_slice(struct sha256 *h, struct slice s)
{
	sha256_add(h, &s.len, sizeof(s.len));
	sha256_add(h, s.ptr, s.len);
}

/* A record that is not understood may have got its owner and TTL written out: it is what it is
 * for, and its words. */
static void take_opaque(struct account *ac, const struct master *m)
{
	const struct master_entry *entry = &m->entry;
	sha256_add(ac->opaque, &entry->kind, sizeof(entry->kind));
	if (entry->kind != MASTER_RECORD) {
		add_slice(ac->opaque, content(m));
		return;
	}
	add_text(ac->opaque, entry->name);
	sha256_add(ac->opaque, &entry->ttl, sizeof(entry->ttl));
	for (size_t i = entry->type_at; i < entry->token_n; i++)
		add_slice(ac->opaque, master_word(m, &entry->tokens[i]));
}

/* ldns takes a relative $ORIGIN for an absolute one. */
static bool is_relative_origin(const struct master *m)
{
	if (m->entry.kind != MASTER_ORIGIN)
		return false;
	struct slice name = master_word(m, &m->entry.tokens[1]);
	return name.len > 0 && name.ptr[name.len - 1] != '.';
}

static int walk(struct account *ac, struct err *e)
{
	struct master m;
	int rc = master_begin(&m, ac->of, NULL, e) == 0 ? 1 : -1;
	while (rc == 1 && (rc = master_next(&m, e)) == 1) {
		ac->relative_origin = ac->relative_origin || is_relative_origin(&m);
		if (m.entry.kind == MASTER_RECORD && m.entry.set != NULL)
			take_record(ac, &m);
		else
			take_opaque(ac, &m);
	}
	master_end(&m);
	sha256_finish(ac->opaque, ac->opaque_is);
	ac->planned = zone_make(ac->a, ac->of->zone, ac->kept.n, ac->kept.at);
	return rc;
}

/* What differs is planned, and what is planned differs. */
static int check_records(const struct account *before, const struct account *after, struct err *e)
{
	const struct change_set *cs = after->cs;
	if (!multiset_equal(&before->others, &after->others))
		return wrong(e, "other RRsets than the planned ones differ");
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct rrset *was = zone_find(before->planned, c->name, c->type);
		const struct rrset *is = zone_find(after->planned, c->name, c->type);
		if (!rrset_same(is, c->after) || rrset_same(was, is))
			return wrong(e, c->name);
	}
	return 0;
}

static bool is_raised(uint32_t from, uint32_t to)
{
	uint32_t d = to - from; /* RFC 1982 §3.2 */
	return d != 0 && d < UINT32_C(0x80000000);
}

/* Server and mailbox, which stand before the numbers (RFC 1035 §3.3.13). */
static bool same_words(const char *x, const char *y)
{
	struct slice a = slice_str(x);
	struct slice b = slice_str(y);
	for (int i = 0; i < 2; i++)
		if (!slice_eq(slice_until(&a, ' '), slice_until(&b, ' ')))
			return false;
	return true;
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
		    sb.minimum == sc.minimum && same_words(b->rdata[0], c->rdata[0]);
	return same && is_raised(sb.serial, sc.serial) ? 0 : wrong(e, "the SOA");
}

/* Comments, directives and what was not understood keep their bytes and their order. */
static int check_opaque(const struct account *before, const struct account *after, struct err *e)
{
	bool same = memcmp(before->opaque_is, after->opaque_is, SHA256_LEN) == 0;
	return same ? 0 : wrong(e, "a comment or directive changed");
}

struct opinion {
	struct sha256 *one; /* borrowed */
	struct multiset values;
};

static int take_opinion(void *ctx, const struct rrset *set, struct err *e)
{
	struct opinion *o = ctx;
	unsigned char digest[SHA256_LEN];
	(void)e;
	count_value(o->one, &o->values, set, digest);
	return 0;
}

/* Both must see the same records. */
static int ldns_says(const struct account *ac, struct err *e)
{
	struct err ignored;
	struct opinion o = { .one = ac->one };
	struct zone_sink sink = { take_opinion, &o };
	if (zone_each(ac->of->zone, ac->of->text, &sink, &ignored) != 0)
		return wrong(e, "it cannot be read any more");
	return multiset_equal(&o.values, &ac->values)
		       ? 0
		       : wrong(e, "another reader finds other records in it");
}

/* A second opinion: ldns reads the whole file by itself. It counts only where it agreed
 * with us about the file as it was. */
static int check_by_ldns(const struct account *before, const struct account *after, struct err *e)
{
	struct err ignored;
	if (before->relative_origin || ldns_says(before, &ignored) != 0)
		return 0;
	return ldns_says(after, e);
}

static void open_account(struct account *ac, const struct master_text *of,
			 const struct change_set *cs)
{
	*ac = (struct account){
		.a = arena_new(), .of = of, .cs = cs, .one = sha256_new(), .opaque = sha256_new()
	};
}

static void close_account(struct account *ac)
{
	sha256_free(ac->one);
	sha256_free(ac->opaque);
	arena_free(ac->a);
}

/* What the edit made cannot be read: that is the edit's fault, whatever the reader says. */
static int walk_both(struct account *before, struct account *after, struct err *e)
{
	if (walk(before, e) != 0)
		return -1;
	if (walk(after, e) == 0)
		return 0;
	e->kind = ERR_BUG;
	return err_wrap(e, "reading the edited text");
}

int edit_verify(const struct master_text *before, const struct master_text *after,
		const struct change_set *cs, struct err *e)
{
	struct account b;
	struct account c;
	open_account(&b, before, cs);
	open_account(&c, after, cs);
	int rc = walk_both(&b, &c, e);
	if (rc == 0)
		rc = check_records(&b, &c, e);
	if (rc == 0)
		rc = check_soa(b.planned, c.planned, e);
	if (rc == 0)
		rc = check_opaque(&b, &c, e);
	if (rc == 0)
		rc = check_by_ldns(&b, &c, e);
	close_account(&b);
	close_account(&c);
	return rc;
}
