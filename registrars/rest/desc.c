/*
 * The document from the outside in. What the parts are is told in desc.h and in the reference.
 */
#include <string.h>

#include "registrars/rest/desc_read.h"

static int read_options(const struct place *top, struct desc *d)
{
	static const char *const known[] = {
		"name", "help", "secret", "required", "default", NULL
	};
	struct place list = place_member(top, "options");
	size_t n = js_len(list.v);
	struct registrar_option *o = ARENA_ARRAY(top->a, n + 1, struct registrar_option);
	struct desc_field *defaults = ARENA_ARRAY(top->a, n, struct desc_field);
	for (size_t i = 0; i < n; i++) {
		struct place p = place_item(&list, i);
		struct desc_field *f = &defaults[d->defaults.n];
		if (place_object(&p, known) != 0 || place_need_text(&p, "name", &o[i].name) != 0 ||
		    place_need_text(&p, "help", &o[i].help) != 0 ||
		    place_text(&p, "default", &f->text) != 0)
			return -1;
		o[i].secret = js_get_bool(p.v, "secret");
		o[i].required = js_get_bool(p.v, "required");
		f->name = o[i].name;
		d->defaults.n += f->text != NULL ? 1 : 0;
	}
	d->options = o;
	d->defaults.at = defaults;
	return 0;
}

static int read_lookup(const struct place *p, struct desc_lookup *l)
{
	static const char *const known[] = { "unless", "request", "rows",    "paging", "each",
					     "where",  "take",    "missing", NULL };
	if (place_object(p, known) != 0 || place_text(p, "unless", &l->unless) != 0 ||
	    place_list(p, &l->list) != 0 || place_fields(p, "where", &l->where) != 0 ||
	    place_fields(p, "take", &l->take) != 0 || place_text(p, "missing", &l->missing) != 0)
		return -1;
	return l->take.n > 0 ? 0 : place_refuse(p, "takes nothing");
}

static int read_lookups(const struct place *top, struct desc *d)
{
	struct place list = place_member(top, "lookups");
	struct desc_lookup *l = ARENA_ARRAY(top->a, js_len(list.v), struct desc_lookup);
	for (size_t i = 0; i < js_len(list.v); i++) {
		struct place p = place_item(&list, i);
		if (read_lookup(&p, &l[i]) != 0)
			return -1;
	}
	d->lookups = l;
	d->lookup_n = js_len(list.v);
	return 0;
}

static int read_lists(const struct place *top, struct desc *d)
{
	static const char *const known[] = { "request", "rows", "paging", "each", NULL };
	struct place list = place_member(top, "list");
	struct place read = place_member(top, "read");
	struct place record = place_member(top, "record");
	d->has_read = read.v != NULL;
	if (place_object(&list, known) != 0 || place_list(&list, &d->list) != 0)
		return -1;
	if (d->has_read && (place_object(&read, known) != 0 || place_list(&read, &d->read) != 0))
		return -1;
	return place_record(&record, &d->record);
}

static int read_allowed(const struct place *p, struct desc_ttl *t)
{
	struct place list = place_member(p, "allowed");
	uint32_t *allowed = ARENA_ARRAY(p->a, js_len(list.v), uint32_t);
	for (size_t i = 0; i < js_len(list.v); i++) {
		int64_t v = js_int_of(js_at(list.v, i));
		if (v < 1 || v > INT32_MAX || (i > 0 && v <= (int64_t)allowed[i - 1]))
			return place_refuse(&list, "is to be a rising list of seconds");
		allowed[i] = (uint32_t)v;
	}
	t->allowed = allowed;
	t->n = js_len(list.v);
	return 0;
}

static int read_ttl(const struct place *top, struct desc_ttl *t)
{
	static const char *const known[] = { "min",  "max",        "allowed",  "none", "shared",
					     "zone", "stands_for", "inherits", NULL };
	struct place p = place_member(top, "ttl");
	if (p.v == NULL)
		return 0;
	t->none = js_get_bool(p.v, "none");
	t->shared = js_get_bool(p.v, "shared");
	if (place_object(&p, known) != 0 || place_number(&p, "min", INT32_MAX, &t->min) != 0 ||
	    place_number(&p, "max", INT32_MAX, &t->max) != 0 || read_allowed(&p, t) != 0)
		return -1;
	if (place_text(&p, "inherits", &t->inherits) != 0 || place_text(&p, "zone", &t->zone) != 0)
		return -1;
	if (t->none && t->zone == NULL)
		return place_refuse(&p, "needs \"zone\": where the TTL of all records is");
	return place_fields(&p, "stands_for", &t->stands_for);
}

