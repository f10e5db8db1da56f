/* The report as a document. */
#include "flow/report.h"

static struct js *steps_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->step_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "step", r->steps[i].name);
		js_set_str(v, "state", r->steps[i].state);
		js_set_time(v, "at", r->steps[i].at_ms);
		js_set_str(v, "note", r->steps[i].note);
		js_push(list, v);
	}
	return list;
}

static struct js *mailbox_to_js(const struct gate_mailbox *m)
{
	const struct migrate_status *s = &m->status;
	struct js *v = js_object();
	js_set_str(v, "mailbox", m->address);
	js_set_int(v, "row", (int64_t)m->row);
	js_set_str(v, "state", s->known ? mailbox_state_name(s->state) : "Queued");
	js_set_int(v, "messages", (int64_t)s->messages);
	js_set_int(v, "bytes", (int64_t)s->bytes);
	js_set_int(v, "acknowledged", (int64_t)s->acknowledged);
	js_set_int(v, "acknowledged_bytes", (int64_t)s->acknowledged_bytes);
	js_set_int(v, "refused", (int64_t)s->refused);
	js_set_str(v, "held", m->held);
	js_set_str(v, "filter", s->filter[0] != '\0' ? s->filter : NULL);
	js_set_int(v, "left_out", (int64_t)s->left_out);
	js_set_int(v, "left_out_bytes", (int64_t)s->left_out_bytes);
	js_set_int(v, "mirror_moved", (int64_t)s->mirror_moved);
	js_set_int(v, "mirror_deleted", (int64_t)s->mirror_deleted);
	js_set_time(v, "mirror_last_at", s->mirror_last_ms);
	js_set_time(v, "last_pass_at", s->last_pass_end_ms);
	js_set_time(v, "last_verified_at", s->last_verified_ms);
	js_set_bool(v, "verified", s->last_verified_ms != 0 && s->verdict.verified);
	js_set_int(v, "compared", (int64_t)s->verdict.compared);
	js_set_int(v, "since_verified", (int64_t)s->since_verified);
	js_set_str(v, "compared_by",
		   s->last_verified_ms == 0 ? NULL
		   : s->verdict.by_headers  ? "headers"
					    : "bytes");
	js_set_int(v, "missing", (int64_t)s->verdict.missing);
	js_set_int(v, "differing", (int64_t)s->verdict.differing);
	js_set_int(v, "doubled", (int64_t)s->verdict.doubled);
	js_set_int(v, "losses", (int64_t)s->verdict.losses);
	js_set_int(v, "repaired", (int64_t)s->verdict.repaired);
	js_set_int(v, "merged", (int64_t)s->verdict.merged);
	js_set_int(v, "altered", (int64_t)s->verdict.altered);
	js_set_str(v, "first_altered", s->verdict.altered > 0 ? s->verdict.first_altered : NULL);
	js_set_str(v, "verify_error", m->doubt);
	js_set_str(v, "verify_remedy", m->doubt_remedy);
	js_set_bool(v, "counts_agree", s->counts_agree);
	js_set_str(v, "error", s->err.kind != ERR_NONE ? s->err.text : NULL);
	js_set_str(v, "remedy", s->err.hint[0] != '\0' ? s->err.hint : NULL);
	return v;
}

static struct js *mailboxes_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->mailbox_n; i++)
		js_push(list, mailbox_to_js(&r->mailboxes[i]));
	return list;
}

static struct js *refusals_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->refusal_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "mailbox", r->refusals[i].address);
		js_set_str(v, "folder", r->refusals[i].folder);
		js_set_int(v, "uid", r->refusals[i].uid);
		js_set_int(v, "bytes", (int64_t)r->refusals[i].size);
		js_set_str(v, "reason", r->refusals[i].reason);
		js_set_str(v, "file", r->refusals[i].file);
		js_push(list, v);
	}
	return list;
}

static struct js *remarks_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->remark_n; i++) {
		const struct migrate_remark *m = &r->remarks[i];
		struct js *v = js_object();
		js_set_str(v, "mailbox", m->address);
		js_set_str(v, "kind", m->kind);
		js_set_str(v, "folder", m->folder);
		js_set_int(v, "uid", m->uid);
		js_set_int(v, "target_uid", m->dst_uid);
		js_set_str(v, "detail", m->detail);
		js_push(list, v);
	}
	return list;
}

static struct js *events_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->event_n; i++) {
		struct js *v = js_object();
		js_set_int(v, "seq", r->events[i].seq);
		js_set_time(v, "at", r->events[i].at_ms);
		js_set_str(v, "step", r->events[i].step);
		js_set_str(v, "kind", r->events[i].kind);
		js_set_str(v, "subject", r->events[i].subject);
		js_set_str(v, "reason",
			   r->events[i].detail[0] != '\0' ? r->events[i].detail : NULL);
		js_push(list, v);
	}
	return list;
}

static struct js *hosts_to_js(const struct report *r)
{
	struct js *list = js_array();
	for (size_t i = 0; i < r->plaintext_n; i++)
		js_push(list, js_string(r->plaintext_hosts[i]));
	return list;
}

/* A document inside the document: written and read again, for the tree owns its parts. */
static struct js *copy_of(struct arena *a, const struct js *v)
{
	struct err ignored;
	if (v == NULL)
		return js_null();
	struct js *copy = js_parse(slice_str(js_text(a, v)), &ignored);
	return copy != NULL ? copy : js_null();
}

struct js *report_to_js(struct arena *a, const struct report *r)
{
	struct js *v = js_object();
	js_set_int(v, "version", 1);
	js_set_str(v, "domain", r->domain);
	js_set_str(v, "project", r->project_path);
	js_set_time(v, "made_at", r->made_ms);
	js_set(v, "steps", steps_to_js(r));
	js_set_bool(v, "staged", r->staged);
	js_set_bool(v, "switched", r->switched);
	js_set_bool(v, "cleaned_up", r->cleaned_up);
	js_set(v, "audit", copy_of(a, r->audit));
	js_set(v, "plan", r->plan != NULL ? plan_to_js(r->plan) : js_null());
	js_set(v, "verify", watch_to_js(&r->watch));
	js_set(v, "gates", gates_to_js(r->gates, r->gate_n, r->gates_ms));
	js_set(v, "progress", copy_of(a, r->progress));
	js_set(v, "mailboxes", mailboxes_to_js(r));
	js_set_str(v, "users_error", r->users_error);
	js_set(v, "refusals", refusals_to_js(r));
	js_set(v, "remarks", remarks_to_js(r));
	js_set(v, "journal", events_to_js(r));
	js_set_bool(v, "journal_intact", r->journal_intact);
	js_set_str(v, "journal_note", r->journal_note);
	js_set(v, "tls_off_for", hosts_to_js(r));
	return v;
}
