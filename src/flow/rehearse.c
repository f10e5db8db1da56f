/*
 * What a rollback would do, without a write: group after group, newest first, each on what the ones
 * before it would have left. Not the first image against the last, for a group that was never made,
 * or made in part, is then taken for somebody's edit.
 */
#include "flow/apply_priv.h"

#include "base/vec.h"
#include "flow/flow_priv.h"
#include "flow/live.h"
#include "zone/dname.h"

struct rehearsal {
	struct flow *f;
	struct arena *a;
	const struct applied_group *groups;
	size_t n;
	struct live live;
	VEC(struct change) list; /* `before` is there now, `after` is what it would be by then */
};

/* The RRset's place in the list; what stands there is read when it is first met. NULL with *e. */
static struct change *find(struct rehearsal *r, const struct change *c, struct err *e)
{
	enum live_at ignored;
	const struct rrset *now;
	for (size_t i = 0; i < r->list.n; i++)
		if (r->list.at[i].type == c->type && dname_equal(r->list.at[i].name, c->name))
			return &r->list.at[i];
	if (live_where(&r->live, c, &ignored, &now, e) != 0)
		return NULL;
	struct change *one = vec_push(r->a, &r->list);
	*one = (struct change){ c->name, c->type, now, now, "taken back" };
	return one;
}

static bool is_even(const struct rrset *s)
{
	return s == NULL || !s->uneven;
}

/* The same judgement as the real one makes of a change (apply.c). */
static int undo_change(struct rehearsal *r, const struct change *c, struct err *e)
{
	struct change *one = find(r, c, e);
	if (one == NULL)
		return -1;
	bool back = rrset_alike(one->after, c->after) && is_even(one->after);
	bool ours = rrset_alike(one->after, c->before) ||
		    (!provider_is_atomic(r->live.provider) &&
		     applied_half_done(r->groups, r->n, c, one->after));
	if (!back && !ours)
		return apply_refuse_foreign(r->a, c, one->after, true, e);
	if (!back)
		one->after = c->after;
	return 0;
}

static int undo_group(struct rehearsal *r, const struct applied_group *g, struct err *e)
{
	const struct change_set *undo = change_set_inverse(r->a, g->changes);
	/* Only what was asked tells whose zone it is. */
	if (place_check(r->f, r->a, &g->place, e) != 0 ||
	    (undo->n > 0 && find(r, &undo->changes[0], e) == NULL) ||
	    place_check_session(r->f, r->a, &g->place, r->live.provider, e) != 0)
		return -1;
	for (size_t i = 0; i < undo->n; i++)
		if (undo_change(r, &undo->changes[i], e) != 0)
			return -1;
	return 0;
}

/* Those that would be other than they are. */
static const struct change_set *differing(struct rehearsal *r, const char *zone)
{
	struct change_set *cs = ARENA_NEW(r->a, struct change_set);
	struct change *list = ARENA_ARRAY(r->a, r->list.n + 1, struct change);
	*cs = (struct change_set){ CHANGE_SET_ROLLBACK, zone, 0, list };
	for (size_t i = 0; i < r->list.n; i++)
		if (!rrset_alike(r->list.at[i].before, r->list.at[i].after) ||
		    !is_even(r->list.at[i].before))
			list[cs->n++] = r->list.at[i];
	return cs;
}

int apply_rehearse(struct flow *f, struct arena *a, const struct applied_group *groups, size_t n,
		   const struct change_set **set_r, struct err *e)
{
	struct rehearsal r = { .f = f, .a = a, .groups = groups, .n = n };
	const char *zone = groups[0].changes->zone;
	r.live = (struct live){ .f = f, .a = a, .exact = true };
	/* As the real one: the newest is looked at first, also whether it can be from here. */
	if (place_check(f, a, &groups[n - 1].place, e) != 0 ||
	    provider_open(f, zone, &r.live.provider, e) != 0)
		return -1;
	int rc = live_look(&r.live, applied_undo(a, groups, n), e);
	for (size_t i = n; i-- > 0 && rc == 0;)
		rc = undo_group(&r, &groups[i], e);
	*set_r = differing(&r, zone);
	provider_close(r.live.provider);
	return rc;
}
