/* exit.h - the documented exit codes (docs/exit-codes in the man page). */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "base/err.h"

enum exit_code {
	EXIT_YES = 0,           /* yes, done */
	EXIT_NO = 1,            /* the answer is no */
	EXIT_USAGE = 2,         /* command line or configuration */
	EXIT_WORLD = 3,         /* network, server, provider */
	EXIT_WAITING = 4,       /* --no-wait, and a clock still runs */
	EXIT_INTERRUPTED = 130, /* resumable */
	EXIT_UNREAD = 141       /* done, but who read the answer closed the pipe */
};

/* By the error's kind alone; for errors that end a command. */
enum exit_code exit_of_error(const struct err *e);

#endif
