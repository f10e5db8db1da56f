/*
 * Names are sorted, for the order of a directory is nobody's.
 */
#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"

/* Who may write into a directory may replace any file in it. */
static int check_trust(int fd, const char *dir, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_errno(e, ERR_USAGE, "looking at '%s'", dir);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_USAGE, "the directory '%s' belongs to another user", dir);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	(void)err_set(e, ERR_USAGE, "the directory '%s' can be written by others", dir);
	return err_hint(e, "look at what is in it, then: chmod go-w '%s'", dir);
}

static int by_name(const void *x, const void *y)
{
	const char *const *a = x;
	const char *const *b = y;
	return strcmp(*a, *b);
}

struct reading {
	struct arena *a;
	const char *dir, *suffix;
	size_t limit;
	VEC(const char *) names;
};

static int read_names(struct reading *r, DIR *d, struct err *e)
{
	for (const struct dirent *entry; (entry = readdir(d)) != NULL;) {
		if (entry->d_name[0] == '.' || !str_ends(entry->d_name, r->suffix))
			continue;
		if (r->names.n == r->limit)
			return err_set(e, ERR_USAGE, "'%s' has more than %zu files *%s", r->dir,
				       r->limit, r->suffix);
		*vec_push(r->a, &r->names) = arena_strdup(r->a, entry->d_name);
	}
	if (r->names.n > 0)
		qsort(r->names.at, r->names.n, sizeof(r->names.at[0]), by_name);
	return 0;
}

int dir_names_trusted(struct arena *a, const char *dir, const char *suffix, size_t limit,
		      struct dir_names *names_r, struct err *e)
{
	struct reading r = { .a = a, .dir = dir, .suffix = suffix, .limit = limit };
	*names_r = (struct dir_names){ 0, NULL };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_errno(e, ERR_USAGE, "opening the directory '%s'", dir);
	DIR *d = check_trust(fd, dir, e) == 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		close(fd);
		return -1;
	}
	int rc = read_names(&r, d, e);
	closedir(d);
	*names_r = (struct dir_names){ r.names.n, r.names.at };
	return rc;
}

/* From the root on: each one as if it were missing. */
int dir_make(const char *dir, struct err *e)
{
	char *path = mem_strdup(dir);
	int rc = 0;
	for (char *at = path; rc == 0 && *at != '\0';) {
		at += strspn(at, "/");
		at += strcspn(at, "/");
		char after = *at;
		*at = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EISDIR)
			rc = err_errno(e, ERR_USAGE, "making the directory '%s'", path);
		*at = after;
	}
	free(path);
	return rc;
}
