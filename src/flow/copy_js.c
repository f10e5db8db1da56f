/* The progress document: written by the copy that runs, read back by `status` in another terminal.
 */
#include "base/arena.h"
#include "flow/copy.h"

static struct js *mailbox_to_js(const struct copy_mailbox *m)
{
	struct js *v = js_object();
	bool failed = m->err.kind != ERR_NONE;
	js_set_str(v, "mailbox", m->address);
	js_set_int(v, "row", (int64_t)m->row);
	js_set_str(v, "state", mailbox_state_name(m->state));
	js_set_str(v, "folder", m->folder[0] != '\0' ? m->folder : NULL);
	js_set_int(v, "messages", (int64_t)m->counts.messages);
	js_set_int(v, "bytes", (int64_t)m->counts.bytes);
	js_set_int(v, "copied", (int64_t)m->counts.copied);
	js_set_int(v, "copied_bytes", (int64_t)m->counts.copied_bytes);
	js_set_int(v, "known", (int64_t)m->counts.known);
	js_set_int(v, "known_bytes", (int64_t)m->counts.known_bytes);
	js_set_int(v, "refused", (int64_t)m->counts.refused);
	js_set_int(v, "left_out", (int64_t)m->counts.left_out);
	js_set_int(v, "left_out_bytes", (int64_t)m->counts.left_out_bytes);
	js_set_int(v, "flags_changed", (int64_t)m->counts.flags_changed);
	js_set_int(v, "mirror_moved", (int64_t)m->counts.mirror_moved);
	js_set_int(v, "mirror_deleted", (int64_t)m->counts.mirror_deleted);
	js_set_int(v, "mirror_kept", (int64_t)m->counts.mirror_kept);
	js_set_str(v, "error", failed ? m->err.text : NULL);
	js_set_str(v, "error_kind", failed ? err_kind_name(m->err.kind) : NULL);
	js_set_str(v, "remedy", m->err.hint[0] != '\0' ? m->err.hint : NULL);
	js_set_time(v, "waits_until", m->state == MAILBOX_SYNCING ? m->err.until_ms : 0);
	return v;
}

static struct js *notes_to_js(const struct copy_progress *p)
{
	struct js *list = js_array();
	for (size_t i = 0; i < p->note_n; i++) {
		struct js *v = js_object();
		js_set_str(v, "mailbox", p->notes[i].mailbox);
		js_set_str(v, "kind", p->notes[i].kind);
		js_set_str(v, "text", p->notes[i].text);
		js_set_str(v, "remedy", p->notes[i].remedy);
		js_push(list, v);
	}
	return list;
}

static struct js *forecast_to_js(const struct copy_forecast *fc)
{
	if (fc->deltas == 0)
		return js_null();
	struct js *v = js_object();
	js_set_int(v, "passes", (int64_t)fc->deltas);
	js_set_int(v, "expected_s", fc->expected_ms / 1000);
	js_set_int(v, "longest_s", fc->longest_ms / 1000);
	js_set(v, "new_messages_per_hour", js_real(fc->messages_per_hour));
	return v;
}

struct js *copy_progress_to_js(const struct copy_progress *p)
{
	struct js *v = js_object();
	struct js *list = js_array();
	for (size_t i = 0; i < p->n; i++)
		js_push(list, mailbox_to_js(&p->mailboxes[i]));
	js_set_int(v, "version", 1);
	js_set_time(v, "started_at", p->started_ms);
	js_set_time(v, "at", p->now_ms);
	js_set_bool(v, "ended", p->ended);
	js_set_bool(v, "dry_run", p->dry_run);
	js_set_str(v, "filter", p->filter);
	js_set_int(v, "messages", (int64_t)p->messages);
	js_set_int(v, "messages_done", (int64_t)p->messages_done);
	js_set_int(v, "bytes", (int64_t)p->bytes);
	js_set_int(v, "bytes_done", (int64_t)p->bytes_done);
	js_set_int(v, "copied", (int64_t)p->copied);
	js_set_int(v, "copied_bytes", (int64_t)p->copied_bytes);
	js_set_int(v, "left_out", (int64_t)p->left_out);
	js_set_int(v, "left_out_bytes", (int64_t)p->left_out_bytes);
	js_set(v, "gb_per_hour", js_real(p->gb_per_hour));
	js_set_int(v, "bytes_per_s", (int64_t)p->bytes_per_s);
	js_set_int(v, "messages_per_s", (int64_t)p->messages_per_s);
	js_set(v, "wire_percent",
	       p->wire_percent > 0 ? js_int((int64_t)p->wire_percent) : js_null());
	js_set(v, "left_s", p->left_ms >= 0 ? js_int(p->left_ms / 1000) : js_null());
	js_set_time(v, "paused_until", p->paused_until_ms);
	js_set_int(v, "paused_s", p->paused_ms / 1000);
	js_set(v, "final_pass", forecast_to_js(&p->forecast));
	js_set(v, "notes", notes_to_js(p));
	js_set(v, "mailboxes", list);
	return v;
}

