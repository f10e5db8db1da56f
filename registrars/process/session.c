/*
 * The dialogue: an id for each request, and every line that comes back belongs to the last one or
 * is a log line; anything else, and the program is ended. It is begun anew for the next request,
 * for reading must go on after a plugin died in the middle of a write.
 */
#include "registrars/process/session.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/options.h"
#include "zone/dname.h"

enum {
	HELLO_MS = 20 * 1000,
	TRIES = 4,         /* of a request that is told to come later */
	PATIENCE_S = 300,  /* longest of such waits */
	USUAL_WAIT_S = 10, /* when it does not say how long */
	LOGS_MAX = 10000,  /* a request */
	LISTED_MAX = 2000000,
	NOTE_MAX = 1000,
};

/* -- what it says -- */

static void redact(const struct plugin *p, char *text)
{
	for (size_t i = 0; i < p->program.secret_n; i++)
		secret_redact(p->program.secrets[i], text);
}

int plugin_fail(const struct plugin *p, struct err *e)
{
	redact(p, e->text);
	redact(p, e->hint);
	return -1;
}

static const char *clean(const struct plugin *p, const char *text)
{
	if (text == NULL)
		return NULL;
	char *copy = arena_strdup(p->a, text);
	redact(p, copy);
	return copy;
}

/* Redacted before it is cut: half a secret would not be found. */
static void note(const struct plugin *p, const char *what, struct slice said)
{
	struct arena *a = arena_new();
	char *text = arena_slice(a, said);
	redact(p, text);
	p->host->note(p->host->ctx, arena_printf(a, "%s%.*s", what, (int)NOTE_MAX, text));
	arena_free(a);
}

static int take_log(struct asking *k, const struct plugin_line *line, struct err *e)
{
	note(k->p, "plugin: ", slice_str(js_str(line->body)));
	if (++k->logs <= LOGS_MAX)
		return 1;
	return err_set(e, ERR_WORLD, "the plugin wrote more than %d log lines for one request",
		       LOGS_MAX);
}

/* Each is read, to know what it is and whether it is one; a zone may have more of them than there
 * is memory, so where only some are wanted, the others are gone with their line. */
static int keep_rrset(struct asking *k, const struct js *body, struct err *e)
{
	if (k->names != NULL) {
		arena_reset(k->line);
		const struct rrset *s = plugin_rrset(k->line, k->p->zone, body, e);
		if (s == NULL || !registrar_names_have(k->names, s->name))
			return s == NULL ? -1 : 0;
	}
	const struct rrset *s = plugin_rrset(k->a, k->p->zone, body, e);
	if (s == NULL)
		return -1;
	*vec_push(k->a, &k->rrsets) = s;
	return 0;
}

static int take_rrset(struct asking *k, const struct plugin_line *line, struct err *e)
{
	if (!k->lists)
		return err_set(e, ERR_WORLD, "the plugin answered %s with a listing", k->method);
	if (k->listed++ == LISTED_MAX)
		return err_set(e, ERR_REFUSED, "the zone has more than %d RRsets", LISTED_MAX);
	return keep_rrset(k, line->body, e) == 0 ? 1 : -1;
}

/* 0: the answer is complete, and kept. */
static int take(struct asking *k, struct plugin_line *line, struct err *e)
{
	if (line->kind == PLUGIN_LOG)
		return take_log(k, line, e);
	if (line->id != k->p->last_id)
		return err_set(e, ERR_WORLD,
			       "the plugin answered request %lld, and was asked %lld (%s)",
			       (long long)line->id, (long long)k->p->last_id, k->method);
	if (line->kind == PLUGIN_RRSET)
		return take_rrset(k, line, e);
	if (line->kind != PLUGIN_ERROR && k->lists != (line->kind == PLUGIN_END))
		return err_set(e, ERR_WORLD,
			       "the plugin ended its answer to %s with the wrong line", k->method);
	k->answer = *line;
	*line = (struct plugin_line){ .tree = NULL };
	return 0;
}

static int hear(void *ctx, struct slice text, struct err *e)
{
	struct asking *k = ctx;
	struct plugin_line line;
	if (plugin_line_parse(text, &line, e) != 0) {
		note(k->p, "the plugin wrote: ", text);
		return -1;
	}
	int more = take(k, &line, e);
	plugin_line_release(&line);
	return more;
}

/* -- one request -- */

struct asking asking_for(struct plugin *p, const char *method)
{
	struct asking k = { .p = p, .method = method, .request = js_object() };
	js_set_int(k.request, "id", 0); /* where a reader looks for it: in front */
	js_set_str(k.request, "method", method);
	return k;
}

void asking_end(struct asking *k)
{
	plugin_line_release(&k->answer);
	js_free(k->request);
	arena_free(k->line);
	k->request = NULL;
}

static int talk(struct asking *k, int timeout_ms, struct err *e)
{
	const struct registrar_host *host = k->p->host;
	const struct registrar_sink sink = { hear, k };
	struct buf request;
	buf_init(&request);
	k->rrsets.n = 0;
	k->listed = 0;
	k->logs = 0;
	js_set_int(k->request, "id", ++k->p->last_id);
	js_write(k->request, 0, &request);
	int rc = host->program_talk(host->ctx, k->p->running,
				    &(struct registrar_talk){
					    .request = buf_slice(&request),
					    .writes = k->writes,
					    .streams = k->lists,
					    .timeout_ms = timeout_ms,
					    .sink = &sink,
				    },
				    e);
	buf_release(&request);
	if (rc != 0)
		plugin_end(k->p);
	return rc;
}

