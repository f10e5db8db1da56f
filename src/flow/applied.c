/*
 * What the journal says of the changes: written before and after, read back here. The list
 * of groups in force is made by replaying all outcomes in their order; nothing is kept
 * beside the journal that could say something else.
 */
#include "flow/apply_priv.h"

#include "base/vec.h"
#include "flow/flow_priv.h"
#include "zone/dname.h"

const char *apply_subject(struct arena *a, const struct change_set *cs)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < cs->n; i++)
		buf_addf(&b, "%s%s %s", i > 0 ? ", " : "", cs->changes[i].name,
			 rr_type_name(a, cs->changes[i].type));
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

int apply_journal_intent(struct flow *f, struct arena *a, const struct apply_intent *intent,
			 int64_t *seq_r, struct err *e)
{
	struct js *detail = js_object();
	js_set_int(detail, "undoes", intent->undoes);
	js_set(detail, "changes", change_set_to_js(intent->changes));
	place_to_js(&intent->place, detail);
	const char *text = js_text(a, detail);
	js_free(detail);
	return journal_add(f->store,
			   &(struct journal_row){
				   .at_ms = flow_now_ms(f),
				   .kind = JOURNAL_INTENT,
				   .step = intent->step,
				   .subject = apply_subject(a, intent->changes),
				   .detail = text,
			   },
			   seq_r, e);
}

/* No detail: the intent that `ref` names holds the change set. */
int apply_journal_outcome(struct flow *f, const struct journal_row *intent, enum journal_kind kind,
			  struct err *e)
{
	return journal_add(f->store,
			   &(struct journal_row){
				   .at_ms = flow_now_ms(f),
				   .kind = kind,
				   .ref = intent->seq,
				   .step = intent->step,
				   .subject = intent->subject,
				   .detail = "",
			   },
			   NULL, e);
}

int apply_intent_read(struct arena *a, const struct journal_row *row, struct apply_intent *intent_r,
		      struct err *e)
{
	struct js *detail = js_parse(slice_str(row->detail), e);
	if (detail == NULL)
		return -1;
	*intent_r = (struct apply_intent){
		.step = row->step,
		.undoes = js_get_int(detail, "undoes"),
		.changes = change_set_from_js(a, js_get(detail, "changes"), e),
		.place = place_from_js(a, detail),
	};
	js_free(detail);
	return intent_r->changes != NULL ? 0 : -1;
}

bool apply_is_change_step(const char *step)
{
	return str_eq(step, "stage") || str_eq(step, "switch") || str_eq(step, "cleanup") ||
	       str_eq(step, "rollback");
}

typedef VEC(struct applied_group) group_list;

/* Shifts instead of marking: rollback walks the list from its end. */
static void drop_group(group_list *list, int64_t seq)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->at[i].seq != seq)
			continue;
		for (size_t k = i + 1; k < list->n; k++)
			list->at[k - 1] = list->at[k];
		list->n--;
		return;
	}
}

static const struct journal_row *row_of(const struct journal_row *rows, size_t n, int64_t seq)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].seq == seq)
			return &rows[i];
	return NULL;
}

static bool same_change(const struct change *x, const struct change *y)
{
	return x->type == y->type && dname_equal(x->name, y->name) &&
	       rrset_same(x->before, y->before) && rrset_same(x->after, y->after);
}

static bool has_change(const struct change_set *cs, const struct change *c)
{
	for (size_t i = 0; i < cs->n; i++)
		if (same_change(&cs->changes[i], c))
			return true;
	return false;
}

/* Whether all that an uncertain group may have done was done for certain by `cs`. */
static bool is_overtaken(const struct applied_group *g, const struct change_set *cs)
{
	for (size_t i = 0; i < g->changes->n; i++)
		if (!has_change(cs, &g->changes->changes[i]))
			return false;
	return !g->known;
}

/* From the end, for groups go while it walks. */
static void drop_overtaken(group_list *list, const struct change_set *cs)
{
	for (size_t i = list->n; i-- > 0;)
		if (is_overtaken(&list->at[i], cs))
			drop_group(list, list->at[i].seq);
}

static void mark_undoing(group_list *list, int64_t seq)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].seq == seq)
			list->at[i].undoing = true;
}

/* By name and type alone: a set has one change of an RRset at most (change_set_check), and what
 * undoes it has its images the other way round. */
static bool touches(const struct change_set *cs, const struct change *c)
{
	for (size_t i = 0; i < cs->n; i++)
		if (cs->changes[i].type == c->type && dname_equal(cs->changes[i].name, c->name))
			return true;
	return false;
}

/* What was put back leaves the group; what is left of it stays in force. A group that was made in
 * one piece can be undone record by record, where the provider is another by then, and such a
 * rollback can be cut in the middle. */
