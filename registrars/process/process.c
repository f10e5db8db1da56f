/*
 * The provider: the contract's functions over the dialogue. Configuration first, for it decides
 * what is run and what that is told.
 */
#include "registrars/process/process.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/process/session.h"
#include "zone/dname.h"

enum { TIMEOUT_MS = 120 * 1000, TIMEOUT_MAX_MS = 3600 * 1000 };

static const char gift_name[] = "CUTOVER_SECRETS_FD";

static const struct registrar_option own_options[] = {
	{ .name = "command",
	  .required = true,
	  .help = "the program that speaks to the DNS host, and its arguments: an absolute path, "
		  "or "
		  "NAME for cutover-dns-NAME where plugins are installed" },
	{ .name = "timeout",
	  .help = "how long it may take for an answer, 120s unless told; of a listing, for a "
		  "line" },
	{ .name = NULL },
};

static bool is_own(const char *name)
{
	for (const struct registrar_option *o = own_options; o->name != NULL; o++) {
		if (str_eq(o->name, name))
			return true;
	}
	return false;
}

/* -- the configuration -- */

/* No quoting: what needs it belongs into a script of its own. */
static int read_command(struct plugin *p, const char *command, struct err *e)
{
	VEC(const char *) argv = { 0 };
	for (struct slice rest = slice_str(command); rest.len > 0;) {
		struct slice word = slice_until(&rest, ' ');
		if (word.len > 0)
			*vec_push(p->a, &argv) = arena_slice(p->a, word);
	}
	if (argv.n == 0)
		return err_set(e, ERR_USAGE, "option \"command\" names no program");
	if (strchr(argv.at[0], '/') == NULL)
		argv.at[0] = arena_printf(p->a, "%s/cutover-dns-%s", CUTOVER_PLUGIN_DIR,
					  argv.at[0]);
	*vec_push(p->a, &argv) = NULL;
	p->program.argv = argv.at;
	return 0;
}

static int read_timeout(struct plugin *p, const char *text, struct err *e)
{
	int64_t ms = TIMEOUT_MS;
	if (text != NULL &&
	    (!duration_parse(slice_str(text), &ms) || ms < 1000 || ms > TIMEOUT_MAX_MS)) {
		(void)err_set(e, ERR_USAGE,
			      "option \"timeout\" is no time from 1s to 1h: \"%.40s\"", text);
		return err_hint(e, "for example: timeout: 5m");
	}
	p->timeout_ms = (int)ms;
	return 0;
}

static int refuse_secret(const char *name, const char *why, struct err *e)
{
	(void)err_set(e, ERR_USAGE, "dns.credentials.%.40s %s", name, why);
	return err_hint(e, "a plugin reads its secrets as JSON; docs/providers-process.md");
}

/* Names are checked here: the plugin has not told its own yet, and gets them already. */
static int check_secret(const struct registrar_value *v, struct err *e)
{
	struct slice s = secret_expose(v->secret);
	if (!plugin_word_ok(v->name))
		return refuse_secret(v->name, "has a name that no plugin can have", e);
	if (!str_is_utf8(s) || memchr(s.ptr, '\0', s.len) != NULL)
		return refuse_secret(v->name, "is no UTF-8 text", e);
	return 0;
}

/* Room for all of it at once: a buffer that grows leaves copies behind. An octet becomes six at
 * most, and a name has its quotes. */
static void make_gift(struct plugin *p, const struct registrar_config *config)
{
	struct buf text;
	struct js_out out = { .to = &text };
	size_t room = 64;
	for (size_t i = 0; i < config->n; i++)
		if (config->values[i].secret != NULL)
			room += 6 * secret_expose(config->values[i].secret).len + PLUGIN_NAME_MAX +
				8;
	buf_init(&text);
	(void)buf_reserve(&text, room);
	js_out_object(&out, NULL);
	for (size_t i = 0; i < config->n; i++)
		if (config->values[i].secret != NULL)
			js_out_str(&out, config->values[i].name,
				   secret_expose(config->values[i].secret).ptr);
	js_out_object_end(&out);
	buf_addc(&text, '\n');
	p->gift = secret_new(buf_slice(&text));
	secret_wipe(text.at, text.cap);
	buf_release(&text);
	p->program.gift = p->gift;
	p->program.gift_name = gift_name;
}

static int read_values(struct plugin *p, const struct registrar_config *config, struct err *e)
{
	p->secrets = ARENA_ARRAY(p->a, config->n + 1, struct secret *);
	p->texts = ARENA_ARRAY(p->a, config->n + 1, struct registrar_value);
	p->program.secrets = (const struct secret *const *)p->secrets;
	for (size_t i = 0; i < config->n; i++) {
		const struct registrar_value *v = &config->values[i];
		if (v->secret == NULL && !is_own(v->name))
			p->texts[p->text_n++] = (struct registrar_value){
				.name = arena_strdup(p->a, v->name),
				.text = arena_strdup(p->a, v->text),
			};
		if (v->secret == NULL)
			continue;
		if (check_secret(v, e) != 0)
			return -1;
		p->secrets[p->program.secret_n++] = secret_new(secret_expose(v->secret));
	}
	make_gift(p, config);
	return 0;
}

static void process_close(void *session)
{
	struct plugin *p = session;
	plugin_end(p);
	for (size_t i = 0; i < p->program.secret_n; i++)
		secret_free(p->secrets[i]);
	secret_free(p->gift);
	arena_free(p->a);
	free(p);
}

