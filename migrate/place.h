/*
 * place.h - is the newest message that we copied into a folder still where it was put? A target
 * that was put back from a backup, or made anew under its old UIDVALIDITY, has not what it
 * acknowledged, and gives the same UIDs to other messages.
 */
#ifndef MIGRATE_PLACE_H
#define MIGRATE_PLACE_H

#include "migrate/box.h"

/* Queues the question behind the SELECT that is queued already: no round trip of its own. */
void place_ask(struct box *b, const struct box_folder *f, struct place *p_r);
/* Reads the answer. *why_r: in what way the folder is not the one that took our messages, for
 * people, static; NULL: nothing speaks for that. f->dst_open must be filled in; when it is another
 * folder by its UIDVALIDITY, that is not told here. */
int place_take(struct box *b, const struct box_folder *f, struct place *p, const char **why_r,
	       struct err *e);
/* Reads the answer off: the folder was not opened, or is not needed now. */
int place_skip(struct box *b, const struct place *p, struct err *e);

#endif
