/*
 * A request is built anew for each try, for a signature may hold the time. What is sent may hold
 * secrets in any part, so all of it is wiped.
 */
#include "registrars/rest/exchange.h"

#include <string.h>

#include "base/digest.h"
#include "base/secret.h"
#include "registrars/rest/judge.h"
#include "registrars/rest/signer.h"

enum {
	HEADERS_MAX = 16,
	TRIES_MAX = 6,
	FIRST_WAIT_MS = 2000,
	LONGEST_WAIT_MS = 10 * 60 * 1000,
};

/* What goes over the wire once. */
struct message {
	struct buf url, body;
	size_t n;
	struct buf values[HEADERS_MAX];
	struct registrar_field headers[HEADERS_MAX];
};

static void message_init(struct message *m)
{
	memset(m, 0, sizeof(*m));
	buf_init(&m->url);
	buf_init(&m->body);
}

static void wipe(struct buf *b)
{
	secret_wipe(b->at, b->len);
	buf_release(b);
}

static void message_release(struct message *m)
{
	wipe(&m->url);
	wipe(&m->body);
	for (size_t i = 0; i < m->n; i++)
		wipe(&m->values[i]);
}

/* Takes over the value. */
static int push_header(struct message *m, const char *name, struct buf *take_value, struct err *e)
{
	if (m->n == HEADERS_MAX) {
		wipe(take_value);
		return err_set(e, ERR_USAGE, "the description has too many headers");
	}
	m->values[m->n] = *take_value;
	m->headers[m->n++] = (struct registrar_field){ name, take_value->at };
	return 0;
}

static int add_header(struct message *m, const struct vars *v, const char *name,
		      const char *template, struct err *e)
{
	struct buf value;
	buf_init(&value);
	if (vars_expand(v, template, VARS_PLAIN, &value, e) == 0)
		return push_header(m, name, &value, e);
	wipe(&value);
	return -1;
}

static int add_headers(struct message *m, const struct vars *v, const struct desc_fields *f,
		       struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct desc_field *h = &f->at[i];
		if (h->when != NULL && vars_get(v, h->when) == NULL)
			continue;
		if (add_header(m, v, h->name, h->text, e) != 0)
			return -1;
	}
	return 0;
}

/* "Basic dXNlcjpwYXNz" (RFC 7617 §2). */
static int add_basic(const struct rest *r, const struct vars *v, struct message *m, struct err *e)
{
	struct buf plain;
	struct buf value;
	if (r->desc->basic_user == NULL)
		return 0;
	buf_init(&value);
	buf_init(&plain);
	int rc = vars_expand(v, r->desc->basic_user, VARS_PLAIN, &plain, e);
	buf_addc(&plain, ':');
	if (rc == 0)
		rc = vars_expand(v, r->desc->basic_password, VARS_PLAIN, &plain, e);
	buf_adds(&value, "Basic ");
	base64_encode(&value, buf_slice(&plain));
	wipe(&plain);
	if (rc == 0)
		return push_header(m, "Authorization", &value, e);
	wipe(&value);
	return -1;
}

static int add_pair(struct buf *out, char before, const struct vars *v, const struct desc_field *f,
		    struct err *e)
{
	if (f->when != NULL && vars_get(v, f->when) == NULL)
		return 0;
	if (before != '\0')
		buf_addc(out, before);
	struct buf name;
	buf_init(&name);
	int rc = vars_expand(v, f->name, VARS_PLAIN, &name, e);
	vars_encode(buf_slice(&name), out);
	buf_release(&name);
	buf_addc(out, '=');
	return rc != 0 ? -1 : vars_expand(v, f->text, VARS_ENCODED, out, e);
}

static int add_query(struct buf *url, const struct vars *v, const struct desc_fields *f,
		     struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		char before = strchr(url->at, '?') != NULL ? '&' : '?';
		if (add_pair(url, before, v, &f->at[i], e) != 0)
			return -1;
	}
	return 0;
}

/* Before them there is nothing yet that the session's members could say. */
static bool is_opening(const struct rest *r, const struct exchange *x)
{
	return x->request == &r->desc->login || x->request == &r->desc->signer.time;
}

static int build_url(const struct rest *r, const struct exchange *x, struct message *m,
		     struct err *e)
{
	const struct vars *v = &x->scope->vars;
	if (x->url != NULL) {
		buf_adds(&m->url, x->url);
		return 0;
	}
	const char *path = x->request->path;
	if (path[0] == '/' || path[0] == '?')
		buf_adds(&m->url, r->base_url);
	/* An address of an answer has its own slashes. The host looks where it leads. */
	enum vars_as how = path[0] == '{' ? VARS_PLAIN : VARS_ENCODED;
	if (vars_expand(v, path, how, &m->url, e) != 0 ||
	    add_query(&m->url, v, &x->request->query, e) != 0)
		return -1;
	if (!is_opening(r, x) && add_query(&m->url, v, &r->desc->query, e) != 0)
		return -1;
	return add_query(&m->url, v, &x->extra, e);
}

