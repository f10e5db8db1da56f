/* SQLite's result codes in our kinds and in words that name the file and the way out. */
#include <errno.h>

#include "store/db_priv.h"

enum { PRIMARY = 0xff }; /* an extended code carries its primary one in the low byte */

/* One text for all the ways in which "no room" arrives. */
static int disk_full(const char *path, const char *doing, struct err *e)
{
	err_set(e, ERR_WORLD, "%s '%s': the disk is full", doing, path);
	return err_hint(e,
			"make room on the file system of '%s' and run the same command again; "
			"what was recorded before is intact",
			path);
}

/* EFBIG is a file size limit (ulimit -f), EDQUOT a quota: both are "full" to a person. */
static bool means_full(int sys_errno)
{
	return sys_errno == ENOSPC || sys_errno == EDQUOT || sys_errno == EFBIG;
}

/* errno when SQLite kept one: "I/O error" alone helps nobody. */
static int io_error(const char *path, const char *doing, int sys_errno, struct err *e)
{
	errno = sys_errno;
	if (sys_errno != 0)
		err_errno(e, ERR_WORLD, "%s '%s': input or output failed", doing, path);
	else
		err_set(e, ERR_WORLD, "%s '%s': input or output failed", doing, path);
	return err_hint(e, "check the disk (dmesg, df) and run the same command again; "
			   "what was recorded before is intact");
}

/* Never repaired here: a guess at what was done to the world is worse than none. */
static int damaged(const char *path, const char *doing, const char *what, struct err *e)
{
	err_set(e, ERR_WORLD, "%s '%s': the file is damaged (%s)", doing, path, what);
	return err_hint(e, "put back a copy of its directory from a backup; without one, move the "
			   "directory away: the next copy pass then finds what the target holds");
}

/* SQLite says CANTOPEN for a missing -shm as well, where the directory is what to look at. */
static int cannot_open(const char *path, const char *doing, int sys_errno, struct err *e)
{
	errno = sys_errno;
	if (sys_errno != 0)
		err_errno(e, ERR_WORLD, "%s '%s'", doing, path);
	else
		err_set(e, ERR_WORLD, "%s '%s': it cannot be opened or written", doing, path);
	return err_hint(e, "check that the file and its directory belong to you and are writable");
}

/* After BUSY_MS of waiting; our own writers are kept out by the lock file before. */
static int busy(const char *path, const char *doing, struct err *e)
{
	err_set(e, ERR_RETRY, "%s '%s': another program keeps it locked", doing, path);
	return err_hint(e, "close what else has the file open (a database browser, a backup)");
}

/* errno before the code: a full disk may show as IOERR or CANTOPEN too. */
static int fill(const char *path, const char *doing, int code, int sys_errno, const char *what,
		struct err *e)
{
	if (means_full(sys_errno))
		return disk_full(path, doing, e);
	switch (code & PRIMARY) {
	case SQLITE_FULL: return disk_full(path, doing, e);
	case SQLITE_IOERR: return io_error(path, doing, sys_errno, e);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return damaged(path, doing, what, e);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM: return cannot_open(path, doing, sys_errno, e);
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return busy(path, doing, e);
	case SQLITE_NOMEM: return err_set(e, ERR_WORLD, "%s '%s': out of memory", doing, path);
	default: return err_set(e, ERR_BUG, "%s '%s': %s", doing, path, what);
	}
}

int db_error_code(const char *path, int code, int sys_errno, const char *what, struct err *e)
{
	return fill(path, "opening", code, sys_errno, what, e);
}

/* A failed commit does not set the connection's errno; the file that failed keeps its own:
 * the database, or the log beside it. */
static int errno_of(sqlite3 *handle)
{
	int why = sqlite3_system_errno(handle);
	sqlite3_file *log = NULL;
	if (why == 0)
		(void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &why);
	if (why == 0)
		(void)sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log != NULL && log->pMethods != NULL)
		(void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &why);
	return why;
}

int db_error(struct db *db, const char *doing, struct err *e)
{
	int code = sqlite3_extended_errcode(db->handle);
	/* The text first: asking for the errno replaces it. */
	char what[256];
	str_copy(what, sizeof(what), sqlite3_errmsg(db->handle));
	bool of_file = (code & PRIMARY) == SQLITE_IOERR || (code & PRIMARY) == SQLITE_CANTOPEN;
	fill(db->path, doing, code, of_file ? errno_of(db->handle) : 0, what, e);
	db_note_lost(db, e);
	return -1;
}

void db_note_lost(struct db *db, const struct err *e)
{
	if (db->depth == 0 || db->doomed || sqlite3_get_autocommit(db->handle) == 0)
		return;
	db->doomed = true;
	db->why = *e;
}

int db_check_lost(const struct db *db, struct err *e)
{
	if (!db->doomed)
		return 0;
	*e = db->why;
	return -1;
}
