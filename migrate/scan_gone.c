/*
 * A server names what is gone by ranges, and a range costs it a few bytes: "1:4294967295" must cost
 * us no more. So a range is one walk over the rows that lie in it, and ranges of the past must
 * rise, or each row could be walked as often as the server likes. What goes while the folder is
 * read is told as it happens, in any order; a few of those are followed. When a server tells
 * anything else nothing more of it is believed, and the folder is listed as a whole.
 */
#include "migrate/scan_gone.h"

#include "migrate/imap/uidset.h"

enum { NOW_MOST = 64 };

void scan_gone_init(struct scan_gone *g, struct store *s, int64_t folder_id)
{
	*g = (struct scan_gone){ .store = s, .folder_id = folder_id };
}

static bool is_credible(struct scan_gone *g, uint32_t low, uint32_t high, bool earlier)
{
	if (!earlier)
		return ++g->now <= NOW_MOST;
	if (low <= g->up_to)
		return false;
	g->up_to = high;
	return true;
}

static int mark(struct scan_gone *g, struct slice uids, bool earlier, struct err *e)
{
	uint32_t low;
	uint32_t high;
	while (uids.len > 0) {
		/* What is no set says nothing, and what stood before it may be half of something.
		 */
		g->distrusted |= !imap_uidset_next(&uids, &low, &high) ||
				 !is_credible(g, low, high, earlier);
		if (g->distrusted)
			return 0;
		if (low > g->last_known)
			continue;
		if (high > g->last_known)
			high = g->last_known;
		if (ledger_set_absent_range(g->store, g->folder_id, low, high, e) != 0)
			return -1;
	}
	return 0;
}

int scan_gone_take(struct scan_gone *g, const struct slice *uids, bool earlier, struct err *e)
{
	if (g->distrusted)
		return 0;
	if (!g->looked && ledger_last_uid(g->store, g->folder_id, &g->last_known, e) != 0)
		return -1;
	g->looked = true;
	if (ledger_begin(g->store, e) != 0)
		return -1;
	if (mark(g, *uids, earlier, e) != 0) {
		ledger_rollback(g->store);
		return -1;
	}
	return ledger_commit(g->store, e);
}
