/*
 * Read from the same templates that the engine sends: what is told here is what happens.
 */
#include "registrars/rest/powers.h"

#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "registrars/rest/signer.h"

struct telling {
	struct arena *a;
	const struct desc *d;
	VEC(const char *) lines;
};

/* Names and words of a body may hold anything. */
static void tell(struct telling *t, const char *text)
{
	char *line = arena_strdup(t->a, text);
	str_make_printable(line);
	for (char *p = line; (p = strchr(p, '\n')) != NULL;)
		*p = '?';
	for (size_t i = 0; i < t->lines.n; i++) {
		if (str_eq(t->lines.at[i], line))
			return;
	}
	*vec_push(t->a, &t->lines) = line;
}

/* A session word counts as the secret that it was had for. */
static bool is_secret(const struct desc *d, struct slice name)
{
	for (const struct registrar_option *o = d->options; o->name != NULL; o++) {
		if (o->secret && slice_eq(slice_str(o->name), name))
			return true;
	}
	for (size_t i = 0; i < d->login.take.n; i++) {
		if (slice_eq(slice_str(d->login.take.at[i].name), name))
			return true;
	}
	for (size_t i = 0; i < d->login.cookies.n; i++) {
		if (slice_eq(slice_str(d->login.cookies.at[i].name), name))
			return true;
	}
	const struct signer *s = d->signer.kind;
	return s != NULL && s->makes != NULL && slice_eq(slice_str(s->makes), name);
}

static bool holds_secret(const struct desc *d, const char *template)
{
	const char *at = template;
	while (at != NULL && (at = strchr(at, '{')) != NULL) {
		struct slice rest = slice_str(at + 1);
		if (is_secret(d, slice_until(&rest, '}')))
			return true;
		at++;
	}
	return false;
}

/* -- where secrets go -- */

static void tell_fields(struct telling *t, const char *where, const char *what,
			const struct desc_fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (holds_secret(t->d, f->at[i].text))
			tell(t, arena_printf(t->a, "%s, %s %s", where, what, f->at[i].name));
	}
}

struct body_telling {
	const struct desc *d;
	bool found;
};

static bool body_holds(const struct desc *d, const struct js *v);

static void look_at_member(void *ctx, const char *key, struct js *v)
{
	struct body_telling *b = ctx;
	(void)key;
	b->found = b->found || body_holds(b->d, v);
}

/* As deep as the reader of JSON lets a document be. */
static bool body_holds(const struct desc *d, const struct js *v)
{
	struct body_telling b = { d, js_is_string(v) && holds_secret(d, js_str(v)) };
	for (size_t i = 0; i < js_len(v) && !b.found; i++)
		b.found = body_holds(d, js_at(v, i));
	if (js_is_object(v))
		js_each(v, look_at_member, &b);
	return b.found;
}

static void tell_request(struct telling *t, const struct desc_request *r)
{
	if (r->path == NULL)
		return;
	const char *where = arena_printf(t->a, "%s %s", r->method, r->path);
	if (holds_secret(t->d, r->path))
		tell(t, arena_printf(t->a, "%s, in the path itself", where));
	tell_fields(t, where, "query", &r->query);
	tell_fields(t, where, "header", &r->headers);
	tell_fields(t, where, "form", &r->form);
	if (body_holds(t->d, r->body))
		tell(t, arena_printf(t->a, "%s, in the body", where));
}

static void tell_list(struct telling *t, const struct desc_list *l)
{
	tell_request(t, &l->request);
	tell_request(t, &l->each);
}

typedef void request_fn(struct telling *t, const struct desc_request *r);

static void each_step(struct telling *t, const struct desc_steps *s, request_fn *fn)
{
	for (size_t i = 0; i < s->n; i++)
		fn(t, &s->at[i]);
}

static void each_write(struct telling *t, request_fn *fn)
{
	const struct desc_write *w = &t->d->write;
	each_step(t, &w->create, fn);
	each_step(t, &w->update, fn);
	each_step(t, &w->replace, fn);
	each_step(t, &w->remove, fn);
	each_step(t, &w->batch, fn);
	each_step(t, &w->commit, fn);
	each_step(t, &w->zone, fn);
	if (t->d->snapshot.given) {
		fn(t, &t->d->snapshot.take);
		fn(t, &t->d->snapshot.restore);
	}
}

static void tell_everywhere(struct telling *t)
{
	const struct desc *d = t->d;
	tell_fields(t, "every request", "header", &d->headers);
	tell_fields(t, "every request", "query", &d->query);
	if (d->basic_user != NULL &&
	    (holds_secret(d, d->basic_user) || holds_secret(d, d->basic_password)))
		tell(t, "every request, header Authorization (Basic)");
	if (body_holds(d, d->body))
		tell(t, "every request, in the body");
	if (d->signer.kind != NULL && d->signer.kind->sign != NULL)
		tell(t, arena_printf(t->a, "%s, signed with the secrets (%s)",
				     d->signer.kind->needs_login ? "the login" : "every request",
				     d->signer.kind->name));
}

static const char *const *sends_of(const struct desc *d, struct arena *a)
{
	struct telling t = { .a = a, .d = d };
	tell_everywhere(&t);
	tell_request(&t, &d->login);
	tell_request(&t, &d->second_factor.request);
	for (size_t i = 0; i < d->lookup_n; i++)
		tell_list(&t, &d->lookups[i].list);
	tell_list(&t, &d->list);
	tell_list(&t, &d->read);
	each_write(&t, tell_request);
	tell_request(&t, &d->job.poll);
	*vec_push(a, &t.lines) = NULL;
	return t.lines.at;
}

/* -- what may be written -- */

/* One address for all is usual where the body names what is called. */
static const char *called(const struct desc_request *r)
{
	const char *word = js_get_str(r->body, "method");
	return word[0] != '\0' ? word : js_get_str(r->body, "action");
}

static void tell_write(struct telling *t, const struct desc_request *r)
{
	const char *word = called(r);
	tell(t, word[0] != '\0' ? arena_printf(t->a, "%s %s (%s)", r->method, r->path, word)
				: arena_printf(t->a, "%s %s", r->method, r->path));
}

static const char *const *writes_of(const struct desc *d, struct arena *a)
{
	struct telling t = { .a = a, .d = d };
	each_write(&t, tell_write);
	*vec_push(a, &t.lines) = NULL;
	return t.lines.at;
}

struct described_powers powers_of(const struct desc *d, struct arena *a)
{
	return (struct described_powers){ sends_of(d, a), writes_of(d, a) };
}
