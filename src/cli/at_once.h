/*
 * at_once.h - how many domains may be audited side by side: what the user wants, as far as this
 * process may have descriptors for it.
 */
#ifndef CLI_AT_ONCE_H
#define CLI_AT_ONCE_H

#include "cli/args.h"

/* Raises the process' soft limit of descriptors to its hard one. Only at the program's start: a
 * limit is the whole process' affair, never a library's. */
void at_once_raise_limit(void);
/* So many domains so many descriptors are enough for; 1 or more. */
size_t at_once_allowed(size_t descriptors);
/* What --at-once says, else 256. */
size_t at_once_wanted(const struct args *args);
/* The less of what is wanted and what this process is allowed now. */
size_t at_once_of(const struct args *args);

#endif
