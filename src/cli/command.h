/* command.h - a command's row: name, arguments, what it needs, what runs it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/args.h"
#include "cli/exit.h"
#include "cli/term.h"

struct command {
	const char *name;
	const char *operands;          /* "[DOMAIN…|-]" */
	const char *summary;           /* one line */
	const char *text;              /* a paragraph for its help page */
	size_t least, most;            /* operands */
	bool reads_users;              /* needs a good users CSV */
	const enum option_id *options; /* beside the global ones; ends with OPT_N */
	enum exit_code (*run)(const struct args *args, struct term *t);
};

/* All commands in the order of a cutover; static, NULL-terminated. */
const struct command *const *command_table(void);
/* The command of exactly this name, no abbreviations; static, NULL for none. */
const struct command *command_find(const char *name);
/* "cutover accept [OPTION…] GATE --reason TEXT", in the arena. */
const char *command_usage(struct arena *a, const struct command *c);
/* All names, NULL-terminated, for "did you mean". */
const char *const *command_names(struct arena *a);

extern const struct command command_audit, command_init, command_plan, command_stage,
	command_verify, command_copy, command_gate, command_switch, command_tail, command_run,
	command_status, command_report, command_rollback, command_providers, command_accept,
	command_mailbox, command_cleanup, command_help;

#endif