/* Tells what the plugin said was wrong; the answer's kind stays for the caller to see. */
static int refused(struct asking *k, struct err *e)
{
	struct plugin *p = k->p;
	int rc = plugin_error_read(p->a, k->answer.body, &k->error, e);
	if (rc == 0) {
		rc = plugin_error_tell(p->row.title, &k->error, e);
	} else {
		k->error = (struct plugin_error){ .class = PLUGIN_UNKNOWN,
						  .applied = APPLIED_UNKNOWN };
		plugin_end(p);
	}
	js_free(k->answer.tree);
	k->answer.tree = NULL;
	k->answer.body = NULL;
	return rc;
}

/* An error's own words, in full and before they were cut. */
static void redact_answer(const struct plugin *p, struct plugin_line *answer)
{
	static const char *const words[] = { "message", "hint" };
	struct js *error = js_get(answer->tree, "error");
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *text = arena_strdup(a, js_get_str(error, words[i]));
		redact(p, text);
		js_set_str(error, words[i], text);
	}
	arena_free(a);
}

static int ask_once(struct asking *k, int timeout_ms, struct err *e)
{
	k->answer = (struct plugin_line){ .tree = NULL };
	if (talk(k, timeout_ms, e) != 0) {
		plugin_line_release(&k->answer);
		return -1;
	}
	if (k->answer.kind != PLUGIN_ERROR)
		return 0;
	redact_answer(k->p, &k->answer);
	return refused(k, e);
}

static bool may_come_again(const struct asking *k)
{
	return k->answer.kind == PLUGIN_ERROR && k->error.class == PLUGIN_LIMIT &&
	       k->error.retry_after_s <= PATIENCE_S &&
	       (!k->writes || k->error.applied == APPLIED_NONE);
}

int plugin_ask(struct asking *k, struct err *e)
{
	const struct registrar_host *host = k->p->host;
	for (int i = 1;; i++) {
		if (ask_once(k, k->p->timeout_ms, e) == 0)
			return 0;
		if (i == TRIES || !may_come_again(k))
			return -1;
		int64_t wait_s = k->error.retry_after_s > 0 ? k->error.retry_after_s : USUAL_WAIT_S;
		if (host->wait(host->ctx, wait_s * 1000, "the provider wants fewer requests", e) !=
		    0)
			return -1;
	}
}

/* -- the beginning -- */

/* Ours first; a plugin cannot redefine them. */
static void make_row(struct plugin *p)
{
	const struct registrar_option *own = p->row.options;
	size_t own_n = 0;
	while (own[own_n].name != NULL)
		own_n++;
	struct registrar_option *all = ARENA_ARRAY(p->a, own_n + p->hello.option_n + 1,
						   struct registrar_option);
	memcpy(all, own, own_n * sizeof(own[0]));
	if (p->hello.option_n > 0)
		memcpy(all + own_n, p->hello.options, p->hello.option_n * sizeof(own[0]));
	p->row.name = p->hello.name;
	p->row.title = p->hello.title;
	p->row.capabilities = p->hello.capabilities;
	p->row.options = all;
	p->row.notes = p->hello.notes;
	p->row.verified = p->hello.verified;
	p->row.read = p->hello.reads ? p->row.read : NULL;
	p->row.list = (p->hello.capabilities & REGISTRAR_LIST) != 0 ? p->row.list : NULL;
	/* A listing tells what single reads would, but a plugin knows best what is dear. */
	p->row.capabilities |= p->hello.reads ? REGISTRAR_READS_ONE : 0;
	p->row.pick = p->row.list != NULL ? p->row.pick : NULL;
}

/* Shown where no error is: in plans, in the preflight. */
static void clean_hello(const struct plugin *p, struct plugin_hello *h)
{
	h->name = clean(p, h->name);
	h->title = clean(p, h->title);
	h->verified = clean(p, h->verified);
	for (const char **note_at = h->notes; *note_at != NULL; note_at++)
		*note_at = clean(p, *note_at);
}

static int say_hello(struct plugin *p, struct err *e)
{
	struct asking k = asking_for(p, "hello");
	js_set_int(k.request, "protocol", PLUGIN_PROTOCOL);
	int rc = ask_once(&k, p->timeout_ms < HELLO_MS ? p->timeout_ms : HELLO_MS, e);
	if (rc == 0)
		rc = plugin_hello_read(p->a, k.answer.body, &p->hello, e);
	if (rc == 0)
		clean_hello(p, &p->hello);
	asking_end(&k);
	return rc;
}

static int open_zone(struct plugin *p, struct err *e)
{
	struct asking k = asking_for(p, "open");
	struct js *options = js_object();
	for (size_t i = 0; i < p->text_n; i++)
		js_set_str(options, p->texts[i].name, p->texts[i].text);
	js_set_str(k.request, "zone", p->zone);
	js_set(k.request, "options", options);
	int rc = plugin_ask(&k, e);
	if (rc == 0)
		rc = plugin_ttl_read(js_get(k.answer.body, "ttl"), &p->hello.ttl, e);
	asking_end(&k);
	return rc;
}

int plugin_begin(struct plugin *p, const struct registrar_config *config, struct err *e)
{
	if (p->running != NULL)
		return 0;
	p->last_id = 0;
	if (p->host->program_start(p->host->ctx, &p->program, &p->running, e) != 0)
		return -1;
	int rc = say_hello(p, e);
	if (rc == 0 && config != NULL) {
		make_row(p);
		rc = options_check(&p->row, config, e);
	}
	if (rc == 0)
		rc = open_zone(p, e);
	if (rc != 0)
		plugin_end(p);
	return rc;
}

void plugin_end(struct plugin *p)
{
	p->host->program_stop(p->host->ctx, p->running);
	p->running = NULL;
}
