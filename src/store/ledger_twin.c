/*
 * Messages that are in several folders of one mailbox (Gmail's labels). One row of each is at
 * home; the others are done without a place of their own, and stand for themselves again when
 * the one at home is lost before it was copied.
 */
#include "store/ledger_priv.h"

/* Another folder's row of the same message that is copied, or will be. ?1 is the folder, ?2 the
 * mailbox. */
#define HOME(id)                                                                                   \
	"EXISTS (SELECT 1 FROM ledger_message t JOIN ledger_folder f ON f.id = t.folder"           \
	" WHERE t.twin = " id " AND f.mailbox = ?2 AND t.folder <> ?1"                             \
	" AND t.dst_uid <> 4294967295 AND (t.state = 3 OR t.present = 1))"

int ledger_set_twin(struct store *s, const struct ledger_twin *t, struct err *e)
{
	if (ledger_run(s, "UPDATE ledger_message SET twin = ?3 WHERE folder = ?1 AND uid = ?2",
		       ARGS(ARG_INT(t->folder_id), ARG_INT(t->uid), ARG_INT(t->id)), e) != 0)
		return -1;
	if (t->stays)
		return 0;
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 3, dst_uid = 4294967295, reason = ?5"
			  " WHERE folder = ?1 AND uid = ?3 AND " HOME("?4"),
			  ARGS(ARG_INT(t->folder_id), ARG_INT(t->mailbox_id), ARG_INT(t->uid),
			       ARG_INT(t->id), ARG_TEXT(t->loss)),
			  e);
}

int ledger_twins_homeless(struct store *s, int64_t mailbox_id, int64_t folder_id, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 1, dst_uid = 0, reason = NULL"
			  " WHERE folder = ?1 AND state = 3 AND dst_uid = 4294967295"
			  " AND NOT " HOME("ledger_message.twin"),
			  ARGS(ARG_INT(folder_id), ARG_INT(mailbox_id)), e);
}
