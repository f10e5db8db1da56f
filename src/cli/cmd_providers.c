/*
 * Needs neither project nor store: prints the providers' own option tables, the ones that
 * the configuration is checked against.
 */
#include "cli/command.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "cli/render_providers.h"
#include "config/project.h"
#include "flow/preflight.h"
#include "flow/provider.h"

static enum exit_code unknown(struct term *t, const struct provider_set *set, const char *name)
{
	const struct registrar *const *table = provider_set_table(set);
	struct err e;
	const char *names[64] = { NULL };
	for (size_t i = 0; table[i] != NULL && i < 63; i++)
		names[i] = table[i]->name;
	const char *near = nearest_word(name, names);
	err_set(&e, ERR_USAGE, "there is no DNS provider '%s'", name);
	if (near != NULL)
		err_hint(&e, "did you mean '%s'?", near);
	else
		err_hint(&e, "`cutover providers` lists them; `manual` works with every panel");
	term_error(t, &e);
	return EXIT_USAGE;
}

static enum exit_code fail(struct term *t, const struct err *e)
{
	term_error(t, e);
	return exit_of_error(e);
}

/* A name that no provider has may be that of a file that is refused. */
static enum exit_code not_there(struct term *t, const struct provider_set *set, const char *name)
{
	struct err e = { 0 };
	return provider_set_may_use(set, name, &e) != 0 ? fail(t, &e) : unknown(t, set, name);
}

static enum exit_code show(const struct args *args, struct term *t, const struct provider_set *set)
{
	const struct registrar *only = args->n > 0 ? provider_set_find(set, args->operands[0])
						   : NULL;
	if (args->n > 0 && only == NULL)
		return not_there(t, set, args->operands[0]);
	if (args_has(args, OPT_JSON))
		providers_put_json(t, set, only);
	else if (only != NULL)
		provider_print(t, set, only);
	else
		providers_print(t, set);
	return EXIT_YES;
}

static enum exit_code no_operand(struct term *t, const char *what, const char *example)
{
	struct err e;
	err_set(&e, ERR_USAGE, "%s", what);
	err_hint(&e, "%s", example);
	term_error(t, &e);
	return EXIT_USAGE;
}

static enum exit_code too_many(struct term *t, const char *word)
{
	struct err e;
	err_set(&e, ERR_USAGE, "`cutover providers` takes one name; '%s' is one too many", word);
	err_hint(&e, "write: cutover providers [NAME], cutover providers check FILE, or cutover "
		     "providers describe NAME");
	term_error(t, &e);
	return EXIT_USAGE;
}

/* For who writes one: what is wrong with it, or what it says. */
static enum exit_code check_file(struct term *t, const char *path)
{
	struct err e;
	struct provider_set *set = provider_set_of_file(path, &e);
	if (set == NULL) {
		term_error(t, &e);
		return exit_of_error(&e);
	}
	const struct registrar *r = provider_set_table(set)[0];
	provider_print(t, set, r);
	provider_print_powers(t, set, r);
	provider_set_free(set);
	return EXIT_YES;
}

/* A provider that is there, but has no description of the program's. */
static enum exit_code no_description(struct term *t, const struct provider_set *set,
				     const char *name)
{
	struct err e;
	const struct registrar *r = provider_set_find(set, name);
	if (r == NULL)
		return not_there(t, set, name);
	const char *own = provider_set_origin(set, r)->file;
	if (own != NULL)
		err_set(&e, ERR_USAGE, "'%s' is described by your own file '%s'", name, own);
	else
		err_set(&e, ERR_USAGE, "'%s' is written in C and has no description", name);
	err_hint(&e, "`cutover providers %s` shows its options", name);
	return fail(t, &e);
}

/* To begin one's own from: a fact that a vendor has changed since, or one that was never sure. */
static enum exit_code describe(struct term *t, const char *name)
{
	struct slice text;
	struct err e;
	if (provider_description(name, &text)) {
		term_print(t, "%.*s", (int)text.len, text.ptr);
		return EXIT_YES;
	}
	struct provider_set *set = provider_set_new(&e);
	if (set == NULL)
		return fail(t, &e);
	enum exit_code code = no_description(t, set, name);
	provider_set_free(set);
	return code;
}

/* Shows what the word is given for, then keeps it: never asks, so a pipeline does not hang. */
static enum exit_code confirm(struct term *t, struct provider_set *set, const char *name)
{
	struct err e = { 0 };
	const struct registrar *r = provider_set_find(set, name);
	if (r == NULL)
		return not_there(t, set, name);
	if (provider_set_confirm(set, r, clock_now_ms(clock_system()), &e) != 0)
		return fail(t, &e);
	provider_print_powers(t, set, r);
	term_print(t, "\nConfirmed. A change of the file has to be confirmed again.\n");
	return EXIT_YES;
}

