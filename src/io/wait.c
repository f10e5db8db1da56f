/* Memory streams have no descriptor and are always ready; a TLS stream that holds bytes
 * is ready though poll would not say so. Either makes the poll below not wait. */
#include "io/wait.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>

enum { ITEMS_MAX = 64 };

/* poll's words for what the caller asks. */
static short wanted(const struct wait_item *it)
{
	if (it->stream == NULL)
		return 0;
	return (short)((it->want_read ? POLLIN : 0) | (it->want_write ? POLLOUT : 0));
}

/* Asked before poll: what TLS holds decrypted never makes the socket readable. */
static bool ready_inside(struct wait_item *it)
{
	bool always = it->stream != NULL && stream_fd(it->stream) < 0;
	it->can_read = it->stream != NULL && it->want_read &&
		       (always || stream_pending(it->stream));
	it->can_write = it->want_write && always;
	return it->can_read || it->can_write;
}

/* One entry an item even when nothing is wanted: answers are found by their place. */
static struct pollfd pollfd_of(const struct wait_item *it)
{
	short events = wanted(it);
	/* poll skips negative descriptors: nothing wanted, nothing to wake up for. */
	return (struct pollfd){ .fd = events != 0 ? stream_fd(it->stream) : -1, .events = events };
}

/* An error or a hang-up is for whoever asked: the next recv or send will tell it. */
static bool take_events(struct wait_item *it, short revents)
{
	const short broken = POLLERR | POLLHUP | POLLNVAL;
	it->can_read |= it->want_read && (revents & (POLLIN | broken)) != 0;
	it->can_write |= it->want_write && (revents & (POLLOUT | broken)) != 0;
	return it->can_read || it->can_write;
}

/* Cut to what poll can take: 24 days. */
static int time_left(const struct clock *clock, int64_t mono_deadline_ms)
{
	int64_t left = mono_deadline_ms - clock_mono_ms(clock);
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* poll, again after a signal; the time is read anew each time. */
static int poll_items(struct pollfd *fds, size_t n, bool ready, const struct clock *clock,
		      int64_t mono_deadline_ms)
{
	for (;;) {
		int got = poll(fds, n, ready ? 0 : time_left(clock, mono_deadline_ms));
		if (got >= 0 || errno != EINTR)
			return got;
	}
}

int wait_streams(struct wait_item *items, size_t n, const struct clock *clock,
		 int64_t mono_deadline_ms, const struct cancel *cancel, struct err *e)
{
	struct pollfd fds[ITEMS_MAX + 1];
	bool ready = false;
	assert(n <= ITEMS_MAX);
	for (size_t i = 0; i < n; i++) {
		ready |= ready_inside(&items[i]);
		fds[i] = pollfd_of(&items[i]);
	}
	/* Last, so that the items keep their places; -1 (no cancel) is skipped by poll. */
	fds[n] = (struct pollfd){ .fd = cancel_fd(cancel), .events = POLLIN };
	if (poll_items(fds, n + 1, ready, clock, mono_deadline_ms) < 0)
		return err_errno(e, ERR_WORLD, "waiting for the network");
	if (cancel_check(cancel, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		ready |= take_events(&items[i], fds[i].revents);
	return ready ? 1 : 0;
}

int wait_until(const struct clock *clock, int64_t until_ms, const struct cancel *cancel,
	       struct err *e)
{
	if (cancel_check(cancel, e) != 0)
		return -1;
	(void)clock_sleep_until(clock, until_ms, cancel_fd(cancel));
	return cancel_check(cancel, e);
}
