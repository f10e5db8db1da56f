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