/* Each unit's writing must be whole: an RRset that can be made but not removed could not be
 * rolled back. */
static int check_write(const struct place *p, const struct desc_write *w)
{
	if (w->unit == UNIT_ZONE)
		return w->zone.n > 0 ? 0 : place_refuse(p, "needs \"zone\"");
	if (w->unit == UNIT_BATCH)
		return w->batch.n > 0 ? 0 : place_refuse(p, "needs \"batch\"");
	if (w->remove.n == 0)
		return place_refuse(p, "needs \"delete\"");
	if (w->unit == UNIT_RRSET)
		return w->replace.n > 0 ? 0 : place_refuse(p, "needs \"replace\"");
	return w->create.n > 0 ? 0 : place_refuse(p, "needs \"create\"");
}

static int read_refusal(const struct place *p, struct desc_refusal *r)
{
	static const char *const known[] = {
		"type", "variable", "equals", "contains", "why", NULL
	};
	const char *type;
	if (place_object(p, known) != 0 || place_need_text(p, "type", &type) != 0 ||
	    place_need_text(p, "variable", &r->variable) != 0 ||
	    place_text(p, "equals", &r->equals) != 0 ||
	    place_text(p, "contains", &r->contains) != 0 || place_need_text(p, "why", &r->why) != 0)
		return -1;
	r->type = rr_type_from_name(type);
	if (r->type == 0)
		return place_refuse(p, "is to name a known type");
	return (r->equals == NULL) != (r->contains == NULL)
		       ? 0
		       : place_refuse(p, "needs \"equals\" or \"contains\"");
}

/* NULL with what is wrong told. */
static const struct desc_refusal *read_values(const struct place *write, const char *name,
					      size_t *n_r)
{
	struct place list = place_member(write, name);
	struct desc_refusal *r = ARENA_ARRAY(write->a, js_len(list.v), struct desc_refusal);
	*n_r = js_len(list.v);
	for (size_t i = 0; i < *n_r; i++) {
		struct place p = place_item(&list, i);
		if (read_refusal(&p, &r[i]) != 0)
			return NULL;
	}
	return r;
}

static int read_refusals(const struct place *write, struct desc_write *w)
{
	w->refusals = read_values(write, "refuses", &w->refusal_n);
	w->anew = w->refusals != NULL ? read_values(write, "anew", &w->anew_n) : NULL;
	return w->anew != NULL ? 0 : -1;
}

static int read_write(const struct place *top, struct desc_write *w)
{
	static const char *const known[] = { "unit",      "create", "update",   "delete",
					     "replace",   "batch",  "commit",   "refuses",
					     "batch_max", "zone",   "rows_max", "renews",
					     "anew",      NULL };
	static const char *const units[] = { "record", "rrset", "batch", "zone", NULL };
	struct place p = place_member(top, "write");
	unsigned unit = UNIT_RECORD;
	if (place_object(&p, known) != 0 || place_word(&p, "unit", units, &unit) != 0 ||
	    place_steps(&p, "create", &w->create) != 0 ||
	    place_steps(&p, "update", &w->update) != 0 ||
	    place_steps(&p, "delete", &w->remove) != 0 ||
	    place_steps(&p, "replace", &w->replace) != 0 ||
	    place_steps(&p, "batch", &w->batch) != 0 ||
	    place_number(&p, "batch_max", 100000, &w->batch_max) != 0 ||
	    place_steps(&p, "commit", &w->commit) != 0 || place_steps(&p, "zone", &w->zone) != 0)
		return -1;
	w->unit = (enum desc_unit)unit;
	return read_refusals(&p, w) != 0 ? -1 : check_write(&p, w);
}

static int read_job(const struct place *top, struct desc_job *j)
{
	static const char *const known[] = { "id",     "url",      "poll",   "status", "done",
					     "failed", "every_ms", "for_ms", NULL };
	struct place p = place_member(top, "job");
	struct place poll = place_member(&p, "poll");
	unsigned every_ms = 1000;
	unsigned for_ms = 60000;
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_text(&p, "id", &j->id) != 0 ||
	    place_text(&p, "url", &j->url) != 0 || place_request(&poll, &j->poll) != 0 ||
	    place_need_text(&p, "status", &j->status) != 0 ||
	    place_fields(&p, "done", &j->done) != 0 ||
	    place_fields(&p, "failed", &j->failed) != 0 ||
	    place_number(&p, "every_ms", 60000, &every_ms) != 0 ||
	    place_number(&p, "for_ms", 3600000, &for_ms) != 0)
		return -1;
	j->given = true;
	j->every_ms = (int)every_ms;
	j->for_ms = (int)for_ms;
	return j->done.n > 0 ? 0 : place_refuse(&p, "needs \"done\"");
}

