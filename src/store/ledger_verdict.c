/*
 * What the pairs say, message by message. Notes of a kind are as many as a report shows; the
 * figures count all. Replaced dates are noted without a limit, for such a note is what makes the
 * loss a recorded one: it is an error when it is found, and from then on a loss that the report
 * tells (docs/decisions/0021).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/vec.h"
#include "store/ledger_compare.h"

enum { FIRST_MAX = sizeof(((struct ledger_comparison *)0)->first), PAGE = 200 };

struct sentence {
	const char *sql, *text; /* gives folder, uid and why ("") of mailbox ?1 */
};

static int find_first(struct store *s, int64_t mailbox_id, const struct sentence *q,
		      char first_r[FIRST_MAX], struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, q->sql, ARGS(ARG_INT(mailbox_id)), e);
	if (st == NULL)
		return -1;
	int rc = db_step(st, e);
	if (rc == 1)
		(void)snprintf(first_r, FIRST_MAX, "'%s', UID %lld%s%s%s", db_col_text(st, 0),
			       (long long)db_col_int(st, 1), q->text,
			       db_col_text(st, 2)[0] != '\0' ? ": " : "", db_col_text(st, 2));
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static const struct sentence missing = {
	"SELECT folder, uid, " LEDGER_WHY " FROM temp.seen s WHERE " LEDGER_MISSING
	" ORDER BY folder, uid LIMIT 1",
	": not at the target",
};
static const struct sentence doubled = {
	"SELECT folder, (SELECT min(uid) FROM " LEDGER_TWINS ") AS twin, '' FROM temp.seen s"
	" WHERE " LEDGER_DOUBLED " ORDER BY folder, twin LIMIT 1",
	": more often at the target than at the source",
};
static const struct sentence altered = {
	"SELECT a.folder, a.uid, '' FROM " LEDGER_PAIRS " WHERE " LEDGER_ALTERED
	" ORDER BY a.folder, a.uid LIMIT 1",
	"",
};

/* ---- pairs that differ ---- */

/* One pair, in the order in which the source was read. */
struct differing {
	int64_t id, date_s, dst_date_s;
	const char *folder, *flags, *dst_flags; /* the arena's */
	uint32_t uid, dst_uid;
	bool loss;  /* the ledger knows of flags that were not taken */
	bool noted; /* and of a replaced date */
	bool other_size;
};

static const char differing_sql[] =
	"SELECT a.id, a.folder, a.uid, b.uid, a.date, b.date, a.flags, b.flags, a.loss,"
	" EXISTS (SELECT 1 FROM ledger_note n WHERE n.mailbox = ?1 AND n.kind = 'date'"
	"  AND n.folder = a.folder AND n.uid = a.uid), " LEDGER_OTHER_SIZE " FROM " LEDGER_PAIRS
	" WHERE p.mailbox = ?1 AND p.src > ?2"
	" AND (a.date <> b.date OR a.flags <> b.flags OR " LEDGER_OTHER_SIZE
	") ORDER BY p.src LIMIT ?3";

