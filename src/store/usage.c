/* A row is an hour that is over, or the present one: 25 of a mailbox at most. */
#include "store/usage.h"

#include "store/db.h"

enum { HOUR_MS = 3600 * 1000 };

static int drop_old(struct db *db, const char *address, int64_t at_ms, struct err *e)
{
	struct db_stmt *st = db_stmt(db, "DELETE FROM usage WHERE address = ?1 AND hour_ms <= ?2",
				     e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, address);
	db_bind_int(st, 2, at_ms - USAGE_DAY_MS - HOUR_MS);
	return db_run(st, e);
}

static int add_row(struct db *db, const char *address, int64_t at_ms, uint64_t bytes, struct err *e)
{
	struct db_stmt *st = db_stmt(
		db,
		"INSERT INTO usage (address, hour_ms, bytes) VALUES (?1, ?2, ?3)"
		" ON CONFLICT (address, hour_ms) DO UPDATE SET bytes = bytes + ?3",
		e);
	if (st == NULL)
		return -1;
	db_bind_text(st, 1, address);
	db_bind_int(st, 2, at_ms - at_ms % HOUR_MS);
	db_bind_int(st, 3, bytes > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)bytes);
	return db_run(st, e);
}

/* Not worth a wait for the disk: a kill forgets seconds of it. */
int usage_add(struct store *s, const char *address, int64_t at_ms, uint64_t bytes, struct err *e)
{
	struct db *db = store_db(s);
	if (db_begin_lazy(db, e) != 0)
		return -1;
	if (drop_old(db, address, at_ms, e) == 0 && add_row(db, address, at_ms, bytes, e) == 0)
		return db_commit(db, e);
	db_rollback(db);
	return -1;
}

struct hour {
	int64_t leaves_ms; /* when the whole of it is a day old */
	uint64_t bytes;
};

/* Oldest first; a clock that was set back leaves hours to come, which are no reason to wait longer
 * than a day. */
static size_t read_hours(struct db_stmt *st, int64_t now_ms, struct hour *hours, size_t max,
			 struct err *e)
{
	size_t n = 0;
	while (n < max && db_step(st, e) == 1) {
		int64_t hour_ms = db_col_int(st, 0);
		if (hour_ms > now_ms)
			hour_ms = now_ms - now_ms % HOUR_MS;
		hours[n++] = (struct hour){ hour_ms + HOUR_MS + USAGE_DAY_MS,
					    (uint64_t)db_col_int(st, 1) };
	}
	return n;
}

int usage_free_at(struct store *s, const char *address, int64_t now_ms, uint64_t limit,
		  uint64_t *used_r, int64_t *until_ms_r, struct err *e)
{
	enum { HOURS_MAX = 64 };
	struct hour hours[HOURS_MAX];
	struct db_stmt *st = db_stmt(store_db(s),
				     "SELECT hour_ms, bytes FROM usage WHERE address = ?1"
				     " AND hour_ms > ?2 ORDER BY hour_ms",
				     e);
	*used_r = 0;
	*until_ms_r = 0;
	if (st == NULL)
		return -1;
	err_clear(e);
	db_bind_text(st, 1, address);
	db_bind_int(st, 2, now_ms - USAGE_DAY_MS - HOUR_MS);
	size_t n = read_hours(st, now_ms, hours, HOURS_MAX, e);
	db_done(st);
	for (size_t i = 0; i < n; i++)
		*used_r += hours[i].bytes;
	uint64_t left = *used_r;
	for (size_t i = 0; i < n && left >= limit; i++) {
		left -= hours[i].bytes;
		*until_ms_r = hours[i].leaves_ms;
	}
	return e->kind == ERR_NONE ? 0 : -1;
}
