/*
 * The table below is the whole history: row i leads from version i to i + 1. A row that
 * was ever released is never changed; a new need is a new row.
 */
#include "store/schema.h"

/* The run's memory: documents, observations, the journal. The triggers make "rows are only
 * ever added" true for every program that opens the file, not only for ours. */
static const char memory_1[] =
	"CREATE TABLE document (name TEXT PRIMARY KEY, text TEXT NOT NULL, at_ms INTEGER NOT NULL)"
	"  STRICT, WITHOUT ROWID;"
	"CREATE TABLE observation (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
	"  subject TEXT NOT NULL, who TEXT NOT NULL, value TEXT NOT NULL,"
	"  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) STRICT;"
	"CREATE INDEX observation_by_subject ON observation (kind, subject, who, id);"
	"CREATE TABLE journal (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
	"  kind INTEGER NOT NULL, ref INTEGER NOT NULL, step TEXT NOT NULL, subject TEXT NOT NULL,"
	"  detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX journal_outcome ON journal (ref) WHERE ref <> 0;"
	"CREATE TABLE journal_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL,"
	"  hash BLOB NOT NULL) STRICT;"
	"CREATE TRIGGER journal_keep BEFORE DELETE ON journal BEGIN"
	"  SELECT RAISE(ABORT, 'journal rows are never removed'); END;"
	"CREATE TRIGGER journal_fixed BEFORE UPDATE ON journal BEGIN"
	"  SELECT RAISE(ABORT, 'journal rows are never changed'); END;";

/* The ledger of the mailboxes. Messages are clustered by (folder, uid): a folder is read and
 * written in order. The partial indexes hold only what waits, so they stay small and cost nothing
 * once a message is done. Programs of version 1 made these tables themselves, when they first
 * copied: IF NOT EXISTS, and the columns that only the later of them knew. */
static const char ledger_2[] =
	"CREATE TABLE IF NOT EXISTS ledger_mailbox ("
	" id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, pass INTEGER NOT NULL DEFAULT 0,"
	" begun_ms INTEGER NOT NULL DEFAULT 0, pass_start_ms INTEGER NOT NULL DEFAULT 0,"
	" pass_end_ms INTEGER NOT NULL DEFAULT 0, last_new_ms INTEGER NOT NULL DEFAULT 0,"
	" state INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0,"
	" bytes INTEGER NOT NULL DEFAULT 0, err_kind INTEGER NOT NULL DEFAULT 0,"
	" err_text TEXT NOT NULL DEFAULT '', err_hint TEXT NOT NULL DEFAULT '',"
	" verified_ms INTEGER NOT NULL DEFAULT 0, verified INTEGER NOT NULL DEFAULT 0,"
	" compared INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0,"
	" differing INTEGER NOT NULL DEFAULT 0, doubled INTEGER NOT NULL DEFAULT 0,"
	" altered INTEGER NOT NULL DEFAULT 0, first_altered TEXT NOT NULL DEFAULT '',"
	" verify_kind INTEGER NOT NULL DEFAULT 0, verify_text TEXT NOT NULL DEFAULT '');"
	"CREATE TABLE IF NOT EXISTS ledger_folder ("
	" id INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL REFERENCES ledger_mailbox,"
	" src_name TEXT NOT NULL, dst_name TEXT NOT NULL, shown TEXT NOT NULL,"
	" src_uidvalidity INTEGER NOT NULL, src_uidnext INTEGER NOT NULL,"
	" src_modseq INTEGER NOT NULL, src_messages INTEGER NOT NULL,"
	" dst_uidvalidity INTEGER NOT NULL, match_from INTEGER NOT NULL,"
	" settled INTEGER NOT NULL, subscribed INTEGER NOT NULL, present INTEGER NOT NULL,"
	" count_status INTEGER NOT NULL, count_exists INTEGER NOT NULL,"
	" count_search INTEGER NOT NULL, count_fetch INTEGER NOT NULL,"
	" UNIQUE (mailbox, src_name));"
	"CREATE TABLE IF NOT EXISTS ledger_message ("
	" folder INTEGER NOT NULL, uid INTEGER NOT NULL, state INTEGER NOT NULL,"
	" present INTEGER NOT NULL DEFAULT 1, size INTEGER NOT NULL, date TEXT NOT NULL,"
	" flags TEXT NOT NULL, new_flags TEXT, sha BLOB, dst_uid INTEGER NOT NULL DEFAULT 0,"
	" dst_uidnext INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" refused_pass INTEGER NOT NULL DEFAULT 0, reason TEXT,"
	" PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_message_open ON ledger_message (folder, uid)"
	" WHERE state <> 3;"
	"CREATE INDEX IF NOT EXISTS ledger_message_unplaced ON ledger_message (folder, uid)"
	" WHERE dst_uid = 0 AND state = 3;"
	"CREATE INDEX IF NOT EXISTS ledger_message_flags ON ledger_message"
	" (folder, flags, new_flags, dst_uid) WHERE new_flags IS NOT NULL;"
	"CREATE TABLE IF NOT EXISTS ledger_candidate ("
	" folder INTEGER NOT NULL, dst_uid INTEGER NOT NULL, sha BLOB, listed INTEGER NOT NULL,"
	" PRIMARY KEY (folder, dst_uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_candidate_sha ON ledger_candidate (folder, sha);";

