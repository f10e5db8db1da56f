/*
 * Needs neither project nor store: prints the providers' own option tables, the ones that
 * the configuration is checked against.
 */
#include "cli/command.h"
#include "cli/console.h"
#include "cli/exit.h"
#include "config/project.h"
#include "flow/preflight.h"
#include "flow/provider.h"

static const char *kind_of(const struct registrar *r)
{
	if ((r->capabilities & REGISTRAR_BY_HAND) != 0)
		return "by hand";
	return (r->capabilities & REGISTRAR_ATOMIC) != 0 ? "atomic" : "record by record";
}

static struct js *texts_to_js(const char *const *list)
{
	struct js *v = js_array();
	for (; list != NULL && *list != NULL; list++)
		js_push(v, js_string(*list));
	return v;
}

static struct js *provider_to_js(const struct registrar *r)
{
	struct js *v = js_object();
	struct js *options = js_array();
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		struct js *option = js_object();
		js_set_str(option, "name", o->name);
		js_set_bool(option, "secret", o->secret);
		js_set_bool(option, "required", o->required);
		js_set_str(option, "help", o->help);
		js_push(options, option);
	}
	js_set_str(v, "provider", r->name);
	js_set_str(v, "title", r->title);
	js_set_bool(v, "lists", (r->capabilities & REGISTRAR_LIST) != 0);
	js_set_bool(v, "atomic", (r->capabilities & REGISTRAR_ATOMIC) != 0);
	js_set_bool(v, "compare_and_set", (r->capabilities & REGISTRAR_COMPARE_AND_SET) != 0);
	js_set_bool(v, "by_hand", (r->capabilities & REGISTRAR_BY_HAND) != 0);
	js_set(v, "options", options);
	js_set(v, "hosts", texts_to_js(r->hosts));
	js_set(v, "notes", texts_to_js(r->notes));
	js_set_str(v, "verified", r->verified);
	return v;
}

static void put_json(const struct term *t, const struct provider_set *set,
		     const struct registrar *only)
{
	struct buf text;
	struct js *doc = js_object();
	struct js *list = js_array();
	for (const struct registrar *const *r = provider_set_table(set); *r != NULL; r++)
		if (only == NULL || only == *r)
			js_push(list, provider_to_js(*r));
	js_set_int(doc, "version", 1);
	js_set(doc, "providers", list);
	buf_init(&text);
	js_write(doc, 2, &text);
	term_print(t, "%s\n", text.at);
	buf_release(&text);
	js_free(doc);
}

static void print_one(const struct term *t, const struct registrar *r)
{
	term_paint(t, COLOUR_BOLD, "%s", r->name);
	term_print(t, "  %s (%s)\n\nIn the project file, under dns:\n", r->title, kind_of(r));
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		struct buf head;
		buf_init(&head);
		buf_addf(&head, "  %s%s%s: ", o->secret ? "credentials." : "", o->name,
			 o->required ? "" : " (optional)");
		term_wrap(t, head.at, o->help);
		buf_release(&head);
	}
}

static void print_notes(const struct term *t, const struct registrar *r)
{
	for (const char *const *note = r->notes; note != NULL && *note != NULL; note++) {
		term_print(t, note == r->notes ? "\n" : "");
		term_wrap(t, "- ", *note);
	}
	if (r->verified != NULL)
		term_print(t, "\nCompared with the vendor's documents in %s.\n", r->verified);
}

static void print_all(const struct term *t, const struct provider_set *set)
{
	for (const struct registrar *const *r = provider_set_table(set); *r != NULL; r++)
		term_print(t, "%-13s %-17s %s\n", (*r)->name, kind_of(*r), (*r)->title);
	term_print(t, "\n`cutover providers NAME` lists a provider's options.\n");
}

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

static void print_whole(const struct term *t, const struct registrar *r)
{
	print_one(t, r);
	print_notes(t, r);
}

static enum exit_code show(const struct args *args, struct term *t, const struct provider_set *set)
{
	const struct registrar *only = args->n > 0 ? provider_set_find(set, args->operands[0])
						   : NULL;
	if (args->n > 0 && only == NULL)
		return unknown(t, set, args->operands[0]);
	if (args_has(args, OPT_JSON))
		put_json(t, set, only);
	else if (only != NULL)
		print_whole(t, only);
	else
		print_all(t, set);
	return EXIT_YES;
}

static enum exit_code no_file(struct term *t)
{
	struct err e;
	err_set(&e, ERR_USAGE, "`cutover providers check` needs the file of a description");
	err_hint(&e, "cutover providers check example.json (docs/providers-described.md)");
	term_error(t, &e);
	return EXIT_USAGE;
}

static enum exit_code too_many(struct term *t, const char *word)
{
	struct err e;
	err_set(&e, ERR_USAGE, "`cutover providers` takes one name; '%s' is one too many", word);
	err_hint(&e, "write: cutover providers [NAME], or: cutover providers check FILE");
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
	print_whole(t, r);
	term_print(t, "\nIt sends what it is given to:\n");
	for (const char *const *host = r->hosts; *host != NULL; host++)
		term_print(t, "  %s\n", *host);
	provider_set_free(set);
	return EXIT_YES;
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
	if (args->n > 0 && str_eq(args->operands[0], "check"))
		return args->n == 2 ? check_file(t, args->operands[1]) : no_file(t);
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
	.operands = "[NAME | check FILE]",
	.summary = "lists the DNS providers and their options",
	.text = "Lists the DNS providers through which the zone can be changed, or one provider's "
		"options "
		"for the project file. `check FILE` reads a description of a provider and says "
		"what "
		"is wrong with it, or what it says. --check tries the project's own provider: "
		"whether "
		"the credentials work, the zone is there and is the one that is served, and what "
		"will "
		"not be possible. It writes nothing.",
	.most = 2,
	.options = (const enum option_id[]){ OPT_CHECK, OPT_N },
	.run = run_providers,
};