struct merging {
	const struct body_scope *scope;
	struct js *into;
	struct err *e;
	int rc;
};

static void merge_member(void *ctx, const char *key, struct js *template)
{
	struct merging *g = ctx;
	struct js *v = g->rc == 0 ? body_expand(template, g->scope, g->e) : NULL;
	if (v == NULL)
		g->rc = -1;
	else
		js_set(g->into, key, v);
}

/* The session's own members (keys, a session id) stand in every body. */
static int build_json(const struct rest *r, const struct exchange *x, struct message *m,
		      struct err *e)
{
	struct js *body = x->request->body != NULL ? body_expand(x->request->body, x->scope, e)
						   : js_object();
	if (body == NULL)
		return -1;
	struct merging g = { x->scope, body, e, 0 };
	if (r->desc->body != NULL && js_is_object(body))
		js_each(r->desc->body, merge_member, &g);
	js_write(body, 0, &m->body);
	js_free(body);
	if (g.rc == 0 && x->scope->zone != NULL)
		g.rc = body_put_rows(x->scope->zone, &m->body, e);
	return g.rc != 0 ? -1
			 : add_header(m, &x->scope->vars, "Content-Type", "application/json", e);
}

static int build_form(const struct exchange *x, struct message *m, struct err *e)
{
	const struct desc_fields *f = &x->request->form;
	for (size_t i = 0; i < f->n; i++) {
		if (add_pair(&m->body, m->body.len > 0 ? '&' : '\0', &x->scope->vars, &f->at[i],
			     e) != 0)
			return -1;
	}
	return add_header(m, &x->scope->vars, "Content-Type", "application/x-www-form-urlencoded",
			  e);
}

/* Of the finished request: a signature may be over all of it. */
static int add_signature(const struct rest *r, const struct exchange *x, struct message *m,
			 struct err *e)
{
	const struct desc_signer *d = &r->desc->signer;
	struct signed_headers made = { .n = 0 };
	if (d->kind == NULL || d->kind->sign == NULL || x->request == &d->time)
		return 0;
	const struct signing s = {
		.desc = d,
		.vars = &r->vars,
		.now_s = clock_now_ms(r->host->clock) / 1000 + r->ahead_s,
		.rng = r->host->rng,
		.is_login = x->request == &r->desc->login,
		.method = x->request->method,
		.url = m->url.at,
		.body = buf_slice(&m->body),
	};
	int rc = d->kind->sign(&s, &made, e);
	for (size_t i = 0; i < made.n; i++) {
		if (push_header(m, made.names[i], &made.values[i], e) != 0)
			rc = -1;
	}
	return rc;
}

static int build(const struct rest *r, const struct exchange *x, struct message *m, struct err *e)
{
	const struct vars *v = &x->scope->vars;
	bool has_json = x->request->body != NULL ||
			(r->desc->body != NULL && !str_eq(x->request->method, "GET"));
	if (build_url(r, x, m, e) != 0 || add_header(m, v, "Accept", "application/json", e) != 0)
		return -1;
	if (!is_opening(r, x) &&
	    (add_basic(r, v, m, e) != 0 || add_headers(m, v, &r->desc->headers, e) != 0))
		return -1;
	if (add_headers(m, v, &x->request->headers, e) != 0)
		return -1;
	if (x->request->form.n > 0)
		has_json = false;
	if ((has_json && build_json(r, x, m, e) != 0) ||
	    (x->request->form.n > 0 && build_form(x, m, e) != 0))
		return -1;
	return add_signature(r, x, m, e);
}

void answer_release(struct answer *answer)
{
	js_free(answer->tree);
	answer->tree = NULL;
	answer->json = NULL;
}

void answer_release_wiped(struct answer *answer)
{
	js_free_wiped(answer->tree);
	answer->tree = NULL;
	answer->json = NULL;
}

const char *rest_keep_secret(struct rest *r, struct slice text)
{
	struct secret *own = secret_new(text);
	*vec_push(r->a, &r->secrets) = own;
	return secret_expose(own).ptr;
}

int rest_wait(struct rest *r, int64_t wait_ms, unsigned tries, struct err *e)
{
	int64_t ms = wait_ms >= 0 ? wait_ms : (int64_t)FIRST_WAIT_MS << tries;
	if (tries + 1 >= TRIES_MAX || ms > LONGEST_WAIT_MS)
		return -1;
	return r->host->wait(r->host->ctx, ms, "the provider wants fewer requests", e);
}

