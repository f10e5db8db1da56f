/*
 * A flow is what the steps share and no more: options, store, cancel pipe, and the DNS
 * engine, which is made when first asked for, because many commands never ask. Steps leave
 * each other JSON documents in the store; without a store (audit of a bare domain) putting
 * is silently nothing and getting finds nothing, so a step need not know.
 */
#include "flow/flow_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "flow/copy_parked.h"
#include "io/dial.h"
#include "io/wait.h"
#include "store/journal.h"
#include "zone/dname.h"

#define STATE_DIR ".cutover"

/* What was changed in a zone is on record, and it is this domain's? A directory that was copied for
 * the next customer, or a second project file beside the first, would have `rollback` take back the
 * first one's move. */
static int check_owner(struct flow *f, struct arena *a, struct err *e)
{
	const struct project *p = f->opts.project;
	struct err unread = { 0 }; /* a plan that cannot be read is told by whoever needs it */
	struct journal_row *rows;
	struct js *plan = NULL;
	size_t n;
	if (p->domain == NULL)
		return 0;
	if (journal_rows(f->store, a, "stage", &rows, &n, e) != 0)
		return -1;
	(void)flow_get(f, DOC_PLAN, &plan, NULL, &unread);
	const char *owner = arena_strdup(a, js_get_str(plan, "domain"));
	const char *domain = dname_show(a, p->domain);
	js_free(plan);
	if (n == 0 || owner[0] == '\0' || str_eq_nocase(owner, domain))
		return 0;
	err_set(e, ERR_USAGE, "%s/%s is the memory of the cutover of %s, and %s is about %s",
		p->dir, STATE_DIR, owner, p->path, domain);
	return err_hint(e,
			"give each domain a directory of its own for its project file; a copied "
			"one must not bring %s along",
			STATE_DIR);
}

/* The state lives beside the project file, so that it goes along when the folder is copied or
 * kept. */
static int open_store(struct flow *f, struct err *e)
{
	if (f->opts.memory == FLOW_NO_STORE)
		return 0;
	struct arena *a = arena_new();
	struct store_opts so = {
		.dir = arena_printf(a, "%s/%s", f->opts.project->dir, STATE_DIR),
		.read_only = f->opts.memory == FLOW_READ_STORE,
		.beside = f->opts.memory == FLOW_BESIDE_STORE,
	};
	int rc = store_open(&so, &f->store, e);
	if (rc == 0)
		rc = check_owner(f, a, e);
	arena_free(a);
	return rc;
}

int flow_open(const struct flow_opts *opts, struct flow **flow_r, struct err *e)
{
	struct flow *f = mem_alloc(sizeof(*f));
	f->opts = *opts;
	dial_global_init();
	f->cancel = cancel_new(e);
	if (f->cancel == NULL || open_store(f, e) != 0) {
		flow_close(f);
		return -1;
	}
	*flow_r = f;
	return 0;
}

void flow_close(struct flow *f)
{
	if (f == NULL)
		return;
	copy_parked_free(f->parked);
	http_free(f->http);
	dns_engine_free(f->engine);
	arena_free(f->roots);
	arena_free(f->reviewed_in);
	store_close(f->store);
	cancel_free(f->cancel);
	free(f);
}

void flow_interrupt(struct flow *f)
{
	cancel_request(f->cancel);
}

const struct project *flow_project(const struct flow *f)
{
	return f->opts.project;
}

int64_t flow_now_ms(const struct flow *f)
{
	return clock_now_ms(f->opts.clock);
}

/* Made late: most commands only read the store. It wakes at the cancel's descriptor, so Ctrl-C
 * ends a lookup at once. */
int flow_engine(struct flow *f, struct dns_engine **engine_r, struct err *e)
{
	if (f->engine == NULL) {
		const struct project *p = f->opts.project;
		f->engine = dns_engine_new(
			&(struct dns_engine_opts){
				.clock = f->opts.clock,
				.rng = f->opts.rng,
				.port = p->network.dns_port,
				.timeout_ms = p->network.dns_timeout_ms,
				.tries = 3,
				.wake_fd = cancel_fd(f->cancel),
				.qps = f->opts.dns_qps,
				.qps_per_server = f->opts.dns_qps_per_server,
			},
			e);
	}
	*engine_r = f->engine;
	return f->engine != NULL ? 0 : -1;
}

