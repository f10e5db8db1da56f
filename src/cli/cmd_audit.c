/* cutover audit: with a project, of its domain and remembered; else of any domains. */
#include <stdlib.h>

#include "base/digest.h"
#include "cli/audit_bulk.h"
#include "cli/audit_files.h"
#include "cli/console.h"
#include "cli/render.h"
#include "zone/dname.h"

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

/* What one run of the command writes to. */
struct showing {
	const struct args *args;
	struct term *term;
	struct audit_files *files;
	bool begun;                     /* a text report stands above */
	char shown[SHA256_HEX_LEN + 1]; /* what the report above says, for --watch */
};

/* --jsonl is one line a domain, so that a reader of thousands can take them one by one. */
static void print_json(const struct showing *w, const struct audit *au)
{
	struct buf text;
	buf_init(&text);
	if (args_has(w->args, OPT_JSONL)) {
		audit_write(au, &text);
	} else {
		struct js *doc = audit_to_js(au);
		js_write(doc, 2, &text);
		js_free(doc);
	}
	buf_addc(&text, '\n');
	(void)fwrite(text.at, 1, text.len, w->term->out);
	buf_release(&text);
}

/* False when nobody reads any more. Each one goes out whole, for the reader of a pipe. */
static bool show(struct showing *w, const struct audit *au)
{
	bool json = args_has(w->args, OPT_JSON) || args_has(w->args, OPT_JSONL);
	term_progress_end(w->term);
	if (!json && w->begun)
		term_print(w->term, "\n");
	w->begun = true;
	if (json)
		print_json(w, au);
	else
		render_audit(w->term, au);
	return fflush(w->term->out) == 0 && !ferror(w->term->out);
}

/* In the reports too; a watch does so with its last look only, which is the one that counts. */
static void keep(struct showing *w, const struct audit *au)
{
	audit_files_add(w->files, au, fail_on(w->args));
}

static bool show_and_keep(void *ctx, const struct audit *au)
{
	struct showing *w = ctx;
	bool shown = show(w, au);
	keep(w, au);
	return shown;
}

static void keep_failure(void *ctx, const char *domain, const struct err *e)
{
	struct showing *w = ctx;
	audit_files_failed(w->files, domain, e);
}

/* ---- --watch ---------------------------------------------------------------------- */

/* The findings and what each server and resolver was seen with, without the moments. */
static void digest(const struct audit *au, const struct watch *watch, char hash[SHA256_HEX_LEN + 1])
{
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < au->findings.list.n; i++) {
		const struct finding *f = &au->findings.list.at[i];
		buf_addf(&text, "%d %s %s\n", (int)f->severity, f->check, f->subject);
		for (size_t k = 0; f->severity > SEVERITY_INFO && k < f->evidence_n; k++)
			buf_addf(&text, "%s %s\n", f->evidence[k].server,
				 f->evidence[k].address != NULL ? f->evidence[k].address : "");
	}
	for (size_t i = 0; i < watch->n; i++)
		buf_addf(&text, "%s %s %d\n", watch->rows[i].record, watch->rows[i].address,
			 watch->rows[i].as_wished);
	sha256_hex_of(buf_slice(&text), hash);
	buf_release(&text);
}

/* Who shows the changes in force already, server by server and resolver by resolver. */
static void show_awaited(const struct showing *w, const struct watch *watch)
{
	if (watch->open == 0)
		return;
	term_paint(w->term, COLOUR_BOLD, "\nAwaited\n");
	render_watch(w->term, watch);
	(void)fflush(w->term->out);
}

/* A report that says what the one above says is not repeated, unless it is the last. A reader
 * of JSON gets every look. False when nobody reads any more. */
static bool show_change(struct showing *w, const struct audit *au, const struct watch *watch,
			bool last)
{
	char hash[SHA256_HEX_LEN + 1];
	bool json = args_has(w->args, OPT_JSON) || args_has(w->args, OPT_JSONL);
	bool read = true;
	digest(au, watch, hash);
	if (json || last || !w->begun || !str_eq(hash, w->shown)) {
		read = show(w, au);
		if (!json)
			show_awaited(w, watch);
	}
	str_copy(w->shown, sizeof(w->shown), hash);
	return read;
}

