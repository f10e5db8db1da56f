/* The table of commands, in the order in which a cutover uses them. */
#include "cli/command.h"

#include "cli/help.h"

const struct command *const *command_table(void)
{
	static const struct command *const table[] = {
		&command_audit,
		&command_init,
		&command_plan,
		&command_stage,
		&command_verify,
		&command_copy,
		&command_mailbox,
		&command_gate,
		&command_switch,
		&command_tail,
		&command_cleanup,
		&command_run,
		&command_status,
		&command_report,
		&command_rollback,
		&command_accept,
		&command_providers,
		&command_help,
		NULL,
	};
	return table;
}

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = command_table(); *c != NULL; c++)
		if (str_eq((*c)->name, name))
			return *c;
	return NULL;
}

const char *command_usage(struct arena *a, const struct command *c)
{
	return arena_printf(a, "cutover %s [OPTION…]%s%s", c->name,
			    c->operands[0] != '\0' ? " " : "", c->operands);
}

const char *const *command_names(struct arena *a)
{
	size_t n = 0;
	while (command_table()[n] != NULL)
		n++;
	const char **names = ARENA_ARRAY(a, n + 1, const char *);
	for (size_t i = 0; i < n; i++)
		names[i] = command_table()[i]->name;
	return names;
}

static enum exit_code run_help(const struct args *args, struct term *t)
{
	struct err e;
	const char *format = args_has(args, OPT_FORMAT) ? args->options[OPT_FORMAT].text : "text";
	const struct command *about = args->n > 0 ? command_find(args->operands[0]) : NULL;
	if (args->n > 0 && str_eq(args->operands[0], HELP_LAB)) {
		help_lab(t);
		return EXIT_YES;
	}
	if (args->n > 0 && about == NULL) {
		err_set(&e, ERR_USAGE, "there is no command '%s' to explain", args->operands[0]);
		err_hint(&e, "`cutover help` lists all commands");
		term_error(t, &e);
		return EXIT_USAGE;
	}
	if (str_eq(format, "man"))
		help_man(t);
	else if (str_eq(format, "bash"))
		help_bash(t);
	else
		help_print(t, about);
	return EXIT_YES;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND|" HELP_LAB "]",
	.summary = "explains a command",
	.text = "Shows the list of commands, or one command with its options. `" HELP_LAB "` shows "
		"those with which every command asks another world than the Internet.",
	.most = 1,
	.options = (const enum option_id[]){ OPT_FORMAT, OPT_N },
	.run = run_help,
};
