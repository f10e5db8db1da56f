#include "flow/one_clock.h"

#include "flow/flow_priv.h"

static int keep(struct flow *f, const struct clock_start *now, struct err *e)
{
	struct js *doc = js_object();
	js_set_int(doc, "version", 1);
	js_set_str(doc, "boot", now->boot);
	js_set_int(doc, "start_ms", now->at_ms);
	int rc = flow_put(f, DOC_CLOCK, doc, e);
	js_free(doc);
	return rc;
}

static int kept(struct flow *f, struct clock_start *then_r, struct err *e)
{
	struct js *doc;
	if (flow_get(f, DOC_CLOCK, &doc, NULL, e) != 0)
		return -1;
	*then_r = (struct clock_start){ .at_ms = js_get_int(doc, "start_ms") };
	str_copy(then_r->boot, sizeof(then_r->boot), js_get_str(doc, "boot"));
	js_free(doc);
	return 0;
}

int flow_follow_clock(struct flow *f, const struct clock_start *now, struct err *e)
{
	struct clock_start then;
	if (kept(f, &then, e) != 0)
		return -1;
	int64_t set_ms = clock_set_between(&then, now);
	/* Less than a second is not kept either, or many of them would be lost one by one. */
	if (set_ms == 0 && str_eq(then.boot, now->boot))
		return 0;
	if (db_begin(store_db(f->store), e) != 0)
		return -1;
	if ((set_ms == 0 || store_clock_was_set(f->store, set_ms, e) == 0) && keep(f, now, e) == 0)
		return db_commit(store_db(f->store), e);
	db_rollback(store_db(f->store));
	return -1;
}