/* ---- and back ---- */

static enum mailbox_state state_of(const char *name)
{
	for (int s = MAILBOX_QUEUED; s <= MAILBOX_REMOVED; s++)
		if (str_eq(mailbox_state_name((enum mailbox_state)s), name))
			return (enum mailbox_state)s;
	return MAILBOX_QUEUED;
}

static uint64_t count_of(const struct js *v, const char *key)
{
	int64_t n = js_get_int(v, key);
	return n > 0 ? (uint64_t)n : 0;
}

static void mailbox_from_js(struct arena *a, const struct js *v, struct copy_mailbox *m)
{
	m->address = arena_strdup(a, js_get_str(v, "mailbox"));
	m->row = (size_t)js_get_int(v, "row");
	m->state = state_of(js_get_str(v, "state"));
	str_copy(m->folder, sizeof(m->folder), js_get_str(v, "folder"));
	m->counts = (struct migrate_counts){
		.messages = count_of(v, "messages"),
		.bytes = count_of(v, "bytes"),
		.copied = count_of(v, "copied"),
		.copied_bytes = count_of(v, "copied_bytes"),
		.known = count_of(v, "known"),
		.known_bytes = count_of(v, "known_bytes"),
		.refused = count_of(v, "refused"),
		.left_out = count_of(v, "left_out"),
	};
	if (js_get_str(v, "error")[0] == '\0')
		return;
	(void)err_set(&m->err, ERR_WORLD, "%s", js_get_str(v, "error"));
	m->err.until_ms = js_get_time(v, "waits_until");
}

/* What a view shows; the notes and the rest stay in the document. */
struct copy_progress copy_progress_from_js(struct arena *a, const struct js *v)
{
	const struct js *list = js_get(v, "mailboxes");
	const struct js *final = js_get(v, "final_pass");
	size_t n = js_len(list);
	struct copy_mailbox *boxes = ARENA_ARRAY(a, n + 1, struct copy_mailbox);
	for (size_t i = 0; i < n; i++)
		mailbox_from_js(a, js_at(list, i), &boxes[i]);
	return (struct copy_progress){
		.n = n,
		.mailboxes = boxes,
		.started_ms = js_get_time(v, "started_at"),
		.now_ms = js_get_time(v, "at"),
		.messages = count_of(v, "messages"),
		.messages_done = count_of(v, "messages_done"),
		.bytes = count_of(v, "bytes"),
		.bytes_done = count_of(v, "bytes_done"),
		.copied = count_of(v, "copied"),
		.copied_bytes = count_of(v, "copied_bytes"),
		.left_out = count_of(v, "left_out"),
		.bytes_per_s = count_of(v, "bytes_per_s"),
		.messages_per_s = count_of(v, "messages_per_s"),
		.wire_percent = count_of(v, "wire_percent"),
		.left_ms = js_get_int(v, "left_s") > 0 ? js_get_int(v, "left_s") * 1000 : -1,
		.paused_until_ms = js_get_time(v, "paused_until"),
		.paused_ms = js_get_int(v, "paused_s") * 1000,
		.forecast = { .deltas = (size_t)count_of(final, "passes"),
			      .expected_ms = js_get_int(final, "expected_s") * 1000,
			      .longest_ms = js_get_int(final, "longest_s") * 1000 },
		.ended = js_get_bool(v, "ended"),
		.dry_run = js_get_bool(v, "dry_run"),
	};
}
