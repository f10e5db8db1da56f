/* An atomic flag for those who ask, an eventfd for those who wait: write(2) is all that
 * a signal handler may do, and a counter that nobody reads stays readable. */
#include "io/cancel.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"

struct cancel {
	atomic_bool requested;
	int fd; /* owned */
};

struct cancel *cancel_new(struct err *e)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0) {
		err_errno(e, ERR_WORLD, "making the descriptor that Ctrl-C wakes");
		return NULL;
	}
	struct cancel *c = mem_alloc(sizeof(*c));
	c->fd = fd;
	return c;
}

void cancel_free(struct cancel *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	free(c);
}

void cancel_request(struct cancel *c)
{
	const uint64_t one = 1;
	int kept = errno; /* a signal handler must leave it as it was */
	atomic_store(&c->requested, true);
	/* Can only fail when the counter is full, and then it is readable already. */
	if (write(c->fd, &one, sizeof(one)) < 0)
		errno = kept;
	errno = kept;
}

bool cancel_requested(const struct cancel *c)
{
	return c != NULL && atomic_load(&c->requested);
}

int cancel_fd(const struct cancel *c)
{
	return c != NULL ? c->fd : -1;
}

int cancel_check(const struct cancel *c, struct err *e)
{
	if (!cancel_requested(c))
		return 0;
	err_set(e, ERR_CANCELLED, "interrupted");
	return err_hint(e, "what was done is recorded: run the same command again to go on");
}
