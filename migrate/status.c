/*
 * What the ledger knows, for gates and reports; no network.
 */
#include "base/vec.h"
#include "migrate/quarantine.h"
#include "store/ledger_removed.h"

static const char *count_text(struct arena *a, int64_t n)
{
	return n < 0 ? "?" : arena_printf(a, "%lld", (long long)n);
}

static const char *counts_of(struct arena *a, const struct ledger_folder *f)
{
	if (f->count_exists < 0 && f->count_fetch < 0)
		return arena_printf(a, "'%s' was not read by the last pass", f->shown);
	return arena_printf(a, "'%s': STATUS %s, EXISTS %s, SEARCH %s, FETCH %s", f->shown,
			    count_text(a, f->count_status), count_text(a, f->count_exists),
			    count_text(a, f->count_search), count_text(a, f->count_fetch));
}

/* The first folder whose numbers disagree, or that was never read. */
static int judge_counts(struct store *s, struct arena *a, int64_t mailbox_id,
			struct migrate_status *st, struct err *e)
{
	struct ledger_folder *list;
	size_t n;
	if (ledger_folders(s, a, mailbox_id, &list, &n, e) != 0)
		return -1;
	st->counts_agree = n > 0;
	for (size_t i = 0; i < n; i++) {
		const struct ledger_folder *f = &list[i];
		if (!f->present || f->left_out || ledger_counts_agree(f) || st->counts_note != NULL)
			continue;
		st->counts_agree = false;
		st->counts_note = counts_of(a, f);
	}
	return 0;
}

int migrate_folder_names(struct store *store, struct arena *a, const char *address,
			 const char *const **names_r, struct err *e)
{
	struct ledger_mailbox m;
	struct ledger_folder *list = NULL;
	size_t n = 0;
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc < 0 || (rc == 1 && ledger_folders(store, a, m.id, &list, &n, e) != 0))
		return -1;
	const char **names = ARENA_ARRAY(a, n + 1, const char *);
	size_t present = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].present)
			names[present++] = list[i].shown;
	*names_r = names;
	return 0;
}

static void take_row(struct migrate_status *st, const struct ledger_mailbox *m)
{
	st->known = true;
	st->state = (enum mailbox_state)m->state;
	st->last_pass_start_ms = m->pass_start_ms;
	st->last_pass_end_ms = m->pass_end_ms;
	st->last_verified_ms = m->verified_ms;
	st->verdict = (struct migrate_verdict){ .verified = m->verified,
						.compared = m->compared,
						.missing = m->missing,
						.differing = m->differing,
						.doubled = m->doubled,
						.altered = m->altered,
						.repaired = m->repaired,
						.losses = m->losses,
						.merged = m->merged,
						.by_headers = m->by_headers,
						.err = m->verify_err };
	str_copy(st->verdict.first_altered, sizeof(st->verdict.first_altered), m->first_altered);
	st->messages = m->messages;
	st->bytes = m->bytes;
	st->last_new_ms = m->last_new_ms;
	st->err = m->err;
	str_copy(st->filter, sizeof(st->filter), m->filter);
	st->left_out = m->left_out;
	st->left_out_bytes = m->left_out_bytes;
	st->append_limit = m->append_limit;
	st->quota = (struct migrate_quota){ m->quota_bytes_used, m->quota_bytes,
					    m->quota_messages_used, m->quota_messages };
	st->needed = m->needed;
	st->needed_bytes = m->needed_bytes;
}

const char *migrate_compared_by(const struct migrate_verdict *v)
{
	return v->by_headers ? "by their headers: this server writes messages anew" : "by SHA-256";
}

int migrate_status(struct store *store, struct arena *a, const char *address,
		   struct migrate_status *status_r, struct err *e)
{
	struct ledger_mailbox m;
	struct ledger_figures fig;
	struct ledger_removed removed;
	*status_r = (struct migrate_status){ .known = false };
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc != 1)
		return rc;
	take_row(status_r, &m);
	if (ledger_figures(store, m.id, 0, &fig, e) != 0)
		return -1;
	status_r->present = fig.present;
	status_r->acknowledged = fig.done;
	status_r->acknowledged_bytes = fig.done_bytes;
	status_r->since_verified = fig.since_verified;
	status_r->refused = fig.refused;
	if (ledger_removed_figures(store, m.id, 0, &removed, e) != 0)
		return -1;
	status_r->mirror_moved = removed.moved;
	status_r->mirror_deleted = removed.deleted;
	status_r->mirror_last_ms = removed.last_ms;
	return judge_counts(store, a, m.id, status_r, e);
}

int migrate_addresses(struct store *store, struct arena *a, const char *const **list_r,
		      struct err *e)
{
	return ledger_mailbox_addresses(store, a, list_r, e);
}

static const char *file_of(struct arena *a, int64_t mailbox_id, const struct ledger_refusal *r)
{
	char name[QUARANTINE_NAME_MAX];
	const struct quarantine_id id = { mailbox_id, r->folder_id, r->uidvalidity, r->uid };
	return r->kept ? arena_strdup(a, quarantine_name(&id, name)) : NULL;
}

int migrate_refusals(struct store *store, struct arena *a, const char *address,
		     struct migrate_refusal **list_r, size_t *n_r, struct err *e)
{
	struct ledger_mailbox m;
	struct ledger_refusal *refusals;
	size_t n;
	*list_r = NULL;
	*n_r = 0;
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc != 1)
		return rc;
	if (ledger_refusals(store, a, m.id, &refusals, &n, e) != 0)
		return -1;
	*list_r = ARENA_ARRAY(a, n, struct migrate_refusal);
	*n_r = n;
	for (size_t i = 0; i < n; i++)
		(*list_r)[i] = (struct migrate_refusal){ .address = arena_strdup(a, address),
							 .folder = refusals[i].folder,
							 .reason = refusals[i].reason,
							 .file = file_of(a, m.id, &refusals[i]),
							 .uid = refusals[i].uid,
							 .size = refusals[i].size };
	return 0;
}

int migrate_remarks(struct store *store, struct arena *a, const char *address,
		    struct migrate_remark **list_r, size_t *n_r, struct err *e)
{
	struct ledger_mailbox m;
	struct ledger_note_list notes;
	*list_r = NULL;
	*n_r = 0;
	int rc = ledger_mailbox_get(store, address, &m, e);
	if (rc != 1)
		return rc;
	if (ledger_notes(store, a, m.id, &notes, e) != 0)
		return -1;
	*list_r = ARENA_ARRAY(a, notes.n + 1, struct migrate_remark);
	*n_r = notes.n;
	for (size_t i = 0; i < notes.n; i++)
		(*list_r)[i] = (struct migrate_remark){ .address = arena_strdup(a, address),
							.kind = notes.at[i].kind,
							.folder = notes.at[i].folder,
							.detail = notes.at[i].detail,
							.uid = notes.at[i].uid,
							.dst_uid = notes.at[i].dst_uid };
	return 0;
}
