/*
 * A change of an RRset becomes requests, in the description's unit. Whatever can be refused is
 * refused before the first of them.
 */
#include "registrars/rest/write.h"

#include <string.h>

#include "registrars/rest/listing.h"
#include "registrars/rest/scope.h"
#include "registrars/rest/send.h"
#include "registrars/rest/whole.h"
#include "zone/dname.h"

/* Records that go out in one request; the scopes of their changes are the arena's, too. */
struct gathered {
	VEC(struct body_scope) creates;
	VEC(struct body_scope) updates;
	VEC(struct body_scope) deletes;
	const struct desc_steps *last; /* how the last of them would be sent alone */
};

/* One apply. */
struct writing {
	struct rest *r;
	struct arena *a;
	struct gathered gathered;
	struct sending sent;
	struct row_world world;
};

/* -- units -- */

static const struct desc_steps *steps_of(const struct desc_write *d, enum op_kind kind)
{
	switch (kind) {
	case OP_CREATE: return &d->create;
	case OP_UPDATE: return &d->update;
	case OP_REMOVE: break;
	}
	return &d->remove;
}

/* Room for one more request of that kind, or for its place in the batch. */
static struct body_scope *gather(struct writing *w, enum op_kind kind)
{
	struct gathered *g = &w->gathered;
	switch (kind) {
	case OP_CREATE: return vec_push(w->a, &g->creates);
	case OP_UPDATE: return vec_push(w->a, &g->updates);
	case OP_REMOVE: break;
	}
	return vec_push(w->a, &g->deletes);
}

/* The first of the listed values that this one is; NULL: none. */
static const struct desc_refusal *listed_value(const struct desc_refusal *list, size_t n,
					       uint16_t type, const struct vars *v)
{
	for (size_t i = 0; i < n; i++) {
		const struct desc_refusal *x = &list[i];
		const char *text = vars_get(v, x->variable);
		text = text != NULL ? text : "";
		if (x->type == type && (x->equals != NULL ? str_eq(text, x->equals)
							  : strstr(text, x->contains) != NULL))
			return x;
	}
	return NULL;
}

/* 1: an update would be accepted and leave what it was to change as it was. */
static int needs_anew(struct writing *w, const struct op *op, const struct change *c,
		      const struct body_scope *change, struct err *e)
{
	struct body_scope is;
	struct body_scope was;
	const struct desc_write *d = &w->r->desc->write;
	const struct op old = { OP_REMOVE, op->row, NULL };
	if (op->kind != OP_UPDATE || d->anew_n == 0 || op->row->rdata == NULL)
		return 0;
	if (scope_op(&w->world, op, c->type, change, &is, e) != 0 ||
	    scope_op(&w->world, &old, c->type, change, &was, e) != 0)
		return -1;
	const struct desc_refusal *x = listed_value(d->anew, d->anew_n, c->type, &is.vars);
	return x != NULL && x != listed_value(d->anew, d->anew_n, c->type, &was.vars);
}

/* By another record in its stead, and never by none: the new one is there before the old one goes.
 */
static int take_anew(struct writing *w, struct ops *ops, const struct change *c,
		     const struct body_scope *change, struct err *e)
{
	struct op *all = ARENA_ARRAY(w->a, 2 * ops->n + 1, struct op);
	size_t n = 0;
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->at[i];
		int anew = needs_anew(w, op, c, change, e);
		if (anew < 0)
			return -1;
		all[n++] = anew == 1 ? (struct op){ OP_CREATE, NULL, op->rdata } : *op;
		if (anew == 1)
			all[n++] = (struct op){ OP_REMOVE, op->row, NULL };
	}
	*ops = (struct ops){ n, all };
	return 0;
}

/* Sent at once, or kept until all changes were looked at, for one request that does all. */
static int write_ops(struct writing *w, const struct ops *ops, const struct change *c,
		     const struct body_scope *change, struct err *e)
{
	bool later = w->r->desc->write.batch.n > 0;
	for (size_t i = 0; i < ops->n; i++) {
		struct body_scope s;
		const struct op *op = &ops->at[i];
		if (scope_op(&w->world, op, c->type, change, &s, e) != 0)
			return -1;
		if (later) {
			*gather(w, op->kind) = s;
			w->gathered.last = steps_of(&w->r->desc->write, op->kind);
		} else if (send_steps(&w->sent, steps_of(&w->r->desc->write, op->kind), NULL, &s,
				      e) != 0) {
			return -1;
		}
	}
	return 0;
}