static int read_error(const struct place *p, struct desc_error *x)
{
	static const char *const known[] = { "status", "field", "contains", "class", "hint", NULL };
	static const char *const classes[] = { "ok",     "auth",     "gate",    "missing",
					       "exists", "conflict", "changed", "limit",
					       "locked", "refused",  "unknown", NULL };
	unsigned status = 0;
	unsigned class = CLASS_REFUSED;
	if (place_object(p, known) != 0 || place_number(p, "status", 599, &status) != 0 ||
	    place_text(p, "field", &x->field) != 0 ||
	    place_text(p, "contains", &x->contains) != 0 ||
	    place_word(p, "class", classes, &class) != 0 || place_text(p, "hint", &x->hint) != 0)
		return -1;
	x->status = (int)status;
	x->class = (enum desc_class) class;
	return status != 0 || x->contains != NULL ? 0 : place_refuse(p, "would mean every answer");
}

static int read_errors(const struct place *top, struct desc *d)
{
	struct place list = place_member(top, "errors");
	struct desc_error *x = ARENA_ARRAY(top->a, js_len(list.v), struct desc_error);
	for (size_t i = 0; i < js_len(list.v); i++) {
		struct place p = place_item(&list, i);
		if (read_error(&p, &x[i]) != 0)
			return -1;
	}
	d->errors = x;
	d->error_n = js_len(list.v);
	return 0;
}

static int read_success(const struct place *top, struct desc *d)
{
	static const char *const known[] = { "field", "equals", "of", NULL };
	static const char *const ofs[] = { "all", "writes", NULL };
	struct place p = place_member(top, "success");
	unsigned of = 0;
	if (p.v != NULL &&
	    (place_object(&p, known) != 0 || place_need_text(&p, "field", &d->ok_field) != 0 ||
	     place_need_text(&p, "equals", &d->ok_equals) != 0 ||
	     place_word(&p, "of", ofs, &of) != 0))
		return -1;
	d->ok_of_writes = of == 1;
	return place_text(top, "error_text", &d->error_text);
}

static int read_limits(const struct place *top, struct desc *d)
{
	static const char *const known[] = { "requests", "per_s", NULL };
	struct place p = place_member(top, "limits");
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_number(&p, "requests", 100000, &d->requests) != 0)
		return -1;
	d->per_s = 1;
	return place_number(&p, "per_s", 86400, &d->per_s);
}

static int read_capabilities(const struct place *top, struct desc *d)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "atomic", REGISTRAR_ATOMIC },
		      { "compare-and-set", REGISTRAR_COMPARE_AND_SET } };
	const char *const *list;
	d->capabilities = REGISTRAR_LIST | (d->ttl.none ? REGISTRAR_ZONE_TTL : 0);
	if (place_texts(top, "capabilities", &list) != 0)
		return -1;
	for (; *list != NULL; list++) {
		unsigned before = d->capabilities;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			d->capabilities |= str_eq(words[i].word, *list) ? words[i].bit : 0;
		if (d->capabilities == before)
			return place_refuse(top,
					    "capabilities: atomic, compare-and-set, each once");
	}
	return 0;
}

/* What a person confirms and types must be what it looks like: no letters that resemble others. */
static int check_word(const struct place *p, const char *text, const char *allowed, const char *why)
{
	bool good = strlen(text) <= 253 && text[strspn(text, allowed)] == '\0';
	return good ? 0 : place_refuse(p, why);
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

static int check_names(const struct place *top, const struct desc *d)
{
	struct place id = place_member(top, "id");
	struct place hosts = place_member(top, "hosts");
	if (d->hosts[0] == NULL)
		return place_refuse(&hosts, "names no host");
	for (size_t i = 0; d->hosts[i] != NULL; i++) {
		struct place host = place_item(&hosts, i);
		if (check_word(&host, d->hosts[i], LETTERS "-.:[]",
			       "is to be a host in lower case: HOST or HOST:PORT") != 0)
			return -1;
	}
	return check_word(&id, d->id, LETTERS "-",
			  "is to be of lower-case letters, digits and dashes");
}

static int read_head(const struct place *top, struct desc *d)
{
	unsigned schema = 0;
	if (place_number(top, "schema", 1000, &schema) != 0)
		return -1;
	if (schema != DESC_SCHEMA)
		return place_refuse(top, "is of another schema than 1, the one known here");
	if (place_need_text(top, "id", &d->id) != 0 ||
	    place_need_text(top, "title", &d->title) != 0 ||
	    place_need_text(top, "base_url", &d->base_url) != 0 ||
	    place_text(top, "verified", &d->verified) != 0 ||
	    place_text(top, "docs", &d->docs) != 0 || place_texts(top, "hosts", &d->hosts) != 0 ||
	    place_texts(top, "notes", &d->notes) != 0 ||
	    place_fields(top, "endpoints", &d->endpoints) != 0)
		return -1;
	if (d->endpoints.n > 0 && d->endpoints.at[0].text[0] == '\0')
		return place_refuse(top, "endpoints: an address is missing");
	return check_names(top, d);
}

static int read_basic(const struct place *top, struct desc *d)
{
	static const char *const known[] = { "user", "password", NULL };
	struct place p = place_member(top, "basic");
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_need_text(&p, "user", &d->basic_user) != 0)
		return -1;
	return place_need_text(&p, "password", &d->basic_password);
}

