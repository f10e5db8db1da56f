/*
 * Opening goes from cheap to dear: the project file, the users CSV, then store and lock,
 * then the signal thread. What fails early leaves nothing behind. console_close takes any
 * of these stages.
 */
#include "cli/console.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/vec.h"
#include "cli/at_once.h"
#include "cli/command.h"
#include "cli/interrupts.h"
#include "cli/show.h"
#include "config/domain.h"
#include "flow/audit.h"
#include "zone/dname.h"

#define DEFAULT_PROJECT "cutover.yaml"

/* Kind to servers that never heard of us: a domain's audit is some sixty questions. */
enum { BULK_QPS = 2000, BULK_QPS_PER_SERVER = 200 };

/* No search upwards: the state lies beside the file, and a wrong one would be somebody else's
 * cutover. */
const char *console_project(const struct args *args)
{
	return args_has(args, OPT_FILE) ? args->options[OPT_FILE].text : DEFAULT_PROJECT;
}

bool console_has_project(const struct args *args)
{
	return args_has(args, OPT_FILE) || file_exists(DEFAULT_PROJECT);
}

static int read_resolvers(struct arena *a, const char **texts, const char *const **list_r,
			  struct err *e)
{
	VEC(const char *) list = { 0 };
	for (; *texts != NULL; texts++) {
		const char *one = project_resolver(a, *texts, e);
		if (one == NULL)
			return err_hint(e, "give its address: --resolver 192.0.2.1");
		*vec_push(a, &list) = one;
	}
	*vec_push(a, &list) = NULL;
	*list_r = list.at;
	return 0;
}

/* The same rule as in the project file. */
static int read_networks(struct arena *a, const char **texts, const char *const **list_r,
			 struct err *e)
{
	VEC(const char *) list = { 0 };
	for (; *texts != NULL; texts++) {
		const char *one = project_network(a, *texts, e);
		if (one == NULL)
			return err_hint(e, "write it like --treat-as-public 127.53.0.0/16");
		*vec_push(a, &list) = one;
	}
	*vec_push(a, &list) = NULL;
	*list_r = list.at;
	return 0;
}

/* "CHECK" or "CHECK:SUBJECT" beside those of the file, as of today. */
static void add_ignores(struct console *s)
{
	struct project *p = s->project;
	const char **texts = s->args->options[OPT_IGNORE].list;
	VEC(struct project_ignore) all = { 0 };
	for (size_t i = 0; i < p->ignore_n; i++)
		*vec_push(s->arena, &all) = p->ignores[i];
	for (; texts != NULL && *texts != NULL; texts++) {
		struct slice rest = slice_str(*texts);
		const char *check = arena_slice(s->arena, slice_until(&rest, ':'));
		*vec_push(s->arena, &all) = (struct project_ignore){
			.check = check,
			.subject = rest.len > 0 ? arena_slice(s->arena, rest) : NULL,
			.reason = "asked for on the command line",
			.since_ms = clock_now_ms(clock_system()),
		};
	}
	p->ignores = all.at;
	p->ignore_n = all.n;
}

/* The command line speaks over the project file. */
static int lay_options_over(struct console *s, struct err *e)
{
	const struct args *args = s->args;
	struct project *p = s->project;
	if (args_has(args, OPT_RESOLVER) &&
	    read_resolvers(s->arena, args->options[OPT_RESOLVER].list, &p->network.resolvers, e) !=
		    0)
		return -1;
	if (args_has(args, OPT_ROOT_HINTS))
		p->network.root_hints = args->options[OPT_ROOT_HINTS].text;
	if (args_has(args, OPT_TRUST_ANCHOR))
		p->network.trust_anchor = args->options[OPT_TRUST_ANCHOR].text;
	if (args_has(args, OPT_PORT))
		p->network.dns_port = (uint16_t)args->options[OPT_PORT].count;
	if (args_has(args, OPT_CA_FILE))
		p->network.ca_file = args->options[OPT_CA_FILE].text;
	if (args_has(args, OPT_HTTPS_PORT))
		p->network.https_port = (uint16_t)args->options[OPT_HTTPS_PORT].count;
	if (args_has(args, OPT_TREAT_AS_PUBLIC) &&
	    read_networks(s->arena, args->options[OPT_TREAT_AS_PUBLIC].list,
			  &p->network.treat_as_public, e) != 0)
		return -1;
	add_ignores(s);
	return audit_ignores_check(p, clock_now_ms(clock_system()), e);
}

