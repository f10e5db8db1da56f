/*
 * name_map.h - finds things by a domain name and a small number; in an arena, only for dns/.
 *
 * Open addressing, at most half full; nothing is ever taken out.
 */
#ifndef DNS_NAME_MAP_H
#define DNS_NAME_MAP_H

#include "base/arena.h"

struct name_slot {
	uint64_t hash;
	const char *name; /* borrowed; NULL: free */
	unsigned kind;
	void *value; /* borrowed */
};

/* All zero is empty. */
struct name_map {
	size_t n, cap;
	struct name_slot *slots;
};

/* A well-spread number for a canonical name and a kind. */
uint64_t name_hash(const char *name, unsigned kind);
/* NULL when it is not there. `name` canonical. */
void *name_map_find(const struct name_map *m, const char *name, unsigned kind);
/* Adds what is not there yet; `name` stays the caller's. */
void name_map_put(struct arena *a, struct name_map *m, const char *name, unsigned kind,
		  void *value);

#endif
