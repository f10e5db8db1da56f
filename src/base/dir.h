/*
 * dir.h - directories of a user's own: what is in them, and making them.
 */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include "base/arena.h"

struct dir_names {
	size_t n;
	const char *const *at; /* names without the directory, sorted; the arena's */
};

/* The names that end with `suffix`, hidden ones left out; none where there is no directory. At
 * most `limit` of them, else ERR_USAGE; so is a directory that another user could put files into
 * (neither this user's nor root's, or writable by group or others), or that cannot be read. */
int dir_names_trusted(struct arena *a, const char *dir, const char *suffix, size_t limit,
		      struct dir_names *names_r, struct err *e);

/* Makes the directory and those above it that are missing, for this user alone (0700). ERR_USAGE;
 * what was made stays. */
int dir_make(const char *dir, struct err *e);

#endif
