/*
 * surplus.h - copies that came twice: what a dead session had sent may be stored after it was
 * looked for in vain and sent again (quiet.h). Nothing is deleted; each is told by name.
 */
#ifndef MIGRATE_SURPLUS_H
#define MIGRATE_SURPLUS_H

#include "migrate/box.h"

/* A message was not found where it may still appear: from this target UID on the folder is looked
 * through at the end of this pass and of those in the next half hour. */
void surplus_doubt(struct box *b, struct box_folder *f, int64_t from);
/* Looks, where there is doubt. Notes of the kind "doubled" are as the folder is now; any is
 * trouble. */
int surplus_look(struct box *b, struct box_folder *f, struct err *e);

#endif
