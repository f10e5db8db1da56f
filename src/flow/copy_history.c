/*
 * The history is one document of the store. A pass that moved much tells nothing of the
 * final one; a delta does, for the final pass is one more delta.
 */
#include "flow/copy_history.h"

#include <stdlib.h>

#include "flow/flow_priv.h"

#define DOC_PASSES "passes"

enum { KEPT_MAX = 100, DELTAS_MAX = 5 };

static struct js *pass_to_js(const struct copy_pass *p)
{
	struct js *v = js_object();
	js_set_time(v, "began_at", p->began_ms);
	js_set_int(v, "took_ms", p->took_ms);
	js_set_int(v, "mailboxes", (int64_t)p->mailboxes);
	js_set_int(v, "messages", (int64_t)p->messages);
	js_set_int(v, "copied", (int64_t)p->copied);
	js_set_int(v, "copied_bytes", (int64_t)p->copied_bytes);
	return v;
}

static struct copy_pass pass_from_js(const struct js *v)
{
	return (struct copy_pass){
		.began_ms = js_get_time(v, "began_at"),
		.took_ms = js_get_int(v, "took_ms"),
		.mailboxes = (uint64_t)js_get_int(v, "mailboxes"),
		.messages = (uint64_t)js_get_int(v, "messages"),
		.copied = (uint64_t)js_get_int(v, "copied"),
		.copied_bytes = (uint64_t)js_get_int(v, "copied_bytes"),
	};
}

struct js *copy_history_with(const struct js *doc, const struct copy_pass *p)
{
	struct js *v = js_object();
	struct js *list = js_array();
	const struct js *old = doc != NULL ? js_get(doc, "passes") : NULL;
	size_t n = old != NULL ? js_len(old) : 0;
	for (size_t i = n >= KEPT_MAX ? n - KEPT_MAX + 1 : 0; i < n; i++) {
		struct copy_pass kept = pass_from_js(js_at(old, i));
		js_push(list, pass_to_js(&kept));
	}
	js_push(list, pass_to_js(p));
	js_set_int(v, "version", 1);
	js_set(v, "passes", list);
	return v;
}

static bool is_delta(const struct copy_pass *p)
{
	return p->copied <= p->messages / 10;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;
	return (*x > *y) - (*x < *y);
}

/* A delta over fewer mailboxes than the newest pass had is no measure for all of them. */
struct copy_forecast copy_forecast_of(const struct js *doc)
{
	struct copy_forecast fc = { 0 };
	int64_t took[DELTAS_MAX];
	uint64_t copied = 0;
	const struct js *list = doc != NULL ? js_get(doc, "passes") : NULL;
	size_t n = list != NULL ? js_len(list) : 0;
	if (n == 0)
		return fc;
	const struct copy_pass newest = pass_from_js(js_at(list, n - 1));
	int64_t since = newest.began_ms;
	for (size_t i = n; i > 0 && fc.deltas < DELTAS_MAX; i--) {
		const struct copy_pass p = pass_from_js(js_at(list, i - 1));
		since = p.began_ms;
		if (!is_delta(&p) || p.mailboxes < newest.mailboxes)
			break;
		copied += p.copied;
		took[fc.deltas++] = p.took_ms;
	}
	if (fc.deltas == 0)
		return fc;
	qsort(took, fc.deltas, sizeof(took[0]), by_number);
	fc.expected_ms = took[fc.deltas / 2];
	fc.longest_ms = took[fc.deltas - 1];
	if (newest.began_ms > since)
		fc.messages_per_hour = (double)copied * 3600e3 / (double)(newest.began_ms - since);
	return fc;
}

int copy_history_add(struct flow *f, const struct copy_pass *p, struct err *e)
{
	struct js *doc;
	if (flow_get(f, DOC_PASSES, &doc, NULL, e) != 0)
		return -1;
	struct js *with = copy_history_with(doc, p);
	int rc = flow_put(f, DOC_PASSES, with, e);
	js_free(with);
	js_free(doc);
	return rc;
}

int copy_history_forecast(struct flow *f, struct copy_forecast *fc_r, struct err *e)
{
	struct js *doc;
	if (flow_get(f, DOC_PASSES, &doc, NULL, e) != 0)
		return -1;
	*fc_r = copy_forecast_of(doc);
	js_free(doc);
	return 0;
}
