/*
 * When a mirror may run at all: never once the switch was begun, by us or by hand. From then on the
 * target is where mail lives, and what is missing at the old side says nothing.
 */
#include "flow/copy_pass.h"
#include "flow/flow_priv.h"
#include "flow/observed.h"
#include "migrate/mirror_rule.h"
#include "store/journal.h"

/* Whatever came of it: an intent is enough, and a rollback does not unmake it. */
static int was_begun(struct copy_run *run, const char **when_r, struct err *e)
{
	struct journal_row *rows;
	char at[TIME_TEXT_MAX];
	size_t n;
	if (journal_rows(run->f->store, run->a, "switch", &rows, &n, e) != 0)
		return -1;
	if (n > 0)
		*when_r = arena_printf(run->a, "the switch was begun %s",
				       time_format(rows[0].at_ms, at));
	return 0;
}

/* A person's change in the panel, or another tool's. */
static int was_seen(struct copy_run *run, const char **when_r, struct err *e)
{
	const struct project *p = run->f->opts.project;
	struct observation_list seen;
	char at[TIME_TEXT_MAX];
	if (p->target_mx == NULL)
		return 0;
	const struct observation like = { .kind = OBSERVED_RRSET,
					  .subject = observed_subject(run->a, p->domain, RR_MX) };
	if (store_observations(run->f->store, run->a, &like, &seen, e) != 0)
		return -1;
	for (size_t i = 0; i < seen.n && *when_r == NULL; i++) {
		struct err ignored;
		struct js *v = js_parse(slice_str(seen.rows[i].value), &ignored);
		const struct rrset *rrset = js_is_object(v) ? rrset_from_js(run->a, v, &ignored)
							    : NULL;
		js_free(v);
		if (rrset != NULL && rrset_equal(rrset, p->target_mx))
			*when_r = arena_printf(run->a, "the target's MX was seen in the DNS %s",
					       time_format(seen.rows[i].first_ms, at));
	}
	return 0;
}

static int refuse_filter(const struct copy_run *run, const struct copy_wishes *wishes,
			 struct err *e)
{
	if (!run->filtered && wishes->newest_ms == 0)
		return 0;
	err_set(e, ERR_USAGE, "--mirror is about whole mailboxes, and this pass leaves out %s",
		run->filtered ? run->filter_text : "old mail at first (--newest-first)");
	return err_hint(e, "what was moved to a folder that is not read looks like deleted: run it "
			   "without filters, on the command line and under copy: in the project "
			   "file");
}

int copy_mirror_begin(struct copy_run *run, const struct copy_wishes *wishes, struct err *e)
{
	const char *when = NULL;
	if (!wishes->mirror)
		return 0;
	run->mirror.percent = wishes->mirror_percent != 0 ? (unsigned)wishes->mirror_percent
							  : MIRROR_PERCENT;
	if (refuse_filter(run, wishes, e) != 0 || was_begun(run, &when, e) != 0 ||
	    (when == NULL && was_seen(run, &when, e) != 0))
		return -1;
	run->mirrors = when == NULL;
	if (run->mirrors)
		return 0;
	err_set(e, ERR_REFUSED, "no --mirror any more: %s", when);
	return err_hint(e, "from then on the target is where mail lives, and nothing may be taken "
			   "away there for what happens at the old side; copy without --mirror");
}
