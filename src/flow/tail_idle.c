#include "flow/tail_idle.h"

#include "flow/flow_priv.h"
#include "migrate/migrate.h"

/* When a message last came to the old side. */
static int last_arrival(struct flow *f, struct arena *a, const struct copy_progress *end,
			int64_t *last_ms, struct err *e)
{
	for (size_t i = 0; i < end->n; i++) {
		struct migrate_status s;
		if (migrate_status(f->store, a, end->mailboxes[i].address, &s, e) != 0)
			return -1;
		if (s.last_new_ms > *last_ms)
			*last_ms = s.last_new_ms;
	}
	return 0;
}

int tail_idle(struct flow *f, struct arena *a, const struct copy_progress *end, int64_t switched_ms,
	      struct tail_idle *idle_r, struct err *e)
{
	struct js *doc;
	const struct clock_start now = clock_start(f->opts.clock);
	*idle_r = (struct tail_idle){ .told_ms = switched_ms, .start = now };
	if (last_arrival(f, a, end, &idle_r->told_ms, e) != 0 ||
	    flow_get(f, DOC_TAIL_WAIT, &doc, NULL, e) != 0)
		return -1;
	struct clock_start then = { .at_ms = js_get_int(doc, "clock_start_ms") };
	str_copy(then.boot, sizeof(then.boot), js_get_str(doc, "boot"));
	if (js_get_int(doc, "idle_since_ms") == idle_r->told_ms && str_eq(then.boot, now.boot))
		idle_r->start = then;
	js_free(doc);
	idle_r->since_ms = idle_r->told_ms + clock_set_between(&idle_r->start, &now);
	return 0;
}

void tail_idle_to_js(struct js *doc, const struct tail_idle *idle)
{
	js_set_int(doc, "idle_since_ms", idle->told_ms);
	js_set_int(doc, "clock_start_ms", idle->start.at_ms);
	js_set_str(doc, "boot", idle->start.boot);
}
