/* A person's word about single mailboxes; also while a copy runs in another terminal. */
#include "cli/command.h"
#include "cli/console.h"
#include "flow/words.h"

static int read_verb(const struct args *args, struct word *w, struct err *e)
{
	if (word_verb_parse(args->operands[0], &w->verb))
		return 0;
	err_set(e, ERR_USAGE, "'cutover mailbox' cannot '%s'", args->operands[0]);
	return err_hint(e, "write: cutover mailbox stop|start|remove ADDRESS…");
}

static const char *const *addresses_of(struct arena *a, const struct args *args)
{
	const char **list = ARENA_ARRAY(a, args->n, const char *);
	for (size_t i = 1; i < args->n; i++)
		list[i - 1] = args->operands[i];
	return list;
}

static void tell(const struct term *t, const struct word *w, size_t n)
{
	static const char *const said[] = {
		[WORD_START] = "may be copied (again): a copy that runs takes it up at its end, "
			       "else run `cutover copy`",
		[WORD_STOP] = "stopped: a copy that runs leaves it within seconds; the gates still "
			      "wait for it",
		[WORD_REMOVE] = "removed: it is neither copied nor counted by the gates; every "
				"report shows the reason",
	};
	if (!t->quiet)
		(void)fprintf(t->err, "%zu mailbox%s %s\n", n, n == 1 ? "" : "es", said[w->verb]);
}

static enum exit_code run_mailbox(const struct args *args, struct term *t)
{
	struct console s = { .term = t };
	struct err e = { 0 };
	struct word w = { .reason = args_has(args, OPT_REASON) ? args->options[OPT_REASON].text
							       : "" };
	enum exit_code code = EXIT_YES;
	size_t n = 0;
	if (read_verb(args, &w, &e) != 0 || console_open(&s, args, t, FLOW_BESIDE_STORE, &e) != 0 ||
	    flow_say(s.flow, &w, addresses_of(s.arena, args), &n, &e) != 0)
		code = console_fail(&s, &e);
	else
		tell(t, &w, n);
	console_close(&s);
	return code;
}

const struct command command_mailbox = {
	.name = "mailbox",
	.operands = "stop|start|remove ADDRESS…",
	.summary = "stops, starts or removes single mailboxes, also while a copy runs",
	.text = "stop: it is not copied until it is started again, and the gates wait for it. "
		"start (or resume): it takes part again, also one that was removed, and a login "
		"that was refused is tried anew. remove: it is no longer part of this cutover; "
		"that needs --reason, which every report shows. Nothing is deleted anywhere.",
	.least = 2,
	.most = 50000,
	.reads_users = true,
	.options = (const enum option_id[]){ OPT_REASON, OPT_N },
	.run = run_mailbox,
};