/* A log line takes the place of the progress line, instead of running into it. */
static void clear_progress(void *ctx)
{
	term_progress_end(ctx);
}

/* Log and progress share the terminal's error stream, so that the answer can be piped. */
static void begin(struct console *s, const struct args *args, struct term *t)
{
	enum log_level level = t->quiet ? LOG_ERROR : t->verbose >= 1 ? LOG_DEBUG : LOG_INFO;
	*s = (struct console){ .args = args, .term = t };
	s->arena = arena_new();
	s->log = log_new(t->err, level, clock_system());
	log_before(s->log, clear_progress, t);
}

/* Only strangers' domains by the thousand are asked slowly. */
static unsigned qps(const struct console *s, enum option_id id, unsigned otherwise)
{
	if (!s->bulk)
		return 0;
	return args_has(s->args, id) ? (unsigned)s->args->options[id].count : otherwise;
}

/* A slip in the file is told as one, once, and not by each server that cannot be trusted without
 * it. Who only reads the store needs it not. */
static int check_ca_file(const struct project *p, enum flow_memory memory, struct err *e)
{
	const char *path = p->network.ca_file;
	if (memory == FLOW_READ_STORE || path == NULL || access(path, R_OK) == 0)
		return 0;
	(void)err_errno(e, ERR_USAGE, "network.ca_file: opening '%s'", path);
	return err_hint(e, "it names certificates to trust (PEM), seen from the project file; "
			   "without it the system's are used");
}

/* The project is copied before options are laid over it: what was parsed stays as it was read. */
static int open_flow(struct console *s, const struct project *p, enum flow_memory memory,
		     struct err *e)
{
	s->project = arena_memdup(s->arena, p, sizeof(*p));
	if (lay_options_over(s, e) != 0 || check_ca_file(s->project, memory, e) != 0)
		return -1;
	if (flow_open(
		    &(struct flow_opts){
			    .project = s->project,
			    .memory = memory,
			    .clock = clock_system(),
			    .rng = rng_system(),
			    .log = s->log,
			    .show = show_on(s->term),
			    .dry_run = args_has(s->args, OPT_DRY_RUN),
			    .snapshot = s->args->options[OPT_SNAPSHOT].text,
			    .by_hand = args_has(s->args, OPT_BY_HAND),
			    .allow_changes = (unsigned)s->args->options[OPT_ALLOW_CHANGES].count,
			    .https_at_once = s->bulk ? at_once_of(s->args) : 0,
			    .dns_qps = qps(s, OPT_QPS, BULK_QPS),
			    .dns_qps_per_server = qps(s, OPT_QPS_PER_SERVER, BULK_QPS_PER_SERVER),
		    },
		    &s->flow, e) != 0)
		return -1;
	s->interrupts = interrupts_start(s->flow, e);
	return s->interrupts != NULL ? 0 : -1;
}

/* Wrong input ends before anything is made or asked: also no .cutover appears. */
static int check_users(const struct command *c, const struct project *p, struct err *e)
{
	struct user_list *users;
	if (!c->reads_users || p->mailboxes == NULL)
		return 0;
	if (user_list_load(p->mailboxes, &users, e) != 0)
		return -1;
	int rc = user_list_check(users, p->mailboxes, p, e);
	user_list_free(users);
	return rc;
}

int console_open(struct console *s, const struct args *args, struct term *t,
		 enum flow_memory memory, struct err *e)
{
	const struct project *p;
	const char *path = console_project(args);
	begin(s, args, t);
	if (!file_exists(path)) {
		err_set(e, ERR_USAGE, "there is no project file '%s' here", path);
		return err_hint(
			e,
			args_has(args, OPT_FILE)
				? "check the path, or make one: `cutover -f FILE init DOMAIN`"
				: "make one with `cutover init DOMAIN`, or name it with -f FILE");
	}
	if (project_load(s->arena, path, &p, e) != 0 || check_users(args->command, p, e) != 0)
		return -1;
	return open_flow(s, p, memory, e);
}

