/*
 * What has a name that a rename would take away is written to directly: who replaces /dev/stdout as
 * root has done so for every program of the machine. Such a name is opened to append, for what it
 * stands for may be somebody's log.
 */
#include "base/file_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

struct file_out {
	char *path; /* owned: as it was named, for messages */
	char *name; /* owned: what is replaced, links followed */
	char *part; /* owned: its name until it is whole; NULL: written directly */
	FILE *to;   /* owned */
};

/* Links into the descriptors of this very process. */
static bool names_a_descriptor(const char *path)
{
	return str_eq(path, "/dev/stdout") || str_eq(path, "/dev/stderr") ||
	       str_starts(path, "/dev/fd/") || str_starts(path, "/proc/");
}

static void free_names(struct file_out *f)
{
	free(f->path);
	free(f->name);
	free(f->part);
	free(f);
}

/* A killed run's part goes first: with O_EXCL nobody can have put a file or a link of theirs there.
 * What is replaced may have been closed to others: so is what comes, if the mode was ours to set.
 */
static int open_part(const struct file_out *f, const struct stat *now)
{
	bool ours = now != NULL && now->st_uid == geteuid();
	(void)unlink(f->part);
	int fd = open(f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		      ours ? 0600 : 0666);
	if (fd >= 0 && ours && fchmod(fd, now->st_mode & 0777) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_direct(const struct file_out *f)
{
	return open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
}

/* The process id keeps two commands from writing into one file. */
static void choose(struct file_out *f, bool regular)
{
	struct arena *a = arena_new();
	char *real = regular ? realpath(f->path, NULL) : NULL;
	f->name = real != NULL ? real : mem_strdup(f->path);
	f->part = mem_strdup(arena_printf(a, "%s.%ld.part", f->name, (long)getpid()));
	arena_free(a);
}

struct file_out *file_out_open(const char *path, struct err *e)
{
	struct stat now;
	struct file_out *f = mem_alloc(sizeof(*f));
	f->path = mem_strdup(path);
	bool there = stat(path, &now) == 0;
	bool direct = names_a_descriptor(path) || (there && !S_ISREG(now.st_mode));
	if (!direct)
		choose(f, there);
	int fd = direct ? open_direct(f) : open_part(f, there ? &now : NULL);
	f->to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f->to != NULL)
		return f;
	(void)err_errno(e, ERR_USAGE, "writing '%s'", path);
	(void)err_hint(e, "name a file in a directory that can be written");
	if (fd >= 0)
		close(fd);
	free_names(f);
	return NULL;
}

FILE *file_out_to(const struct file_out *f)
{
	return f->to;
}

/* Synced before it takes the name: see file.c. A pipe cannot be synced, and needs not be. */
static bool close_whole(struct file_out *f)
{
	bool whole = fflush(f->to) == 0 && ferror(f->to) == 0;
	if (whole && f->part != NULL)
		whole = fsync(fileno(f->to)) == 0;
	int why = whole || errno == 0 ? EIO : errno;
	bool closed = fclose(f->to) == 0;
	f->to = NULL;
	if (!whole)
		errno = why;
	return whole && closed;
}

int file_out_finish(struct file_out *take_f, struct err *e)
{
	int rc = 0;
	bool whole = close_whole(take_f);
	if (!whole || (take_f->part != NULL && rename(take_f->part, take_f->name) != 0)) {
		rc = err_errno(e, ERR_WORLD, "writing '%s'", take_f->path);
		(void)err_hint(e, "is the disk full, or the directory gone? run it again then");
		if (take_f->part != NULL)
			(void)unlink(take_f->part);
	}
	free_names(take_f);
	return rc;
}

void file_out_drop(struct file_out *take_f)
{
	if (take_f == NULL)
		return;
	(void)fclose(take_f->to);
	if (take_f->part != NULL)
		(void)unlink(take_f->part);
	free_names(take_f);
}

int file_out_write(const char *path, struct slice bytes, struct err *e)
{
	struct file_out *f = file_out_open(path, e);
	if (f == NULL)
		return -1;
	(void)fwrite(bytes.ptr, 1, bytes.len, f->to);
	return file_out_finish(f, e);
}
