/*
 * altered.h - a message as it would be altered on wish (repair.h), beside its own bytes: hashed
 * with even line ends, and passed on where somebody wants it.
 *
 * By that hash a copy is known again that was altered on its way: with it a ledger that was lost
 * finds such a copy at the target like any other. Where only headers may be altered and nothing
 * was, the rest of the message costs nothing.
 */
#ifndef MIGRATE_ALTERED_H
#define MIGRATE_ALTERED_H

#include "base/digest.h"
#include "migrate/lineends.h"
#include "migrate/repair.h"

struct altered {
	struct migrate_repair what;
	repair_out *out; /* gets the altered message, in pieces; NULL: it is only hashed */
	void *ctx;       /* borrowed */
	struct repair filter;
	struct sha256 *hash; /* owned */
	struct lineends ends;
	bool same; /* nothing more can be altered, and nothing was: not hashed any more */
};

/* `what` is copied; altered_release frees. */
void altered_init(struct altered *a, const struct migrate_repair *what, repair_out *out, void *ctx);
void altered_release(struct altered *a);
/* The next message begins; what was read of another is dropped. */
void altered_begin(struct altered *a);
/* More bytes of it, in any pieces. */
void altered_add(struct altered *a, struct slice s);
/* It is over. What was altered (enum repair_kind) and the hash of the copy; 0: it is the same. */
unsigned altered_finish(struct altered *a, unsigned char sha_r[SHA256_LEN]);

#endif
