/* Delta passes until a person ends them. */
#include "flow/copy.h"
#include "flow/flow_priv.h"

/* A CSV that somebody is just saving is no reason to end what should run for days. */
static int one_pass(struct flow *f, const struct copy_wishes *wishes, const struct copy_rhythm *r,
		    bool first, struct err *e)
{
	struct arena *a = arena_new();
	const struct copy_progress *end = NULL;
	struct step_outcome out = { 0 };
	int rc = flow_copy(f, a, wishes, &end, &out, e);
	if (rc == 0 && r->after != NULL)
		r->after(r->ctx, end, &out);
	arena_free(a);
	if (rc == 0 || first || e->kind != ERR_USAGE)
		return rc;
	log_warn(f->opts.log, "this pass is left out: %s", e->text);
	err_clear(e);
	return 0;
}

/* From begin to begin; a pass that takes longer than the interval is followed at once. */
int flow_copy_every(struct flow *f, const struct copy_wishes *wishes, const struct copy_rhythm *r,
		    struct err *e)
{
	struct copy_wishes wish = *wishes;
	wish.repeats = true;
	for (bool first = true;; first = false) {
		const struct clock *clock = f->opts.clock;
		const struct moment next = moment_at(clock, flow_now_ms(f) + r->every_ms);
		if (one_pass(f, &wish, r, first, e) != 0 ||
		    flow_wait(f, "the next pass", flow_now_ms(f) + moment_ahead_ms(clock, &next),
			      e) != 0)
			return -1;
		wish.newest_ms = 0; /* done by the first */
	}
}
