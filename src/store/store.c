/*
 * The order of opening is directory, lock, database, schema: the schema is only brought
 * up to date by whoever holds the lock. A reader takes no lock and changes nothing, so
 * `status` works while a copy runs.
 */
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/lock.h"
#include "store/schema.h"

struct store {
	struct db *db; /* owned */
	int lock_fd;   /* owned; -1 when read_only */
};

/* 0700: subjects of mail and addresses are in there. An existing one keeps its mode. */
static int make_dir(const char *dir, struct err *e)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	err_errno(e, ERR_WORLD, "making the directory '%s'", dir);
	return err_hint(e, "run the command in a directory where you may write");
}

/* SQLite itself keeps two writers apart; our lock is there so that no two commands act on the
 * world. Whoever has it has brought the schema up to date. */
static int open_beside(struct store *s, const char *path, struct err *e)
{
	int version;
	const struct db_opts opts = { .path = path };
	if (db_open(&opts, &s->db, e) != 0 || schema_version_of(s->db, &version, e) != 0)
		return -1;
	if (version == schema_version())
		return 0;
	err_set(e, ERR_REFUSED, "'%s' is in use by another version of cutover", path);
	return err_hint(e, "use the program that runs there");
}

static int open_in_memory(struct store *s, struct err *e)
{
	const struct db_opts opts = { .path = NULL };
	return db_open(&opts, &s->db, e) != 0 || schema_upgrade(s->db, e) != 0 ? -1 : 0;
}

/* The order matters; see the top of the file. */
static int open_to_write(struct store *s, struct arena *a, const struct store_opts *how,
			 struct err *e)
{
	const char *dir = how->dir;
	const struct db_opts opts = { .path = arena_printf(a, "%s/state.db", dir) };
	if (make_dir(dir, e) != 0)
		return -1;
	if (lock_take(arena_printf(a, "%s/lock", dir), &s->lock_fd, e) != 0)
		return how->beside && e->kind == ERR_REFUSED ? open_beside(s, opts.path, e) : -1;
	if (db_open(&opts, &s->db, e) != 0)
		return -1;
	return schema_upgrade(s->db, e) != 0 ? err_wrap(e, "opening '%s'", opts.path) : 0;
}

/* Also for an empty file of a run that was killed before its first transaction. */
static int no_store_yet(const char *dir, struct err *e)
{
	err_set(e, ERR_USAGE, "there is no state in '%s' yet", dir);
	return err_hint(e, "run 'cutover audit' first, or go to the project's directory");
}

/* Whoever ran it as another user, by sudo say, has a state: to call it missing would be untrue. */
static int not_ours(const char *dir, struct err *e)
{
	err_set(e, ERR_USAGE, "'%s' belongs to another user, and may not be read", dir);
	return err_hint(e, "run this as the user who ran cutover here before, or as root");
}

/* A reader changes nothing: it cannot bring an older file up to date either. */
static int open_to_read(struct store *s, struct arena *a, const char *dir, struct err *e)
{
	int version;
	struct stat st;
	const struct db_opts opts = { .path = arena_printf(a, "%s/state.db", dir),
				      .read_only = true };
	if (stat(opts.path, &st) != 0)
		return errno == EACCES ? not_ours(dir, e) : no_store_yet(dir, e);
	if (db_open(&opts, &s->db, e) != 0 || schema_version_of(s->db, &version, e) != 0)
		return -1;
	if (version == 0)
		return no_store_yet(dir, e);
	if (version == schema_version())
		return 0;
	err_set(e, ERR_REFUSED, "'%s' has format %d, this cutover reads format %d", opts.path,
		version, schema_version());
	return version < schema_version()
		       ? err_hint(e, "run any command that writes, such as 'cutover audit'")
		       : err_hint(e, "use the newer cutover that wrote it");
}

int store_open(const struct store_opts *opts, struct store **store_r, struct err *e)
{
	struct arena *a = arena_new();
	struct store *s = mem_alloc(sizeof(*s));
	s->lock_fd = -1;
	int rc = opts->dir == NULL ? open_in_memory(s, e)
		 : opts->read_only ? open_to_read(s, a, opts->dir, e)
				   : open_to_write(s, a, opts, e);
	if (rc == 0)
		*store_r = s;
	else
		store_close(s);
	arena_free(a);
	return rc;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	db_close(s->db);
	lock_release(s->lock_fd); /* last: the database is closed before another may write */
	free(s);
}

struct db *store_db(struct store *s)
{
	return s->db;
}

int store_put(struct store *s, const char *name, const char *text, int64_t at_ms, struct err *e)
{
	struct db_stmt *st = db_stmt(s->db,
				     "INSERT INTO document (name, text, at_ms) VALUES (?1, ?2, ?3)"
				     " ON CONFLICT (name) DO UPDATE SET text = ?2, at_ms = ?3",
				     e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, name);
	db_bind_text(st, 2, text);
	db_bind_int(st, 3, at_ms);
	return db_run(st, e);
}

int store_get(struct store *s, struct arena *a, const char *name, const char **text_r,
	      int64_t *at_ms_r, struct err *e)
{
	struct db_stmt *st = db_stmt(s->db, "SELECT text, at_ms FROM document WHERE name = ?1", e);
	*text_r = NULL;
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, name);
	int rc = db_step(st, e);
	if (rc == 1) {
		*text_r = arena_strdup(a, db_col_text(st, 0));
		if (at_ms_r != NULL)
			*at_ms_r = db_col_int(st, 1);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}
