/*
 * heads.h - reads headers of messages of the open folder and hands out their keys: a few hundred
 * bytes a message instead of its body.
 */
#ifndef MIGRATE_HEADS_H
#define MIGRATE_HEADS_H

#include "migrate/headkey.h"
#include "migrate/session.h"

struct head {
	uint32_t uid;
	uint64_t size; /* as told; 0: not told */
	struct headkey key;
	const char *flags; /* canonical; borrowed */
	int64_t date_s;    /* UTC */
};
typedef int head_fn(void *ctx, const struct head *head, struct err *e);

struct heads_call {
	head_fn *on_head;
	void *ctx;
	uint64_t read;     /* heads handed out; counted up */
	uint64_t expunged; /* EXPUNGEs told meanwhile; counted up */
};
/* `set` is a UID set. A refusal of the whole is ERR_ITEM; messages that are not there, or whose
 * header is not given, are passed over. */
int heads_read(struct session *s, struct slice set, struct heads_call *call, struct err *e);

#endif
