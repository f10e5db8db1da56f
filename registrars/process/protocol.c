/*
 * What is not known is an error where it would change the meaning (a class, a capability, a word
 * for what became of a change), and ignored where it only adds to it: a plugin may say more than
 * this version asks for.
 */
#include "registrars/process/protocol.h"

#include <string.h>

#include "zone/dname.h"

/* -- one line -- */

struct shape {
	const char *member;
	enum plugin_kind kind;
};

static const struct shape shapes[] = {
	{ "ok", PLUGIN_OK },   { "error", PLUGIN_ERROR }, { "rrset", PLUGIN_RRSET },
	{ "end", PLUGIN_END }, { "log", PLUGIN_LOG },
};

static int malformed(struct err *e, const char *what)
{
	(void)err_set(e, ERR_WORLD, "the plugin's answer is malformed: %s", what);
	return err_hint(e, "-vv shows what it wrote; docs/providers-process.md is the contract");
}

/* Two of them in one line could be read either way. */
static int find_shape(struct plugin_line *line, struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct js *body = js_get(line->tree, shapes[i].member);
		if (body == NULL)
			continue;
		n++;
		line->kind = shapes[i].kind;
		line->body = body;
	}
	if (n != 1)
		return malformed(e, "a line needs exactly one of ok, error, rrset, end and log");
	line->id = js_get_int(line->tree, "id");
	if (line->kind == PLUGIN_LOG)
		return js_is_string(line->body) ? 0 : malformed(e, "a log line is no text");
	if (line->id <= 0)
		return malformed(e, "a line has no id");
	return js_is_object(line->body) ? 0 : malformed(e, "what is answered is no object");
}

int plugin_line_parse(struct slice text, struct plugin_line *line_r, struct err *e)
{
	struct err why;
	*line_r = (struct plugin_line){ .tree = js_parse(text, &why) };
	if (line_r->tree == NULL)
		return malformed(e, why.text);
	if (find_shape(line_r, e) == 0)
		return 0;
	plugin_line_release(line_r);
	return -1;
}

void plugin_line_release(struct plugin_line *line)
{
	js_free(line->tree);
	*line = (struct plugin_line){ .tree = NULL };
}

/* -- errors -- */

/* Cut at a whole character, then printable: the text goes to a terminal. */
static const char *text_of(struct arena *a, const struct js *object, const char *key)
{
	const char *text = js_get_str(object, key);
	char *copy = arena_slice(a, (struct slice){ text, strnlen(text, PLUGIN_TEXT_MAX) });
	str_make_printable(copy);
	for (char *p = strchr(copy, '\n'); p != NULL; p = strchr(p, '\n'))
		*p = ' ';
	return copy;
}

struct saying {
	const char *word;
	enum err_kind kind;
	const char *what, *hint;
};

/* The same words as for the described providers: to the operator it is the same trouble. */
static const struct saying sayings[PLUGIN_CLASSES] = {
	[PLUGIN_AUTH] = { "auth", ERR_ACCOUNT, "refuses these credentials",
			  "check dns.credentials, and what they may do" },
	[PLUGIN_GATE] = { "gate", ERR_ACCOUNT, "does not let this account use its API",
			  "use `dns.provider: manual`: it prints what to enter in the panel" },
	[PLUGIN_MISSING] = { "missing", ERR_REFUSED, "has no such zone or record",
			     "is the zone in this account?" },
	[PLUGIN_CONFLICT] = { "conflict", ERR_REFUSED, "says that it conflicts with what is there",
			      "run `cutover plan` again and look at the difference" },
	[PLUGIN_LIMIT] = { "limit", ERR_WORLD, "wants fewer requests",
			   "wait some minutes and run the same command again" },
	[PLUGIN_REFUSED] = { "refused", ERR_REFUSED, "does not take it",
			     "its own words say why; if they make no sense, `dns.provider: "
			     "manual` does the same by hand" },
	[PLUGIN_UNKNOWN] = { "unknown", ERR_RETRY, "failed",
			     "run the same command again: what was done meanwhile is read first" },
};

static int class_of(const char *word, enum plugin_class *class_r)
{
	for (unsigned i = 0; i < PLUGIN_CLASSES; i++) {
		if (!str_eq(sayings[i].word, word))
			continue;
		*class_r = (enum plugin_class)i;
		return 0;
	}
	return -1;
}

static int applied_of(const char *word, enum registrar_applied *applied_r)
{
	static const char *const words[] = {
		[APPLIED_ALL] = "all",         [APPLIED_NONE] = "none",
		[APPLIED_PARTIAL] = "partial", [APPLIED_UNKNOWN] = "unknown",
		[APPLIED_BEYOND] = "beyond",
	};
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_eq(words[i], word))
			continue;
		*applied_r = (enum registrar_applied)i;
		return 0;
	}
	return -1;
}

