/*
 * The HTTP half of the world: a provider's request by the one client of src/io, and the guard's
 * answer to where it may go.
 */
#include <stdlib.h>
#include <string.h>

#include "registrars/host.h"

enum {
	ANSWER_MAX = (16 << 20) - 1, /* with its NUL it fits a power of two: else it is doubled */
	HEADERS_MAX = 24,
	WHOLE_TIMES = 10, /* a long listing may come slowly, as long as it comes */
};

/* The client is made when it is needed: most providers of the table never speak HTTP. */
static struct http_client *client_of(struct host_world *w)
{
	if (w->http == NULL)
		w->http = http_client_new(&(struct http_client_opts){
			.ca_file = w->ca_file,
			.routes = w->routes,
			.routes_n = w->route_n,
			.timeout_ms = w->timeout_ms,
			.whole_ms = w->timeout_ms * WHOLE_TIMES,
			.cancel = w->cancel,
			.log = w->log,
		});
	return w->http;
}

static void copy_reply(struct arena *a, const struct http_reply *from,
		       struct registrar_reply *reply_r)
{
	struct registrar_field *headers = ARENA_ARRAY(a, from->headers_n, struct registrar_field);
	for (size_t i = 0; i < from->headers_n; i++)
		headers[i] = (struct registrar_field){ arena_strdup(a, from->headers[i].name),
						       arena_strdup(a, from->headers[i].value) };
	*reply_r = (struct registrar_reply){
		.status = from->status,
		.body = { arena_slice(a, buf_slice(&from->body)), from->body.len },
		.header_n = from->headers_n,
		.headers = headers,
	};
}

/* Whether the provider was reached is what the kind must say (struct registrar_host). */
static int told(const struct registrar_http *request, const struct http_reply *reply, struct err *e)
{
	if (e->kind == ERR_CANCELLED || e->kind == ERR_USAGE || e->kind == ERR_REFUSED)
		return -1;
	e->kind = reply->sent && request->writes ? ERR_RETRY : ERR_WORLD;
	if (!reply->too_long || request->writes)
		return -1;
	return err_hint(e, "a zone that is so large in one answer is not read, for what may be "
			   "incomplete is never planned from; change it with `dns.provider: "
			   "manual`, which prints what to enter in the panel");
}

int host_http(struct host_world *w, struct arena *a, const struct registrar_http *request,
	      struct registrar_reply *reply_r, struct err *e)
{
	struct http_header headers[HEADERS_MAX];
	struct http_reply reply = { .status = 0 };
	if (request->header_n > HEADERS_MAX)
		return err_set(e, ERR_BUG, "a request with %zu headers", request->header_n);
	for (size_t i = 0; i < request->header_n; i++)
		headers[i] = (struct http_header){ .name = request->headers[i].name,
						   .value = request->headers[i].value };
	const struct http_request r = {
		.method = request->method,
		.url = request->url,
		.headers = headers,
		.headers_n = request->header_n,
		.body = request->body,
		.body_max = ANSWER_MAX,
	};
	int rc = http_client_call(client_of(w), &r, &reply, e);
	if (rc == 0)
		copy_reply(a, &reply, reply_r);
	else
		rc = told(request, &reply, e);
	http_reply_release(&reply);
	return rc;
}

void host_world_release(struct host_world *w)
{
	http_client_free(w->http);
	w->http = NULL;
}

const char *registrar_reply_header(const struct registrar_reply *r, const char *name)
{
	for (size_t i = 0; i < r->header_n; i++) {
		if (str_eq_nocase(r->headers[i].name, name))
			return r->headers[i].value;
	}
	return NULL;
}

const char *registrar_reply_words(const struct registrar_reply *r, struct arena *a,
				  struct slice text)
{
	char *own = arena_slice(a, text);
	for (size_t i = 0; i < r->hidden_n; i++)
		secret_redact(r->hidden[i], own);
	return own;
}

/* "api.example.net[:8443]" of "https://api.example.net[:8443]/v1?x"; empty for anything else, also
 * where a user stands in it. */
static struct slice authority_of(const char *url)
{
	const char *at = url + strlen("https://");
	if (!str_starts(url, "https://"))
		return (struct slice){ NULL, 0 };
	size_t len = strcspn(at, "/?#\\");
	return memchr(at, '@', len) == NULL ? (struct slice){ at, len } : (struct slice){ NULL, 0 };
}

/* The port is part of it, but 443 needs not be written. */
static bool same_authority(struct slice a, const char *host)
{
	struct slice plain = a;
	if (a.len > 4 && slice_eq(SLICE_LIT(":443"), (struct slice){ a.ptr + a.len - 4, 4 }))
		plain.len -= 4;
	return a.len > 0 &&
	       (slice_eq_nocase(a, slice_str(host)) || slice_eq_nocase(plain, slice_str(host)));
}

bool host_is_allowed(const struct host_guard *g, const char *url)
{
	struct slice a = authority_of(url);
	struct slice base = g->base_url != NULL ? authority_of(g->base_url)
						: (struct slice){ NULL, 0 };
	if (base.len > 0 && a.len > 0 && slice_eq_nocase(a, base))
		return true;
	for (const char *const *h = g->hosts; h != NULL && *h != NULL; h++) {
		if (same_authority(a, *h))
			return true;
	}
	return false;
}
