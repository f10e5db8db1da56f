/* mirror_priv.h - what the two files of the mirror share. */
#ifndef MIGRATE_MIRROR_PRIV_H
#define MIGRATE_MIRROR_PRIV_H

#include "migrate/mirror.h"
#include "migrate/mirror_rule.h"

struct mirror {
	struct box *box;
	const char *to; /* MIRROR_FOLDER in the target's spelling; the attempt's arena's */
	bool made;      /* it is there */
	struct mirror_tally tally; /* of the mailbox, as it really went */
};

/* mirror_folder.c: writes down what became of the intents of a killed run, if there are any. */
int mirror_settle(struct mirror *m, struct box_folder *f, struct err *e);
/* mirror_folder.c: opens both, asks both, takes away what may go. *t_r is given as the ledger alone
 * would judge, and becomes how each of the folder's gone messages ended. */
int mirror_folder(struct mirror *m, struct box_folder *f, struct mirror_tally *t_r, struct err *e);

/* The most rows that are in hand at once. */
enum { MIRROR_PAGE = 100 };

#endif