/* A project of one line, so that everything behind it works alike with and without a file. */
int console_open_domain(struct console *s, const struct args *args, struct term *t,
			const char *domain, struct err *e)
{
	const struct project *p;
	begin(s, args, t);
	const char *name = domain_parse(s->arena, domain, e);
	if (name == NULL)
		return -1;
	const char *text = arena_printf(s->arena, "domain: %s\n", dname_show(s->arena, name));
	if (project_parse(s->arena, "(command line)", slice_str(text), &p, e) != 0)
		return -1;
	return open_flow(s, p, FLOW_NO_STORE, e);
}

/* The domain is a place for the options: every one of the list takes it in turn. */
int console_open_bulk(struct console *s, const struct args *args, struct term *t, struct err *e)
{
	const struct project *p;
	begin(s, args, t);
	s->bulk = true;
	if (project_parse(s->arena, "(command line)", SLICE_LIT("domain: example.org\n"), &p, e) !=
	    0)
		return -1;
	return open_flow(s, p, FLOW_NO_STORE, e);
}

void console_close(struct console *s)
{
	interrupts_stop(s->interrupts);
	flow_close(s->flow);
	log_free(s->log);
	arena_free(s->arena);
	*s = (struct console){ 0 };
}

/* A refusal is an answer (the zone is not as planned); the world and our own bugs are
 * failures. */
enum exit_code exit_of_error(const struct err *e)
{
	switch (e->kind) {
	case ERR_USAGE: return EXIT_USAGE;
	case ERR_ITEM:
	case ERR_MAILBOX:
	case ERR_ACCOUNT:
	case ERR_REFUSED: return EXIT_NO;
	case ERR_WAITING: return EXIT_WAITING;
	case ERR_CANCELLED: return EXIT_INTERRUPTED;
	default: return EXIT_WORLD;
	}
}

enum exit_code console_fail(struct console *s, const struct err *e)
{
	struct err shown = *e;
	if (e->kind == ERR_CANCELLED)
		err_hint(&shown, "what was done is recorded: run the same command again to go on");
	term_error(s->term, &shown);
	return exit_of_error(e);
}

int console_run_step(struct console *s, step_fn *step, bool by_default, struct step_outcome *out,
		     struct err *e)
{
	const struct option_given *wait = &s->args->options[OPT_WAIT];
	struct wait_limits limits = {
		.no_wait = args_has(s->args, OPT_NO_WAIT) || (!by_default && !wait->given),
		.deadline_ms = wait->given ? flow_now_ms(s->flow) + wait->duration_ms : 0,
	};
	return flow_run_step(s->flow, step, &limits, out, e);
}

/* On standard output when it is the answer; with --json the document has said it. */
enum exit_code console_outcome(struct console *s, const struct step_outcome *out)
{
	static const char *const words[] = { "done: ", "waiting: ", "stopped: " };
	static const enum colour colours[] = { COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED };
	static const enum exit_code codes[] = { EXIT_YES, EXIT_WAITING, EXIT_NO };
	char until[TIME_TEXT_MAX];
	const struct term *t = s->term;
	term_progress_end(s->term);
	if (args_has(s->args, OPT_JSON))
		return codes[out->result]; /* the document says it */
	term_paint(t, colours[out->result], "%s", words[out->result]);
	term_wrap_at(t, strlen(words[out->result]), out->reason);
	if (out->result == STEP_STOP && out->remedy[0] != '\0')
		term_wrap(t, "  what to do: ", out->remedy);
	if (out->result == STEP_WAIT)
		term_print(t, "  look again at %s\n", time_format(out->until_ms, until));
	return codes[out->result];
}

void console_put_json(struct console *s, const struct js *v)
{
	struct buf text;
	buf_init(&text);
	js_write(v, isatty(fileno(s->term->out)) ? 2 : 0, &text);
	buf_addc(&text, '\n');
	(void)fwrite(text.at, 1, text.len, s->term->out);
	buf_release(&text);
}
