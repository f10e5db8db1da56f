/*
 * Text, man page and completion are three walks over the tables of commands and options.
 * There is no help text to keep in step with the parser.
 */
#include "cli/help.h"

#include "base/buf.h"
#include "config/project.h"

enum { OPTION_COLUMN = 32 }; /* a blank behind the longest name with its value */

static void print_option(const struct term *t, const struct option *o)
{
	struct buf b;
	buf_init(&b);
	buf_addf(&b, o->letter != '\0' ? "  -%c, " : "      ", o->letter);
	buf_addf(&b, "--%s%s%s", o->name, o->value_name != NULL ? " " : "",
		 o->value_name != NULL ? o->value_name : "");
	while (b.len < OPTION_COLUMN)
		buf_addc(&b, ' ');
	struct buf text;
	buf_init(&text);
	buf_adds(&text, o->help);
	if (o->words != NULL)
		buf_addf(&text, " (%s)", o->words);
	term_wrap(t, b.at, text.at);
	buf_release(&text);
	buf_release(&b);
}

static void print_global_options(const struct term *t, bool lab)
{
	for (int i = 0; i < OPT_N; i++)
		if (option_is_global((enum option_id)i) && option_is_lab((enum option_id)i) == lab)
			print_option(t, option_row((enum option_id)i));
}

static void print_everyday_options(const struct term *t)
{
	term_paint(t, COLOUR_BOLD, "\nFor every command\n");
	print_global_options(t, false);
	term_print(t, "\nIn a closed lab, with other root servers or certificates: "
		      "cutover help " HELP_LAB "\n");
}

static void print_title(const struct term *t)
{
	term_print(t, "cutover %s - moves a domain's mail from one provider to another\n",
		   CUTOVER_VERSION);
}

static void print_commands(const struct term *t)
{
	for (const struct command *const *at = command_table(); *at != NULL; at++) {
		const struct command *c = *at;
		char head[32];
		(void)snprintf(head, sizeof(head), "  %-12s", c->name);
		term_wrap(t, head, c->summary);
	}
}

/* The list alone: with the error below it, no more than a small terminal's screen. */
void help_first(const struct term *t)
{
	print_title(t);
	print_commands(t);
}

static void print_overview(const struct term *t)
{
	print_title(t);
	term_print(t, "\nusage: cutover [-f FILE] [--json] [-v|-q] COMMAND …\n");
	term_paint(t, COLOUR_BOLD, "\nCommands, in the order of a cutover\n");
	print_commands(t);
	print_everyday_options(t);
	term_print(t, "\nExit codes: 0 yes or done, 1 the answer is no, 2 usage or configuration, "
		      "3 the world\nfailed, 4 waiting, 130 interrupted (run it again to go on).\n");
	term_print(
		t,
		"\nBegin with: cutover audit DOMAIN     (needs no credential, changes nothing)\n");
}

void help_print(const struct term *t, const struct command *c)
{
	if (c == NULL) {
		print_overview(t);
		return;
	}
	struct arena *a = arena_new();
	term_print(t, "usage: %s\n\n", command_usage(a, c));
	arena_free(a);
	term_wrap(t, "", c->text);
	if (c->options[0] != OPT_N)
		term_paint(t, COLOUR_BOLD, "\nOptions\n");
	for (const enum option_id *o = c->options; *o != OPT_N; o++)
		print_option(t, option_row(*o));
	print_everyday_options(t);
}

static const char lab_text[] =
	"Every command asks the Internet. These make it ask another world: a lab in which a whole "
	"cutover can be tried (docs/lab.md), or a network with a root and certificates of its own. "
	"The project file's `network:` has the same, for all commands.";

void help_lab(const struct term *t)
{
	term_print(t, "usage: cutover COMMAND [OPTION…]\n\n");
	term_wrap(t, "", lab_text);
	term_paint(t, COLOUR_BOLD, "\nFor every command\n");
	print_global_options(t, true);
}

/* man(7): a line that begins with a dot or a quote is a request, '-' is a hyphen. */
static void man_text(const struct term *t, const char *text)
{
	bool line_start = true;
	for (const char *p = text; *p != '\0'; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			term_print(t, "\\&");
		if (*p == '\\' || *p == '-')
			term_print(t, "\\");
		term_print(t, "%c", *p == '\\' ? 'e' : *p);
		line_start = *p == '\n';
	}
}

static void man_option(const struct term *t, const struct option *o)
{
	term_print(t, ".TP\n");
	if (o->letter != '\0')
		term_print(t, ".BR \\-%c \", \" ", o->letter);
	else
		term_print(t, ".BR ");
	man_text(t, "--");
	man_text(t, o->name);
	if (o->value_name != NULL)
		term_print(t, " \" %s\"", o->value_name);
	term_print(t, "\n");
	man_text(t, o->help);
	if (o->words != NULL)
		term_print(t, " (%s)", o->words);
	term_print(t, "\n");
}