/* ledger_intent: the ranges that are being appended, a handful of rows. ledger_head: the keys of
 * headers while a folder is matched. A note is a remark about one message, by name, until what it
 * is about is looked at again. */
static const char ledger_3[] =
	"CREATE TABLE IF NOT EXISTS ledger_intent ("
	" id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, uid_from INTEGER NOT NULL,"
	" uid_to INTEGER NOT NULL, dst_uidnext INTEGER NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS ledger_head ("
	" folder INTEGER NOT NULL, dst INTEGER NOT NULL, uid INTEGER NOT NULL, head BLOB,"
	" weak BLOB, size INTEGER NOT NULL, PRIMARY KEY (folder, dst, uid)) WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_head_key ON ledger_head (folder, dst, head);"
	"CREATE INDEX IF NOT EXISTS ledger_head_weak ON ledger_head (folder, dst, weak);"
	"CREATE INDEX IF NOT EXISTS ledger_head_size ON ledger_head (folder, dst, size);"
	"CREATE TABLE IF NOT EXISTS ledger_note ("
	" id INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL, kind TEXT NOT NULL,"
	" folder TEXT NOT NULL, uid INTEGER NOT NULL, dst_uid INTEGER NOT NULL,"
	" detail TEXT NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS ledger_note_of ON ledger_note (mailbox, kind, folder, uid);";

static const char usage_1[] =
	"CREATE TABLE IF NOT EXISTS usage (address TEXT NOT NULL, hour_ms INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, PRIMARY KEY (address, hour_ms)) STRICT, WITHOUT ROWID";

struct column {
	const char *table, *name, *alter;
};
#define COLUMN(table, name, type)                                                                  \
	{                                                                                          \
		table, name, "ALTER TABLE " table " ADD COLUMN " name " " type                     \
	}

/* SQLite has no ADD COLUMN IF NOT EXISTS, so the table itself is asked. */
static int add_column(struct db *db, const struct column *c, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, c->table);
	db_bind_text(st, 2, c->name);
	int rc = db_step(st, e);
	db_done(st);
	return rc == 0 ? db_exec(db, c->alter, e) : rc < 0 ? -1 : 0;
}

static int add_columns(struct db *db, const struct column *list, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (add_column(db, &list[i], e) != 0)
			return -1;
	return 0;
}

/* What the first makers of these tables did not know yet; a fresh table has them already. */
static int ledger_2_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("ledger_mailbox", "altered", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "first_altered", "TEXT NOT NULL DEFAULT ''"),
	};
	return add_columns(db, list, sizeof(list) / sizeof(list[0]), e);
}

/* Of a message, `sha` stays the source's; copy_sha is that of a copy which was altered on wish,
 * and `repair` says how. */
static int ledger_3_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("ledger_message", "copy_sha", "BLOB"),
		COLUMN("ledger_message", "repair", "TEXT"),
		COLUMN("ledger_message", "kept", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_folder", "surplus_from", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_folder", "surplus_ms", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "by_headers", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "losses", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "repaired", "INTEGER NOT NULL DEFAULT 0"),
		/* What the last pass was asked to leave out. */
		COLUMN("ledger_mailbox", "filter", "TEXT NOT NULL DEFAULT ''"),
		COLUMN("ledger_mailbox", "left_out", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "left_out_bytes", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_folder", "left_out", "INTEGER NOT NULL DEFAULT 0"),
		/* What the target takes in one message. */
		COLUMN("ledger_mailbox", "append_limit", "INTEGER NOT NULL DEFAULT 0"),
		/* Which message it is across folders, where the source tells that. */
		COLUMN("ledger_message", "twin", "INTEGER"),
	};
	if (add_columns(db, list, sizeof(list) / sizeof(list[0]), e) != 0)
		return -1;
	return db_exec(db,
		       "CREATE INDEX IF NOT EXISTS ledger_message_loss ON ledger_message"
		       " (folder, uid) WHERE reason IS NOT NULL OR repair IS NOT NULL;"
		       "CREATE INDEX IF NOT EXISTS ledger_message_kept ON ledger_message"
		       " (folder, uid) WHERE kept = 1;"
		       "CREATE INDEX IF NOT EXISTS ledger_message_twin ON ledger_message (twin)"
		       " WHERE twin IS NOT NULL",
		       e);
}

