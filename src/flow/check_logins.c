/* The trial of all logins before a copy, and how it is told. */
#include "base/json.h"
#include "flow/copy.h"
#include "flow/copy_room.h"
#include "flow/flow_priv.h"
#include "flow/logins.h"

struct trying {
	struct flow *flow;
	const struct copy_wishes *wishes;
	size_t n;
};

static void on_progress(void *ctx, size_t done, size_t failed)
{
	const struct trying *t = ctx;
	if (done % 10 == 0)
		log_debug(t->flow->opts.log, "%zu rows tried, %zu with a login that fails", done,
			  failed);
	if (t->wishes->on_tried != NULL)
		t->wishes->on_tried(t->wishes->on_tried_ctx, done, t->n, failed);
}

static void count(struct login_trial *t, const struct login_check *c)
{
	t->counts[0][c->src.class]++;
	t->counts[1][c->dst.class]++;
	t->failed += c->src.class != LOGIN_FINE || c->dst.class != LOGIN_FINE;
}

static int try_all(struct trying *t, const struct copy_list *list, struct login_check *checks,
		   struct err *e)
{
	struct flow *f = t->flow;
	const struct project *p = f->opts.project;
	const struct migrate_opts migrate = {
		.clock = f->opts.clock,
		.rng = f->opts.rng,
		.log = f->opts.log,
		.cancel = f->cancel,
		.ca_file = p->network.ca_file,
		.mailboxes_at_once = p->policy.mailboxes_at_once,
		.timeout_ms = p->network.mail_timeout_ms,
	};
	const struct logins_opts opts = { &migrate, on_progress, t };
	return logins_check(&opts, list->mailboxes, list->n, checks, e);
}

static void conclude(const struct login_trial *t, struct step_outcome *out)
{
	if (t->failed == 0)
		step_done(out, "%zu mailbox%s: both logins work", t->n, t->n == 1 ? "" : "es");
	else
		step_stop(out,
			  "mend what the reasons say, then run `cutover copy --check-logins` again",
			  "%zu of %zu mailboxes have a login that fails", t->failed, t->n);
}

int flow_check_logins(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
		      const struct login_trial **trial_r, struct step_outcome *out, struct err *e)
{
	struct copy_list list;
	if (copy_list_load(f, a, wishes, &list, e) != 0)
		return -1;
	struct login_trial *t = ARENA_NEW(a, struct login_trial);
	struct login_row *rows = ARENA_ARRAY(a, list.n + 1, struct login_row);
	struct login_check *checks = ARENA_ARRAY(a, list.n + 1, struct login_check);
	struct trying trying = { f, wishes, list.n };
	int rc = try_all(&trying, &list, checks, e);
	*t = (struct login_trial){ .at_ms = flow_now_ms(f), .n = list.n, .rows = rows };
	for (size_t i = 0; i < list.n; i++) {
		const struct migrate_mailbox *m = &list.mailboxes[i];
		rows[i] = (struct login_row){ .address = arena_strdup(a, m->address),
					      .row = m->row,
					      .src_user = arena_strdup(a, m->src.user),
					      .dst_user = arena_strdup(a, m->dst.user),
					      .check = checks[i],
					      .tight = copy_room_by_quotas(a, &checks[i].src.quota,
									   &checks[i].dst.quota) };
		count(t, &checks[i]);
	}
	copy_list_release(&list);
	conclude(t, out);
	*trial_r = t;
	return rc;
}

static void set_told(struct js *v, const char *key, int64_t n)
{
	if (n >= 0)
		js_set_int(v, key, n);
}

static struct js *quota_to_js(const struct migrate_quota *q)
{
	if (q->bytes_limit < 0 && q->messages_limit < 0)
		return js_null();
	struct js *v = js_object();
	set_told(v, "bytes_used", q->bytes_used);
	set_told(v, "bytes_limit", q->bytes_limit);
	set_told(v, "messages_used", q->messages_used);
	set_told(v, "messages_limit", q->messages_limit);
	return v;
}

static struct js *side_to_js(const char *user, const struct login_result *r)
{
	struct js *v = js_object();
	js_set_str(v, "user", user);
	js_set_bool(v, "ok", r->class == LOGIN_FINE);
	js_set_str(v, "class", login_class_name(r->class));
	js_set_str(v, "error", r->class != LOGIN_FINE ? r->err.text : NULL);
	if (r->class == LOGIN_FINE)
		js_set(v, "quota", quota_to_js(&r->quota));
	js_set_str(v, "remedy",
		   r->class != LOGIN_FINE && r->err.hint[0] != '\0' ? r->err.hint : NULL);
	return v;
}

static struct js *counts_to_js(const size_t counts[LOGIN_CLASSES])
{
	struct js *v = js_object();
	for (int c = 0; c < LOGIN_CLASSES; c++)
		if (counts[c] > 0)
			js_set_int(v, login_class_name((enum login_class)c), (int64_t)counts[c]);
	return v;
}

struct js *login_trial_to_js(const struct login_trial *t)
{
	struct js *v = js_object();
	struct js *list = js_array();
	for (size_t i = 0; i < t->n; i++) {
		const struct login_row *r = &t->rows[i];
		struct js *row = js_object();
		js_set_str(row, "mailbox", r->address);
		js_set_int(row, "row", (int64_t)r->row);
		js_set(row, "source", side_to_js(r->src_user, &r->check.src));
		js_set(row, "target", side_to_js(r->dst_user, &r->check.dst));
		js_set_str(row, "quota_note", r->tight);
		js_push(list, row);
	}
	js_set_int(v, "version", 1);
	js_set_time(v, "at", t->at_ms);
	js_set_int(v, "mailboxes", (int64_t)t->n);
	js_set_int(v, "failed", (int64_t)t->failed);
	js_set(v, "source", counts_to_js(t->counts[0]));
	js_set(v, "target", counts_to_js(t->counts[1]));
	js_set(v, "rows", list);
	return v;
}
