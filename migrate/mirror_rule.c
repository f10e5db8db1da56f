/* One row a reason; the table is the whole of their words. */
#include "migrate/mirror_rule.h"

static enum mirror_verdict judge_look(const struct mirror_look *look)
{
	if (look->at_src)
		return MIRROR_KEEP_BACK;
	if (!look->at_dst)
		return MIRROR_KEEP_AWAY;
	if (!look->same_size)
		return MIRROR_KEEP_OTHER;
	return look->same_flags ? MIRROR_DELETED : MIRROR_KEEP_TOUCHED;
}

enum mirror_verdict mirror_judge(const struct ledger_gone *g, const struct mirror_look *look)
{
	const struct mirror_look agreed = { .at_dst = true, .same_size = true, .same_flags = true };
	if (!g->appended || g->dst_uid == 0)
		return MIRROR_KEEP_NOT_OURS;
	if (g->shared)
		return MIRROR_KEEP_SHARED;
	if (g->fresh)
		return MIRROR_KEEP_FRESH;
	if (g->open && !g->elsewhere)
		return MIRROR_KEEP_OPEN;
	enum mirror_verdict v = judge_look(look != NULL ? look : &agreed);
	return v == MIRROR_DELETED && g->elsewhere ? MIRROR_MOVED : v;
}

bool mirror_may_go(enum mirror_verdict v)
{
	return v == MIRROR_MOVED || v == MIRROR_DELETED;
}

const char *mirror_reason(enum mirror_verdict v)
{
	static const char *const reasons[MIRROR_VERDICTS] = {
		[MIRROR_KEEP_NOT_OURS] = "not known for certain to be put there by cutover",
		[MIRROR_KEEP_SHARED] = "another message shares its place",
		[MIRROR_KEEP_FRESH] = "seen gone by this pass first, the next one may act",
		[MIRROR_KEEP_OPEN] = "may be one that is not copied yet",
		[MIRROR_KEEP_BACK] = "at the source all the same",
		[MIRROR_KEEP_AWAY] = "not there any more",
		[MIRROR_KEEP_OTHER] = "another message by its size",
		[MIRROR_KEEP_TOUCHED] = "flags changed at the target",
		[MIRROR_KEEP_UNREADABLE] = "the folder is another one now",
	};
	return reasons[v];
}

void mirror_tally_add(struct mirror_tally *to, const struct mirror_tally *more)
{
	for (size_t i = 0; i < MIRROR_VERDICTS; i++)
		to->n[i] += more->n[i];
	to->copied += more->copied;
}

bool mirror_within(const struct mirror_tally *t, unsigned percent)
{
	uint64_t deleted = t->n[MIRROR_DELETED];
	return deleted <= MIRROR_ALWAYS || deleted * 100 <= t->copied * percent;
}
