/*
 * Doubling within the arena leaves the old copies behind until the arena goes: at most
 * as much again as is in use, and a pointer kept by mistake reads old items, not freed
 * memory.
 */
#include "base/vec.h"

#include <string.h>

/* A new place each time: an arena cannot give memory back. */
static void *grow(struct arena *arena, const void *at, size_t *cap, size_t n, size_t size)
{
	size_t grown = *cap == 0 ? 8 : *cap * 2;
	void *to = arena_array(arena, grown, size);
	if (n > 0)
		memcpy(to, at, n * size);
	*cap = grown;
	return to;
}

void *vec_room_(struct arena *arena, void *at, size_t *cap, size_t n, size_t size)
{
	char *to = n < *cap ? at : grow(arena, at, cap, n, size);
	memset(to + n * size, 0, size); /* the place may have been used before */
	return to;
}