static int ledger_4_columns(struct db *db, struct err *e)
{
	/* Of a comparison: what a target keeps once. */
	static const struct column list[] = {
		COLUMN("ledger_mailbox", "merged", "INTEGER NOT NULL DEFAULT 0"),
	};
	return add_columns(db, list, sizeof(list) / sizeof(list[0]), e);
}

/* The rows of messages that are gone at the source: seldom many, and the rest need not be read. */
static const char vanished_1[] = "CREATE INDEX IF NOT EXISTS ledger_message_vanished"
				 " ON ledger_message (folder, uid) WHERE present = 0";

/* What a mirror took away at the target: an intent (state 1) becomes an outcome (2) with its time.
 * The key is the place at the source and the target, each at its UIDVALIDITY: a message that came
 * back and was copied anew may be removed anew. */
static const char removed_1[] =
	"CREATE TABLE IF NOT EXISTS ledger_removed (mailbox INTEGER NOT NULL, folder INTEGER NOT "
	"NULL,"
	" src_uidvalidity INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" dst_uidvalidity INTEGER NOT NULL, dst_uid INTEGER NOT NULL, moved INTEGER NOT NULL,"
	" state INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
	" PRIMARY KEY (folder, src_uidvalidity, uid, dst_uidvalidity, dst_uid))"
	" STRICT, WITHOUT ROWID;"
	"CREATE INDEX IF NOT EXISTS ledger_removed_of ON ledger_removed (mailbox, state);"
	"CREATE INDEX IF NOT EXISTS ledger_removed_open ON ledger_removed (folder, dst_uid) WHERE "
	"state = 1;";

/* Who put a message there, and by which pass it was first seen gone at the source. */
static int removed_1_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("ledger_message", "appended", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_message", "gone_pass", "INTEGER NOT NULL DEFAULT 0"),
	};
	return add_columns(db, list, sizeof(list) / sizeof(list[0]), e);
}

/* Where a target keeps one message a Message-ID: its own number of a copy, the same in all of its
 * folders; and the copies that it was not asked about yet (kept 2). */
static int merged_1_columns(struct db *db, struct err *e)
{
	static const struct column list[] = { COLUMN("ledger_message", "dst_id", "INTEGER") };
	if (add_columns(db, list, 1, e) != 0)
		return -1;
	return db_exec(db,
		       "CREATE INDEX IF NOT EXISTS ledger_message_dst_id ON ledger_message (dst_id)"
		       " WHERE dst_id IS NOT NULL;"
		       "CREATE INDEX IF NOT EXISTS ledger_message_unasked ON ledger_message"
		       " (folder, uid) WHERE kept = 2",
		       e);
}

/* What a dry run finds of the room at the target. */
static int ledger_5_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("ledger_mailbox", "quota_bytes_used", "INTEGER NOT NULL DEFAULT -1"),
		COLUMN("ledger_mailbox", "quota_bytes", "INTEGER NOT NULL DEFAULT -1"),
		COLUMN("ledger_mailbox", "quota_messages_used", "INTEGER NOT NULL DEFAULT -1"),
		COLUMN("ledger_mailbox", "quota_messages", "INTEGER NOT NULL DEFAULT -1"),
		COLUMN("ledger_mailbox", "needed", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_mailbox", "needed_bytes", "INTEGER NOT NULL DEFAULT 0"),
	};
	return add_columns(db, list, sizeof(list) / sizeof(list[0]), e);
}

/* What a folder's present rows come to, kept by triggers: whatever changes a row changes the sums
 * in the same statement, so nothing can be forgotten, and a transaction that is lost takes both
 * back. Sizes that no message has are bounded first (LEDGER_SIZE_MAX): sums must not overflow. */
