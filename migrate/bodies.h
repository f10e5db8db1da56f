/*
 * bodies.h - reads messages of the open folder and hands out their hashes, body by body;
 * memory does not depend on their sizes.
 */
#ifndef MIGRATE_BODIES_H
#define MIGRATE_BODIES_H

#include "base/digest.h"
#include "migrate/migrate.h"
#include "migrate/session.h"

/* A body as it would be altered on wish (altered.h). */
struct body_copy {
	unsigned did; /* enum repair_kind; 0: no other than the body */
	unsigned char even[SHA256_LEN];
};
enum { BODY_COPIES = 2 };

struct body {
	uint32_t uid;
	uint64_t size;
	const char *flags;              /* canonical; borrowed */
	int64_t date_s;                 /* UTC */
	unsigned char sha[SHA256_LEN];  /* of its bytes */
	unsigned char even[SHA256_LEN]; /* with even line ends (lineends.h) */
	struct body_copy copies[BODY_COPIES];
	const char *message_id; /* when asked for; "" for none; borrowed */
};
typedef int body_fn(void *ctx, const struct body *body, struct err *e);

struct bodies_call {
	body_fn *on_body;
	void *ctx;
	/* Each makes one of `copies`; NULL: it stays zero. Borrowed. */
	const struct migrate_repair *alter[BODY_COPIES];
	bool with_ids; /* message_id */
};
/* `set` is a UID set ("1:*"). A refusal of the whole is ERR_ITEM; messages that are not
 * there are passed over. */
int bodies_read(struct session *s, struct slice set, const struct bodies_call *call, struct err *e);
/* How much was read: a server may leave messages out, or give NIL for them, and still say OK. */
struct bodies_count {
	uint64_t read;     /* bodies handed out */
	uint64_t expunged; /* EXPUNGEs told meanwhile: as many may rightly be missing */
};
/* All of the open folder; *n_r is filled also on -1. Whether that was everything is the
 * caller's to judge, by EXISTS. */
int bodies_read_all(struct session *s, const struct bodies_call *call, struct bodies_count *n_r,
		    struct err *e);

#endif
