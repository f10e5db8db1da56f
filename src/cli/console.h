/*
 * console.h - a command's working place: arguments, project, flow, terminal, signals.
 */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "cli/args.h"
#include "cli/exit.h"
#include "cli/term.h"
#include "flow/flow.h"
#include "flow/steps.h"

struct console {
	const struct args *args;
	struct term *term;
	struct arena *arena;           /* owned */
	struct log *log;               /* owned */
	struct project *project;       /* arena's: the file with the command line over it */
	struct flow *flow;             /* owned */
	struct interrupts *interrupts; /* owned */
	bool bulk;                     /* many domains: questions are capped */
};

/* Loads the project (-f, else cutover.yaml), lays the network options of the command line
 * over it, opens the flow. Ctrl-C ends its waits from here on. */
int console_open(struct console *s, const struct args *args, struct term *t,
		 enum flow_memory memory, struct err *e);
/* The same for a domain without a project file. */
int console_open_domain(struct console *s, const struct args *args, struct term *t,
			const char *domain, struct err *e);
/* The same for a list of domains (`audit -`): with the options, and caps on what is asked. */
int console_open_bulk(struct console *s, const struct args *args, struct term *t, struct err *e);
/* Ends the signal thread before the flow that it interrupts, then frees all; for a console
 * whose opening failed, too. */
void console_close(struct console *s);

/* Whether there is a project file where console_open would look. */
bool console_has_project(const struct args *args);
/* Its path (-f, else cutover.yaml), whether it is there or not; borrowed. */
const char *console_project(const struct args *args);

/* Shows the error (if any) and gives the exit code. */
enum exit_code console_fail(struct console *s, const struct err *e);

/* Runs a step with the waiting that the options allow and tells its outcome. `by_default`
 * says whether it waits without --wait. */
int console_run_step(struct console *s, step_fn *step, bool by_default, struct step_outcome *out,
		     struct err *e);
/* Says how the step ended, on standard output (nothing with --json: the document says it); the
 * exit code for it. */
enum exit_code console_outcome(struct console *s, const struct step_outcome *out);

struct js;
/* One document to standard output with a newline: indented on a terminal, else one line, as
 * the next program wants it. A failed write shows when the output is flushed at the end. */
void console_put_json(struct console *s, const struct js *v);

#endif
