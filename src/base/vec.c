#include "base/vec.h"

#include <string.h>

void *vec_room_(struct arena *arena, void *at, size_t *cap, size_t n, size_t size)
{
	if (n < *cap)
		return at;
	size_t grown = *cap == 0 ? 8 : *cap * 2;
	void *to = arena_array(arena, grown, size);
	if (n > 0)
		memcpy(to, at, n * size);
	*cap = grown;
	return to;
}