/* What is waited for, by name: the worst of what fails, and how many more there are. */
static void tell_awaited(const struct audit *au, enum severity least, char *text, size_t size)
{
	size_t n = 0;
	for (int s = (int)least; s <= SEVERITY_BLOCKER; s++)
		n += findings_count(&au->findings, (enum severity)s);
	const struct finding *f = &au->findings.list.at[0]; /* the worst stands first */
	if (n > 1)
		(void)snprintf(text, size, "%s (%s) and %zu more", f->check, f->subject, n - 1);
	else
		(void)snprintf(text, size, "%s (%s)", f->check, f->subject);
}

/* 0 after the wait; -1 when it was interrupted. */
static int wait_for_change(struct console *s, const struct audit *au, unsigned looks,
			   int64_t deadline_ms, struct err *e)
{
	char reason[160];
	int64_t until_ms = audit_next_look_ms(au, looks);
	tell_awaited(au, fail_on(s->args), reason, sizeof(reason));
	str_make_printable(reason);
	return flow_wait(s->flow, reason, until_ms < deadline_ms ? until_ms : deadline_ms, e);
}

static enum exit_code interrupted(struct console *s, struct err *e)
{
	(void)err_hint(e, "an audit changes nothing: run it again whenever you like");
	term_error(s->term, e);
	return exit_of_error(e);
}

/* Only for whoever watches: a single audit is about the domain, not about the work. */
static int awaited(struct console *s, struct arena *a, const struct audit *au,
		   struct watch *watch_r, struct err *e)
{
	*watch_r = (struct watch){ 0 };
	return args_has(s->args, OPT_WATCH) ? flow_watch(s->flow, a, au->snap, watch_r, e) : 0;
}

/* One look, and with --watch more of them until nothing blocks. Each look has an arena of its
 * own: a watch of days must not grow. */
static enum exit_code look(struct console *s, struct showing *w, enum phase phase)
{
	struct err e = { 0 };
	const struct audit *au;
	struct watch watch;
	const struct option_given *wait = &s->args->options[OPT_WAIT];
	int64_t deadline_ms = wait->given ? flow_now_ms(s->flow) + wait->duration_ms : INT64_MAX;
	for (unsigned looks = 0;; looks++) {
		struct arena *a = arena_new();
		const char *domain = dname_show(a, flow_project(s->flow)->domain);
		term_progress(s->term, "asking the DNS about %s", domain);
		if (flow_audit(s->flow, a, phase, &au, &e) != 0 ||
		    awaited(s, a, au, &watch, &e) != 0) {
			keep_failure(w, domain, &e);
			arena_free(a);
			return console_fail(s, &e);
		}
		enum exit_code code = judge(s->args, au);
		bool again = args_has(s->args, OPT_WATCH) && code == EXIT_NO &&
			     flow_now_ms(s->flow) < deadline_ms;
		again = show_change(w, au, &watch, !again) && again;
		bool stopped = again && wait_for_change(s, au, looks, deadline_ms, &e) != 0;
		if (!again || stopped)
			keep(w, au);
		arena_free(a);
		if (stopped)
			return interrupted(s, &e);
		if (!again)
			return code;
	}
}

static enum exit_code audit_console(struct console *s, struct showing *w)
{
	struct err e = { 0 };
	enum phase phase;
	if (wanted_phase(s, &phase, &e) != 0)
		return console_fail(s, &e);
	return look(s, w, phase);
}

/* With a project what is seen is remembered: it becomes the evidence for the clocks. */
static enum exit_code audit_project(struct showing *w)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open(&s, w->args, w->term, FLOW_WRITE_STORE, &e) == 0
				      ? audit_console(&s, w)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

/* A console for each domain, so that its memory goes with it. */
static enum exit_code audit_domain(struct showing *w, const char *domain)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code;
	if (console_open_domain(&s, w->args, w->term, domain, &e) == 0) {
		code = audit_console(&s, w);
	} else {
		keep_failure(w, domain, &e);
		code = console_fail(&s, &e);
	}
	console_close(&s);
	return code;
}

