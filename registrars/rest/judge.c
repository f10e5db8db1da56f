/*
 * Providers disagree on what a status means, so the description's rules come first, in its order.
 */
#include "registrars/rest/judge.h"

#include <string.h>
#include <time.h>

#include "base/json_items.h"
#include "base/secret.h"

enum { WORDS_MAX = 300, BODY_SHOWN = 16 * WORDS_MAX };

static bool holds(struct slice body, const char *text)
{
	return body.len > 0 && memmem(body.ptr, body.len, text, strlen(text)) != NULL;
}

static bool is_of(const struct desc_error *x, const struct registrar_reply *reply,
		  const struct js *json, struct arena *a)
{
	if (x->status != 0 && x->status != reply->status)
		return false;
	if (x->contains == NULL)
		return true;
	if (x->field == NULL)
		return holds(reply->body, x->contains);
	const char *text = json != NULL ? body_text_at(a, json, x->field) : NULL;
	return text != NULL && strstr(text, x->contains) != NULL;
}

static bool is_listed(const int *list, int status)
{
	for (size_t i = 0; i < DESC_STATUS_MAX && list[i] != 0; i++) {
		if (list[i] == status)
			return true;
	}
	return false;
}

/* Who may not even read is kept out by more than a right that is missing: the account, its plan,
 * the address it asks from. */
static enum desc_class by_status(const struct desc_request *request,
				 const struct registrar_reply *reply)
{
	int status = reply->status;
	if (status == 403 && str_eq(request->method, "GET"))
		return CLASS_DENIED;
	if (status == 429)
		return CLASS_LIMIT;
	if (status == 503 && registrar_reply_header(reply, "retry-after") != NULL)
		return CLASS_LIMIT;
	if (status == 401 || status == 403 || status == 407)
		return CLASS_AUTH;
	if (status == 404 || status == 410)
		return CLASS_MISSING;
	if (status == 409)
		return CLASS_CONFLICT;
	if (status == 423)
		return CLASS_LOCKED;
	if (status >= 400 && status < 500)
		return CLASS_REFUSED;
	return CLASS_UNKNOWN;
}

/* A gateway's page with 200 is no answer of the API. */
static enum desc_class by_content(const struct desc *d, const struct desc_request *request,
				  const struct answer *out, const struct registrar_reply *reply,
				  struct arena *a)
{
	bool tells = d->ok_field != NULL && !(d->ok_of_writes && str_eq(request->method, "GET"));
	bool expects = str_eq(request->method, "GET") || tells || request->take.n > 0;
	if (out->json == NULL)
		return expects && reply->status != 204 ? CLASS_UNKNOWN : CLASS_OK;
	if (!tells)
		return CLASS_OK;
	const char *text = body_text_at(a, out->json, d->ok_field);
	return text != NULL && str_eq(text, d->ok_equals) ? CLASS_OK : CLASS_REFUSED;
}

static enum desc_class class_of(const struct desc *d, const struct desc_request *request,
				const struct registrar_reply *reply, struct arena *a,
				struct answer *out)
{
	for (size_t i = 0; i < d->error_n; i++) {
		const struct desc_error *x = &d->errors[i];
		if (!is_of(x, reply, out->json, a))
			continue;
		out->hint = x->hint;
		return x->class;
	}
	bool good = request->ok[0] != 0 ? is_listed(request->ok, reply->status)
					: reply->status >= 200 && reply->status < 300;
	if (good)
		return by_content(d, request, out, reply, a);
	if (is_listed(request->missing, reply->status))
		return CLASS_MISSING;
	return by_status(request, reply);
}

/* A listing's rows are parsed one by one as they are read. */
static struct js *parse(const struct registrar_reply *reply, const char *rows, struct answer *out)
{
	struct err ignored;
	struct buf rest;
	struct js *tree = NULL;
	buf_init(&rest);
	out->has_items = rows != NULL && js_cut_list(reply->body, rows, &rest, &out->items);
	if (out->has_items || reply->body.len > 0)
		tree = js_parse(out->has_items ? buf_slice(&rest) : reply->body, &ignored);
	buf_release(&rest);
	return tree;
}

/* Some say 200 to what they have not done. An answer that does not tell at all leaves a write
 * open. */
static enum desc_class as_expected(const struct exchange *x, struct arena *a, struct answer *out)
{
	const struct desc_fields *f = &x->request->expect;
	struct err ignored;
	for (size_t i = 0; i < f->n; i++) {
		const struct desc_field *at = &f->at[i];
		if (at->when != NULL && vars_get(&x->scope->vars, at->when) == NULL)
			continue;
		const char *want = vars_text(&x->scope->vars, a, at->text, &ignored);
		const char *text = out->json != NULL ? body_text_at(a, out->json, at->name) : NULL;
		if (want != NULL && text != NULL && str_eq_nocase(text, want))
			continue;
		out->unmet = at;
		out->found = text;
		if (!x->writes)
			return CLASS_REFUSED;
		return text == NULL ? CLASS_UNKNOWN : CLASS_CHANGED;
	}
	return CLASS_OK;
}

void judge_answer(const struct desc *d, const struct exchange *x,
		  const struct registrar_reply *reply, struct arena *a, struct answer *out)
{
	out->status = reply->status;
	out->reply = *reply;
	out->tree = parse(reply, x->rows, out);
	out->json = out->tree;
	out->class = class_of(d, x->request, reply, a, out);
	if (out->class == CLASS_OK)
		out->class = as_expected(x, a, out);
}

