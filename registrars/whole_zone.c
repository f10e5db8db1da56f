/*
 * An answer that was cut but is well-formed cannot be recognised by itself: two that agree to the
 * row are the best evidence there is, and between the second and the write nothing is waited for.
 */
#include "registrars/whole_zone.h"

#include <stdlib.h>
#include <string.h>

/* -- two readings -- */

static const char *text_of(const struct whole_row *row, bool says)
{
	return says ? row->says : row->stays;
}

static int by_says(const void *x, const void *y)
{
	const struct whole_row *const *a = x;
	const struct whole_row *const *b = y;
	return strcmp((*a)->says, (*b)->says);
}

static int by_stays(const void *x, const void *y)
{
	const struct whole_row *const *a = x;
	const struct whole_row *const *b = y;
	return strcmp((*a)->stays, (*b)->stays);
}

static const struct whole_row **sorted(const struct whole_rows *rows, bool says)
{
	const struct whole_row **list = mem_alloc((rows->list.n + 1) * sizeof(*list));
	for (size_t i = 0; i < rows->list.n; i++)
		list[i] = &rows->list.at[i];
	if (rows->list.n > 0)
		qsort(list, rows->list.n, sizeof(*list), says ? by_says : by_stays);
	return list;
}

const struct whole_row *whole_missing(const struct whole_rows *a, const struct whole_rows *b,
				      bool says)
{
	const struct whole_row **left = sorted(a, says);
	const struct whole_row **right = sorted(b, says);
	const struct whole_row *missing = NULL;
	for (size_t i = 0, k = 0; i < a->list.n && missing == NULL; i++) {
		const char *text = text_of(left[i], says);
		while (k < b->list.n && strcmp(text_of(right[k], says), text) < 0)
			k++;
		if (k == b->list.n || !str_eq(text_of(right[k], says), text))
			missing = left[i];
		k++; /* each row stands for one */
	}
	free(left);
	free(right);
	return missing;
}

static bool is_same(const struct whole_rows *then, const struct whole_rows *now)
{
	return whole_missing(now, then, true) == NULL && whole_missing(then, now, true) == NULL;
}

static int refuse_moved(const struct whole_row *row, const char *how, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "the zone is not what it was a moment ago: %s %s", row->shown,
		      how);
	return err_hint(e, "somebody edits it right now, or an answer was cut; nothing was "
			   "written; run the same command again");
}

/* Every row, the planned and the others. */
static int check_same(const struct whole_rows *then, const struct whole_rows *now, struct err *e)
{
	const struct whole_row *come = whole_missing(now, then, true);
	const struct whole_row *gone = whole_missing(then, now, true);
	if (come != NULL)
		return refuse_moved(come, "is new", e);
	return gone != NULL ? refuse_moved(gone, "is gone", e) : 0;
}

/* -- the plan -- */

struct applying {
	const struct whole_zone *z;
	const struct change_set *cs;
	struct arena *a;
	const struct whole_rows *then; /* what the write is made of */
	struct whole_rows kept;
};

/* Whether the last reading has the changes' side; -1 when it cannot be told. */
static int has_side(const struct applying *w, bool after, const struct change **other_r,
		    struct err *e)
{
	for (size_t i = 0; i < w->cs->n; i++) {
		const struct change *c = &w->cs->changes[i];
		const struct rrset *live = NULL;
		if (w->z->rrset(w->z->ctx, w->a, c->name, c->type, &live, e) != 0)
			return -1;
		*other_r = c;
		if (!rrset_alike(live, after ? c->after : c->before))
			return 0;
	}
	return 1;
}

static int check_before(const struct applying *w, struct err *e)
{
	const struct change *c = NULL;
	int same = has_side(w, false, &c, e);
	if (same != 0)
		return same < 0 ? -1 : 0;
	(void)err_set(e, ERR_REFUSED, "%s %s is not what the plan was made from", c->name,
		      rr_type_name(w->a, c->type));
	return err_hint(e, "somebody edited it since; nothing was written; run `cutover plan` "
			   "again");
}

/* -- the write -- */

/* The second reading and the write, both anew after each wait for the limit. */
static enum whole_sent send_unless_moved(const struct applying *w, struct err *e)
{
	const struct whole_zone *z = w->z;
	for (unsigned tries = 0;; tries++) {
		struct whole_rows now = { .list = { 0 } };
		if (z->read(z->ctx, w->a, &now, e) != 0 || check_same(w->then, &now, e) != 0)
			return WHOLE_REFUSED;
		enum whole_sent sent = z->send(z->ctx, w->a, e);
		if (sent != WHOLE_LIMIT || z->wait(z->ctx, tries, e) != 0)
			return sent;
	}
}

static int refuse_lost(const struct applying *w, const struct whole_row *lost, struct err *e)
{
	(void)err_set(e, ERR_WORLD,
		      "after the write to %s, %s, which nobody planned to change, is not there any "
		      "more as it was to be",
		      w->z->title, lost->shown);
	return err_hint(e, "enter it again in %s at once", w->z->panel);
}

/* `e` is how the write failed, when nobody knows whether it did: that stays what is told unless
 * the zone shows more. */
static int read_back(const struct applying *w, bool unknown, enum registrar_applied *applied_r,
		     struct err *e)
{
	struct err own = { .kind = ERR_NONE };
	struct err *told = unknown ? &own : e;
	struct whole_rows after = { .list = { 0 } };
	*applied_r = APPLIED_UNKNOWN;
	if (w->z->read(w->z->ctx, w->a, &after, told) != 0)
		return err_wrap(told, "reading the zone back");
	if (unknown && is_same(w->then, &after))
		return -1; /* not done so far; it may still be on its way */
	const struct whole_row *lost = whole_missing(&w->kept, &after, false);
	if (lost != NULL) {
		*applied_r = APPLIED_BEYOND;
		return refuse_lost(w, lost, e);
	}
	const struct change *other;
	if (unknown && has_side(w, true, &other, told) != 1)
		return -1;
	*applied_r = APPLIED_ALL; /* that the plan is there is for the caller to see */
	return 0;
}

static int apply(struct applying *w, enum registrar_applied *applied_r, struct err *e)
{
	if (check_before(w, e) != 0 || w->z->make(w->z->ctx, w->a, &w->kept, e) != 0)
		return -1;
	enum whole_sent sent = send_unless_moved(w, e);
	if (sent == WHOLE_DONE || sent == WHOLE_UNKNOWN)
		return read_back(w, sent == WHOLE_UNKNOWN, applied_r, e);
	return -1;
}

int whole_zone_apply(const struct whole_zone *z, const struct whole_rows *then,
		     const struct change_set *changes, enum registrar_applied *applied_r,
		     struct err *e)
{
	struct applying w = { .z = z, .cs = changes, .a = arena_new(), .then = then };
	*applied_r = APPLIED_NONE;
	int rc = apply(&w, applied_r, e);
	arena_free(w.a);
	return rc;
}
