/*
 * quarantine.h - what the target refused is kept as files, so that nothing is only a line in a
 * report: read from the source once more, streamed to disk, mode 0600. Names are made of
 * numbers alone ("m1-f2-v1234-u77.eml"): nothing that a server or a sender chose becomes a
 * path.
 */
#ifndef MIGRATE_QUARANTINE_H
#define MIGRATE_QUARANTINE_H

#include "migrate/box.h"

enum { QUARANTINE_NAME_MAX = 96 };

/* Which message: its file's name without the directory. */
struct quarantine_id {
	int64_t mailbox_id, folder_id, uidvalidity;
	uint32_t uid;
};
/* Writes it to name_r, which it returns. */
const char *quarantine_name(const struct quarantine_id *id, char name_r[QUARANTINE_NAME_MAX]);

/* The folder is open at the source. The message becomes a file of opts->quarantine_dir unless
 * there is one. 1: it is there, *path_r (arena's) tells where; 0: not, and the log says why (the
 * source does not give it, the disk is full); -1: the connection. */
int quarantine_keep(struct box *b, const struct box_folder *f, uint32_t uid, const char **path_r,
		    struct err *e);

#endif
