/*
 * Messages that are in several folders of one mailbox (Gmail's labels). One row of each is at
 * home; the others are done without a place of their own, and stand for themselves again when
 * the one at home is lost before it was copied.
 */
#include "store/ledger_priv.h"

/* In all of these ?1 is the folder, ?2 the mailbox.
 *
 * Those of the mailbox that can be a home no more: not copied, and gone with their folder or
 * without. There is an index of what is not copied. */
#define LOST                                                                                       \
	"(SELECT m.twin FROM ledger_folder g JOIN ledger_message m ON m.folder = g.id"             \
	" AND m.state <> 3 WHERE g.mailbox = ?2 AND m.twin IS NOT NULL"                            \
	" AND (m.present = 0 OR g.present = 0))"

int ledger_set_twin(struct store *s, const struct ledger_twin *t, struct err *e)
{
	if (ledger_run(s, "UPDATE ledger_message SET twin = ?3 WHERE folder = ?1 AND uid = ?2",
		       ARGS(ARG_INT(t->folder_id), ARG_INT(t->uid), ARG_INT(t->id)), e) != 0)
		return -1;
	if (t->stays)
		return 0;
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 3, dst_uid = 4294967295, reason = ?5,"
			  " done_pass = (SELECT pass FROM ledger_mailbox WHERE id = ?2)"
			  " WHERE folder = ?1 AND uid = ?3 AND " LEDGER_HOME("?4", "?1", "?2"),
			  ARGS(ARG_INT(t->folder_id), ARG_INT(t->mailbox_id), ARG_INT(t->uid),
			       ARG_INT(t->id), ARG_TEXT(t->loss)),
			  e);
}

int ledger_twins_homeless(struct store *s, int64_t mailbox_id, int64_t folder_id, struct err *e)
{
	return ledger_run(s,
			  "UPDATE ledger_message SET state = 1, dst_uid = 0, reason = NULL"
			  " WHERE folder = ?1 AND state = 3 AND dst_uid = 4294967295"
			  " AND NOT " LEDGER_HOME("ledger_message.twin", "?1", "?2"),
			  ARGS(ARG_INT(folder_id), ARG_INT(mailbox_id)), e);
}

/* By the homes that were lost, and not by the rows that wait for one: a folder of everything has as
 * many of these as the mailbox has messages. */
int ledger_twins_orphaned(struct store *s, int64_t mailbox_id, int64_t folder_id, bool *any_r,
			  struct err *e)
{
	int64_t any = 0;
	const struct ledger_query q = {
		"UPDATE ledger_message SET state = 1, dst_uid = 0, reason = NULL"
		" WHERE +folder = ?1 AND state = 3 AND dst_uid = 4294967295 AND twin IN " LOST
		" AND NOT " LEDGER_HOME("ledger_message.twin", "?1", "?2") " RETURNING 1",
		ARGS(ARG_INT(folder_id), ARG_INT(mailbox_id))
	};
	if (ledger_begin(s, e) != 0)
		return -1;
	if (ledger_one(s, &q, &any, e) < 0) {
		ledger_rollback(s);
		return -1;
	}
	*any_r = any != 0;
	return ledger_commit(s, e);
}
