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

static void give_up(const struct err *e, const struct master_text *m,
		    const struct master_text *after)
{
	(void)fprintf(stderr, "%s\n--- before\n%.*s\n--- after\n%.*s\n", e->text, (int)m->text.len,
		      m->text.ptr, (int)after->text.len, after->text.ptr);
	abort();
}

/* Edits `m` and stops the process when the result is not what was asked for. False: it would not
 * be edited. */
static bool edit(struct arena *a, const struct master_text *m, const struct change_set *cs,
		 struct master_text *after_r)
{
	struct err e = { 0 };
	struct buf out;
	buf_init(&out);
	int rc = edit_apply(m, cs, 1795773600000, &out, &e);
	*after_r = (struct master_text){ ZONE, { arena_memdup(a, out.at, out.len + 1), out.len } };
	buf_release(&out);
	/* A refusal by the check keeps the file safe, but it means that the edit was wrong. */
	if (rc == 0 && edit_verify(m, after_r, cs, &e) != 0)
		give_up(&e, m, after_r);
	return rc == 0;
}

/* Each existing set is dropped in one run and its TTL changed in another. */
static void try_set(struct arena *a, const struct master_text *m, const struct rrset *set,
		    const struct rrset *to)
{
	struct change c = { set->name, set->type, set, to, "fuzz" };
	struct change_set cs = { "fuzz", ZONE, 1, &c };
	struct master_text after;
	struct master_text again;
	struct err e = { 0 };
	if (change_set_check(&cs, &e) == 0 && edit(a, m, &cs, &after))
		(void)edit(a, &after, change_set_inverse(a, &cs), &again);
}

/* NULL: it is no zone file. */
static const struct zone *records(struct arena *a, const struct master_text *text)
{
	VEC(const struct rrset *) sets = { 0 };
	struct err e = { 0 };
	struct master m;
	int rc = master_begin(&m, text, NULL, &e) == 0 ? 1 : -1;
	while (rc == 1 && (rc = master_next(&m, &e)) == 1)
		if (m.entry.set != NULL)
			*vec_push(a, &sets) = master_keep(a, &m);
	master_end(&m);
	return rc == 0 ? zone_make(a, ZONE, sets.n, sets.at) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct master_text m = { ZONE, { (const char *)data, size } };
	const struct zone *z = size < 8192 ? records(a, &m) : NULL;
	const struct rrset *soa = z != NULL ? zone_find(z, ZONE, RR_SOA) : NULL;
	for (size_t i = 0; soa != NULL && soa->n == 1 && i < z->n && i < 16; i++) {
		const struct rrset *set = z->rrsets[i];
		try_set(a, &m, set, NULL);
		try_set(a, &m, set, rrset_with_ttl(a, set, set->ttl / 2 + 1));
	}
	arena_free(a);
	return 0;
}
