/*
 * The signals are blocked before any other thread exists, so each thread inherits the mask
 * and only this one, in sigwait, ever gets them. It may call what a handler must not.
 * SIGHUP counts as an interrupt too: a closed terminal is no reason to lose the place.
 */
#include "cli/interrupts.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/exit.h"
#include "flow/flow.h"

struct interrupts {
	pthread_t thread;
	struct flow *flow; /* borrowed */
	sigset_t before;
};

/* SIGUSR1 is how interrupts_stop ends the thread. */
static void signals_of_interest(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
}

/* The second signal does not wait for anything: the journal is made for being killed. */
static void *await_signals(void *arg)
{
	struct interrupts *i = arg;
	sigset_t set;
	int which;
	bool again = false;
	signals_of_interest(&set);
	while (sigwait(&set, &which) == 0) {
		if (which == SIGUSR1)
			return NULL;
		if (again)
			_exit(EXIT_INTERRUPTED);
		again = true;
		flow_interrupt(i->flow);
	}
	return NULL;
}

/* Blocked first, then the thread: a signal in between waits for it. */
struct interrupts *interrupts_start(struct flow *f, struct err *e)
{
	struct interrupts *i = mem_alloc(sizeof(*i));
	sigset_t set;
	i->flow = f;
	signals_of_interest(&set);
	pthread_sigmask(SIG_BLOCK, &set, &i->before);
	if (pthread_create(&i->thread, NULL, await_signals, i) != 0) {
		err_set(e, ERR_WORLD, "starting a thread: the system has no room for it");
		free(i);
		return NULL;
	}
	return i;
}

void interrupts_stop(struct interrupts *i)
{
	if (i == NULL)
		return;
	pthread_kill(i->thread, SIGUSR1);
	pthread_join(i->thread, NULL);
	pthread_sigmask(SIG_SETMASK, &i->before, NULL);
	free(i);
}
