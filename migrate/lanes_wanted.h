/*
 * lanes_wanted.h - how many lanes a mailbox is worth: a lane is a connection to each server,
 * and costs both a log-in.
 */
#ifndef MIGRATE_LANES_WANTED_H
#define MIGRATE_LANES_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lanes_facts {
	size_t folders;            /* to be looked at */
	uint64_t messages, bytes;  /* to be copied */
	size_t wished;             /* policy.lanes_per_mailbox; 0: as this file thinks best */
	size_t mailboxes_at_once;  /* they share the connections; 0: one */
	int64_t src_ms, dst_ms;    /* a round trip, about; 0: not measured */
	bool src_known, dst_known; /* how many connections this kind of server bears */
};

/* At least one, and never more than there are folders. What the servers bear is the caller's. */
size_t lanes_wanted(const struct lanes_facts *f);

#endif
