/*
 * A scope is a list of variables that leads up to another one: value, change, session.
 */
#include "registrars/rest/scope.h"

#include "zone/dname.h"

/* As the provider spells what is there: some compare to the letter with what is to go. */
static const char *said_of(const struct row_world *w, const struct change *c, const char *rdata)
{
	for (size_t i = 0; w->live != NULL && i < w->live->list.n; i++) {
		const struct row *row = &w->live->list.at[i];
		if (row->type == c->type && row->rdata != NULL && dname_equal(row->name, c->name) &&
		    rdata_alike(c->type, row->rdata, rdata))
			return row->said;
	}
	return NULL;
}

/* The variables of an RRset of the change, and a scope for each of its values. */
static int side_scope(const struct row_world *w, const struct change *c, const struct rrset *side,
		      struct body_scope *s, struct err *e)
{
	struct arena *a = w->a;
	size_t n = side != NULL ? side->n : 0;
	struct body_scope *rows = ARENA_ARRAY(a, n, struct body_scope);
	const struct rrset *timed = side != NULL ? side : c->before;
	if (row_name_vars(w, c->name, c->type, &s->vars, e) != 0)
		return -1;
	vars_set(&s->vars, a, "ttl", timed != NULL ? row_ttl_text(w, timed) : "0");
	for (size_t i = 0; i < n; i++) {
		rows[i].vars.up = &s->vars;
		if (row_value_scope(w, c->type, side->rdata[i], &rows[i], e) != 0)
			return -1;
		const char *said = said_of(w, c, side->rdata[i]);
		vars_set(&rows[i].vars, a, "said",
			 said != NULL ? arena_strdup(a, said) : vars_get(&rows[i].vars, "data"));
	}
	s->rows = rows;
	s->row_n = n;
	return 0;
}

int scope_change(const struct row_world *w, const struct change *c, const struct vars *up,
		 struct body_scope *s, struct err *e)
{
	*s = (struct body_scope){ .vars = { .up = up }, .removes = c->after == NULL };
	vars_set(&s->vars, w->a, "absent", c->before == NULL ? "*" : NULL);
	if (c->before != NULL) {
		struct body_scope *before = ARENA_NEW(w->a, struct body_scope);
		before->vars.up = up;
		if (side_scope(w, c, c->before, before, e) != 0)
			return -1;
		s->before = before;
	}
	return side_scope(w, c, c->after, s, e);
}

static const char *own_copy(struct arena *a, const char *text)
{
	return text != NULL ? arena_strdup(a, text) : NULL;
}

/* Known in every scope: a template may name one that a new record has not. */
static void set_kept(const struct row_world *w, const struct row *row, struct vars *v)
{
	const struct desc_fields *f = &w->desc->record.keep;
	for (size_t i = 0; i < f->n; i++)
		vars_set(v, w->a, f->at[i].name,
			 row != NULL && row->kept != NULL ? own_copy(w->a, row->kept[i]) : NULL);
}

int scope_op(const struct row_world *w, const struct op *op, uint16_t type,
	     const struct body_scope *change, struct body_scope *s, struct err *e)
{
	const char *rdata = op->rdata != NULL ? op->rdata : own_copy(w->a, op->row->rdata);
	*s = (struct body_scope){ .vars = { .up = &change->vars } };
	if (row_value_scope(w, type, rdata, s, e) != 0)
		return -1;
	set_kept(w, op->row, &s->vars);
	if (op->row == NULL)
		return 0;
	vars_set(&s->vars, w->a, "id", own_copy(w->a, op->row->id));
	vars_set(&s->vars, w->a, "old_ttl", arena_printf(w->a, "%u", (unsigned)op->row->ttl));
	return 0;
}
