/*
 * What a pass has to say in figures once all folders are through.
 */
#include "migrate/box.h"
#include "migrate/filter.h"

static uint64_t at_source(const struct box_folder *f)
{
	if (f->row.count_exists >= 0 && !f->row.left_out)
		return (uint64_t)f->row.count_exists;
	return f->src->messages > 0 ? (uint64_t)f->src->messages : 0;
}

/* What a folder holds and the ledger has not as carried or refused was left out by the filter: a
 * folder that went through has nothing else open. One that was never read is told by its
 * listing. */
static int left_out_of(struct box *b, const struct box_folder *f, struct err *e)
{
	struct ledger_figures fig;
	if (ledger_figures(b->opts->store, b->row.id, f->row.id, &fig, e) != 0)
		return -1;
	uint64_t listed = f->row.left_out ? at_source(f) : fig.present;
	uint64_t bytes = f->row.left_out && f->src->size > 0 ? (uint64_t)f->src->size
							     : fig.present_bytes;
	uint64_t settled = fig.done + fig.refused;
	b->counts.left_out += listed > settled ? listed - settled : 0;
	b->counts.left_out_bytes += listed > settled && bytes > fig.done_bytes
					    ? bytes - fig.done_bytes
					    : 0;
	return 0;
}

/* The words stand in the ledger only when something was left out: else the pass was whole. */
static int left_out(struct box *b, struct err *e)
{
	bool folders = false;
	struct buf text;
	b->counts.left_out = b->counts.left_out_bytes = 0;
	for (size_t i = 0; i < b->n_folders; i++) {
		folders |= b->folders[i].row.left_out;
		if (left_out_of(b, &b->folders[i], e) != 0)
			return -1;
	}
	b->row.left_out = b->counts.left_out;
	b->row.left_out_bytes = b->counts.left_out_bytes;
	if (!folders && b->counts.left_out == 0)
		return 0;
	buf_init(&text);
	filter_describe(b->opts->filter, &text);
	str_copy(b->row.filter, sizeof(b->row.filter), text.at);
	buf_release(&text);
	return 0;
}

/* What a pass with this filter would copy of a folder. */
static int add_needed(struct box *b, const struct box_folder *f, struct err *e)
{
	const struct ledger_message *m;
	int rc;
	struct ledger_cursor *c = ledger_cursor_new(b->opts->store, f->row.id, b->row.pass,
						    LEDGER_TODO);
	while ((rc = ledger_cursor_next(c, &m, e)) == 1) {
		if (!filter_takes_message(b->opts->filter, m))
			continue;
		b->row.needed++;
		b->row.needed_bytes += m->size;
	}
	ledger_cursor_free(c);
	return rc;
}

/* For a dry run, which has read every row anyway. */
static int count_needed(struct box *b, struct err *e)
{
	b->row.needed = b->row.needed_bytes = 0;
	for (size_t i = 0; i < b->n_folders; i++)
		if (!b->folders[i].row.left_out && add_needed(b, &b->folders[i], e) != 0)
			return -1;
	return 0;
}

/* With a filter nobody knows here which of the rest were asked for: the error alone tells. */
int box_told_full(struct box *b, int rc, struct err *e)
{
	struct err store_err;
	if (b->room.below == 0 || (rc == 0 && !b->room.left))
		return rc;
	if (rc == 0)
		*e = b->room.why;
	if (e->kind != ERR_MAILBOX || b->opts->filter != NULL ||
	    ledger_left_behind(b->opts->store, b->row.id, b->room.why.text, &store_err) == 0)
		return -1;
	*e = store_err;
	return -1;
}

int box_totals(struct box *b, struct err *e)
{
	struct ledger_figures fig;
	if (ledger_figures(b->opts->store, b->row.id, 0, &fig, e) != 0)
		return -1;
	b->row.messages = b->row.left_out = b->row.left_out_bytes = 0;
	b->row.filter[0] = '\0';
	for (size_t i = 0; i < b->n_folders; i++)
		b->row.messages += at_source(&b->folders[i]);
	b->row.bytes = fig.present_bytes;
	b->counts.messages = b->row.messages;
	b->counts.bytes = fig.present_bytes;
	b->counts.known = fig.done > b->counts.copied ? fig.done - b->counts.copied : 0;
	b->counts.known_bytes = fig.done_bytes > b->counts.copied_bytes
					? fig.done_bytes - b->counts.copied_bytes
					: 0;
	b->counts.refused = fig.refused;
	if (b->opts->dry_run && count_needed(b, e) != 0)
		return -1;
	return b->opts->filter != NULL ? left_out(b, e) : 0;
}
