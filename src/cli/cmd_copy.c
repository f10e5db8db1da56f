/*
 * One pass, shown while it runs. Exit 1 means that a mailbox is incomplete; the others
 * were copied all the same.
 */
#include "cli/command.h"
#include "cli/console.h"
#include "cli/render.h"

/* The parser refuses both --verify and --no-verify; neither means the mailboxes that were
 * never compared. */
static struct copy_wishes wishes_of(const struct args *args)
{
	return (struct copy_wishes){
		.pilot = (size_t)args->options[OPT_PILOT].count,
		.only = args->options[OPT_ONLY].list,
		.verify = args_has(args, OPT_VERIFY)      ? COPY_VERIFY_ALL
			  : args_has(args, OPT_NO_VERIFY) ? COPY_VERIFY_NONE
							  : COPY_VERIFY_NEW,
	};
}

static enum exit_code copy(struct console *s)
{
	struct err e = { 0 };
	struct step_outcome out = { 0 };
	const struct copy_progress *end = NULL;
	struct copy_wishes wishes = wishes_of(s->args);
	int rc = flow_copy(s->flow, s->arena, &wishes, &end, &out, &e);
	term_progress_end(s->term);
	if (rc != 0)
		return console_fail(s, &e);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = copy_progress_to_js(end);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_copy(s->term, end);
	}
	return console_outcome(s, &out);
}

static enum exit_code run_copy(const struct args *args, struct term *t)
{
	struct console s;
	struct err e = { 0 };
	enum exit_code code = console_open(&s, args, t, FLOW_WRITE_STORE, &e) == 0
				      ? copy(&s)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

const struct command command_copy = {
	.name = "copy",
	.operands = "",
	.summary = "copies every mailbox; a repeat moves only what is new",
	.text = "One pass over the users CSV: folders, messages, flags, dates. Nothing is deleted "
		"on either "
		"side. Mailboxes that were copied for the first time are then read again on both "
		"sides and "
		"compared. Exit 1 when a mailbox failed or is incomplete; the others are not held "
		"up.",
	.reads_users = true,
	.options = (const enum option_id[]){ OPT_PILOT, OPT_ONLY, OPT_VERIFY, OPT_NO_VERIFY,
					     OPT_N },
	.run = run_copy,
};
