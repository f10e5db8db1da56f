/*
 * Progress of many mailboxes comes from as many threads; the caller is called one at a
 * time. Too frequent news is swallowed per mailbox, the end of one never.
 */
#include "migrate/report.h"

enum { EVERY_MS = 250 };

static void call(struct box *b, enum mailbox_state state, const struct err *why)
{
	const struct migrate_progress p = { .mailbox = b->mailbox,
					    .state = state,
					    .counts = b->counts,
					    .folder = b->folder,
					    .why = why };
	if (b->opts->progress == NULL)
		return;
	(void)pthread_mutex_lock(&b->reporter->mutex);
	b->opts->progress(b->opts->progress_ctx, &p);
	(void)pthread_mutex_unlock(&b->reporter->mutex);
}

void box_report(struct box *b, enum mailbox_state state, bool now)
{
	int64_t at = clock_mono_ms(b->opts->clock);
	if (!now && at - b->reported_ms < EVERY_MS)
		return;
	b->reported_ms = at;
	call(b, state, NULL);
}

void box_report_end(struct box *b, enum mailbox_state state, const struct err *why)
{
	call(b, state, why);
}

/* The first trouble is told: later ones are often its consequences. */
void box_trouble(struct box *b, const struct err *why)
{
	if (b->trouble.kind == ERR_NONE)
		b->trouble = *why;
}
