/*
 * file.h - whole small files: read with a limit, written so that a crash leaves the
 * old or the new one, never half of it.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"

/* Appends the file's bytes to *out. ERR_USAGE when it cannot be read or is larger
 * than `limit` bytes. "-" is no special name here. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *e);

/* file_read, and whose word it is: *others_r is NULL when only this user or root can have written
 * it, also by a group that is this user's alone; else a static "belongs to another user" or "can be
 * written by others". */
int file_read_judged(const char *path, size_t limit, struct buf *out, const char **others_r,
		     struct err *e);

/* The same for what decides where secrets go: refuses (ERR_USAGE) all but a regular file of this
 * user's or root's that neither group nor others may write. */
int file_read_trusted(const char *path, size_t limit, struct buf *out, struct err *e);

/* Writes a temporary file beside `path`, syncs, renames, syncs the directory. The mode is what the
 * umask leaves of `mode`. ERR_USAGE when it cannot be made, ERR_WORLD when the disk is full or
 * broken; `path` is then as it was. */
int file_replace(const char *path, struct slice bytes, mode_t mode, struct err *e);

/* Like file_replace for a file that exists and belongs to somebody: mode, owner and group
 * stay as they are, and a symbolic link keeps pointing at the file that is replaced.
 * ERR_USAGE, file untouched, when the owner cannot be kept. */
int file_rewrite(const char *path, struct slice bytes, struct err *e);

/* Like file_replace, but refuses (ERR_USAGE) when the file exists already. */
int file_create(const char *path, struct slice bytes, mode_t mode, struct err *e);

/* True when there is a file of any kind that we may look at. */
bool file_exists(const char *path);

/* True when the group or others may read or write it (so it is no place for a secret). */
bool file_is_shared(const char *path);

#endif