int plugin_error_read(struct arena *a, const struct js *body, struct plugin_error *error_r,
		      struct err *e)
{
	*error_r = (struct plugin_error){
		.message = text_of(a, body, "message"),
		.hint = text_of(a, body, "hint"),
		.retry_after_s = js_get_int(body, "retry_after_s"),
		.applied = APPLIED_UNKNOWN,
	};
	if (class_of(js_get_str(body, "class"), &error_r->class) != 0)
		return malformed(e, "an error has no class that is known");
	/* All is no error: then nobody knows what it means. */
	if (js_get(body, "applied") != NULL &&
	    (applied_of(js_get_str(body, "applied"), &error_r->applied) != 0 ||
	     error_r->applied == APPLIED_ALL))
		return malformed(e, "an error's \"applied\" is none, partial, beyond or unknown");
	return 0;
}

int plugin_error_tell(const char *title, const struct plugin_error *error, struct err *e)
{
	const struct saying *s = &sayings[error->class];
	(void)err_set(e, s->kind, "%s %s: %s", title, s->what,
		      error->message[0] != '\0' ? error->message : "it gave no reason");
	return err_hint(e, "%s", error->hint[0] != '\0' ? error->hint : s->hint);
}

int plugin_applied_read(const struct js *body, enum registrar_applied *applied_r, struct err *e)
{
	if (applied_of(js_get_str(body, "applied"), applied_r) == 0 && *applied_r == APPLIED_ALL)
		return 0;
	*applied_r = APPLIED_UNKNOWN;
	(void)malformed(e, "an apply that is ok says \"applied\":\"all\"; all else is an error");
	e->kind = ERR_RETRY;
	return -1;
}

/* -- records -- */

const struct rrset *plugin_rrset(struct arena *a, const char *zone, const struct js *v,
				 struct err *e)
{
	struct err why;
	const struct js *ttl = js_get(v, "ttl");
	/* A TTL that is missing must not become 0. */
	bool has_ttl = ttl != NULL && (js_int_of(ttl) != 0 || str_eq(js_text(a, ttl), "0"));
	const struct rrset *s = has_ttl ? rrset_from_js(a, v, &why) : NULL;
	if (!has_ttl) {
		(void)malformed(e, "an RRset needs a ttl, a whole number of seconds");
		return NULL;
	}
	if (s == NULL) {
		(void)malformed(e, why.text);
		return NULL;
	}
	if (dname_is_within(s->name, zone))
		return s;
	(void)malformed(e, arena_printf(a, "%s is outside of %s; names are whole", s->name, zone));
	return NULL;
}

struct js *plugin_changes(const struct change_set *cs)
{
	struct arena *a = arena_new();
	struct js *list = js_array();
	for (size_t i = 0; i < cs->n; i++) {
		struct js *c = js_object();
		js_set_str(c, "name", cs->changes[i].name);
		js_set_str(c, "type", rr_type_name(a, cs->changes[i].type));
		js_set(c, "before", rrset_to_js(cs->changes[i].before));
		js_set(c, "after", rrset_to_js(cs->changes[i].after));
		js_push(list, c);
	}
	arena_free(a);
	return list;
}

/* -- TTLs -- */

static bool ttl_number(const struct js *v, uint32_t *ttl_r)
{
	int64_t n = js_int_of(v);
	if (v != NULL && (n <= 0 || n > INT32_MAX))
		return false;
	*ttl_r = (uint32_t)n;
	return true;
}

int plugin_ttl_read(const struct js *v, struct plugin_ttl *ttl_r, struct err *e)
{
	const struct js *list = js_get(v, "allowed");
	struct plugin_ttl t = { .n = js_len(list) };
	if (v == NULL)
		return 0;
	if (!ttl_number(js_get(v, "min"), &t.min) || !ttl_number(js_get(v, "max"), &t.max) ||
	    (t.max != 0 && t.min > t.max) || t.n > PLUGIN_TTLS_MAX)
		return malformed(e, "ttl has min and max in seconds, and up to 64 allowed");
	for (size_t i = 0; i < t.n; i++) {
		if (!ttl_number(js_at(list, i), &t.allowed[i]) ||
		    (i > 0 && t.allowed[i] <= t.allowed[i - 1]))
			return malformed(e, "ttl.allowed is a rising list of seconds");
	}
	*ttl_r = t;
	return 0;
}