static bool is_option(const struct desc *d, const char *name)
{
	for (const struct registrar_option *o = d->options; o->name != NULL; o++) {
		if (str_eq(o->name, name))
			return true;
	}
	return false;
}

static int read_second_factor(const struct place *top, struct desc *d)
{
	struct desc_second_factor *s = &d->second_factor;
	static const char *const known[] = { "secret", "request", NULL };
	struct place p = place_member(top, "second_factor");
	struct place request = place_member(&p, "request");
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_need_text(&p, "secret", &s->secret) != 0)
		return -1;
	if (!is_option(d, s->secret))
		return place_refuse(&p, "is to name the option that holds the secret");
	return place_request(&request, &s->request);
}

static int read_requests(const struct place *top, struct desc *d)
{
	struct place login = place_member(top, "login");
	d->has_login = login.v != NULL;
	if (d->has_login && place_request(&login, &d->login) != 0)
		return -1;
	struct place signer = place_member(top, "signer");
	if (signer.v != NULL && place_signer(&signer, d) != 0)
		return -1;
	if (read_second_factor(top, d) != 0 || read_basic(top, d) != 0 ||
	    place_fields(top, "headers", &d->headers) != 0 ||
	    place_fields(top, "query", &d->query) != 0)
		return -1;
	d->body = js_get(top->v, "body");
	return read_lookups(top, d) != 0 || read_lists(top, d) != 0 ? -1 : 0;
}

/* Without a way back a copy would be no net. */
static int read_snapshot(const struct place *top, struct desc_snapshot *s)
{
	static const char *const known[] = { "request", "id", "restore", NULL };
	struct place p = place_member(top, "snapshot");
	struct place take = place_member(&p, "request");
	struct place restore = place_member(&p, "restore");
	if (p.v == NULL)
		return 0;
	if (place_object(&p, known) != 0 || place_request(&take, &s->take) != 0 ||
	    place_need_text(&p, "id", &s->id) != 0 || place_request(&restore, &s->restore) != 0)
		return -1;
	s->given = true;
	return 0;
}

static int read_all(const struct place *top, struct desc *d)
{
	static const char *const known[] = {
		"schema",       "id",      "title",         "verified",  "docs",       "base_url",
		"hosts",        "notes",   "options",       "headers",   "query",      "body",
		"login",        "lookups", "list",          "read",      "record",     "ttl",
		"write",        "job",     "success",       "errors",    "error_text", "limits",
		"capabilities", "basic",   "second_factor", "endpoints", "signer",     "warnings",
		"snapshot",     NULL,
	};
	if (place_object(top, known) != 0 || read_head(top, d) != 0 || read_options(top, d) != 0 ||
	    read_requests(top, d) != 0 || read_ttl(top, &d->ttl) != 0 ||
	    read_write(top, &d->write) != 0 || read_job(top, &d->job) != 0 ||
	    read_snapshot(top, &d->snapshot) != 0 || read_success(top, d) != 0 ||
	    read_errors(top, d) != 0 || read_limits(top, d) != 0)
		return -1;
	if (place_skips(top, "warnings", &d->warnings, &d->warning_n) != 0 ||
	    read_capabilities(top, d) != 0)
		return -1;
	return place_zone_unit(top, d);
}

struct desc *desc_parse(struct arena *a, const char *name, struct slice text, struct err *e)
{
	struct desc *d = ARENA_NEW(a, struct desc);
	d->tree = js_parse(text, e);
	if (d->tree == NULL) {
		e->kind = ERR_USAGE;
		(void)err_wrap(e, "%s", name);
		return NULL;
	}
	struct place top = { a, name, "", d->tree, e };
	if (read_all(&top, d) == 0)
		return d;
	desc_release(d);
	return NULL;
}

void desc_release(struct desc *d)
{
	if (d == NULL)
		return;
	js_free(d->tree);
	d->tree = NULL;
}