#define SUM_NEW                                                                                    \
	"present = present + new.present, present_bytes = present_bytes + new.present * new.size," \
	" done = done + (new.present AND new.state = 3),"                                          \
	" done_bytes = done_bytes + (new.present AND new.state = 3) * new.size,"                   \
	" refused = refused + (new.present AND new.state = 4),"                                    \
	" flag_changes = flag_changes + (new.present AND new.new_flags IS NOT NULL)"               \
	" WHERE folder = new.folder;"
#define UNSUM_OLD                                                                                  \
	"present = present - old.present, present_bytes = present_bytes - old.present * old.size," \
	" done = done - (old.present AND old.state = 3),"                                          \
	" done_bytes = done_bytes - (old.present AND old.state = 3) * old.size,"                   \
	" refused = refused - (old.present AND old.state = 4),"                                    \
	" flag_changes = flag_changes - (old.present AND old.new_flags IS NOT NULL)"               \
	" WHERE folder = old.folder;"
static const char sums_1[] =
	"CREATE TABLE IF NOT EXISTS ledger_sum (folder INTEGER PRIMARY KEY,"
	" present INTEGER NOT NULL, present_bytes INTEGER NOT NULL, done INTEGER NOT NULL,"
	" done_bytes INTEGER NOT NULL, refused INTEGER NOT NULL, flag_changes INTEGER NOT NULL)"
	" STRICT;"
	"UPDATE ledger_message SET size = 68719476736 WHERE size NOT BETWEEN 0 AND 68719476736;"
	"INSERT OR REPLACE INTO ledger_sum (folder, present, present_bytes, done, done_bytes,"
	" refused, flag_changes) SELECT folder, count(*) FILTER (WHERE present = 1),"
	" coalesce(sum(size) FILTER (WHERE present = 1), 0),"
	" count(*) FILTER (WHERE present = 1 AND state = 3),"
	" coalesce(sum(size) FILTER (WHERE present = 1 AND state = 3), 0),"
	" count(*) FILTER (WHERE present = 1 AND state = 4),"
	" count(new_flags) FILTER (WHERE present = 1) FROM ledger_message GROUP BY folder;"
	"CREATE TRIGGER IF NOT EXISTS ledger_sum_add AFTER INSERT ON ledger_message BEGIN"
	"  INSERT INTO ledger_sum (folder, present, present_bytes, done, done_bytes, refused,"
	"    flag_changes) VALUES (new.folder, 0, 0, 0, 0, 0, 0)"
	"   ON CONFLICT (folder) DO NOTHING;"
	"  UPDATE ledger_sum SET " SUM_NEW " END;"
	"CREATE TRIGGER IF NOT EXISTS ledger_sum_drop AFTER DELETE ON ledger_message BEGIN"
	"  UPDATE ledger_sum SET " UNSUM_OLD " END;"
	"CREATE TRIGGER IF NOT EXISTS ledger_sum_change"
	" AFTER UPDATE OF present, size, state, new_flags ON ledger_message"
	" WHEN old.present <> new.present OR old.size <> new.size OR old.state <> new.state"
	"  OR (old.new_flags IS NULL) <> (new.new_flags IS NULL) BEGIN"
	"  UPDATE ledger_sum SET " UNSUM_OLD "  UPDATE ledger_sum SET " SUM_NEW " END;";

#define SUM_CHANGE                                                                                 \
	" present = present + new.present - old.present,"                                          \
	" present_bytes = present_bytes + new.present * new.size - old.present * old.size,"        \
	" done = done + (new.present AND new.state = 3) - (old.present AND old.state = 3),"        \
	" done_bytes = done_bytes + (new.present AND new.state = 3) * new.size"                    \
	"  - (old.present AND old.state = 3) * old.size,"                                          \
	" refused = refused + (new.present AND new.state = 4) - (old.present AND old.state = 4),"  \
	" flag_changes = flag_changes + (new.present AND new.new_flags IS NOT NULL)"               \
	"  - (old.present AND old.new_flags IS NOT NULL) WHERE folder = new.folder;"

/* A trigger on INSERT costs more than the row itself, and rows come in by one place alone, many at
 * a time: it adds to the sums itself, once (ledger_add_many). A change is one UPDATE. */
static const char sums_2[] =
	"DROP TRIGGER IF EXISTS ledger_sum_add; DROP TRIGGER IF EXISTS ledger_sum_change;"
	"CREATE TRIGGER ledger_sum_change"
	" AFTER UPDATE OF present, size, state, new_flags ON ledger_message"
	" WHEN old.state <> new.state OR old.size <> new.size OR old.present <> new.present"
	"  OR (old.new_flags IS NULL) <> (new.new_flags IS NULL) BEGIN"
	"  UPDATE ledger_sum SET" SUM_CHANGE " END;";