static void take_back(struct arena *a, group_list *list, int64_t seq,
		      const struct change_set *undone)
{
	for (size_t g = 0; g < list->n; g++) {
		const struct change_set *was = list->at[g].changes;
		if (list->at[g].seq != seq)
			continue;
		struct change *left = ARENA_ARRAY(a, was->n + 1, struct change);
		struct change_set *cs = arena_memdup(a, was, sizeof(*was));
		cs->changes = left;
		cs->n = 0;
		for (size_t i = 0; i < was->n; i++)
			if (!touches(undone, &was->changes[i]))
				left[cs->n++] = was->changes[i];
		list->at[g].changes = cs;
		if (cs->n == 0)
			drop_group(list, seq);
		return;
	}
}

/* One outcome's effect on the list of groups. An UNKNOWN one may have changed something, or may
 * yet: it is there for rollback, which compares with both images, until the same change is known
 * to be done. An UNKNOWN rollback undid nothing for certain. */
static int take_outcome(struct arena *a, const struct journal_row *outcome,
			const struct journal_row *row, group_list *list, struct err *e)
{
	struct apply_intent intent;
	if (apply_intent_read(a, row, &intent, e) != 0)
		return -1;
	bool known = outcome->kind == JOURNAL_DONE;
	if (intent.undoes != 0 && known)
		take_back(a, list, intent.undoes, intent.changes);
	if (intent.undoes != 0 && !known)
		mark_undoing(list, intent.undoes);
	if (intent.undoes == 0 && known)
		drop_overtaken(list, intent.changes);
	if (intent.undoes == 0)
		*vec_push(a, list) = (struct applied_group){
			.seq = row->seq,
			.step = intent.step,
			.at_ms = outcome->at_ms,
			.changes = intent.changes,
			.known = known,
			.place = intent.place,
		};
	return 0;
}

/* What a real run would find out first may have been done, or in part, or not: uncertain is all
 * that can be said of it without looking. */
static int take_open(struct flow *f, struct arena *a, group_list *list, struct err *e)
{
	static const struct journal_row unknown = { .kind = JOURNAL_UNKNOWN };
	struct journal_row *rows;
	size_t n;
	if (journal_open_intents(f->store, a, &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (apply_is_change_step(rows[i].step) &&
		    take_outcome(a, &unknown, &rows[i], list, e) != 0)
			return -1;
	return 0;
}

/* FAILED changed nothing and is skipped. An intent without outcome is in here for a dry run only:
 * else flow_resolve_open gives it one first. */
int flow_applied(struct flow *f, struct arena *a, struct applied_group **groups_r, size_t *n_r,
		 struct err *e)
{
	struct journal_row *rows;
	size_t n;
	group_list list = { 0 };
	if (journal_rows(f->store, a, NULL, &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool effect = rows[i].kind == JOURNAL_DONE || rows[i].kind == JOURNAL_UNKNOWN;
		if (!effect || !apply_is_change_step(rows[i].step))
			continue;
		const struct journal_row *intent = row_of(rows, n, rows[i].ref);
		if (intent == NULL || take_outcome(a, &rows[i], intent, &list, e) != 0)
			return err_wrap(e, "reading the journal");
	}
	if (f->opts.dry_run && take_open(f, a, &list, e) != 0)
		return err_wrap(e, "reading the journal");
	*groups_r = list.at;
	*n_r = list.n;
	return 0;
}

typedef VEC(struct change) change_list;

/* The later change of an RRset takes the place of the earlier one. */
static void overtake(struct arena *a, change_list *list, const struct change *c)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].type == c->type && dname_equal(list->at[i].name, c->name)) {
			list->at[i] = *c;
			return;
		}
	*vec_push(a, list) = *c;
}

/* What stood there before the first of all changes: in an undoing list that is `after`. */
static const struct rrset *first_before(const change_list *list, const struct change *c)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].type == c->type && dname_equal(list->at[i].name, c->name))
			return list->at[i].after;
	return c->before;
}

const struct change_set *applied_result(struct arena *a, const struct applied_group *groups,
					size_t n)
{
	change_list list = { 0 };
	struct change_set *cs = ARENA_NEW(a, struct change_set);
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; groups[g].known && i < groups[g].changes->n; i++)
			overtake(a, &list, &groups[g].changes->changes[i]);
	*cs = (struct change_set){ "in force", n > 0 ? groups[0].changes->zone : "", list.n,
				   list.at };
	return cs;
}

/* Oldest first: the first before-image is kept, the latest after-image is what must stand
 * there now. */
const struct change_set *applied_undo(struct arena *a, const struct applied_group *groups, size_t n)
{
	change_list list = { 0 };
	struct change_set *cs = ARENA_NEW(a, struct change_set);
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < groups[g].changes->n; i++) {
			struct change c = groups[g].changes->changes[i];
			const struct rrset *first = first_before(&list, &c);
			overtake(a, &list,
				 &(struct change){ c.name, c.type, c.after, first, "taken back" });
		}
	*cs = (struct change_set){ CHANGE_SET_ROLLBACK, n > 0 ? groups[0].changes->zone : "",
				   list.n, list.at };
	return cs;
}

