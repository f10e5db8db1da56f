/*
 * session.h - a command's working place: arguments, project, flow, terminal, signals.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/args.h"
#include "cli/exit.h"
#include "cli/term.h"
#include "flow/flow.h"
#include "flow/steps.h"

struct session {
	const struct args *args;
	struct term *term;
	struct arena *arena;           /* owned */
	struct log *log;               /* owned */
	struct project *project;       /* arena's: the file with the command line over it */
	struct flow *flow;             /* owned */
	struct interrupts *interrupts; /* owned */
};

/* Loads the project (-f, else cutover.yaml), lays the network options of the command line
 * over it, opens the flow. Ctrl-C ends its waits from here on. */
int session_open(struct session *s, const struct args *args, struct term *t,
		 enum flow_memory memory, struct err *e);
/* The same for a domain without a project file. */
int session_open_domain(struct session *s, const struct args *args, struct term *t,
			const char *domain, struct err *e);
void session_close(struct session *s);

/* Whether there is a project file where session_open would look. */
bool session_has_project(const struct args *args);

/* Shows the error (if any) and gives the exit code. */
enum exit_code session_fail(struct session *s, const struct err *e);

/* Runs a step with the waiting that the options allow and tells its outcome. `by_default`
 * says whether it waits without --wait. */
int session_run_step(struct session *s, step_fn *step, bool by_default, struct step_outcome *out,
		     struct err *e);
/* Says on standard error how the step ended; the exit code for it. */
enum exit_code session_outcome(struct session *s, const struct step_outcome *out);

/* Writes a document to standard output, ended by a newline. */
struct js;
void session_put_json(struct session *s, const struct js *v);

#endif
