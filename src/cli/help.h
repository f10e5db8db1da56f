/* help.h - help, the man page and the completion, all from the tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* What somebody sees who types nothing but the program's name: the commands, a line each. */
void help_first(const struct term *t);
/* The list of commands, or one command's page. */
void help_print(const struct term *t, const struct command *c);
#define HELP_LAB "lab"
/* The page of that name, which stands where a command's may: how to ask another world than the
 * Internet. */
void help_lab(const struct term *t);
/* cutover(1) in man(7) macros. */
void help_man(const struct term *t);
/* A bash completion script. */
void help_bash(const struct term *t);

#endif