const struct change *applied_change(const struct applied_group *g, const char *name, uint16_t type)
{
	for (size_t i = 0; i < g->changes->n; i++)
		if (g->changes->changes[i].type == type &&
		    dname_equal(g->changes->changes[i].name, name))
			return &g->changes->changes[i];
	return NULL;
}

/* The after-image decides, TTL included; a plan made anew may have another. */
static bool group_holds(const struct applied_group *g, const struct change *c)
{
	for (size_t i = 0; i < g->changes->n; i++) {
		const struct change *have = &g->changes->changes[i];
		if (have->type == c->type && dname_equal(have->name, c->name) &&
		    rrset_same(have->after, c->after))
			return true;
	}
	return false;
}

const struct change *applied_uncertain(const struct applied_group *groups, size_t n,
				       const struct change *c)
{
	for (size_t g = n; g-- > 0;)
		for (size_t i = 0; !groups[g].known && i < groups[g].changes->n; i++) {
			const struct change *have = &groups[g].changes->changes[i];
			if (have->type == c->type && dname_equal(have->name, c->name) &&
			    rrset_same(have->after, c->after))
				return have;
		}
	return NULL;
}

/* A rollback's images are the other way round. */
static bool same_images(const struct change *x, const struct change *y)
{
	const struct change back = { x->name, x->type, x->after, x->before, x->why };
	return same_change(x, y) || same_change(&back, y);
}

static bool has_alike(const struct rrset *s, const char *rdata)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		if (rdata_alike(s->type, s->rdata[i], rdata))
			return true;
	return false;
}

/* No record that neither image has, and the TTL of one of them. */
static bool is_between(const struct change *c, const struct rrset *now)
{
	if (now == NULL)
		return true;
	for (size_t i = 0; i < now->n; i++)
		if (!has_alike(c->before, now->rdata[i]) && !has_alike(c->after, now->rdata[i]))
			return false;
	return (c->before != NULL && now->ttl == c->before->ttl) ||
	       (c->after != NULL && now->ttl == c->after->ttl);
}

bool applied_half_done(const struct applied_group *groups, size_t n, const struct change *c,
		       const struct rrset *now)
{
	if (!is_between(c, now))
		return false;
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < groups[g].changes->n; i++)
			if ((!groups[g].known || groups[g].undoing) &&
			    same_images(&groups[g].changes->changes[i], c))
				return true;
	return false;
}

bool applied_has(const struct applied_group *groups, size_t n, const struct change_set *cs)
{
	for (size_t c = 0; c < cs->n; c++) {
		bool held = false;
		for (size_t g = 0; g < n && !held; g++)
			held = groups[g].known && group_holds(&groups[g], &cs->changes[c]);
		if (!held)
			return false;
	}
	return true;
}

bool applied_unsettled(const struct applied_group *groups, size_t n, const char *name,
		       uint16_t type)
{
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < groups[g].changes->n; i++) {
			const struct change *c = &groups[g].changes->changes[i];
			if ((!groups[g].known || groups[g].undoing) && c->type == type &&
			    dname_equal(c->name, name))
				return true;
		}
	return false;
}

const struct change_set *applied_begun(struct arena *a, const struct applied_group *groups,
				       size_t n, const struct change_set *cs)
{
	change_list list = { 0 };
	struct change_set *begun = arena_memdup(a, cs, sizeof(*cs));
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct change_set one = { cs->id, cs->zone, 1, c };
		if (applied_has(groups, n, &one) || applied_uncertain(groups, n, c) != NULL)
			*vec_push(a, &list) = *c;
	}
	begun->n = list.n;
	begun->changes = list.at;
	return begun;
}

const struct change_set *applied_now(struct arena *a, const struct applied_group *groups, size_t n,
				     const struct change_set *cs)
{
	const struct change_set *result = applied_result(a, groups, n);
	struct change *list = ARENA_ARRAY(a, cs->n, struct change);
	struct change_set *now = arena_memdup(a, cs, sizeof(*cs));
	for (size_t i = 0; i < cs->n; i++) {
		list[i] = cs->changes[i];
		for (size_t k = 0; k < result->n; k++)
			if (result->changes[k].type == list[i].type &&
			    dname_equal(result->changes[k].name, list[i].name))
				list[i].after = result->changes[k].after;
	}
	now->changes = list;
	return now;
}

/* Both are asked because a plan of an empty switch set would be `in force` without any switch,
 * and an old switch does not cover a plan made since. */
bool applied_switch(const struct applied_group *groups, size_t n,
		    const struct change_set *switching)
{
	bool any = false;
	for (size_t g = 0; g < n && !any; g++)
		any = groups[g].known && str_eq(groups[g].step, "switch");
	return any && applied_has(groups, n, switching);
}