static enum exit_code run_confirm(const struct args *args, struct term *t)
{
	struct err e = { 0 };
	if (args->n != 1) {
		err_set(&e, ERR_USAGE, "--confirm needs the name of one provider");
		err_hint(&e, "write: cutover providers NAME --confirm");
		return fail(t, &e);
	}
	struct provider_set *set = provider_set_new(&e);
	if (set == NULL)
		return fail(t, &e);
	enum exit_code code = confirm(t, set, args->operands[0]);
	provider_set_free(set);
	return code;
}

static void show_preflight(const struct term *t, const struct preflight *p)
{
	static const struct {
		const char *word;
		enum colour colour;
	} marks[] = { { "good  ", COLOUR_GREEN },
		      { "bad   ", COLOUR_RED },
		      { "note  ", COLOUR_DIM } };
	for (size_t i = 0; i < p->n; i++) {
		const struct preflight_line *line = &p->lines[i];
		term_paint(t, marks[line->mark].colour, "%s", marks[line->mark].word);
		term_wrap_at(t, 6, line->text);
		if (line->hint != NULL)
			term_wrap(t, "      what to do: ", line->hint);
	}
}

/* The name is only a reminder of whose credentials are tried. */
static int check_name(const struct console *s, struct err *e)
{
	const char *name = s->args->n > 0 ? s->args->operands[0] : NULL;
	const char *own = s->project->dns_provider;
	if (name == NULL || own == NULL || str_eq(name, own))
		return 0;
	err_set(e, ERR_USAGE, "%s: dns.provider is '%s', not '%s'", s->project->path, own, name);
	return err_hint(e, "--check tries the provider of the project file");
}

static enum exit_code do_check(struct console *s)
{
	struct err e = { 0 };
	struct preflight p;
	if (check_name(s, &e) != 0 || flow_preflight(s->flow, s->arena, &p, &e) != 0)
		return console_fail(s, &e);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = preflight_to_js(&p);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		show_preflight(s->term, &p);
	}
	return p.ready ? EXIT_YES : EXIT_NO;
}

static enum exit_code run_check(const struct args *args, struct term *t)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open(&s, args, t, FLOW_NO_STORE, &e) == 0
				      ? do_check(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

static enum exit_code run_providers(const struct args *args, struct term *t)
{
	struct err e;
	if (args_has(args, OPT_CHECK))
		return run_check(args, t);
	if (args_has(args, OPT_CONFIRM))
		return run_confirm(args, t);
	if (args->n > 0 && str_eq(args->operands[0], "check"))
		return args->n == 2 ? check_file(t, args->operands[1])
				    : no_operand(t,
						 "`cutover providers check` needs the file of a "
						 "description",
						 "cutover providers check example.json "
						 "(docs/providers-described.md)");
	if (args->n > 0 && str_eq(args->operands[0], "describe"))
		return args->n == 2 ? describe(t, args->operands[1])
				    : no_operand(t,
						 "`cutover providers describe` needs the name of a "
						 "provider",
						 "cutover providers describe vultr; `cutover "
						 "providers` lists them");
	if (args->n > 1)
		return too_many(t, args->operands[1]);
	struct provider_set *set = provider_set_new(&e);
	if (set == NULL) {
		term_error(t, &e);
		return exit_of_error(&e);
	}
	enum exit_code code = show(args, t, set);
	provider_set_free(set);
	return code;
}

const struct command command_providers = {
	.name = "providers",
	.operands = "[NAME | check FILE | describe NAME]",
	.summary = "lists the DNS providers and their options",
	.text = "Lists the DNS providers through which the zone can be changed, or one provider's "
		"options "
		"for the project file. `check FILE` reads a description of a provider and says "
		"what "
		"is wrong with it, or what it says; `describe NAME` prints a built-in one, to "
		"begin "
		"your own from. --check tries the project's own provider: "
		"whether "
		"the credentials work, the zone is there and is the one that is served, and what "
		"will "
		"not be possible. It writes nothing. Descriptions of your own lie in "
		"$XDG_CONFIG_HOME/cutover/providers (~/.config/cutover/providers); --confirm shows "
		"where such a provider sends credentials and what it may change, and keeps your "
		"word for its file as it is: without that it is given none.",
	.most = 2,
	.options = (const enum option_id[]){ OPT_CHECK, OPT_CONFIRM, OPT_N },
	.run = run_providers,
};