/* The rows as they are now; the listing that was compared with is as fresh as can be had when
 * there is no request for one RRset, and nothing was written since. */
static int rows_now(struct writing *w, const struct change *c, struct rest_rows **own_r,
		    const struct rows **rows_r, struct err *e)
{
	struct rest *r = w->r;
	*own_r = NULL;
	if (!r->desc->has_read && r->rows != NULL) {
		*rows_r = &r->rows->rows;
		return 0;
	}
	if (listing_rrset(r, c->name, c->type, own_r, e) != 0)
		return -1;
	*rows_r = &(*own_r)->rows;
	return 0;
}

/* The last look before the write: what is written over must be what was compared, whatever else was
 * asked since. */
static int check_same(const struct writing *w, const struct rows *rows, const struct change *c,
		      struct err *e)
{
	const struct rrset *now;
	if (rows_rrset(&w->world, rows, c->name, c->type, &now, e) != 0)
		return -1;
	if (rrset_alike(now, c->before))
		return 0;
	(void)err_set(e, ERR_REFUSED, "somebody changed it since it was compared");
	return err_hint(e, "nothing of it was written; run `cutover plan` again and look at the "
			   "difference");
}

static int write_records(struct writing *w, const struct change *c, const struct body_scope *change,
			 struct err *e)
{
	struct rest_rows *own;
	const struct rows *rows;
	if (rows_now(w, c, &own, &rows, e) != 0)
		return -1;
	const struct ops_ways ways = { w->r->desc->write.update.n > 0, w->r->desc->ttl.shared };
	struct ops ops = ops_make(w->a, rows, c, &ways);
	int rc = ops_check_locked(w->a, &ops, c, e);
	rc = rc == 0 ? check_same(w, rows, c, e) : rc;
	rc = rc == 0 ? take_anew(w, &ops, c, change, e) : rc;
	if (rc == 0)
		rc = write_ops(w, &ops, c, change, e);
	rest_rows_free(own);
	return rc;
}

/* The etag of these rows says: only if it still is what was compared here. */
static int take_etag(struct writing *w, const struct rows *rows, const struct change *c,
		     struct body_scope *change, struct err *e)
{
	if (w->r->desc->record.etag == NULL)
		return 0;
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct row *row = &rows->list.at[i];
		if (row->type == c->type && dname_equal(row->name, c->name) && row->etag != NULL)
			vars_set(&change->vars, w->a, "etag", arena_strdup(w->a, row->etag));
	}
	if (vars_get(&change->vars, "etag") != NULL)
		return 0;
	return err_set(e, ERR_REFUSED, "the provider gave no \"%s\" to compare with",
		       w->r->desc->record.etag);
}

/* Where rows can be locked or have an etag, they are looked at before the RRset is replaced. */
static int check_rows(struct writing *w, const struct change *c, struct body_scope *change,
		      struct err *e)
{
	struct rest_rows *own;
	const struct rows *rows;
	const struct desc_record *d = &w->r->desc->record;
	if ((d->skip_n == 0 && d->etag == NULL) || c->before == NULL)
		return 0;
	if (rows_now(w, c, &own, &rows, e) != 0)
		return -1;
	struct ops all = ops_make(w->a, rows, &(struct change){ c->name, c->type, NULL, NULL, "" },
				  &(struct ops_ways){ .update = false });
	int rc = ops_check_locked(w->a, &all, c, e);
	rc = rc == 0 ? check_same(w, rows, c, e) : rc;
	rc = rc == 0 ? take_etag(w, rows, c, change, e) : rc;
	rest_rows_free(own);
	return rc;
}

/* Records with ids are removed one by one, also where RRsets are replaced whole. */
static int write_rrset(struct writing *w, const struct change *c, struct body_scope *change,
		       struct err *e)
{
	const struct desc_write *d = &w->r->desc->write;
	const struct difference differs = {
		.ttl = c->before == NULL || c->after == NULL || c->before->ttl != c->after->ttl,
		.values = !rrset_equal(c->before, c->after),
	};
	if (check_rows(w, c, change, e) != 0)
		return -1;
	if (c->after == NULL && w->r->desc->record.id != NULL)
		return write_records(w, c, change, e);
	if (c->after == NULL)
		return send_steps(&w->sent, &d->remove, &differs, change, e);
	bool create = c->before == NULL && d->create.n > 0;
	return send_steps(&w->sent, create ? &d->create : &d->replace, &differs, change, e);
}

