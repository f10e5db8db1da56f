/*
 * ahead.h - the folder that a lane takes next is opened while the last answers of the present
 * one are still on their way: a round trip less for each folder.
 *
 * Its commands go out behind the last ones of the present folder. Whoever needs that one
 * again (a refused group, places to be looked for) takes them back first. One thread, the lane's.
 */
#ifndef MIGRATE_AHEAD_H
#define MIGRATE_AHEAD_H

#include "migrate/scan.h"

/* Queues what opens the next folder, if there is one: at the source as box_folder_run would,
 * scan included, and at the target. Only when the present folder's FETCHes are answered and its
 * APPENDs are said. From here on the source must not be read, and the target only as far as to
 * the last answer that is owed for the present folder. */
void ahead_begin(struct box *b, struct box_folder *present);
/* True while a folder is open ahead. */
bool ahead_is_begun(const struct box *b);
/* The present folder is needed again: reads the answers off, and opens it at the source; the
 * target, which may owe nothing else any more, has another one open then (dst_left). Does nothing
 * when none was begun. */
int ahead_take_back(struct box *b, struct box_folder *present, struct err *e);
/* Opens a folder at the source once more; it must be the one that it was. */
int ahead_return_to_source(struct box *b, const struct box_folder *f, struct err *e);
/* The lane's next folder; NULL when there is none. */
struct box_folder *ahead_next(struct box *b);
/* Queues the commands that open it, unless that was done ahead; in any case fills in the tags
 * to be waited for. */
void ahead_open(struct box *b, struct box_folder *f, struct ahead *opening_r);

#endif
