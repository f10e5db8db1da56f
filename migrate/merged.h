/*
 * merged.h - a target that keeps one message a Message-ID (Gmail) answers OK to a second one and
 * keeps the first one's content. Whether that is the content of the second, too, is read there.
 */
#ifndef MIGRATE_MERGED_H
#define MIGRATE_MERGED_H

#include "migrate/box.h"

/* Whether the target is one of these, and bytes prove something there. */
bool merged_is_possible(const struct box *b);
/* Opens a folder there to be read; *same_r: it is the one of the ledger. */
int merged_open_target(struct box *b, const struct box_folder *f, bool *same_r, struct err *e);

/* The three below cost a query where there is nothing to do, and a kill leaves it to the next pass.
 */

/* Of one folder: each copy that was appended and not asked about (ledger_set_unasked) tells its
 * size and its number in all folders. What may be another message is marked (ledger_set_kept), in
 * whatever folder: all folders are asked before the first is looked at. */
int merged_ask(struct box *b, const struct box_folder *f, struct err *e);
/* Of one folder: what is marked is read there and compared by hash. One of other content is REFUSED
 * by this pass, with the reason and the place: it is at the source alone. */
int merged_look(struct box *b, const struct box_folder *f, struct err *e);
/* Of the folder that is open at the target, before anything is copied: what an earlier pass found
 * merged stays REFUSED as long as the message that has its place is there (a UID is one message
 * for ever, RFC 3501 §2.3.1.1); sent again, it would be merged again. Is that one gone, it is sent.
 */
int merged_stand(struct box *b, const struct box_folder *f, struct err *e);

#endif
