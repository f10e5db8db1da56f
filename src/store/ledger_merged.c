/*
 * Copies at a target that keeps one message a Message-ID. Two rows of other contents under one
 * number of the target are its own word that one of them is not there; which one it is nobody can
 * tell without reading.
 */
#include "store/ledger_priv.h"

int ledger_set_unasked(struct store *s, int64_t folder_id, uint32_t uid, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET kept = 2"
			  " WHERE folder = ?1 AND uid = ?2 AND kept <> 1",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid)), e);
}

#define OF_MAILBOX "folder IN (SELECT id FROM ledger_folder WHERE mailbox = ?1)"

/* All contents under the number, its own too, as soon as there are two. */
static const char doubt_all[] =
	"UPDATE ledger_message SET kept = 1 WHERE dst_id = ?2 AND state = 3 AND " OF_MAILBOX
	" AND EXISTS (SELECT 1 FROM ledger_message o WHERE o.dst_id = ?2 AND o.state = 3"
	" AND o." OF_MAILBOX " AND coalesce(o.copy_sha, o.sha) <> coalesce(ledger_message.copy_sha,"
	"  ledger_message.sha))";

int ledger_set_identity(struct store *s, const struct ledger_identity *i, struct err *e)
{
	const int64_t id = (int64_t)i->id; /* the same bits, which is all that is asked of it */
	if (ledger_run(s,
		       "UPDATE ledger_message SET dst_id = nullif(?3, 0), kept = ?4"
		       " WHERE folder = ?1 AND uid = ?2",
		       ARGS(ARG_INT(i->folder_id), ARG_INT(i->uid), ARG_INT(id), ARG_INT(i->other)),
		       e) != 0)
		return -1;
	return id == 0 ? 0 : ledger_run(s, doubt_all, ARGS(ARG_INT(i->mailbox_id), ARG_INT(id)), e);
}

int ledger_set_refused_still(struct store *s, int64_t folder_id, uint32_t uid, int64_t pass,
			     struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET refused_pass = ?3"
			  " WHERE folder = ?1 AND uid = ?2 AND state = 4",
			  ARGS(ARG_INT(folder_id), ARG_INT(uid), ARG_INT(pass)), e);
}
