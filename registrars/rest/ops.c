/*
 * A provider of single records has no way to write an RRset as a whole, so between the first
 * operation and the last the world may see anything that lies between. The order decides what: a
 * value is added before another goes, that mail has a way at every moment, and what is there
 * already and wanted is not touched at all. Where a provider cannot bear both at once, the gap is
 * one record's and lies between two requests; where it bears no two TTLs in a set, one record stays
 * all the while.
 */
#include "registrars/rest/ops.h"

#include "zone/dname.h"

struct making {
	struct arena *a;
	const struct change *c;
	VEC(struct op) list;
	VEC(const struct row *) old; /* rows without a use so far */
	VEC(const char *) fresh;     /* values without a row so far */
};

static const struct row *take_row(struct making *m, const char *rdata)
{
	for (size_t i = 0; i < m->old.n; i++) {
		const struct row *row = m->old.at[i];
		if (rdata == NULL ||
		    (row->rdata != NULL && rdata_alike(m->c->type, row->rdata, rdata))) {
			m->old.at[i] = m->old.at[--m->old.n];
			return row;
		}
	}
	return NULL;
}

static void add(struct making *m, enum op_kind kind, const struct row *row, const char *rdata)
{
	*vec_push(m->a, &m->list) = (struct op){ kind, row, rdata };
}

/* Two records of the same value, or two CNAMEs at a name, are refused even for a moment. */
static bool cannot_stand_together(const struct making *m, const struct row *row, const char *rdata)
{
	return m->c->type == RR_CNAME || (row->rdata != NULL && str_eq(row->rdata, rdata));
}

/* In place where that is possible, else by another record in its stead: what the provider calls by
 * another name than DNS does (OVH's SPF) becomes an ordinary record. */
static void change_row(struct making *m, const struct row *row, const char *rdata, bool can_update)
{
	if (can_update && !row->renamed) {
		add(m, OP_UPDATE, row, rdata);
	} else if (cannot_stand_together(m, row, rdata)) {
		add(m, OP_REMOVE, row, NULL);
		add(m, OP_CREATE, NULL, rdata);
	} else {
		add(m, OP_CREATE, NULL, rdata);
		add(m, OP_REMOVE, row, NULL);
	}
}

/* Values that are there keep their record, so that only what differs is written. */
static void keep_same(struct making *m, bool can_update)
{
	const struct rrset *after = m->c->after;
	for (size_t i = 0; after != NULL && i < after->n; i++) {
		const struct row *row = take_row(m, after->rdata[i]);
		if (row == NULL)
			*vec_push(m->a, &m->fresh) = after->rdata[i];
		else if (row->ttl != after->ttl)
			change_row(m, row, after->rdata[i], can_update);
	}
}

static void collect_rows(struct making *m, const struct rows *rows)
{
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct row *row = &rows->list.at[i];
		if (row->type == m->c->type && dname_equal(row->name, m->c->name))
			*vec_push(m->a, &m->old) = row;
	}
}

/* Several records, and a TTL that is to be another. */
static bool splits_ttl(const struct making *m)
{
	const struct rrset *after = m->c->after;
	bool other = false;
	for (size_t i = 0; after != NULL && i < m->old.n; i++)
		other |= m->old.at[i]->ttl != after->ttl;
	return other && (m->old.n > 1 || after->n > 1);
}

/* The one that stays meanwhile is one that is wanted, if there is such: mail has a way in. */
static struct ops go_through_one(struct making *m)
{
	const struct rrset *after = m->c->after;
	const struct row *kept = NULL;
	size_t at = 0;
	for (size_t i = 0; kept == NULL && i < after->n; i++) {
		kept = take_row(m, after->rdata[i]);
		at = kept != NULL ? i : 0;
	}
	kept = kept != NULL ? kept : take_row(m, NULL);
	for (const struct row *row = take_row(m, NULL); row != NULL; row = take_row(m, NULL))
		add(m, OP_REMOVE, row, NULL);
	add(m, OP_UPDATE, kept, after->rdata[at]);
	for (size_t i = 0; i < after->n; i++) {
		if (i != at)
			add(m, OP_CREATE, NULL, after->rdata[i]);
	}
	return (struct ops){ m->list.n, m->list.at };
}

struct ops ops_make(struct arena *a, const struct rows *rows, const struct change *c,
		    const struct ops_ways *ways)
{
	bool can_update = ways->update;
	struct making m = { .a = a, .c = c };
	collect_rows(&m, rows);
	if (ways->one_ttl && splits_ttl(&m))
		return go_through_one(&m);
	keep_same(&m, can_update);
	for (size_t i = 0; i < m.fresh.n; i++) {
		const struct row *row = take_row(&m, NULL);
		if (row != NULL)
			change_row(&m, row, m.fresh.at[i], can_update);
		else
			add(&m, OP_CREATE, NULL, m.fresh.at[i]);
	}
	for (const struct row *row = take_row(&m, NULL); row != NULL; row = take_row(&m, NULL))
		add(&m, OP_REMOVE, row, NULL);
	return (struct ops){ m.list.n, m.list.at };
}

int ops_refuse(struct arena *a, const struct change *c, const char *why, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "%s %s: %s", c->name, rr_type_name(a, c->type), why);
	return err_hint(e, "it is left alone; change it in the panel");
}

int ops_check_locked(struct arena *a, const struct ops *ops, const struct change *c, struct err *e)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct row *row = ops->at[i].row;
		if (row != NULL && row->locked != NULL)
			return ops_refuse(a, c, row->locked, e);
	}
	return 0;
}
