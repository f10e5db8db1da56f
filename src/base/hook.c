/*
 * Only passings of the named point are counted, so the N-th one is the same in every run
 * that goes the same way. SIGKILL, not exit: nothing may be flushed or cleaned up, as in
 * a power cut.
 */
#include "base/hook.h"

#ifdef CUTOVER_TEST_HOOKS

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

/* Failing to write it is no failure of the program: the test sees that the name is missing. */
static void list_point(const char *path, const char *name)
{
	char line[128];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	int len = snprintf(line, sizeof(line), "%s\n", name);
	/* One write to an appending descriptor: lines of threads do not mix. */
	if (len > 0 && write(fd, line, (size_t)len) < 0)
		(void)0;
	close(fd);
}

/* Splits "NAME:N"; true when it names this point. */
static bool is_named(const char *spec, const char *name, uint64_t *nth_r)
{
	struct slice rest = slice_str(spec);
	struct slice head = slice_until(&rest, ':');
	*nth_r = 1;
	if (rest.len > 0 && !slice_to_u64(rest, nth_r))
		return false;
	return slice_eq(head, slice_str(name));
}

void hook_point(const char *name)
{
	static atomic_uint_fast64_t passed; /* only in test builds */
	uint64_t nth;
	const char *list = getenv("CUTOVER_TEST_LIST_POINTS");
	const char *spec = getenv("CUTOVER_TEST_KILL_AT");
	if (list != NULL)
		list_point(list, name);
	/* The N-th passing only: those before it go through unharmed. */
	if (spec != NULL && is_named(spec, name, &nth) && atomic_fetch_add(&passed, 1) + 1 == nth)
		(void)raise(SIGKILL);
}

#else
typedef int hook_is_empty; /* ISO C wants a declaration in every file */
#endif
