/*
 * The zone file editor: whatever bytes it can read, it must be able to edit so that its
 * own check agrees, and undo so that the records are the old ones.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "registrars/zonefile/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ZONE "treyresearch.com."

static void give_up(const struct err *e, const struct master *m, const struct master *after)
{
	(void)fprintf(stderr, "%s\n--- before\n%.*s\n--- after\n%.*s\n", e->text, (int)m->text.len,
		      m->text.ptr, (int)after->text.len, after->text.ptr);
	abort();
}

/* Edits `m` and stops the process when the result is not what was asked for. */
static const struct master *edit(struct arena *a, const struct master *m,
				 const struct change_set *cs)
{
	struct err e = { 0 };
	struct buf out;
	buf_init(&out);
	if (edit_apply(m, cs, 1795773600000, &out, &e) != 0) {
		buf_release(&out);
		return NULL;
	}
	struct slice text = { arena_memdup(a, out.at, out.len + 1), out.len };
	buf_release(&out);
	const struct master *after = master_parse(a, ZONE, text, &e);
	if (after == NULL)
		abort();
	/* A refusal by the check keeps the file safe, but it means that the edit was wrong. */
	if (edit_verify(m, after, cs, &e) != 0)
		give_up(&e, m, after);
	return after;
}

/* Each existing set is dropped in one run and its TTL changed in another. */
static void try_set(struct arena *a, const struct master *m, const struct rrset *set,
		    const struct rrset *to)
{
	struct change c = { set->name, set->type, set, to, "fuzz" };
	struct change_set cs = { "fuzz", ZONE, 1, &c };
	struct err e = { 0 };
	if (change_set_check(&cs, &e) != 0)
		return;
	const struct master *after = edit(a, m, &cs);
	if (after != NULL)
		(void)edit(a, after, change_set_inverse(a, &cs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct slice text = { (const char *)data, size };
	const struct master *m = size < 8192 ? master_parse(a, ZONE, text, &e) : NULL;
	const struct zone *z = m != NULL ? master_zone(a, m) : NULL;
	const struct rrset *soa = z != NULL ? zone_find(z, ZONE, RR_SOA) : NULL;
	for (size_t i = 0; soa != NULL && soa->n == 1 && i < z->n && i < 16; i++) {
		const struct rrset *set = z->rrsets[i];
		try_set(a, m, set, NULL);
		try_set(a, m, set, rrset_with_ttl(a, set, set->ttl / 2 + 1));
	}
	arena_free(a);
	return 0;
}
