/*
 * Every classic signal, not only those that we know to have changed: what this process got ignored
 * from its own parent (nohup, a supervisor) goes no further either. Those for real time lie above
 * SIGSYS; the C library keeps the first of them for itself, and nobody here touches the others.
 */
#include "base/signals.h"

#include <signal.h>

void signals_reset(void)
{
	sigset_t none;
	for (int i = 1; i < SIGSYS + 1; i++)
		(void)signal(i, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
