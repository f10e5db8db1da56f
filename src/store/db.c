/*
 * One connection in SQLite's "no mutex" mode behind our own recursive mutex, which a
 * transaction keeps from begin to end: so other threads wait at their first verb, and
 * cannot slip a statement into a transaction that is not theirs.
 *
 * Durability is WAL with synchronous=FULL: a commit has been through fsync. A lazy
 * transaction runs at NORMAL, which leaves the fsync to the next durable one: the WAL is one file,
 * written in order, so that one's fsync covers all before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/db_priv.h"

enum { BUSY_MS = 10000 };

void db_lock(struct db *db)
{
	(void)pthread_mutex_lock(&db->mutex);
}

void db_unlock(struct db *db)
{
	(void)pthread_mutex_unlock(&db->mutex);
}

/* Recursive: a verb inside a transaction locks again on the same thread. */
static void init_mutex(pthread_mutex_t *m)
{
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(m, &attr);
	pthread_mutexattr_destroy(&attr);
}

/* Before SQLite does, for it would use the umask's mode; -wal and -shm copy ours. */
static int create_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_errno(e, ERR_WORLD, "creating '%s'", path);
		return err_hint(e, "check that its directory belongs to you and is writable");
	}
	close(fd);
	return 0;
}

/* "file:" URIs: every byte but the harmless ones as %XX. */
static const char *immutable_uri(struct arena *a, const char *path)
{
	struct buf b;
	buf_init(&b);
	buf_adds(&b, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '.' && *p <= '9');
		if (plain)
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*p);
	}
	buf_adds(&b, "?immutable=1");
	const char *uri = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return uri;
}

/* `immutable` reads without any lock or shared memory: only for a file that has no
 * writer, in a directory where the -shm file cannot be made. */
static int open_handle(struct db *db, bool immutable, struct err *e)
{
	struct arena *a = arena_new();
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	flags |= db->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	flags |= immutable ? SQLITE_OPEN_URI : 0;
	const char *name = immutable ? immutable_uri(a, db->path) : db->path;
	int rc = sqlite3_open_v2(name, &db->handle, flags, NULL);
	arena_free(a);
	if (rc == SQLITE_OK)
		return 0;
	db_error_code(db->path, rc, db->handle != NULL ? sqlite3_system_errno(db->handle) : 0,
		      sqlite3_errstr(rc), e);
	sqlite3_close(db->handle);
	db->handle = NULL;
	return -1;
}

/* busy_timeout first, for switching to WAL needs a lock itself. trusted_schema off: a file
 * from elsewhere must not run unsafe functions by its views or triggers. Temporary tables are files
 * that nobody else sees: a comparison has a row for each message of both sides, 800 bytes in
 * memory. */
static int configure(struct db *db, struct err *e)
{
	(void)sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (db_exec(db,
		    "PRAGMA foreign_keys = ON; PRAGMA temp_store = FILE;"
		    "PRAGMA trusted_schema = OFF",
		    e) != 0)
		return -1;
	if (db->read_only) /* the first real read: it needs the -shm file */
		return db_exec(db, "PRAGMA query_only = ON; SELECT 1 FROM sqlite_schema LIMIT 1",
			       e);
	return db_exec(db,
		       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		       "PRAGMA journal_size_limit = 67108864",
		       e);
}

/* A handle that could not be configured is closed: it would write without syncing. */
static int open_configured(struct db *db, bool immutable, struct err *e)
{
	if (open_handle(db, immutable, e) != 0)
		return -1;
	if (configure(db, e) == 0)
		return 0;
	sqlite3_close(db->handle);
	db->handle = NULL;
	return -1;
}

/* Nobody has it open for writing: the last one to close removes the -wal file. */
static bool has_no_writer(const char *path)
{
	struct arena *a = arena_new();
	bool none = !file_exists(arena_printf(a, "%s-wal", path));
	arena_free(a);
	return none;
}

/* `immutable` only after the ordinary way failed, and only with no -wal beside it: with a
 * writer it would read torn pages. */
