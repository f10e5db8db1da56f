/*
 * vec.h - a growable array in an arena: VEC(struct finding) v = { 0 };
 *
 * Growing moves the items; do not keep pointers to them across a push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *at;                                                                          \
		size_t n, cap;                                                                     \
	}

/* Appends a zeroed item and returns its address. */
#define vec_push(arena, v)                                                                         \
	((v)->at = vec_room_((arena), (v)->at, &(v)->cap, (v)->n, sizeof(*(v)->at)),               \
	 &(v)->at[(v)->n++])

/* For vec_push only. */
void *vec_room_(struct arena *arena, void *at, size_t *cap, size_t n, size_t size);

#endif