/* 1 when the row was acknowledged after its folder was last compared. */
#define SINCE_NEW "(new.present AND new.state = 3 AND new.done_pass > verified_pass)"
#define SINCE_OLD "(old.present AND old.state = 3 AND old.done_pass > verified_pass)"

/* By which pass a message was acknowledged, and after which one its folder was last compared: what
 * came since is counted by its rows, for a difference of two counts says nothing when mail was
 * deleted meanwhile. Of what older programs compared nobody knows that: all of it came since. */
static int since_1_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("ledger_message", "done_pass", "INTEGER NOT NULL DEFAULT 1"),
		COLUMN("ledger_sum", "verified_pass", "INTEGER NOT NULL DEFAULT 0"),
		COLUMN("ledger_sum", "since", "INTEGER NOT NULL DEFAULT 0"),
		/* As it was when all was carried: where it is another one, somebody was there. */
		COLUMN("ledger_folder", "dst_next", "INTEGER NOT NULL DEFAULT -1"),
	};
	if (add_columns(db, list, sizeof(list) / sizeof(list[0]), e) != 0)
		return -1;
	return db_exec(
		db,
		"UPDATE ledger_sum SET verified_pass = 0, since = done;"
		"DROP TRIGGER IF EXISTS ledger_sum_drop; DROP TRIGGER IF EXISTS ledger_sum_change;"
		"CREATE TRIGGER ledger_sum_drop AFTER DELETE ON ledger_message BEGIN"
		"  UPDATE ledger_sum SET since = since - " SINCE_OLD "," UNSUM_OLD " END;"
		"CREATE TRIGGER ledger_sum_change"
		" AFTER UPDATE OF present, size, state, new_flags, done_pass ON ledger_message"
		" WHEN old.state <> new.state OR old.size <> new.size"
		"  OR old.present <> new.present OR old.done_pass <> new.done_pass"
		"  OR (old.new_flags IS NULL) <> (new.new_flags IS NULL) BEGIN"
		"  UPDATE ledger_sum SET since = since + " SINCE_NEW " - " SINCE_OLD "," SUM_CHANGE
		" END;",
		e);
}

/* What a row's moments were moved by, for the clock was set. */
static int observation_1_columns(struct db *db, struct err *e)
{
	static const struct column list[] = {
		COLUMN("observation", "clock_set_ms", "INTEGER NOT NULL DEFAULT 0"),
	};
	return add_columns(db, list, 1, e);
}

static const struct {
	const char *sql;
	int (*then)(struct db *db, struct err *e); /* NULL: nothing more */
} upgrades[] = {
	{ memory_1, NULL },
	{ ledger_2, ledger_2_columns },
	{ ledger_3, ledger_3_columns },
	{ usage_1, NULL },
	{ "", ledger_4_columns },
	{ vanished_1, NULL },
	{ removed_1, removed_1_columns },
	{ "", ledger_5_columns },
	{ sums_1, NULL },
	{ sums_2, NULL },
	{ "", merged_1_columns },
	{ "", observation_1_columns },
	{ "", since_1_columns },
};

int schema_version(void)
{
	return (int)(sizeof(upgrades) / sizeof(upgrades[0]));
}

int schema_version_of(struct db *db, int *version_r, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "PRAGMA user_version", e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		*version_r = (int)db_col_int(st, 0);
	db_done(st);
	return rc == 1 ? 0 : -1;
}

/* The version is written in the same transaction as its tables: killed between, neither is
 * there. */
static int upgrade_from(struct db *db, int version, struct err *e)
{
	char set_version[64];
	(void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version + 1);
	if (db_begin(db, e) != 0)
		return -1;
	if (db_exec(db, upgrades[version].sql, e) != 0 ||
	    (upgrades[version].then != NULL && upgrades[version].then(db, e) != 0) ||
	    db_exec(db, set_version, e) != 0) {
		db_rollback(db);
		return -1;
	}
	return db_commit(db, e);
}

int schema_upgrade(struct db *db, struct err *e)
{
	int version;
	if (schema_version_of(db, &version, e) != 0)
		return -1;
	if (version < 0 || version > schema_version()) {
		err_set(e, ERR_REFUSED,
			"the state was written by a newer cutover (format %d, this one knows %d)",
			version, schema_version());
		return err_hint(e, "use the newer program, or another project directory");
	}
	for (; version < schema_version(); version++)
		if (upgrade_from(db, version, e) != 0)
			return err_wrap(e, "bringing the state to format %d", version + 1);
	return 0;
}
