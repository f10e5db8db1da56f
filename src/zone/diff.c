/*
 * Two zones in the same order are walked side by side, as one merges sorted lists.
 */
#include "base/vec.h"
#include "zone/change.h"
#include "zone/dname.h"

/* Zones have one order (zone.h), so the smaller head is the one that the other lacks. */
static int compare_at(const struct rrset *x, const struct rrset *y)
{
	if (x == NULL || y == NULL)
		return (x == NULL) - (y == NULL); /* the list that ended comes last */
	int d = str_eq(x->name, y->name) ? 0 : dname_compare(x->name, y->name);
	return d != 0 ? d : (int)x->type - (int)y->type;
}

/* NULL behind the end, where the list counts as endless large names. */
static const struct rrset *at(const struct zone *z, size_t i)
{
	return i < z->n ? z->rrsets[i] : NULL;
}

const struct change_set *zone_diff(struct arena *a, const struct zone *from, const struct zone *to)
{
	VEC(struct change) list = { 0 };
	for (size_t i = 0, j = 0; i < from->n || j < to->n;) {
		int d = compare_at(at(from, i), at(to, j));
		const struct rrset *before = d <= 0 ? at(from, i++) : NULL;
		const struct rrset *after = d >= 0 ? at(to, j++) : NULL;
		const struct rrset *any = before != NULL ? before : after;
		if (any->type == RR_SOA || rrset_same(before, after))
			continue;
		*vec_push(a, &list) = (struct change){ .name = any->name,
						       .type = any->type,
						       .before = before,
						       .after = after,
						       .why = "" };
	}
	struct change_set *cs = ARENA_NEW(a, struct change_set);
	*cs = (struct change_set){
		.id = "diff", .zone = to->origin, .n = list.n, .changes = list.at
	};
	return cs;
}
