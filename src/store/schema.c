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

static const char *const upgrades[] = {
	memory_1,
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

static int upgrade_from(struct db *db, int version, struct err *e)
{
	char set_version[64];
	(void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version + 1);
	if (db_begin(db, e) != 0)
		return -1;
	if (db_exec(db, upgrades[version], e) != 0 || db_exec(db, set_version, e) != 0) {
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
