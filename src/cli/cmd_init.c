/* cutover init: a commented project file from what the audit finds. */
#include "base/file.h"
#include "base/vec.h"
#include "cli/command.h"
#include "cli/console.h"
#include "flow/audit.h"
#include "flow/guess.h"

static const char *output_path(const struct args *args)
{
	return args_has(args, OPT_FILE) ? args->options[OPT_FILE].text : "cutover.yaml";
}

/* What the command line said about where to ask stays true for the project. */
static void keep_network(struct arena *a, const struct args *args, struct template_values *v)
{
	static const struct {
		enum option_id id;
		const char *path;
	} kept[] = { { OPT_ROOT_HINTS, "network.root_hints" },
		     { OPT_TRUST_ANCHOR, "network.trust_anchor" },
		     { OPT_PORT, "network.dns_port" } };
	VEC(struct project_value) extra = { 0 };
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (args_has(args, kept[i].id))
			*vec_push(a, &extra) = (struct project_value){
				kept[i].path, args->options[kept[i].id].text
			};
	if (args_has(args, OPT_RESOLVER)) {
		struct buf list;
		buf_init(&list);
		for (const char **r = args->options[OPT_RESOLVER].list; *r != NULL; r++)
			buf_addf(&list, "%s\"%s\"", list.len > 0 ? ", " : "", *r);
		*vec_push(a, &extra) = (struct project_value){ "network.resolvers",
							       arena_printf(a, "[ %s ]", list.at) };
		buf_release(&list);
	}
	v->extra = extra.at;
	v->extra_n = extra.n;
}

/* What is in no DNS and follows from no name. */
static void print_asks(const struct console *s)
{
	const struct project_ask *asks;
	struct project p = { .target_provider = args_has(s->args, OPT_TARGET)
							? s->args->options[OPT_TARGET].text
							: "generic" };
	size_t n = project_asks(s->arena, &p, &asks);
	for (size_t i = 0; i < n; i++) {
		term_wrap(s->term, "  to be filled in: ",
			  arena_printf(s->arena, "%s, %s", asks[i].option, asks[i].what));
		term_wrap(s->term, "      it is here: ", asks[i].where);
	}
}

/* file_create never overwrites; the look at the begin only spares the person a wait. */
static enum exit_code write_project(struct console *s, const struct template_values *v)
{
	struct err e = { 0 };
	struct buf text;
	const char *path = output_path(s->args);
	buf_init(&text);
	project_template(&text, v);
	int rc = file_create(path, buf_slice(&text), 0644, &e);
	buf_release(&text);
	term_progress_end(s->term);
	if (rc != 0) {
		if (file_exists(path))
			err_hint(&e, "it is not overwritten: edit it, or give another name with -f "
				     "FILE");
		return console_fail(s, &e);
	}
	term_print(s->term, "wrote %s\n", path);
	print_asks(s);
	term_wrap(s->term, "next: ",
		  "fill in what it asks for (the new MX, the ownership token, the DNS "
		  "provider, users.csv), then run `cutover audit` and `cutover plan`");
	return EXIT_YES;
}

/* Looked at before the DNS is asked: seconds of waiting for a refusal would annoy. */
static enum exit_code init(struct console *s)
{
	struct err e = { 0 };
	const struct audit *au;
	struct template_values v = { 0 };
	if (file_exists(output_path(s->args))) {
		err_set(&e, ERR_USAGE, "'%s' exists already", output_path(s->args));
		err_hint(&e, "it is not overwritten: edit it, or give another name with -f FILE");
		return console_fail(s, &e);
	}
	term_progress(s->term, "asking the DNS about %s", flow_project(s->flow)->domain);
	if (flow_audit(s->flow, s->arena, PHASE_AUDIT, &au, &e) != 0)
		return console_fail(s, &e);
	guess_project(s->arena, au->snap, &v);
	v.domain = au->domain;
	v.target_provider = s->args->options[OPT_TARGET].text;
	keep_network(s->arena, s->args, &v);
	return write_project(s, &v);
}

static enum exit_code run_init(const struct args *args, struct term *t)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open_domain(&s, args, t, args->operands[0], &e) == 0
				      ? init(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

const struct command command_init = {
	.name = "init",
	.operands = "DOMAIN",
	.summary = "writes a commented project file from what the audit found",
	.text = "Audits the domain and writes cutover.yaml (or -f FILE) with what was found filled "
		"in and "
		"every other option as a comment. Never overwrites a file.",
	.least = 1,
	.most = 1,
	.options = (const enum option_id[]){ OPT_TARGET, OPT_N },
	.run = run_init,
};