/* The worst of several answers: the world's failure counts more than a no. */
static enum exit_code worse(enum exit_code a, enum exit_code b)
{
	return a > b ? a : b;
}

/* Without a store there is no cutover whose phase could be known. */
static enum exit_code audit_list(struct showing *w)
{
	enum phase phase = PHASE_AUDIT;
	if (args_has(w->args, OPT_PHASE))
		(void)phase_parse(w->args->options[OPT_PHASE].text, &phase);
	return audit_bulk(w->args, w->term,
			  &(struct audit_bulk_opts){ phase, fail_on(w->args), show_and_keep,
						     keep_failure, w });
}

static enum exit_code audit_operands(struct showing *w)
{
	enum exit_code code = EXIT_YES;
	for (size_t i = 0; i < w->args->n && code != EXIT_INTERRUPTED; i++) {
		const char *operand = w->args->operands[i];
		code = worse(code, str_eq(operand, "-") ? audit_list(w) : audit_domain(w, operand));
	}
	return code;
}

static enum exit_code usage(struct term *t, const struct err *e)
{
	term_error(t, e);
	return exit_of_error(e);
}

/* An option that would do nothing is a mistake of whoever wrote it. */
static int refuse_idle_options(const struct args *args, struct err *e)
{
	static const enum option_id of_lists[] = { OPT_AT_ONCE, OPT_QPS, OPT_QPS_PER_SERVER,
						   OPT_RESUME };
	bool list = false;
	for (size_t i = 0; i < args->n; i++)
		list = list || str_eq(args->operands[i], "-");
	if (list && args_has(args, OPT_WATCH)) {
		(void)err_set(e, ERR_USAGE, "--watch looks at one domain, not at a list");
		return err_hint(e, "name the domain, or run the list again later");
	}
	for (size_t i = 0; !list && i < sizeof(of_lists) / sizeof(of_lists[0]); i++)
		if (args_has(args, of_lists[i])) {
			(void)err_set(e, ERR_USAGE,
				      "--at-once, --qps, --qps-per-server and "
				      "--resume are for a list of domains");
			return err_hint(e, "give the list on standard input: cutover audit -");
		}
	if (args_has(args, OPT_WAIT) && !args_has(args, OPT_WATCH)) {
		(void)err_set(e, ERR_USAGE, "--wait says how long --watch may take");
		return err_hint(e, "add --watch, or leave --wait out");
	}
	return 0;
}

static enum exit_code run_audit(const struct args *args, struct term *t)
{
	struct err e = { 0 };
	struct showing w = { .args = args, .term = t };
	if (args->n == 0 && !console_has_project(args)) {
		(void)err_set(&e, ERR_USAGE,
			      "no domain is given, and there is no project file here");
		(void)err_hint(
			&e, "write `cutover audit example.org`, or name the project with -f FILE");
		return usage(t, &e);
	}
	if (refuse_idle_options(args, &e) != 0 || audit_files_open(args, t, &w.files, &e) != 0)
		return usage(t, &e);
	enum exit_code code = args->n == 0 ? audit_project(&w) : audit_operands(&w);
	if (audit_files_close(w.files, &e) != 0)
		code = worse(code, usage(t, &e));
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
		"it audits the project's and remembers what it saw. With --watch it looks again "
		"whenever something can have changed, until nothing blocks or --wait is over. With "
		"- it reads domains from standard input, one a line, and audits many side by side.",
	.most = 4096,
	.options = (const enum option_id[]){ OPT_PHASE, OPT_FAIL_ON, OPT_IGNORE, OPT_WATCH,
					     OPT_WAIT, OPT_JSONL, OPT_JUNIT, OPT_SARIF, OPT_GITHUB,
					     OPT_AT_ONCE, OPT_QPS, OPT_QPS_PER_SERVER, OPT_RESUME,
					     OPT_N },
	.run = run_audit,
};