/* The provider's limit is kept before it has to say so: room for `n` requests. */
static int make_room(struct rest *r, unsigned n, struct err *e)
{
	const struct desc *d = r->desc;
	int64_t now_ms = clock_mono_ms(r->host->clock);
	int64_t end_ms = r->window_ms + (int64_t)d->per_s * 1000;
	if (d->requests == 0)
		return 0;
	if (r->window_n > 0 && r->window_n + n > d->requests && now_ms < end_ms) {
		if (r->host->wait(r->host->ctx, end_ms - now_ms,
				  "the provider takes only so many requests", e) != 0)
			return -1;
		now_ms = end_ms;
	}
	if (r->window_n == 0 || now_ms >= end_ms) {
		r->window_ms = now_ms;
		r->window_n = 0;
	}
	return 0;
}

int rest_reserve(struct rest *r, unsigned n, struct err *e)
{
	return make_room(r, n, e);
}

static int send_once(struct rest *r, struct arena *a, const struct exchange *x,
		     struct registrar_reply *reply, struct err *e)
{
	struct message m;
	if (make_room(r, 1, e) != 0)
		return -1;
	r->window_n++;
	message_init(&m);
	int rc = build(r, x, &m, e);
	if (rc == 0) {
		const struct registrar_http request = {
			.method = x->request->method,
			.url = m.url.at,
			.headers = m.headers,
			.header_n = m.n,
			.body = m.body.len > 0 ? buf_slice(&m.body) : (struct slice){ NULL, 0 },
			.writes = x->writes,
		};
		rc = r->host->http(r->host->ctx, a, &request, reply, e);
	}
	message_release(&m);
	return rc;
}

/* One try; 1: it was too early. *e says so, too. */
static int try_once(struct rest *r, struct arena *a, const struct exchange *x, struct answer *out,
		    struct err *e)
{
	struct registrar_reply reply = { .status = 0 };
	answer_release(out);
	*out = (struct answer){ .class = CLASS_REFUSED };
	if (send_once(r, a, x, &reply, e) != 0) {
		if (x->writes && e->kind == ERR_RETRY)
			out->class = CLASS_UNKNOWN;
		return -1;
	}
	judge_answer(r->desc, x, &reply, a, out);
	out->wait_ms = judge_retry_after_ms(registrar_reply_header(&reply, "retry-after"),
					    clock_now_ms(r->host->clock));
	if (out->class == CLASS_OK || (out->class == CLASS_MISSING && x->may_miss))
		return 0;
	(void)judge_error(r, out, &reply, a, e);
	return out->class == CLASS_LIMIT ? 1 : -1;
}

/* The value of that cookie (RFC 6265 §4.1); *found_r false: this header sets another. */
static struct slice cookie_value(const char *header, const char *name, bool *found_r)
{
	struct slice rest = slice_str(header);
	struct slice pair = slice_until(&rest, ';');
	struct slice key = slice_trim(slice_until(&pair, '='));
	*found_r = slice_eq(key, slice_str(name));
	return slice_trim(pair);
}

static int take_cookie(struct rest *r, const struct desc_field *f, const struct answer *answer,
		       struct err *e)
{
	for (size_t i = 0; i < answer->reply.header_n; i++) {
		bool found = false;
		struct slice value = { NULL, 0 };
		if (str_eq_nocase(answer->reply.headers[i].name, "set-cookie"))
			value = cookie_value(answer->reply.headers[i].value, f->text, &found);
		if (!found || value.len == 0)
			continue;
		vars_set(&r->vars, r->a, f->name, rest_keep_secret(r, value));
		return 0;
	}
	return err_set(e, ERR_WORLD, "the answer has no cookie \"%s\"", f->text);
}

static int take_cookies(struct rest *r, const struct desc_fields *cookies,
			const struct answer *answer, struct err *e)
{
	for (size_t i = 0; i < cookies->n; i++) {
		if (take_cookie(r, &cookies->at[i], answer, e) != 0)
			return -1;
	}
	return 0;
}

int rest_exchange(struct rest *r, struct arena *a, const struct exchange *x,
		  struct answer *answer_r, struct err *e)
{
	int rc;
	*answer_r = (struct answer){ .class = CLASS_REFUSED };
	for (unsigned tries = 0; (rc = try_once(r, a, x, answer_r, e)) == 1; tries++) {
		if (x->once || rest_wait(r, answer_r->wait_ms, tries, e) != 0)
			return -1;
	}
	return rc == 0 ? take_cookies(r, &x->request->cookies, answer_r, e) : rc;
}

int rest_take(struct rest *r, const struct desc_fields *take, const struct js *json, struct err *e)
{
	for (size_t i = 0; i < take->n; i++) {
		const struct desc_field *f = &take->at[i];
		const char *text = body_text_at(r->a, json, f->text);
		if (text == NULL)
			return err_set(e, ERR_WORLD, "the answer has no \"%s\"", f->text);
		vars_set(&r->vars, r->a, f->name, text);
	}
	return 0;
}
