/* Asked for by every mailbox at work, so the journal is read for all of them together. */
#include "flow/copy_hold.h"

#include "base/arena.h"
#include "flow/flow_priv.h"

enum { READ_EVERY_MS = 1000 };

int copy_hold_refresh(struct copy_hold *h, struct err *e)
{
	struct arena *a = arena_new();
	struct words words;
	if (flow_words(h->f, a, &words, e) != 0) {
		arena_free(a);
		return -1;
	}
	arena_free(h->arena);
	h->arena = a;
	h->words = words;
	h->read_mono_ms = clock_mono_ms(h->f->opts.clock);
	return 0;
}

/* The table of options has refused what is no window. */
int copy_hold_begin(struct copy_hold *h, struct flow *f, struct arena *a, struct err *e)
{
	const char *const *texts = f->opts.project->copy.quiet_hours;
	size_t n = 0;
	*h = (struct copy_hold){ .f = f };
	while (texts != NULL && texts[n] != NULL)
		n++;
	h->quiet = ARENA_ARRAY(a, n + 1, struct quiet_hours);
	for (size_t i = 0; i < n; i++)
		if (quiet_hours_parse(texts[i], &h->quiet[h->quiet_n]) == NULL)
			h->quiet_n++;
	return copy_hold_refresh(h, e);
}

void copy_hold_end(struct copy_hold *h)
{
	arena_free(h->arena);
	h->arena = NULL;
}

/* Told when it begins, once for all mailboxes. */
static void pause_until(struct copy_hold *h, int64_t until_ms)
{
	char text[TIME_TEXT_MAX];
	if (until_ms != 0 && until_ms != h->paused_until_ms) {
		h->paused_ms += until_ms - flow_now_ms(h->f);
		log_info(h->f->opts.log,
			 "quiet hours: all mailboxes wait until %s, then go on by themselves",
			 time_format(until_ms, text));
	}
	h->paused_until_ms = until_ms;
}

int64_t copy_hold_paused_ms(const struct copy_hold *h)
{
	int64_t ahead_ms = h->paused_until_ms - flow_now_ms(h->f);
	return h->paused_ms - (ahead_ms > 0 ? ahead_ms : 0);
}

/* A store that cannot be read now is no word: the copy itself will meet it. */
int copy_hold_may(void *ctx, const struct migrate_mailbox *m, struct err *e)
{
	struct copy_hold *h = ctx;
	if (clock_mono_ms(h->f->opts.clock) - h->read_mono_ms >= READ_EVERY_MS)
		(void)copy_hold_refresh(h, e);
	if (words_hold(&h->words, m->address))
		return err_set(e, ERR_CANCELLED, "stopped by hand (cutover mailbox start %s)",
			       m->address);
	pause_until(h, quiet_hours_end(h->quiet, h->quiet_n, flow_now_ms(h->f)));
	if (h->paused_until_ms == 0)
		return 0;
	err_set(e, ERR_WAIT, "quiet hours");
	e->until_ms = h->paused_until_ms;
	return -1;
}
