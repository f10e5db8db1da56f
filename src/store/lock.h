/*
 * lock.h - the writer's lock: flock(2) on a file, so that a dead process cannot hold it.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/err.h"

/* Takes the lock on `path` (made with mode 0600) and writes our process id into it.
 * ERR_REFUSED names the process that has it. The descriptor is the lock: lock_release. */
int lock_take(const char *path, int *fd_r, struct err *e);
/* Takes -1. */
void lock_release(int fd);

#endif