static const char *count_text(struct arena *a, size_t n)
{
	return n > 0 ? arena_printf(a, "%zu", n) : NULL;
}

/* The one scope that there is, when a batch would be of one record: then it is an ordinary
 * request. */
static const struct body_scope *only_one(const struct gathered *g)
{
	if (g->creates.n + g->updates.n + g->deletes.n != 1)
		return NULL;
	return g->creates.n > 0 ? g->creates.at : g->updates.n > 0 ? g->updates.at : g->deletes.at;
}

static int refuse_long(const struct writing *w, size_t n, struct err *e)
{
	unsigned max = w->r->desc->write.batch_max;
	(void)err_set(e, ERR_REFUSED, "%s changes at most %u records at once, and these are %zu",
		      w->r->desc->title, max, n);
	return err_hint(e, "nothing was written; plan fewer changes at a time");
}

/* All records of all changes in one request, which the provider does whole or not at all. */
static int write_gathered(struct writing *w, struct err *e)
{
	const struct gathered *g = &w->gathered;
	const struct desc_write *d = &w->r->desc->write;
	size_t n = g->creates.n + g->updates.n + g->deletes.n;
	struct body_scope all = {
		.vars = { .up = &w->r->vars },
		.creates = { g->creates.n, g->creates.at },
		.updates = { g->updates.n, g->updates.at },
		.deletes = { g->deletes.n, g->deletes.at },
	};
	if (n == 0)
		return 0;
	if (only_one(g) != NULL)
		return send_steps(&w->sent, g->last, NULL, only_one(g), e);
	if (d->batch_max != 0 && n > d->batch_max)
		return refuse_long(w, n, e);
	vars_set(&all.vars, w->a, "creates", count_text(w->a, g->creates.n));
	vars_set(&all.vars, w->a, "updates", count_text(w->a, g->updates.n));
	vars_set(&all.vars, w->a, "deletes", count_text(w->a, g->deletes.n));
	return send_steps(&w->sent, &d->batch, NULL, &all, e);
}

static int write_each(struct writing *w, const struct change_set *cs, struct err *e)
{
	struct body_scope *scopes = ARENA_ARRAY(w->a, cs->n, struct body_scope);
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		struct body_scope *scope = &scopes[i];
		if (scope_change(&w->world, c, &w->r->vars, scope, e) != 0)
			return -1;
		int rc = w->r->desc->write.unit == UNIT_RRSET ? write_rrset(w, c, scope, e)
							      : write_records(w, c, scope, e);
		if (rc != 0)
			return err_wrap(e, "%s %s", c->name, rr_type_name(w->a, c->type));
	}
	return write_gathered(w, e);
}

/* Whether what goes must be told as the provider has it. */
static bool asks_for_said(const struct desc_write *d)
{
	struct buf b;
	buf_init(&b);
	js_write(d->batch.at[0].body, 0, &b);
	bool asks = strstr(b.at, "{said}") != NULL;
	buf_release(&b);
	return asks;
}

/* One change of the batch; with what is there now where its spelling counts. */
static int scope_of(struct writing *w, const struct change *c, const struct vars *up,
		    struct body_scope *scope_r, struct err *e)
{
	struct rest_rows *own = NULL;
	const struct rows *rows = NULL;
	bool asks = c->before != NULL && w->r->desc->write.batch.at[0].body != NULL &&
		    asks_for_said(&w->r->desc->write);
	if (asks && (rows_now(w, c, &own, &rows, e) != 0 || check_same(w, rows, c, e) != 0)) {
		rest_rows_free(own);
		return err_wrap(e, "%s %s", c->name, rr_type_name(w->a, c->type));
	}
	struct row_world world = w->world;
	world.live = rows;
	int rc = scope_change(&world, c, up, scope_r, e);
	rest_rows_free(own);
	return rc;
}

