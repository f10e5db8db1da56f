/*
 * A target that has no room for what was said has room for less, maybe: one large message must not
 * keep a thousand small ones behind. What was refused tells how little is left, so from then on
 * only what is smaller is said, in groups of an eighth of it. Each refusal that tells something new
 * makes that less; after some of them the mailbox is given up. What was on its way when the first
 * came is refused too, and tells nothing new: that, and a few messages, is all that it costs.
 *
 * What stays behind is NEW, not REFUSED: nothing is wrong with it, and with more room it goes in
 * groups again.
 */
#include "migrate/lane_priv.h"

enum { ROOM_TRIES = 16, ROOM_SHARE = 8 };

/* An empty message takes room, too. */
static uint64_t at_least_one(uint64_t bytes)
{
	return bytes > 0 ? bytes : 1;
}

bool lane_fits(const struct lane *l, uint64_t size)
{
	return l->box->room.below == 0 || at_least_one(size) < l->box->room.below;
}

uint64_t lane_group_bytes(const struct lane *l)
{
	uint64_t share = l->box->room.below / ROOM_SHARE;
	return l->box->room.below == 0 || share > GROUP_BYTES ? GROUP_BYTES : share;
}

bool lane_is_full(struct lane *l, uint64_t bytes, const struct err *why)
{
	struct room *r = &l->box->room;
	bytes = at_least_one(bytes);
	if (r->below != 0 && bytes >= r->below)
		return false;
	if (r->below == 0)
		log_info(l->box->opts->log, "%s: %s; what is smaller is tried", /* once a lane */
			 l->box->mailbox->address, why->text);
	r->below = bytes;
	r->why = *why;
	return ++r->refusals > ROOM_TRIES;
}
