/*
 * The reading half of a pass, for the dry run: messages become rows of the ledger as NEW,
 * which is what they are. A real pass goes on from there.
 */
#include "migrate/box.h"
#include "migrate/scan.h"

/* Its UIDs mean something else now: what follows from that is for a real pass to do. The
 * listing's figures have to do. */
static int skip(struct box *b, struct box_folder *f, struct scan *scan, struct err *e)
{
	log_warn(b->opts->log, "%s: UIDVALIDITY of '%s' changed at the source: counted, not read",
		 b->mailbox->address, f->row.shown);
	return scan_skip(b, scan, e);
}

int box_folder_look(struct box *b, struct box_folder *f, struct err *e)
{
	struct scan scan;
	struct ledger_folder *row = &f->row;
	uint32_t tag = session_select(b->src, row->src_name, true);
	scan_send(b, f, &scan);
	if (session_selected(b->src, tag, &f->src_open, e) != 0) {
		struct err why = *e;
		(void)scan_skip(b, &scan, e);
		*e = why;
		return err_wrap(e, "opening '%s' at the source", row->shown);
	}
	if (row->src_uidvalidity >= 0 && row->src_uidvalidity != f->src_open.uidvalidity)
		return skip(b, f, &scan, e);
	row->src_uidvalidity = f->src_open.uidvalidity;
	row->settled = false;
	if (ledger_folder_put(b->opts->store, b->row.id, row, e) != 0)
		return -1;
	if (scan_run(b, f, &scan, e) != 0)
		return -1;
	return ledger_folder_put(b->opts->store, b->row.id, row, e);
}