static void man_global_options(const struct term *t, bool lab)
{
	for (int i = 0; i < OPT_N; i++)
		if (option_is_global((enum option_id)i) && option_is_lab((enum option_id)i) == lab)
			man_option(t, option_row((enum option_id)i));
}

static void man_commands(const struct term *t)
{
	term_print(t, ".SH COMMANDS\n");
	for (const struct command *const *at = command_table(); *at != NULL; at++) {
		const struct command *c = *at;
		term_print(t, ".SS \"%s%s%s\"\n", c->name, c->operands[0] != '\0' ? " " : "",
			   c->operands);
		man_text(t, c->text);
		term_print(t, "\n");
		for (const enum option_id *o = c->options; *o != OPT_N; o++)
			man_option(t, option_row(*o));
	}
}

static void man_project_file(const struct term *t)
{
	term_print(t, ".SH PROJECT FILE\nYAML; `cutover init` writes a commented one.\n");
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_info *o = option_at(i);
		term_print(t, ".TP\n.B ");
		man_text(t, o->path);
		term_print(t, "\n");
		man_text(t, o->help);
		if (o->range != NULL && o->range[0] != '\0')
			term_print(t, " (%s)", o->range);
		if (o->otherwise != NULL)
			term_print(t, " Default: %s.", o->otherwise);
		term_print(t, "\n");
	}
}

static void man_list(const struct term *t, const char *title, const char *const (*rows)[2])
{
	term_print(t, ".SH %s\n", title);
	for (; (*rows)[0] != NULL; rows++) {
		term_print(t, ".TP\n.B ");
		man_text(t, (*rows)[0]);
		term_print(t, "\n");
		man_text(t, (*rows)[1]);
		term_print(t, "\n");
	}
}

/* One cutover from start to end, as README.md tells it. */
static void man_examples(const struct term *t)
{
	static const char *const examples[][2] = {
		{ "cutover audit example.org",
		  "looks at a domain; needs no project and no credential" },
		{ "cutover init treyresearch.com",
		  "begins a cutover: writes cutover.yaml, which says what is to be filled in" },
		{ "cutover plan && cutover stage && cutover verify --wait 1h",
		  "shows what will change, prepares it, and proves it at every server" },
		{ "cutover copy --check-logins; cutover copy --pilot 2; cutover copy",
		  "tries all logins, then two mailboxes, then all; again brings what is new" },
		{ "cutover gate --no-wait",
		  "what still stands in the way, and what to do about it" },
		{ "cutover switch && cutover tail",
		  "changes the MX, and brings what still arrives at the old side" },
		{ "cutover run", "all of these in order, waiting where a clock runs" },
		{ "cutover rollback", "puts the zone back, record by record" },
		{ NULL, NULL },
	};
	man_list(t, "EXAMPLES", examples);
}

/* What lies about it: files, the environment, and where the pages are that messages name. */
static void man_surroundings(const struct term *t)
{
	static const char *const files[][2] = {
		{ "cutover.yaml", "the project file" },
		{ ".cutover/state.db", "what was seen, done and copied (SQLite, mode 0600)" },
		{ ".cutover/quarantine/", "messages that the target refused, until it takes them" },
		{ ".cutover/login-source.json, .cutover/login-target.json",
		  "a person's login by token, kept for the next run (auth.cache)" },
		{ "~/.config/cutover/providers/", "descriptions of DNS providers of your own" },
		{ "/usr/share/doc/cutover/docs/",
		  "the pages that messages name as docs/...; docs/ in the source tree" },
		{ NULL, NULL },
	};
	static const char *const environment[][2] = {
		{ "NO_COLOR", "no colours; nor when the output is no terminal, or TERM is dumb" },
		{ "https_proxy, no_proxy", "for the APIs of DNS providers and for token endpoints; "
					   "mail and DNS go directly" },
		{ "XDG_CONFIG_HOME, XDG_STATE_HOME",
		  "where descriptions of your own lie, and your word for them" },
		{ NULL, NULL },
	};
	man_list(t, "FILES", files);
	man_list(t, "ENVIRONMENT", environment);
}