/* Before they are cut: half a secret would not be found. */
static const char *redacted(const struct rest *r, const char *text, struct arena *a)
{
	char *own = arena_strdup(a, text);
	for (size_t i = 0; i < r->secrets.n; i++)
		secret_redact(r->secrets.at[i], own);
	return own;
}

/* The provider's own words, cut and printable; err_set makes them so. */
static const char *words_of(const struct rest *r, const struct answer *answer,
			    const struct registrar_reply *reply, struct arena *a)
{
	const struct desc *d = r->desc;
	static const char *const usual[] = { "message", "error_description",
					     "error",   "errors/0/message",
					     "detail",  "error/message" };
	const char *text = d->error_text != NULL && answer->json != NULL
				   ? body_text_at(a, answer->json, d->error_text)
				   : NULL;
	for (size_t i = 0; text == NULL && i < sizeof(usual) / sizeof(usual[0]); i++)
		text = answer->json != NULL ? body_text_at(a, answer->json, usual[i]) : NULL;
	if (text == NULL)
		text = arena_slice(a, (struct slice){ reply->body.ptr, reply->body.len < BODY_SHOWN
									       ? reply->body.len
									       : BODY_SHOWN });
	return text[0] != '\0' ? redacted(r, text, a) : "it gave no reason";
}

struct saying {
	enum err_kind kind;
	const char *what, *hint;
};

static const struct saying sayings[] = {
	[CLASS_AUTH] = { ERR_ACCOUNT, "refuses these credentials",
			 "check dns.credentials, what the key may do, and whether this address may "
			 "use it" },
	[CLASS_GATE] = { ERR_ACCOUNT, "does not let this account use its API",
			 "use `dns.provider: manual`: it prints what to enter in the panel" },
	[CLASS_DENIED] = { ERR_ACCOUNT, "does not let this account or key in",
			   "when dns.credentials are right, the panel tells whether the account's "
			   "plan has the API, what the key may do and from which addresses; "
			   "`dns.provider: manual` prints what to enter there instead" },
	[CLASS_MISSING] = { ERR_REFUSED, "has no such zone or record",
			    "is the zone in this account? `cutover providers NAME --check` tells" },
	[CLASS_EXISTS] = { ERR_REFUSED, "has this record already",
			   "run `cutover plan` again and look at the difference" },
	[CLASS_CONFLICT] = { ERR_REFUSED, "says that it conflicts with another record",
			     "run `cutover plan` again and look at the difference" },
	[CLASS_CHANGED] = { ERR_REFUSED, "says that somebody was faster",
			    "nothing of it was written; run `cutover plan` again and look at the "
			    "difference" },
	[CLASS_LIMIT] = { ERR_WORLD, "wants fewer requests",
			  "wait some minutes and run the same command again" },
	[CLASS_LOCKED] = { ERR_REFUSED, "has locked it",
			   "unlock it in the panel, or change it there by hand" },
	[CLASS_REFUSED] = { ERR_REFUSED, "does not take it",
			    "its own words say why; if they make no sense, `dns.provider: manual` "
			    "does the same by hand" },
	[CLASS_UNKNOWN] = { ERR_RETRY, "failed",
			    "run the same command again: what was done meanwhile is read first" },
};

static int refuse_unmet(const struct rest *r, const struct answer *answer, struct arena *a,
			struct err *e)
{
	const struct desc *d = r->desc;
	const struct saying *s = &sayings[answer->class];
	if (answer->found == NULL)
		(void)err_set(e, s->kind, "the answer of %s has no \"%s\"", d->title,
			      answer->unmet->name);
	else
		(void)err_set(e, s->kind,
			      "the answer of %s says \"%.60s\" at \"%s\", and not what was to be",
			      d->title, redacted(r, answer->found, a), answer->unmet->name);
	return answer->class == CLASS_REFUSED
		       ? err_hint(
				 e,
				 "`cutover providers NAME --check` tells more; nothing was changed")
		       : err_hint(e, "%s", s->hint);
}

int judge_error(const struct rest *r, const struct answer *answer,
		const struct registrar_reply *reply, struct arena *a, struct err *e)
{
	const struct desc *d = r->desc;
	const struct saying *s = &sayings[answer->class];
	if (answer->unmet != NULL)
		return refuse_unmet(r, answer, a, e);
	(void)err_set(e, s->kind, "%s %s (HTTP %d): %.*s", d->title, s->what, reply->status,
		      WORDS_MAX, words_of(r, answer, reply, a));
	return err_hint(e, "%s", answer->hint != NULL ? answer->hint : s->hint);
}

int64_t judge_retry_after_ms(const char *value, int64_t now_ms)
{
	uint64_t seconds;
	struct tm tm = { .tm_year = 0 };
	if (value == NULL)
		return -1;
	if (slice_to_u64(slice_str(value), &seconds))
		return seconds < 86400 ? (int64_t)seconds * 1000 : INT64_C(86400) * 1000;
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (end == NULL || *end != '\0')
		return -1;
	int64_t ms = (int64_t)timegm(&tm) * 1000 - now_ms;
	return ms > 0 ? ms : 0;
}