static int open_any(struct db *db, struct err *e)
{
	if (!db->read_only && !db->in_memory && create_private(db->path, e) != 0)
		return -1;
	if (open_configured(db, false, e) == 0)
		return 0;
	if (!db->read_only || !has_no_writer(db->path) || !file_exists(db->path))
		return -1;
	return open_configured(db, true, e);
}

int db_open(const struct db_opts *opts, struct db **db_r, struct err *e)
{
	struct db *db = mem_alloc(sizeof(*db));
	db->in_memory = opts->path == NULL;
	db->path = mem_strdup(db->in_memory ? ":memory:" : opts->path);
	db->read_only = opts->read_only;
	init_mutex(&db->mutex);
	if (open_any(db, e) != 0) {
		db_close(db);
		return -1;
	}
	*db_r = db;
	return 0;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_drop_statements(db);
	sqlite3_close(db->handle);
	pthread_mutex_destroy(&db->mutex);
	free(db->path);
	free(db);
}

int db_exec(struct db *db, const char *sql, struct err *e)
{
	db_lock(db);
	int rc = db_check_lost(db, e);
	if (rc == 0 && sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		rc = db_error(db, db->read_only ? "reading" : "writing", e);
	db_unlock(db);
	return rc;
}

/* Whatever comes next is durable again, also a single statement. It cannot fail: it is no more
 * than a mark on the open connection. */
static void end_lazy(struct db *db)
{
	if (db->depth > 0 || !db->lazy)
		return;
	db->lazy = false;
	(void)sqlite3_exec(db->handle, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
}

/* SQLite takes the level only between two transactions. IMMEDIATE: a writer that cannot
 * write learns it here, not in the middle. */
static int begin_outer(struct db *db, bool lazy, struct err *e)
{
	const char *sql = "BEGIN IMMEDIATE";
	if (db->read_only)
		sql = "BEGIN";
	else if (lazy)
		sql = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
	db->lazy = lazy;
	return db_exec(db, sql, e);
}

static int begin(struct db *db, bool lazy, struct err *e)
{
	int rc = 0;
	db_lock(db);
	if (db_check_lost(db, e) != 0)
		rc = -1;
	else if (db->depth == 0)
		rc = begin_outer(db, lazy, e);
	else if (db->lazy && !lazy)
		rc = err_set(e, ERR_BUG, "'%s': a durable transaction inside a lazy one", db->path);
	if (rc == 0) {
		db->depth++;
	} else {
		end_lazy(db);
		db_unlock(db);
	}
	return rc; /* on 0 the mutex stays locked until the matching end */
}

int db_begin(struct db *db, struct err *e)
{
	return begin(db, false, e);
}

int db_begin_lazy(struct db *db, struct err *e)
{
	return begin(db, true, e);
}

/* The outermost end: back to "no transaction", whatever SQLite did on its own. */
static void end_rolled_back(struct db *db)
{
	if (sqlite3_get_autocommit(db->handle) == 0)
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->doomed = false;
}

int db_commit(struct db *db, struct err *e)
{
	int rc = db_check_lost(db, e);
	if (db->depth == 1) {
		if (rc == 0 && sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
			rc = db_error(db, "writing", e);
		if (rc != 0)
			end_rolled_back(db);
	}
	db->depth--;
	end_lazy(db);
	db_unlock(db);
	return rc;
}

void db_rollback(struct db *db)
{
	if (db->depth == 1) {
		end_rolled_back(db);
	} else if (!db->doomed) {
		/* SQLite cannot undo a part: the whole is lost, and the outer commit says so. */
		db->doomed = true;
		err_set(&db->why, ERR_BUG, "'%s': a part of this transaction was rolled back",
			db->path);
	}
	db->depth--;
	end_lazy(db);
	db_unlock(db);
}

bool db_in_transaction(struct db *db)
{
	db_lock(db);
	bool in = db->depth > 0; /* another thread's would have kept us waiting */
	db_unlock(db);
	return in;
}

int64_t db_last_rowid(struct db *db)
{
	db_lock(db);
	int64_t id = sqlite3_last_insert_rowid(db->handle);
	db_unlock(db);
	return id;
}
