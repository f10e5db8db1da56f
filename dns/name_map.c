/*
 * FNV-1a over the canonical text: names of one walk are few, so a better hash would cost more
 * than it brings.
 */
#include "dns/name_map.h"

enum { SLOTS_AT_FIRST = 16 };

uint64_t name_hash(const char *name, unsigned kind)
{
	uint64_t h = 0xcbf29ce484222325U ^ kind;
	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3U;
	return h ^ h >> 32; /* the low bits choose the slot */
}

/* Where it is, or the free slot where it belongs. */
static struct name_slot *slot_of(const struct name_map *m, const struct name_slot *like)
{
	size_t i = (size_t)like->hash & (m->cap - 1);
	while (m->slots[i].name != NULL) {
		struct name_slot *s = &m->slots[i];
		if (s->hash == like->hash && s->kind == like->kind && str_eq(s->name, like->name))
			return s;
		i = (i + 1) & (m->cap - 1);
	}
	return &m->slots[i];
}

void *name_map_find(const struct name_map *m, const char *name, unsigned kind)
{
	if (m->n == 0)
		return NULL;
	struct name_slot like = { name_hash(name, kind), name, kind, NULL };
	return slot_of(m, &like)->value;
}

/* The old slots stay in the arena: doubling wastes as much as it holds. */
static void grow(struct arena *a, struct name_map *m)
{
	struct name_map old = *m;
	m->cap = old.cap > 0 ? 2 * old.cap : SLOTS_AT_FIRST;
	m->slots = ARENA_ARRAY(a, m->cap, struct name_slot);
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slots[i].name != NULL)
			*slot_of(m, &old.slots[i]) = old.slots[i];
	}
}

void name_map_put(struct arena *a, struct name_map *m, const char *name, unsigned kind, void *value)
{
	if (2 * (m->n + 1) > m->cap)
		grow(a, m);
	struct name_slot s = { name_hash(name, kind), name, kind, value };
	*slot_of(m, &s) = s;
	m->n++;
}