/* Options and project file come from their tables; only the words between them are here. */
void help_man(const struct term *t)
{
	term_print(t, ".TH CUTOVER 1 \"\" \"cutover %s\" \"User Commands\"\n", CUTOVER_VERSION);
	term_print(t, ".SH NAME\ncutover \\- move a domain's mail from one provider to another\n");
	term_print(t,
		   ".SH SYNOPSIS\n.B cutover\n[\\-f FILE] [\\-\\-json] [\\-v|\\-q] COMMAND ...\n");
	term_print(t, ".SH DESCRIPTION\n");
	man_text(
		t,
		"Audits a domain's DNS, proves ownership, stages the record changes through the "
		"DNS "
		"provider, copies every mailbox over IMAP, and lets the MX record switch only when "
		"the evidence says that nothing is missing; then it copies the tail and can roll "
		"back. The state lies in .cutover beside the project file; every command can be "
		"interrupted and run again.\n");
	man_commands(t);
	term_print(t, ".SH OPTIONS FOR EVERY COMMAND\n");
	man_global_options(t, false);
	term_print(t, ".SH OPTIONS FOR A CLOSED LAB\n");
	man_text(t, lab_text);
	term_print(t, "\n");
	man_global_options(t, true);
	man_project_file(t);
	term_print(
		t,
		".SH EXIT STATUS\n.TP\n.B 0\nyes, done\n.TP\n.B 1\nthe answer is no: findings, a "
		"closed gate, an incomplete mailbox\n.TP\n.B 2\nthe command line or a "
		"configuration "
		"file is wrong\n.TP\n.B 3\nthe network, a server or a provider failed\n.TP\n.B 4\n"
		"waiting: a clock still runs\n.TP\n.B 130\ninterrupted; run it again to go on\n"
		".TP\n.B 141\ndone, but the reader of standard output closed the pipe\n");
	man_examples(t);
	man_surroundings(t);
}

/* The options that take a value, as a bash pattern; those with words of their own or all. */
static void bash_pattern(const struct term *t, bool words_too)
{
	const char *between = "";
	for (int i = 0; i < OPT_N; i++) {
		const struct option *o = option_row((enum option_id)i);
		if (o->value == VALUE_NONE || (o->words != NULL && !words_too))
			continue;
		term_print(t, "%s--%s", between, o->name);
		if (o->letter != '\0')
			term_print(t, "|-%c", o->letter);
		between = "|";
	}
}

/* The first word that is neither an option nor an option's value is the command. Bash makes three
 * words of --phase=ready. */
static void bash_find_command(const struct term *t)
{
	term_print(t, "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tlocal command='' word skip=''\n"
		      "\tif [[ $cur == = ]]; then cur=''; fi\n"
		      "\tif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
		      "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		      "\t\tif [[ $word == = ]]; then continue; fi\n"
		      "\t\tif [[ -n $skip ]]; then skip=''; continue; fi\n"
		      "\t\tcase $word in\n\t\t");
	bash_pattern(t, true);
	term_print(t, ") skip=1 ;;\n\t\t-*) ;;\n\t\t*) command=$word; break ;;\n\t\tesac\n"
		      "\tdone\n");
}

/* An option that takes one of a few words is completed with them, one that takes anything else
 * with file names. */
static void bash_values(const struct term *t)
{
	term_print(t, "\tlocal values\n\tcase $prev in\n");
	for (int i = 0; i < OPT_N; i++) {
		const struct option *o = option_row((enum option_id)i);
		if (o->words != NULL)
			term_print(t,
				   "\t--%s)\n\t\tvalues='%s'\n"
				   "\t\tmapfile -t COMPREPLY < "
				   "<(compgen -W \"${values//|/ }\" -- \"$cur\")\n"
				   "\t\treturn ;;\n",
				   o->name, o->words);
	}
	term_print(t, "\t");
	bash_pattern(t, false);
	term_print(t, ")\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\t\treturn ;;\n"
		      "\tesac\n");
}

static void bash_words(const struct term *t)
{
	term_print(t, "\tlocal words=\"");
	for (int i = 0; i < OPT_N; i++)
		if (option_is_global((enum option_id)i))
			term_print(t, "--%s ", option_row((enum option_id)i)->name);
	term_print(t, "\"\n\tcase $command in\n\t'') words+=\"");
	for (const struct command *const *at = command_table(); *at != NULL; at++)
		term_print(t, "%s ", (*at)->name);
	term_print(t, "\" ;;\n");
	for (const struct command *const *at = command_table(); *at != NULL; at++) {
		const struct command *c = *at;
		term_print(t, "\t%s) words+=\"", c->name);
		for (const enum option_id *o = c->options; *o != OPT_N; o++)
			term_print(t, "--%s ", option_row(*o)->name);
		term_print(t, "\" ;;\n");
	}
	term_print(t, "\tesac\n");
}

/* Commands, options and the words that some of them take; all else is a file name. */
void help_bash(const struct term *t)
{
	term_print(t, "# bash completion for cutover\n_cutover()\n{\n");
	bash_find_command(t);
	bash_values(t);
	bash_words(t);
	term_print(t, "\tif [[ $cur == -* || -z $command ]]; then\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n\telse\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\tfi\n}\n"
		      "complete -F _cutover cutover\n");
}
