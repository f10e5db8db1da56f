/*
 * mirror.h - takes away at the target what was copied there and is gone at the source since; only
 * when the user asks for it (migrate_opts.mirror). docs/decisions/0032.
 *
 * Nothing is expunged: what goes is moved (RFC 6851) to a folder of the target's own,
 * MIRROR_FOLDER, from which it can be taken back.
 */
#ifndef MIGRATE_MIRROR_H
#define MIGRATE_MIRROR_H

#include "migrate/box.h"

/* At the end of a pass, when all folders are through and proved; both sessions are idle. What
 * speaks against it as a whole is trouble, and nothing is taken away. In a dry run it only looks.
 * Repeatable: a killed run's intents are looked after first. -1 as the other parts of a pass. */
int mirror_run(struct box *b, struct err *e);

#endif
