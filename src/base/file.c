/*
 * A write goes to a temporary file in the same directory (rename is atomic only within a
 * file system), is synced, and only then takes the name. The order is important: renamed
 * before it is synced, a power cut could leave the new name with no bytes.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

/* Not by the size that stat tells: pipes and files in /proc have none. */
static int read_all(int fd, const char *path, size_t limit, struct buf *out, struct err *e)
{
	enum { PIECE = 64 * 1024 };
	size_t start = out->len;
	for (;;) {
		ssize_t n = read(fd, buf_reserve(out, PIECE), PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, ERR_USAGE, "reading '%s'", path);
		if (n == 0)
			return 0;
		buf_added(out, (size_t)n);
		if (out->len - start > limit)
			return err_set(e, ERR_USAGE, "reading '%s': larger than %zu bytes", path,
				       limit);
	}
}

int file_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, ERR_USAGE, "opening '%s'", path);
	int rc = read_all(fd, path, limit, out, e);
	close(fd);
	return rc;
}

/* A group of the user's own name and nobody else (as most systems make one for each user) is no
 * other: with it the usual umask is 002. */
static bool is_private_group(gid_t gid)
{
	char text[4096];
	char name[256];
	struct passwd pw;
	struct passwd *user = NULL;
	struct group gr;
	struct group *group = NULL;
	if (getpwuid_r(geteuid(), &pw, text, sizeof(text), &user) != 0 || user == NULL)
		return false;
	bool primary = user->pw_gid == gid;
	str_copy(name, sizeof(name), user->pw_name);
	if (!primary || getgrgid_r(gid, &gr, text, sizeof(text), &group) != 0 || group == NULL ||
	    !str_eq(group->gr_name, name))
		return false;
	for (char *const *member = group->gr_mem; *member != NULL; member++)
		if (!str_eq(*member, name))
			return false;
	return true;
}

static const char *others_of(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to another user";
	bool group = (st->st_mode & S_IWGRP) != 0 && !is_private_group(st->st_gid);
	return group || (st->st_mode & S_IWOTH) != 0 ? "can be written by others" : NULL;
}

int file_read_judged(const char *path, size_t limit, struct buf *out, const char **others_r,
		     struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, ERR_USAGE, "opening '%s'", path);
	int rc = fstat(fd, &st) == 0 ? 0 : err_errno(e, ERR_USAGE, "looking at '%s'", path);
	if (rc == 0) {
		*others_r = others_of(&st);
		rc = read_all(fd, path, limit, out, e);
	}
	close(fd);
	return rc;
}

/* What another user can write is that user's word, not this one's. */
static int check_trust(int fd, const char *path, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_errno(e, ERR_USAGE, "looking at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_USAGE, "'%s' is no regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		(void)err_set(e, ERR_USAGE, "'%s' belongs to another user", path);
		return err_hint(e, "look at it; if it is what you want, make a copy of your own");
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	(void)err_set(e, ERR_USAGE, "'%s' can be written by others", path);
	return err_hint(e, "look at it, then: chmod go-w '%s'", path);
}

/* The file that was looked at is the one that is read: by descriptor, never by name again. */
int file_read_trusted(const char *path, size_t limit, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(e, ERR_USAGE, "opening '%s'", path);
	int rc = check_trust(fd, path, e) != 0 ? -1 : read_all(fd, path, limit, out, e);
	close(fd);
	return rc;
}

/* write(2) may take a part; fsync is what tells of a full disk on some file systems. */
static int write_all(int fd, struct slice s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.ptr, s.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		s.ptr += n;
		s.len -= (size_t)n;
	}
	return fsync(fd);
}

/* A full or broken disk is no mistake of whoever named the file. */
static enum err_kind kind_of_write(int why)
{
	bool world = why == ENOSPC || why == EDQUOT || why == EFBIG || why == EIO;
	return world ? ERR_WORLD : ERR_USAGE;
}

/* Writes `path` beside its final place; the caller renames or links it. One that is there is a
 * killed run's, or a trap: where others may write, too, they could have put one of theirs, and keep
 * it open. */
static int write_temporary(const char *path, struct slice bytes, mode_t mode, struct err *e)
{
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		(void)err_errno(e, ERR_USAGE, "creating '%s'", path);
		return err_hint(e, "is the directory there, and may you write to it?");
	}
	int rc = write_all(fd, bytes);
	if (rc != 0)
		err_errno(e, kind_of_write(errno), "writing '%s'", path);
	close(fd);
	if (rc != 0)
		unlink(path);
	return rc;
}

/* The rename itself must survive a power cut: sync the directory that holds it. */
static void sync_directory(const char *path)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

/* The process id in the name keeps two commands from writing into one temporary file. */
static int place(const char *path, struct slice bytes, mode_t mode, bool replace, struct err *e)
{
	struct arena *a = arena_new();
	const char *tmp = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
	int rc = write_temporary(tmp, bytes, mode, e);
	if (rc == 0) {
		/* link() refuses an existing name, rename() replaces it: both are atomic. */
		rc = replace ? rename(tmp, path) : link(tmp, path);
		if (rc != 0)
			err_errno(e, ERR_USAGE, "creating '%s'", path);
		if (rc != 0 || !replace)
			unlink(tmp);
		sync_directory(path);
	}
	arena_free(a);
	return rc;
}

int file_replace(const char *path, struct slice bytes, mode_t mode, struct err *e)
{
	return place(path, bytes, mode, true, e);
}

int file_create(const char *path, struct slice bytes, mode_t mode, struct err *e)
{
	return place(path, bytes, mode, false, e);
}

/* A temporary file that looks like the one it will replace. */
static int write_like(const char *tmp, const struct stat *like, struct slice bytes, struct err *e)
{
	/* One that a killed run left behind would keep its own mode and owner. */
	unlink(tmp);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(e, ERR_USAGE, "creating '%s'", tmp);
	struct stat st;
	bool ok = fstat(fd, &st) == 0;
	if (ok && (st.st_uid != like->st_uid || st.st_gid != like->st_gid))
		ok = fchown(fd, like->st_uid, like->st_gid) == 0;
	ok = ok && fchmod(fd, like->st_mode & 07777) == 0 && write_all(fd, bytes) == 0;
	if (!ok) {
		(void)err_errno(e, kind_of_write(errno), "writing '%s' with the owner of the file",
				tmp);
		unlink(tmp);
	}
	close(fd);
	return ok ? 0 : -1;
}

/* Owner and mode are taken before the bytes are written: the file is never open to more people
 * than the one it replaces. */
static int rewrite(const char *path, struct slice bytes, struct err *e)
{
	struct stat like;
	if (stat(path, &like) != 0)
		return err_errno(e, ERR_USAGE, "looking at '%s'", path);
	struct arena *a = arena_new();
	const char *tmp = arena_printf(a, "%s.%ld.tmp", path, (long)getpid());
	int rc = write_like(tmp, &like, bytes, e);
	if (rc == 0 && rename(tmp, path) != 0) {
		rc = err_errno(e, ERR_USAGE, "replacing '%s'", path);
		unlink(tmp);
	}
	sync_directory(path);
	arena_free(a);
	return rc;
}

int file_rewrite(const char *path, struct slice bytes, struct err *e)
{
	char *real = realpath(path, NULL);
	if (real == NULL)
		return err_errno(e, ERR_USAGE, "looking for '%s'", path);
	int rc = rewrite(real, bytes, e);
	free(real);
	return rc;
}

bool file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool file_is_shared(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}
