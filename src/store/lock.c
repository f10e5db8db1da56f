/*
 * flock, not fcntl: an fcntl lock is lost when any part of the process closes any
 * descriptor of the file. The process id inside is only words for people; a stale one
 * does no harm, since the kernel's lock decides.
 */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"

/* The file stays when the lock goes: removing it would let two processes lock two files
 * of the same name. */
void lock_release(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* Who has it, for people: the text may be a moment old, the lock itself never is. */
static int refused(int fd, const char *path, struct err *e)
{
	char text[32] = "";
	uint64_t pid = 0;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	struct slice rest = { text, n > 0 ? (size_t)n : 0 };
	struct slice line = slice_until(&rest, '\n');
	if (slice_to_u64(line, &pid))
		err_set(e, ERR_REFUSED, "'%s' is held by process %llu", path,
			(unsigned long long)pid);
	else
		err_set(e, ERR_REFUSED, "'%s' is held by another process", path);
	return err_hint(e, "one command at a time may change a cutover: wait for that one to end, "
			   "or watch it with 'cutover status'");
}

/* Truncated first: a shorter number must not keep the tail of a longer one. */
static int write_pid(int fd)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0)
		return -1;
	return pwrite(fd, text, (size_t)len, 0) == len ? 0 : -1;
}

int lock_take(const char *path, int *fd_r, struct err *e)
{
	/* NOFOLLOW: a link planted there must not have us write into another file. */
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_errno(e, ERR_WORLD, "opening '%s'", path);
		return err_hint(e, "check that the directory belongs to you and is writable");
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			refused(fd, path, e);
		else
			err_errno(e, ERR_WORLD, "locking '%s'", path);
		close(fd);
		return -1;
	}
	(void)write_pid(fd); /* only words for the next one: a full disk does not forbid the lock */
	*fd_r = fd;
	return 0;
}
