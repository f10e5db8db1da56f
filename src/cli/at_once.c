/*
 * An audit that lacks a descriptor calls servers unreachable which it never asked, so there is
 * no trying: what would not fit does not begin.
 */
#include "cli/at_once.h"

#include <sys/resource.h>

enum {
	OTHERWISE = 256,
	MOST = 4096,
	/* The engine's servers, each by datagrams and by TCP, and what a program has open anyway.
	 */
	IN_COMMON = 700,
	A_DOMAIN = 2, /* a policy over HTTPS, with a second address tried meanwhile */
};

void at_once_raise_limit(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur == r.rlim_max)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

size_t at_once_allowed(size_t descriptors)
{
	size_t n = descriptors > IN_COMMON ? (descriptors - IN_COMMON) / A_DOMAIN : 0;
	if (n == 0)
		return 1;
	return n < MOST ? n : MOST;
}

size_t at_once_wanted(const struct args *args)
{
	return args_has(args, OPT_AT_ONCE) ? (size_t)args->options[OPT_AT_ONCE].count : OTHERWISE;
}

size_t at_once_of(const struct args *args)
{
	struct rlimit r;
	bool known = getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur != RLIM_INFINITY;
	size_t allowed = known ? at_once_allowed((size_t)r.rlim_cur) : MOST;
	size_t wanted = at_once_wanted(args);
	return wanted < allowed ? wanted : allowed;
}