static int read_page(struct store *s, struct arena *a, const struct ledger_arg *args,
		     struct differing page[PAGE], size_t *n_r, struct err *e)
{
	struct db_stmt *st = ledger_stmt(s, differing_sql, args, e);
	int rc = st == NULL ? -1 : 0;
	*n_r = 0;
	while (st != NULL && *n_r < PAGE && (rc = db_step(st, e)) == 1)
		page[(*n_r)++] = (struct differing){ .id = db_col_int(st, 0),
						     .folder = arena_strdup(a, db_col_text(st, 1)),
						     .uid = (uint32_t)db_col_int(st, 2),
						     .dst_uid = (uint32_t)db_col_int(st, 3),
						     .date_s = db_col_int(st, 4),
						     .dst_date_s = db_col_int(st, 5),
						     .flags = arena_strdup(a, db_col_text(st, 6)),
						     .dst_flags = arena_strdup(a,
									       db_col_text(st, 7)),
						     .loss = db_col_int(st, 8) != 0,
						     .noted = db_col_int(st, 9) != 0,
						     .other_size = db_col_int(st, 10) != 0 };
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static bool has_flag(const char *flags, struct slice flag)
{
	struct slice rest = slice_str(flags);
	while (rest.len > 0) {
		struct slice one = slice_until(&rest, ' ');
		if (one.len == flag.len && strncasecmp(one.ptr, flag.ptr, flag.len) == 0)
			return true;
	}
	return false;
}

/* A loss takes flags away. One that nobody set is something else. */
static bool only_lost(const char *src, const char *dst)
{
	struct slice rest = slice_str(dst);
	while (rest.len > 0) {
		struct slice one = slice_until(&rest, ' ');
		if (one.len > 0 && !has_flag(src, one))
			return false;
	}
	return true;
}

static int note_flags(struct store *s, struct arena *a, const struct ledger_note *of,
		      const struct differing *d, struct err *e)
{
	struct ledger_note n = *of;
	n.kind = "differing";
	n.detail = d->other_size ? "its size at the target is another one"
				 : arena_printf(a,
						"the flags at the target are '%s' in place of "
						"'%s'",
						d->dst_flags, d->flags);
	return ledger_note_add(s, &n, e);
}

static int note_date(struct store *s, struct arena *a, const struct ledger_note *of,
		     const struct differing *d, struct err *e)
{
	char want[TIME_TEXT_MAX];
	char got[TIME_TEXT_MAX];
	struct ledger_note n = *of;
	n.kind = "date";
	n.detail = arena_printf(a, "the target has %s in place of %s",
				time_format(d->dst_date_s * 1000, got),
				time_format(d->date_s * 1000, want));
	return ledger_note_add(s, &n, e);
}

static int judge_pair(struct store *s, struct arena *a, int64_t mailbox_id,
		      const struct differing *d, struct ledger_comparison *c, struct err *e)
{
	const struct ledger_note of = {
		.mailbox_id = mailbox_id, .folder = d->folder, .uid = d->uid, .dst_uid = d->dst_uid
	};
	bool date = d->date_s != d->dst_date_s && !d->noted;
	bool flags = strcasecmp(d->flags, d->dst_flags) != 0 &&
		     !(d->loss && only_lost(d->flags, d->dst_flags));
	if (!date && !flags && !d->other_size) {
		c->losses++;
		return 0;
	}
	if (c->differing++ == 0 && c->first[0] == '\0')
		(void)snprintf(c->first, FIRST_MAX, "'%s', UID %u: %s", d->folder, d->uid,
			       d->other_size   ? "another size at the target"
			       : date && flags ? "other date and flags at the target"
			       : date          ? "other date at the target"
					       : "other flags at the target");
	if ((flags || d->other_size) && c->differing <= LEDGER_NOTES_MAX &&
	    note_flags(s, a, &of, d, e) != 0)
		return -1;
	return date ? note_date(s, a, &of, d, e) : 0;
}

static int judge_page(struct store *s, int64_t mailbox_id, int64_t *after, size_t *n_r,
		      struct ledger_comparison *c, struct err *e)
{
	struct differing page[PAGE];
	struct arena *a = arena_new();
	int rc = read_page(s, a, ARGS(ARG_INT(mailbox_id), ARG_INT(*after), ARG_INT(PAGE)), page,
			   n_r, e);
	for (size_t i = 0; rc == 0 && i < *n_r; i++) {
		rc = judge_pair(s, a, mailbox_id, &page[i], c, e);
		*after = page[i].id;
	}
	arena_free(a);
	return rc;
}

static int judge_pairs(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
		       struct err *e)
{
	int64_t after = 0;
	size_t n = 0;
	do
		if (judge_page(s, mailbox_id, &after, &n, c, e) != 0)
			return -1;
	while (n == PAGE);
	return 0;
}

/* ---- names ---- */

#define NOTE "INSERT INTO ledger_note (mailbox, kind, folder, uid, dst_uid, detail) SELECT ?1, "
static const struct {
	const char *kind, *sql; /* ?2: at most so many; NULL: made pair by pair */
} kinds[] = {
	{ "missing", NOTE "'missing', folder, uid, 0, " LEDGER_WHY
			  " FROM temp.seen s WHERE " LEDGER_MISSING " ORDER BY id LIMIT ?2" },
	{ "doubled", NOTE "'doubled', folder, (SELECT min(uid) FROM " LEDGER_TWINS "), uid, ''"
			  " FROM temp.seen s WHERE " LEDGER_DOUBLED " ORDER BY id LIMIT ?2" },
	{ "altered", NOTE "'altered', a.folder, a.uid, b.uid,"
			  " 'the target changed its line ends' FROM " LEDGER_PAIRS
			  " WHERE " LEDGER_ALTERED " ORDER BY p.src LIMIT ?2" },
	{ "merged", NOTE "'merged', folder, uid, " LEDGER_KEPT ", '<' || name || '>' FROM"
			 " temp.seen s WHERE " LEDGER_MERGED " ORDER BY id LIMIT ?2" },
	{ "differing", NULL },
};

static int renew_notes(struct store *s, int64_t mailbox_id, struct err *e)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct ledger_note like = { .mailbox_id = mailbox_id, .kind = kinds[i].kind };
		if (ledger_notes_drop(s, &like, e) != 0)
			return -1;
		if (kinds[i].sql != NULL &&
		    ledger_run(s, kinds[i].sql,
			       ARGS(ARG_INT(mailbox_id), ARG_INT(LEDGER_NOTES_MAX)), e) != 0)
			return -1;
	}
	return 0;
}

/* Where the target has another content under the Message-ID of one that is missing, the next pass
 * looks at the place that it was given, and keeps it by name: it was acknowledged. */
static int doubt_merged(struct store *s, int64_t mailbox_id, struct err *e)
{
	return ledger_run(
		s,
		"UPDATE ledger_message SET kept = 1 WHERE state = 3 AND (folder, uid) IN"
		" (SELECT f.id, s.uid FROM temp.seen s JOIN ledger_folder f"
		"  ON f.mailbox = ?1 AND f.shown = s.folder"
		"  WHERE " LEDGER_MISSING " AND s.name IS NOT NULL"
		"  AND EXISTS (SELECT 1 FROM temp.seen o WHERE o.mailbox = ?1 AND o.dst = 1"
		"   AND o.name = s.name AND o.folder = s.folder))",
		ARGS(ARG_INT(mailbox_id)), e);
}

/* The worst difference is named: missing, then doubled, then differing. */
static int name_all(struct store *s, int64_t mailbox_id, struct ledger_comparison *c, struct err *e)
{
	const struct sentence *q = c->missing > 0 ? &missing : c->doubled > 0 ? &doubled : NULL;
	if (renew_notes(s, mailbox_id, e) != 0 ||
	    (c->missing > 0 && doubt_merged(s, mailbox_id, e) != 0) ||
	    (q != NULL && find_first(s, mailbox_id, q, c->first, e) != 0) ||
	    judge_pairs(s, mailbox_id, c, e) != 0)
		return -1;
	return c->altered > 0 ? find_first(s, mailbox_id, &altered, c->first_altered, e) : 0;
}

int ledger_verdict_name(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
			struct err *e)
{
	if (ledger_begin(s, e) != 0)
		return -1;
	if (name_all(s, mailbox_id, c, e) != 0) {
		ledger_rollback(s);
		return -1;
	}
	return ledger_commit(s, e);
}