static struct arena *roots(struct flow *f)
{
	if (f->roots == NULL)
		f->roots = arena_new();
	return f->roots;
}

int flow_root_hints(struct flow *f, const char *const **hints_r, struct err *e)
{
	if (f->root_hints == NULL)
		f->root_hints = root_hints_load(roots(f), f->opts.project->network.root_hints, e);
	*hints_r = f->root_hints;
	return f->root_hints != NULL ? 0 : -1;
}

int flow_trust_anchor(struct flow *f, const struct rrset **anchor_r, struct err *e)
{
	if (f->trust_anchor == NULL)
		f->trust_anchor = trust_anchor_load(roots(f), f->opts.project->network.trust_anchor,
						    e);
	*anchor_r = f->trust_anchor;
	return f->trust_anchor != NULL ? 0 : -1;
}

int flow_http(struct flow *f, struct http **http_r, struct err *e)
{
	if (f->http == NULL) {
		const struct project *p = f->opts.project;
		f->http = http_new(&(struct http_opts){ .ca_file = p->network.ca_file,
							.port = p->network.https_port,
							.timeout_ms = p->network.dns_budget_ms,
							.at_once = f->opts.https_at_once },
				   e);
	}
	*http_r = f->http;
	return f->http != NULL ? 0 : -1;
}

int flow_put(struct flow *f, const char *name, const struct js *doc, struct err *e)
{
	if (f->store == NULL)
		return 0;
	struct buf text;
	buf_init(&text);
	js_write(doc, 0, &text);
	int rc = store_put(f->store, name, text.at, flow_now_ms(f), e);
	buf_release(&text);
	return rc;
}

/* A document that cannot be parsed is an error, not an absence: a step that took it for absent
 * would begin anew. */
int flow_get(struct flow *f, const char *name, struct js **doc_r, int64_t *at_ms_r, struct err *e)
{
	int64_t at_ms = 0;
	const char *text = NULL;
	*doc_r = NULL;
	if (f->store == NULL)
		return 0;
	struct arena *a = arena_new();
	int rc = store_get(f->store, a, name, &text, &at_ms, e);
	if (rc == 0 && text != NULL) {
		*doc_r = js_parse(slice_str(text), e);
		rc = *doc_r != NULL ? 0
				    : err_wrap(e, "reading the '%s' document of the store", name);
	}
	if (at_ms_r != NULL)
		*at_ms_r = at_ms;
	arena_free(a);
	return rc;
}

int flow_note(struct flow *f, const char *step, const char *subject, const struct js *detail,
	      struct err *e)
{
	struct arena *a = arena_new();
	int rc = journal_add(f->store,
			     &(struct journal_row){
				     .at_ms = flow_now_ms(f),
				     .kind = JOURNAL_NOTE,
				     .step = step,
				     .subject = subject,
				     .detail = detail != NULL ? js_text(a, detail) : "",
			     },
			     NULL, e);
	arena_free(a);
	return rc;
}

void flow_waiting(struct flow *f, const char *reason, int64_t until_ms)
{
	if (f->opts.show.waiting != NULL)
		f->opts.show.waiting(f->opts.show.ctx, reason, until_ms);
}

int flow_wait(struct flow *f, const char *reason, int64_t until_ms, struct err *e)
{
	flow_waiting(f, reason, until_ms);
	return wait_until(f->opts.clock, until_ms, f->cancel, e);
}

/* Reasons quote servers and mailboxes: made printable once, here. */
__attribute__((format(printf, 3, 0))) static void
say(struct step_outcome *o, enum step_result result, const char *fmt, va_list ap)
{
	o->result = result;
	if (vsnprintf(o->reason, sizeof(o->reason), fmt, ap) < 0)
		o->reason[0] = '\0';
	str_make_printable(o->reason);
}

void step_done(struct step_outcome *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(o, STEP_DONE, fmt, ap);
	va_end(ap);
}

void step_wait(struct step_outcome *o, int64_t until_ms, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(o, STEP_WAIT, fmt, ap);
	va_end(ap);
	o->until_ms = until_ms;
}

void step_stop(struct step_outcome *o, const char *remedy, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(o, STEP_STOP, fmt, ap);
	va_end(ap);
	str_copy(o->remedy, sizeof(o->remedy), remedy);
}
