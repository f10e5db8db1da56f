/*
 * Change after change, as they would be applied: for each RRset the state after the last change in
 * force, and the first before-image while none is. A set that was cut in the middle is in force
 * with some of its changes. What the zone shows beside that is drift; of an RRset that a write
 * without a known end is about nothing is expected, for that very write is compared again before it
 * goes on.
 */
#include "flow/expect.h"

#include "base/vec.h"
#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "flow/plan.h"
#include "zone/dname.h"

typedef VEC(const struct rrset *) rrset_list;

static const struct rrset *absent(struct arena *a, const struct change *c)
{
	struct rrset *r = ARENA_NEW(a, struct rrset);
	r->name = c->name;
	r->type = c->type;
	return r;
}

/* A later set speaks over an earlier one about the same RRset. */
static void expect(struct arena *a, rrset_list *list, const struct change *c,
		   const struct rrset *rrset)
{
	const struct rrset *value = rrset != NULL ? rrset : absent(a, c);
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i]->type == c->type && dname_equal(list->at[i]->name, c->name)) {
			list->at[i] = value;
			return;
		}
	*vec_push(a, list) = value;
}

static bool is_expected_already(const rrset_list *list, const struct change *c)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i]->type == c->type && dname_equal(list->at[i]->name, c->name))
			return true;
	return false;
}

/* Of a change that is not in force the zone must show what it starts from. */
static void expect_set(struct arena *a, rrset_list *list, const struct change_set *cs,
		       const struct applied_group *groups, size_t n)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct change_set one = { cs->id, cs->zone, 1, c };
		if (applied_has(groups, n, &one))
			expect(a, list, c, c->after);
		else if (!is_expected_already(list, c))
			expect(a, list, c, c->before);
	}
}

static void drop_unsettled(rrset_list *list, const struct applied_group *groups, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->n; i++)
		if (!applied_unsettled(groups, n, list->at[i]->name, list->at[i]->type))
			list->at[kept++] = list->at[i];
	list->n = kept;
}

int flow_expected(struct flow *f, struct arena *a, const struct rrset *const **list_r,
		  struct err *e)
{
	const struct plan *plan;
	struct applied_group *groups = NULL;
	size_t n = 0;
	rrset_list list = { 0 };
	if (flow_plan_load(f, a, &plan, e) != 0)
		return -1;
	if (plan != NULL && flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	for (size_t s = 0; plan != NULL && s < PLAN_SETS; s++)
		expect_set(a, &list, plan_sets(plan).at[s], groups, n);
	drop_unsettled(&list, groups, n);
	*vec_push(a, &list) = NULL;
	*list_r = list.at;
	return 0;
}
