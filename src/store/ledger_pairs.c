/*
 * Pairs in stages, from the most alike to the least: within a group of messages that are one by
 * their key, those of equal bytes, date and flags find each other first, and only what is left
 * pairs with something else. So of three copies of a newsletter the one that differs is named,
 * whatever the order of the copies at the target.
 *
 * A stage numbers both sides of each group and lets equal numbers meet: one sort, no join. What was
 * refused comes last: what is missing of a group is that.
 */
#include "store/ledger_compare.h"

#define STAGE(by, order, which, fit)                                                               \
	"INSERT INTO temp.pair (mailbox, src, dst) SELECT ?1, max(id) FILTER (WHERE dst = 0),"     \
	" max(id) FILTER (WHERE dst = 1) FROM (SELECT id, dst, size, folder, " by                  \
	", row_number() OVER (PARTITION BY dst, folder, " by " ORDER BY " order                    \
	") AS n FROM temp.seen s WHERE mailbox = ?1 AND " which " AND " LEDGER_ALONE               \
	") GROUP BY folder, " by ", n HAVING count(*) = 2 AND " fit

static const char *const by_bytes[] = {
	STAGE("key, sha, date, flags", "uid", "NOT refused", "1"),
	STAGE("key, date, flags", "uid", "NOT refused", "1"),
	STAGE("key", "refused, date, flags, uid", "1", "1"),
};

/* From the smallest and from the largest on: where one of several is missing, its like still find
 * each other. Without a Message-ID, Date and From decide; without these, the size. A target may
 * have given a Message-ID to what had none. The last stage takes what is of another size: a
 * difference, not two messages. */
#define FITS    "max(size) <= 2 * min(size) + 16384"
#define NO_NAME "(dst = 1 OR key IS NULL)"
static const char *const by_headers[] = {
	STAGE("key, date, flags", "size, uid", "NOT refused AND key IS NOT NULL", FITS),
	STAGE("key", "refused, size, uid", "key IS NOT NULL", FITS),
	STAGE("key", "refused, size DESC, uid", "key IS NOT NULL", FITS),
	STAGE("weak", "refused, size, uid", NO_NAME, FITS),
	STAGE("weak", "refused, size DESC, uid", NO_NAME, FITS),
	STAGE("key", "refused, size, uid", "key IS NOT NULL", "1"),
};

static int run_stages(struct store *s, int64_t mailbox_id, const char *const *stages, size_t n,
		      struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (ledger_run(s, stages[i], ARGS(ARG_INT(mailbox_id)), e) != 0)
			return -1;
	return 0;
}

int ledger_pairs_make(struct store *s, int64_t mailbox_id, bool *by_headers_r, struct err *e)
{
	int64_t found = 0;
	const struct ledger_query q = {
		"SELECT 1 FROM temp.seen WHERE mailbox = ?1 AND sha IS NULL LIMIT 1",
		ARGS(ARG_INT(mailbox_id))
	};
	int rc = ledger_one(s, &q, &found, e);
	*by_headers_r = rc == 1;
	if (rc < 0)
		return -1;
	return *by_headers_r ? run_stages(s, mailbox_id, by_headers,
					  sizeof(by_headers) / sizeof(by_headers[0]), e)
			     : run_stages(s, mailbox_id, by_bytes,
					  sizeof(by_bytes) / sizeof(by_bytes[0]), e);
}
