/* What a mailbox looks like by the ledger: enough to tell one that hides its mail elsewhere. */
#include <string.h>

#include "migrate/imap/date.h"
#include "migrate/migrate.h"
#include "migrate/special.h"
#include "store/ledger.h"

/* The last part of the name, so that INBOX/Sent counts. */
static bool is_for_sent(const char *shown)
{
	const char *slash = strrchr(shown, '/');
	const char *use = special_by_name(slash != NULL ? slash + 1 : shown);
	return use != NULL && str_eq(use, "\\Sent");
}

static int add_folder(struct store *s, struct arena *a, int64_t mailbox_id,
		      const struct ledger_folder *f, struct migrate_shape *shape, struct err *e)
{
	struct ledger_figures fig;
	const char *date;
	struct imap_date d;
	if (ledger_figures(s, mailbox_id, f->id, &fig, e) != 0 ||
	    ledger_first_date(s, a, f->id, &date, e) != 0)
		return -1;
	shape->messages += fig.present;
	shape->bytes += fig.present_bytes;
	if (is_for_sent(f->shown))
		shape->sent += fig.present;
	if (date != NULL && imap_date_parse(slice_str(date), &d) &&
	    (shape->oldest_ms == 0 || d.utc_s * 1000 < shape->oldest_ms))
		shape->oldest_ms = d.utc_s * 1000;
	return 0;
}

int migrate_shape(struct store *store, struct arena *a, const char *address,
		  struct migrate_shape *shape_r, struct err *e)
{
	struct ledger_mailbox m;
	struct ledger_folder *list;
	size_t n;
	*shape_r = (struct migrate_shape){ 0 };
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc != 1)
		return rc;
	if (ledger_folders(store, a, m.id, &list, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		shape_r->known |= list[i].present && list[i].src_uidvalidity >= 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].present && add_folder(store, a, m.id, &list[i], shape_r, e) != 0)
			return -1;
	return 0;
}

int migrate_oversize(struct store *store, struct arena *a, const char *address, uint64_t limit,
		     struct migrate_refusal **list_r, size_t *n_r, struct err *e)
{
	enum { MOST = 1000 };
	struct ledger_mailbox m;
	struct ledger_refusal *found;
	*list_r = NULL;
	*n_r = 0;
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc != 1)
		return rc;
	if (ledger_oversize(store, a, m.id, &(struct ledger_larger){ limit, MOST }, &found, n_r,
			    e) != 0)
		return -1;
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct migrate_refusal);
	for (size_t i = 0; i < *n_r; i++)
		(*list_r)[i] = (struct migrate_refusal){ .address = arena_strdup(a, address),
							 .folder = found[i].folder,
							 .reason = found[i].reason,
							 .uid = found[i].uid,
							 .size = found[i].size };
	return 0;
}

int migrate_complete(struct store *store, const char *address, struct err *e)
{
	return ledger_state_move(store, address, MAILBOX_SYNCED, MAILBOX_COMPLETED, e);
}

int migrate_bytes(struct store *store, const char *address, uint64_t *bytes_r, struct err *e)
{
	struct ledger_mailbox m;
	*bytes_r = 0;
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc == 1)
		*bytes_r = m.bytes;
	return rc < 0 ? -1 : 0;
}

bool migrate_is_through(enum mailbox_state s)
{
	return s == MAILBOX_SYNCED || s == MAILBOX_SYNCED_WITH_ERRORS || s == MAILBOX_COMPLETED;
}
