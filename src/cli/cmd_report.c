/* status, report and accept: views of the store, and the one word that a person adds. */
#include <unistd.h>

#include "base/file_out.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/render.h"

enum { WATCH_EVERY_MS = 1000 };

typedef enum exit_code report_fn(struct console *s, struct report *r);

/* The store is opened for reading only: a run in another terminal keeps its lock. */
static enum exit_code with_report(const struct args *args, struct term *t, report_fn *work)
{
	struct console s;
	struct err e = { 0 };
	struct report r;
	enum exit_code code;
	if (console_open(&s, args, t, FLOW_READ_STORE, &e) == 0 &&
	    flow_report(s.flow, s.arena, &r, &e) == 0) {
		code = work(&s, &r);
		report_release(&r);
	} else {
		code = console_fail(&s, &e);
	}
	console_close(&s);
	return code;
}

static void put_document(struct console *s, const struct report *r)
{
	struct js *doc = report_to_js(s->arena, r);
	console_put_json(s, doc);
	js_free(doc);
}

static enum exit_code show_status(struct console *s, struct report *r)
{
	if (args_has(s->args, OPT_JSON)) {
		put_document(s, r);
		return EXIT_YES;
	}
	bool again = args_has(s->args, OPT_WATCH) && isatty(STDOUT_FILENO);
	if (again)
		term_clear(s->term);
	render_status(s->term, r);
	return EXIT_YES;
}

/* Each look is an opening of its own: a copy may begin, end or be killed meanwhile. */
static enum exit_code run_status(const struct args *args, struct term *t)
{
	enum exit_code code;
	do {
		code = with_report(args, t, show_status);
		(void)fflush(t->out);
		if (args_has(args, OPT_WATCH) && code == EXIT_YES)
			(void)clock_sleep_until(clock_system(),
						clock_now_ms(clock_system()) + WATCH_EVERY_MS, -1);
	} while (args_has(args, OPT_WATCH) && code == EXIT_YES && !ferror(t->out));
	return code;
}

typedef void render_fn(const struct report *r, struct buf *out);

/* Replaced as a whole: who reads the file meanwhile sees the old one or the new one. */
static int write_form(struct console *s, const struct report *r, enum option_id option,
		      render_fn *render, struct err *e)
{
	const struct option_given *g = &s->args->options[option];
	struct buf text;
	if (!g->given)
		return 0;
	buf_init(&text);
	render(r, &text);
	int rc = file_out_write(g->text, buf_slice(&text), e);
	buf_release(&text);
	if (rc == 0 && !s->term->quiet)
		(void)fprintf(s->term->err, "wrote %s\n", g->text);
	return rc;
}

/* Files that were asked for take the place of the text on standard output. */
static enum exit_code show_report(struct console *s, struct report *r)
{
	struct err e = { 0 };
	if (write_form(s, r, OPT_HTML, render_html, &e) != 0 ||
	    write_form(s, r, OPT_JUNIT, render_junit, &e) != 0 ||
	    write_form(s, r, OPT_CSV, render_csv, &e) != 0)
		return console_fail(s, &e);
	bool to_file = args_has(s->args, OPT_HTML) || args_has(s->args, OPT_JUNIT) ||
		       args_has(s->args, OPT_CSV);
	if (args_has(s->args, OPT_JSON))
		put_document(s, r);
	else if (!to_file)
		render_report(s->term, r);
	return EXIT_YES;
}

static enum exit_code run_report(const struct args *args, struct term *t)
{
	return with_report(args, t, show_report);
}

/* Order: the words are checked before the store is opened, so a typing error makes nothing. */
static enum exit_code run_accept(const struct args *args, struct term *t)
{
	struct console s = { .term = t };
	struct err e = { 0 };
	enum exit_code code = EXIT_YES;
	const char *gate = args->operands[0];
	const char *reason = args_has(args, OPT_REASON) ? args->options[OPT_REASON].text : "";
	if (flow_accept_check(gate, reason, &e) != 0 ||
	    console_open(&s, args, t, FLOW_WRITE_STORE, &e) != 0 ||
	    flow_accept(s.flow, gate, reason, &e) != 0)
		code = console_fail(&s, &e);
	else if (!t->quiet)
		(void)fprintf(t->err, "accepted %s; every report will show the reason\n", gate);
	console_close(&s);
	return code;
}

const struct command command_status = {
	.name = "status",
	.operands = "",
	.summary = "how far it is, also while it runs in another terminal",
	.text = "One screen: the steps, a running copy, the mailboxes that need attention, and the "
		"next "
		"command. Reads the store only; asks nobody.",
	.options = (const enum option_id[]){ OPT_WATCH, OPT_N },
	.run = run_status,
};

const struct command command_report = {
	.name = "report",
	.operands = "",
	.summary = "tells the whole story: text, JSON, JUnit, CSV, one HTML page",
	.text = "A view of the store: steps, audit, plan, mailboxes, refused messages, gates with "
		"their "
		"evidence, accepted exceptions, and the journal with its chain of hashes checked.",
	.options = (const enum option_id[]){ OPT_HTML, OPT_JUNIT, OPT_CSV, OPT_N },
	.run = run_report,
};

const struct command command_accept = {
	.name = "accept",
	.operands = "GATE --reason TEXT",
	.summary = "lets one gate pass by name, with a reason on the record",
	.text = "Writes into the journal that a person takes the risk of this gate, as it stood "
		"when the gates were last asked (`cutover gate --no-wait`, which names them). It "
		"counts until the gate says something else. The reason is shown in every report "
		"from then on.",
	.least = 1,
	.most = 1,
	.options = (const enum option_id[]){ OPT_REASON, OPT_N },
	.run = run_accept,
};
