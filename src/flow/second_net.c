/*
 * A note before, not an intent: a snapshot changes no record, and one that was taken twice does no
 * harm. To restore one is an effect, with intent and outcome; what it left is read by the rollback
 * that goes on behind it.
 */
#include "flow/second_net.h"

#include "base/hook.h"
#include "flow/flow_priv.h"
#include "flow/place.h"

#define STEP    "snapshot"
#define RESTORE "restore"

static int note(struct flow *f, const struct change_set *cs, const char *id, const char *reason,
		struct err *e)
{
	struct js *detail = js_object();
	js_set_str(detail, "set", cs->id);
	js_set_str(detail, "zone", cs->zone);
	js_set_str(detail, "id", id);
	js_set_str(detail, "reason", reason);
	struct arena *a = arena_new();
	const struct place place = place_of_project(f, a);
	place_to_js(&place, detail);
	arena_free(a);
	int rc = flow_note(f, STEP, id != NULL ? id : "none", detail, e);
	js_free(detail);
	return rc;
}

/* Told with its reason; whether it is the end is the policy's. */
static int take_failed(struct flow *f, struct arena *a, const struct change_set *cs, bool required,
		       struct err *e)
{
	struct err why = *e;
	log_warn(f->opts.log, "no snapshot before the %s set: %s", cs->id, why.text);
	if (note(f, cs, NULL, arena_strdup(a, why.text), e) != 0)
		return -1;
	if (!required) {
		err_clear(e);
		return 0;
	}
	*e = why;
	e->kind = ERR_REFUSED;
	(void)err_wrap(e, "policy.snapshot is `required`, and there is none");
	return err_hint(e, "nothing was changed; mend it, or set policy.snapshot: auto");
}

int second_net_take(struct flow *f, struct arena *a, struct provider *p,
		    const struct change_set *cs, struct err *e)
{
	const char *policy = f->opts.project->policy.snapshot;
	bool required = policy != NULL && str_eq(policy, "required");
	const struct registrar *r = registrar_of(provider_call(p));
	const char *id = NULL;
	if (f->opts.dry_run || (policy != NULL && str_eq(policy, "off")))
		return 0;
	if (!registrar_keeps_snapshots(provider_call(p)) && !required)
		return 0;
	if (registrar_snapshot(provider_call(p), a, &id, e) != 0)
		return e->kind == ERR_CANCELLED ? -1 : take_failed(f, a, cs, required, e);
	log_info(f->opts.log, "%s keeps the zone as it is now: snapshot %s", r->title, id);
	const char *reason = arena_printf(a, "kept by %s before the %s set", r->title, cs->id);
	return note(f, cs, id, reason, e);
}

/* Notes that have an id, oldest first; the last before `seq` (0: any) that fits, else NULL. */
static const struct journal_row *last_before(struct flow *f, struct arena *a, int64_t seq,
					     const char *id, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	const struct journal_row *found = NULL;
	if (journal_rows(f->store, a, STEP, &rows, &n, e) != 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		bool fits = id == NULL || str_eq(rows[i].subject, id);
		if (fits && !str_eq(rows[i].subject, "none") && (seq == 0 || rows[i].seq < seq))
			found = &rows[i];
	}
	return found;
}

void second_net_offer(struct flow *f, struct arena *a, int64_t seq, struct err *e)
{
	struct err ignored = { 0 };
	char hint[ERR_HINT_MAX];
	char at[TIME_TEXT_MAX];
	if (e->kind != ERR_REFUSED)
		return;
	const struct journal_row *row = last_before(f, a, seq, NULL, &ignored);
	if (row == NULL)
		return;
	str_copy(hint, sizeof(hint), e->hint);
	err_hint(e,
		 "%s%sor `cutover rollback --snapshot %s` puts the whole zone back as the provider "
		 "kept it at %s, with every edit since then lost",
		 hint, hint[0] != '\0' ? "; " : "", row->subject, time_format(row->at_ms, at));
}

static int restore(struct flow *f, const struct journal_row *row, const char *zone, struct err *e)
{
	struct provider *p = NULL;
	enum registrar_applied applied = APPLIED_NONE;
	struct err journal_err = { 0 };
	struct journal_row intent = { .at_ms = flow_now_ms(f),
				      .kind = JOURNAL_INTENT,
				      .step = RESTORE,
				      .subject = row->subject,
				      .detail = row->detail };
	if (provider_open(f, zone, &p, e) != 0)
		return -1;
	int rc = journal_add(f->store, &intent, &intent.ref, e);
	if (rc == 0) {
		hook_point("restore-intent");
		rc = registrar_restore(provider_call(p), row->subject, &applied, e);
		hook_point("restore-acted");
		intent.at_ms = flow_now_ms(f);
		intent.kind = applied == APPLIED_ALL    ? JOURNAL_DONE
			      : applied == APPLIED_NONE ? JOURNAL_FAILED
							: JOURNAL_UNKNOWN;
		intent.detail = "";
		if (journal_add(f->store, &intent, NULL, &journal_err) != 0) {
			*e = journal_err;
			rc = -1;
		}
	}
	provider_close(p);
	return rc;
}

int second_net_resolve(struct flow *f, const struct journal_row *row, struct err *e)
{
	if (!str_eq(row->step, RESTORE))
		return 0;
	log_warn(f->opts.log,
		 "nobody knows what became of an interrupted restore of snapshot %s; the records "
		 "that were planned are read one by one, and `cutover rollback --snapshot %s` puts "
		 "the whole zone back for certain",
		 row->subject, row->subject);
	return journal_add(f->store,
			   &(struct journal_row){ .at_ms = flow_now_ms(f),
						  .kind = JOURNAL_UNKNOWN,
						  .ref = row->seq,
						  .step = row->step,
						  .subject = row->subject,
						  .detail = "" },
			   NULL, e);
}

int second_net_restore(struct flow *f, struct arena *a, const char *id, struct err *e)
{
	const struct journal_row *row = last_before(f, a, 0, id, e);
	if (row == NULL) {
		err_set(e, ERR_REFUSED, "restoring the snapshot %s: no such one was taken here",
			id);
		return err_hint(e, "`cutover report` lists those that were");
	}
	struct js *detail = js_parse(slice_str(row->detail), e);
	if (detail == NULL)
		return err_wrap(e, "reading the journal");
	const char *zone = arena_strdup(a, js_get_str(detail, "zone"));
	const struct place was = place_from_js(a, detail);
	js_free(detail);
	return place_check(f, a, &was, e) != 0 ? -1 : restore(f, row, zone, e);
}