static int write_batch(struct writing *w, const struct change_set *cs, struct err *e)
{
	struct body_scope *changes = ARENA_ARRAY(w->a, cs->n, struct body_scope);
	struct body_scope all = { .vars = { .up = &w->r->vars } };
	for (size_t i = 0; i < cs->n; i++) {
		if (scope_of(w, &cs->changes[i], &all.vars, &changes[i], e) != 0)
			return -1;
	}
	all.changes = changes;
	all.change_n = cs->n;
	return send_steps(&w->sent, &w->r->desc->write.batch, NULL, &all, e);
}

/* -- the whole -- */

/* What was there is possible: a zone may have TTLs from before the provider's limit, or an account
 * limits of its own. */
static bool had_ttl(const struct change_set *cs, const struct change *c)
{
	return str_eq(cs->id, CHANGE_SET_ROLLBACK) ||
	       (c->before != NULL && c->before->ttl == c->after->ttl);
}

/* A TTL that the provider would silently make another is not written: the plan shows the one that
 * it can have. */
static int check_ttls(const struct writing *w, const struct change_set *cs, struct err *e)
{
	const struct desc_ttl *t = &w->r->desc->ttl;
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		uint32_t can = c->after == NULL ? 0
			       : t->none        ? row_zone_ttl(&w->world)
						: row_ttl(t, c->after->ttl);
		if (c->after == NULL || can == c->after->ttl || had_ttl(cs, c))
			continue;
		(void)err_set(e, ERR_REFUSED, "%s %s: %s cannot have a TTL of %u s", c->name,
			      rr_type_name(w->a, c->type), w->r->desc->title,
			      (unsigned)c->after->ttl);
		return err_hint(e, "%u s is the nearest that it can", (unsigned)can);
	}
	return 0;
}

/* Before anything is sent: one value that cannot be had must not leave half of a set behind. */
static int check_refusals(struct writing *w, const struct change_set *cs, struct err *e)
{
	const struct desc_write *d = &w->r->desc->write;
	for (size_t i = 0; d->refusal_n > 0 && i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		struct body_scope s;
		if (scope_change(&w->world, c, &w->r->vars, &s, e) != 0)
			return -1;
		for (size_t k = 0; k < s.row_n; k++) {
			const struct desc_refusal *x = listed_value(d->refusals, d->refusal_n,
								    c->type, &s.rows[k].vars);
			if (x != NULL)
				return ops_refuse(w->a, c, x->why, e);
		}
	}
	return 0;
}

/* What is written and not committed is not served, and the next commit of anybody publishes it. */
static int commit(struct writing *w, struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &w->r->vars } };
	if (send_steps(&w->sent, &w->r->desc->write.commit, NULL, &scope, e) == 0)
		return 0;
	return err_wrap(e, "the records are written, but not published");
}

static int write_all(struct writing *w, const struct change_set *cs, struct err *e)
{
	bool batch = w->r->desc->write.unit == UNIT_BATCH;
	if ((batch ? write_batch(w, cs, e) : write_each(w, cs, e)) != 0)
		return -1;
	return commit(w, e);
}

static struct writing writing_begin(struct rest *r)
{
	struct arena *a = arena_new();
	return (struct writing){ .r = r,
				 .a = a,
				 .sent = { .r = r, .a = a },
				 .world = { a, r->desc, r->zone, NULL, &r->vars, NULL } };
}

int rest_write_commit(struct rest *r, struct err *e)
{
	struct writing w = writing_begin(r);
	int rc = commit(&w, e);
	arena_free(w.a);
	return rc;
}

static enum registrar_applied outcome(const struct writing *w, int rc)
{
	if (rc == 0)
		return APPLIED_ALL;
	if (w->sent.unknown)
		return APPLIED_UNKNOWN;
	return w->sent.done > 0 ? APPLIED_PARTIAL : APPLIED_NONE;
}

int rest_write(struct rest *r, const struct change_set *changes, enum registrar_applied *applied_r,
	       struct err *e)
{
	struct writing w = writing_begin(r);
	*applied_r = APPLIED_NONE;
	int rc = check_ttls(&w, changes, e) != 0 ? -1 : check_refusals(&w, changes, e);
	if (rc == 0 && r->desc->write.unit == UNIT_ZONE) {
		rc = rest_zone_apply(r, changes, applied_r, e);
	} else if (rc == 0) {
		rc = write_all(&w, changes, e);
		*applied_r = outcome(&w, rc);
	}
	/* Whatever happened, the listing in hand is an old one now. */
	rest_rows_free(r->rows);
	r->rows = NULL;
	arena_free(w.a);
	return rc;
}
