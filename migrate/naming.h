/*
 * naming.h - what a source folder is called at the target: by a rule of the project file, by
 * its special use, else by its own name in the target's spelling; and what else it can be
 * called when the target refuses that.
 */
#ifndef MIGRATE_NAMING_H
#define MIGRATE_NAMING_H

#include "migrate/listing.h"

struct naming {
	struct arena *arena;
	const struct imap_name_style *src, *dst;
	const struct preset *src_preset, *dst_preset;
	const struct listing *at_dst;
	const struct migrate_folder_rule *rules; /* from NULL ends them; NULL: none */
};

/* A wish, to be numbered when it is taken. */
struct naming_wish {
	const char *name; /* wire form at the target; the arena's */
	const char *why;  /* static, for people; NULL: it keeps its name */
	bool exists;      /* a folder of the target that is there for this use */
};

/* How people read the source's folder: UTF-8, '/' between levels, "\/" for one inside. */
const char *naming_shown(const struct naming *n, const struct listed *src);
/* What a rule says, or the special use. NULL name: nothing does, or a folder of that very
 * name is there and a custom alone may not overrule it. */
struct naming_wish naming_by_use(const struct naming *n, const struct listed *src,
				 const char *shown);
/* Its own name, as the target can have it. */
struct naming_wish naming_own(const struct naming *n, const struct listed *src, const char *shown);
/* True when the target cannot tell the two names apart. */
bool naming_same(const struct naming *n, const char *a, const char *b);
/* `name` was refused: the same without blanks at the ends of its levels and special characters
 * (try 0), or as one level (try 1). NULL when that changes nothing. */
const char *naming_plainer(const struct naming *n, const char *name, unsigned try);

#endif
