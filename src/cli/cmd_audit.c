/* cutover audit: with a project, of its domain and remembered; else of any domains. */
#include <stdlib.h>

#include "cli/command.h"
#include "cli/console.h"
#include "cli/render.h"

/* What the command line asks for, else the phase that the cutover is in. */
static int wanted_phase(struct console *s, enum phase *phase_r, struct err *e)
{
	const struct option_given *g = &s->args->options[OPT_PHASE];
	if (!g->given)
		return flow_phase(s->flow, phase_r, e);
	(void)phase_parse(g->text, phase_r); /* the parser allowed only its words */
	return 0;
}

/* The parser allowed only the three words; blocker is the default and the last resort. */
static enum severity fail_on(const struct args *args)
{
	const char *text = args_has(args, OPT_FAIL_ON) ? args->options[OPT_FAIL_ON].text
						       : "blocker";
	for (int s = SEVERITY_INFO; s < SEVERITY_BLOCKER; s++)
		if (str_eq(severity_name((enum severity)s), text))
			return (enum severity)s;
	return SEVERITY_BLOCKER;
}

static enum exit_code judge(const struct args *args, const struct audit *au)
{
	for (int s = (int)fail_on(args); s <= SEVERITY_BLOCKER; s++)
		if (findings_count(&au->findings, (enum severity)s) > 0)
			return EXIT_NO;
	return EXIT_YES;
}

/* --jsonl is one line a domain, so that a reader of thousands can take them one by one. */
static void show(struct console *s, const struct audit *au)
{
	bool json = args_has(s->args, OPT_JSON) || args_has(s->args, OPT_JSONL);
	term_progress_end(s->term);
	if (!json) {
		render_audit(s->term, au);
		return;
	}
	struct js *doc = audit_to_js(au);
	struct buf text;
	buf_init(&text);
	js_write(doc, args_has(s->args, OPT_JSONL) ? 0 : 2, &text);
	term_print(s->term, "%s\n", text.at);
	buf_release(&text);
	js_free(doc);
}

static enum exit_code audit_console(struct console *s)
{
	struct err e = { 0 };
	const struct audit *au;
	enum phase phase;
	term_progress(s->term, "asking the DNS about %s", flow_project(s->flow)->domain);
	if (wanted_phase(s, &phase, &e) != 0 || flow_audit(s->flow, s->arena, phase, &au, &e) != 0)
		return console_fail(s, &e);
	show(s, au);
	return judge(s->args, au);
}

/* With a project what is seen is remembered: it becomes the evidence for the clocks. */
static enum exit_code audit_project(const struct args *args, struct term *t)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open(&s, args, t, FLOW_WRITE_STORE, &e) == 0
				      ? audit_console(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

/* A console for each domain, so that its memory goes with it. */
static enum exit_code audit_domain(const struct args *args, struct term *t, const char *domain)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open_domain(&s, args, t, domain, &e) == 0
				      ? audit_console(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

/* The worst of several answers: the world's failure counts more than a no. */
static enum exit_code worse(enum exit_code a, enum exit_code b)
{
	return a > b ? a : b;
}

/* A domain a line; memory does not grow with their number. */
static enum exit_code audit_stream(const struct args *args, struct term *t, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	enum exit_code code = EXIT_YES;
	ssize_t len;
	while ((len = getline(&line, &size, in)) >= 0 && code != EXIT_INTERRUPTED &&
	       !ferror(t->out)) {
		struct slice s = { line, (size_t)len };
		while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
			line[--s.len] = '\0';
		s = slice_trim(s);
		if (s.len == 0 || s.ptr[0] == '#')
			continue;
		line[(size_t)(s.ptr - line) + s.len] = '\0';
		code = worse(code, audit_domain(args, t, s.ptr));
		(void)fflush(t->out);
	}
	free(line);
	return code;
}

static enum exit_code run_audit(const struct args *args, struct term *t)
{
	enum exit_code code = EXIT_YES;
	if (args->n == 0 && console_has_project(args))
		return audit_project(args, t);
	if (args->n == 0) {
		struct err e;
		err_set(&e, ERR_USAGE, "no domain is given, and there is no project file here");
		err_hint(&e, "write `cutover audit example.org`, or name the project with -f FILE");
		term_error(t, &e);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < args->n && code != EXIT_INTERRUPTED; i++) {
		if (i > 0 && !args_has(args, OPT_JSONL) && !args_has(args, OPT_JSON))
			term_print(t, "\n");
		code = worse(code, str_eq(args->operands[i], "-")
					   ? audit_stream(args, t, stdin)
					   : audit_domain(args, t, args->operands[i]));
	}
	return code;
}

const struct command command_audit = {
	.name = "audit",
	.operands = "[DOMAIN...|-]",
	.summary = "judges a domain's DNS for a mail cutover; needs no credential",
	.text = "Walks from the root, asks every authoritative server and the resolvers, and tells "
		"what "
		"would go wrong in a cutover, what to do about it, and which clocks run. Without a "
		"DOMAIN "
		"it audits the project's and remembers what it saw. With - it reads domains from "
		"standard "
		"input, one a line.",
	.most = 4096,
	.options = (const enum option_id[]){ OPT_PHASE, OPT_FAIL_ON, OPT_JSONL, OPT_N },
	.run = run_audit,
};