uint32_t plugin_ttl_fit(const struct plugin_ttl *t, uint32_t wanted)
{
	uint32_t ttl = wanted;
	for (size_t i = 0; i < t->n; i++) {
		ttl = t->allowed[i];
		if (ttl >= wanted)
			break;
	}
	if (t->min != 0 && ttl < t->min)
		ttl = t->min;
	return t->max != 0 && ttl > t->max ? t->max : ttl;
}

/* -- hello -- */

bool plugin_word_ok(const char *s)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = strspn(s, ok);
	return len > 0 && len <= PLUGIN_NAME_MAX && s[len] == '\0';
}

static int read_capability(const char *word, struct plugin_hello *h, struct err *e)
{
	static const struct {
		const char *word;
		unsigned bit;
	} known[] = {
		{ "list", REGISTRAR_LIST },
		{ "atomic", REGISTRAR_ATOMIC },
		{ "compare-and-set", REGISTRAR_COMPARE_AND_SET },
	};
	if (str_eq(word, "read")) {
		h->reads = true;
		return 0;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!str_eq(known[i].word, word))
			continue;
		h->capabilities |= known[i].bit;
		return 0;
	}
	return malformed(e, "a capability that is none of list, read, atomic, compare-and-set");
}

static int read_capabilities(const struct js *list, struct plugin_hello *h, struct err *e)
{
	for (size_t i = 0; i < js_len(list); i++) {
		if (read_capability(js_str(js_at(list, i)), h, e) != 0)
			return -1;
	}
	/* Without reading, no change could be compared with what is there, or looked for after. */
	if (h->reads || (h->capabilities & REGISTRAR_LIST) != 0)
		return 0;
	return malformed(e, "a plugin must be able to list or read");
}

static int read_option(struct arena *a, const struct js *v, struct registrar_option *o,
		       struct err *e)
{
	const char *name = js_get_str(v, "name");
	if (!plugin_word_ok(name))
		return malformed(e, "an option's name is a lower-case word");
	*o = (struct registrar_option){
		.name = arena_strdup(a, name),
		.secret = js_get_bool(v, "secret"),
		.required = js_get_bool(v, "required"),
		.help = text_of(a, v, "help"),
	};
	return 0;
}

static int read_options(struct arena *a, const struct js *list, struct plugin_hello *h,
			struct err *e)
{
	h->option_n = js_len(list);
	if (h->option_n > PLUGIN_OPTIONS_MAX)
		return malformed(e, "more than 64 options");
	h->options = ARENA_ARRAY(a, h->option_n + 1, struct registrar_option);
	for (size_t i = 0; i < h->option_n; i++) {
		if (read_option(a, js_at(list, i), &h->options[i], e) != 0)
			return -1;
	}
	return 0;
}

static void read_notes(struct arena *a, const struct js *list, struct plugin_hello *h)
{
	size_t n = js_len(list) < PLUGIN_NOTES_MAX ? js_len(list) : PLUGIN_NOTES_MAX;
	h->notes = ARENA_ARRAY(a, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		struct js *o = js_object();
		js_set_str(o, "note", js_str(js_at(list, i)));
		h->notes[i] = text_of(a, o, "note");
		js_free(o);
	}
}

static int check_version(const struct js *body, struct err *e)
{
	int64_t version = js_get_int(body, "protocol");
	if (version == PLUGIN_PROTOCOL)
		return 0;
	(void)err_set(e, ERR_USAGE, "the plugin speaks version %lld of the protocol, not %d",
		      (long long)version, PLUGIN_PROTOCOL);
	return err_hint(e, "take a version of the plugin that is made for this cutover");
}

int plugin_hello_read(struct arena *a, const struct js *body, struct plugin_hello *hello_r,
		      struct err *e)
{
	struct plugin_hello h = { .name = arena_strdup(a, js_get_str(body, "name")) };
	if (check_version(body, e) != 0)
		return -1;
	if (!plugin_word_ok(h.name))
		return malformed(e, "hello needs a name, a lower-case word");
	h.title = text_of(a, body, js_get_str(body, "title")[0] != '\0' ? "title" : "name");
	h.verified = js_is_string(js_get(body, "verified")) ? text_of(a, body, "verified") : NULL;
	if (read_capabilities(js_get(body, "capabilities"), &h, e) != 0 ||
	    read_options(a, js_get(body, "options"), &h, e) != 0 ||
	    plugin_ttl_read(js_get(body, "ttl"), &h.ttl, e) != 0)
		return -1;
	read_notes(a, js_get(body, "notes"), &h);
	*hello_r = h;
	return 0;
}
