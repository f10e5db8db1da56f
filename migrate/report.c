/*
 * Progress of many mailboxes comes from as many threads; the caller is called one at a
 * time. Too frequent news is swallowed per mailbox, the end of one never.
 */
#include "migrate/report.h"

#include <string.h>

enum { EVERY_MS = 250 };

/* The lane begins to count anew; its messages and bytes are the mailbox's to know. */
static void merge(struct box *b)
{
	struct box *whole = b->whole;
	whole->counts.copied += b->counts.copied;
	whole->counts.copied_bytes += b->counts.copied_bytes;
	whole->counts.known += b->counts.known;
	whole->counts.known_bytes += b->counts.known_bytes;
	whole->counts.refused += b->counts.refused;
	whole->counts.flags_changed += b->counts.flags_changed;
	whole->counts.folders += b->counts.folders;
	whole->progress += b->progress;
	whole->fetch_single |= b->fetch_single;
	whole->no_keywords |= b->no_keywords;
	whole->stopped |= b->stopped;
	memset(&b->counts, 0, sizeof(b->counts));
	b->progress = 0;
	if (b->trouble.kind != ERR_NONE)
		box_trouble(whole, &b->trouble);
}

void box_merge(struct box *b)
{
	(void)pthread_mutex_lock(&b->reporter->mutex);
	merge(b);
	(void)pthread_mutex_unlock(&b->reporter->mutex);
}

static void call(struct box *b, enum mailbox_state state, const struct err *why)
{
	(void)pthread_mutex_lock(&b->reporter->mutex);
	if (b->whole != NULL)
		merge(b);
	const struct migrate_progress p = { .mailbox = b->mailbox,
					    .state = state,
					    .counts = b->whole != NULL ? b->whole->counts
								       : b->counts,
					    .folder = b->folder,
					    .why = why };
	if (b->opts->progress != NULL)
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
