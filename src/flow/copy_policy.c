/*
 * The project's words for what the mover may take for a copy, and what it may alter.
 */
#include "flow/copy.h"
#include "flow/flow_priv.h"

enum migrate_match copy_match(const struct project *p)
{
	if (str_eq(p->target_match, "headers"))
		return MIGRATE_MATCH_HEADERS;
	return str_eq(p->target_match, "bytes") ? MIGRATE_MATCH_BYTES : MIGRATE_MATCH_AUTO;
}

const struct migrate_repair *copy_repair(struct arena *a, const struct project *p)
{
	struct migrate_repair *r = ARENA_NEW(a, struct migrate_repair);
	const char *const *word = p->policy.repair;
	r->read_receipts = str_eq(p->policy.read_receipts, "disarm");
	if (!r->read_receipts && (word == NULL || *word == NULL))
		return NULL;
	for (; word != NULL && *word != NULL; word++) {
		r->long_lines |= str_eq(*word, "long_lines");
		r->nul |= str_eq(*word, "nul");
		r->bare_lf |= str_eq(*word, "line_ends");
	}
	return r;
}