static int process_open(const struct registrar *self, const struct registrar_host *host,
			const struct registrar_config *config, void **session_r, struct err *e)
{
	struct plugin *p = mem_alloc(sizeof(*p));
	p->host = host;
	p->a = arena_new();
	p->row = *self;
	p->row.own = p;
	p->zone = dname_canon(p->a, config->zone, e);
	if (p->zone != NULL && read_command(p, registrar_text(config, "command", ""), e) == 0 &&
	    read_timeout(p, registrar_text(config, "timeout", NULL), e) == 0 &&
	    read_values(p, config, e) == 0 && plugin_begin(p, config, e) == 0) {
		*session_r = p;
		return 0;
	}
	(void)plugin_fail(p, e);
	process_close(p);
	return -1;
}

static const struct registrar *process_as_opened(void *session)
{
	const struct plugin *p = session;
	return &p->row;
}

static uint32_t process_ttl(const struct registrar *self, uint32_t wanted)
{
	const struct plugin *p = self->own;
	return p != NULL ? plugin_ttl_fit(&p->hello.ttl, wanted) : wanted;
}

/* -- reading -- */

/* null is an answer, a member that is missing is none. */
static int read_answer(struct asking *k, struct arena *a, const struct rrset **rrset_r,
		       struct err *e)
{
	const struct js *v = js_get(k->answer.body, "rrset");
	if (v == NULL)
		return err_set(e, ERR_WORLD, "the plugin's answer to read has no rrset");
	if (str_eq(js_text(a, v), "null"))
		return 0;
	*rrset_r = plugin_rrset(a, k->p->zone, v, e);
	return *rrset_r != NULL ? 0 : -1;
}

static int check_asked(const struct rrset *s, const char *name, uint16_t type, struct err *e)
{
	if (s == NULL || (s->type == type && dname_equal(s->name, name)))
		return 0;
	return err_set(e, ERR_WORLD, "the plugin was asked for %s, and gave %s", name, s->name);
}

static int process_read(void *session, struct arena *a, const char *name, uint16_t type,
			const struct rrset **rrset_r, struct err *e)
{
	struct plugin *p = session;
	*rrset_r = NULL;
	if (plugin_begin(p, NULL, e) != 0)
		return plugin_fail(p, e);
	struct asking k = asking_for(p, "read");
	js_set_str(k.request, "name", name);
	js_set_str(k.request, "type", rr_type_name(a, type));
	int rc = plugin_ask(&k, e);
	if (rc == 0)
		rc = read_answer(&k, a, rrset_r, e);
	if (rc == 0)
		rc = check_asked(*rrset_r, name, type, e);
	asking_end(&k);
	return rc == 0 ? 0 : plugin_fail(p, e);
}

/* The count is what proves that nothing is missing. */
static int check_count(const struct asking *k, struct err *e)
{
	const struct js *count = js_get(k->answer.body, "count");
	if (count != NULL && js_int_of(count) == (int64_t)k->listed)
		return 0;
	(void)err_set(e, ERR_REFUSED,
		      "the listing may be cut: the plugin wrote %zu lines, and counts %lld",
		      k->listed, (long long)js_int_of(count));
	return err_hint(e, "what may be incomplete is never planned from; nothing was changed");
}

static int process_pick(void *session, struct arena *a, const struct registrar_names *names,
			const struct zone **zone_r, struct err *e)
{
	struct plugin *p = session;
	if (plugin_begin(p, NULL, e) != 0)
		return plugin_fail(p, e);
	struct asking k = asking_for(p, "list");
	k.lists = true;
	k.a = a;
	k.names = names;
	k.line = arena_new();
	int rc = plugin_ask(&k, e);
	if (rc == 0)
		rc = check_count(&k, e);
	if (rc == 0)
		*zone_r = zone_make(a, p->zone, k.rrsets.n, k.rrsets.at);
	asking_end(&k);
	return rc == 0 ? 0 : plugin_fail(p, e);
}

static int process_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	return process_pick(session, a, NULL, zone_r, e);
}

/* -- writing -- */

/* Without an answer only the kind tells: ERR_WORLD, and a dry run's refusal, mean that nothing of
 * the request has left us. */
static enum registrar_applied applied_without(const struct asking *k, const struct err *e)
{
	if (k->answer.kind == PLUGIN_ERROR)
		return k->error.applied;
	return e->kind == ERR_WORLD || e->kind == ERR_REFUSED ? APPLIED_NONE : APPLIED_UNKNOWN;
}

static int process_apply(void *session, const struct change_set *changes,
			 enum registrar_applied *applied_r, struct err *e)
{
	struct plugin *p = session;
	*applied_r = APPLIED_NONE;
	if (plugin_begin(p, NULL, e) != 0)
		return plugin_fail(p, e);
	struct asking k = asking_for(p, "apply");
	k.writes = true;
	js_set(k.request, "changes", plugin_changes(changes));
	int rc = plugin_ask(&k, e);
	if (rc != 0)
		*applied_r = applied_without(&k, e);
	else
		rc = plugin_applied_read(k.answer.body, applied_r, e);
	asking_end(&k);
	return rc == 0 ? 0 : plugin_fail(p, e);
}

const struct registrar registrar_process = {
	.abi = REGISTRAR_ABI,
	.name = "process",
	.title = "a program of your own, in any language",
	.capabilities = REGISTRAR_LIST | REGISTRAR_MORE_OPTIONS,
	.options = own_options,
	.open = process_open,
	.close = process_close,
	.as_opened = process_as_opened,
	.read = process_read,
	.list = process_list,
	.pick = process_pick,
	.apply = process_apply,
	.ttl = process_ttl,
};
