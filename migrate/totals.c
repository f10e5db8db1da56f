/*
 * What a pass has to say in figures once all folders are through.
 */
#include "migrate/box.h"

static uint64_t at_source(const struct box_folder *f)
{
	if (f->row.count_exists >= 0)
		return (uint64_t)f->row.count_exists;
	return f->src->messages > 0 ? (uint64_t)f->src->messages : 0;
}

int box_totals(struct box *b, struct err *e)
{
	struct ledger_figures fig;
	if (ledger_figures(b->opts->store, b->row.id, 0, &fig, e) != 0)
		return -1;
	b->row.messages = 0;
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
	return 0;
}
