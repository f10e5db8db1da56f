/*
 * A request is signed anew for each try, for its time is in the signature. What holds a secret is
 * wiped.
 */
#include "registrars/route53/exchange.h"

#include <string.h>

#include "registrars/route53/fault.h"
#include "registrars/route53/sigv4.h"

enum { TRIES_MAX = 6, FIRST_WAIT_MS = 1000, HEADERS_MAX = 5 };

/* What goes over the wire once. */
struct message {
	struct buf url, authorization;
	char time[SIGV4_TIME_MAX];
	size_t n; /* of the signed headers; Authorization is behind them */
	struct registrar_field headers[HEADERS_MAX];
};

static void add_header(struct message *m, const char *name, const char *value)
{
	m->headers[m->n++] = (struct registrar_field){ name, value };
}

/* Of "https://HOST/PATH": what stands in the Host header, and what behind it. */
static const char *split_url(struct arena *a, const char *url, const char **host_r)
{
	struct slice rest = slice_str(url + strlen("https://"));
	size_t len = strcspn(rest.ptr, "/");
	const char *path = rest.ptr + len;
	/* Nobody writes the scheme's own port into the header. */
	if (len > 4 && memcmp(rest.ptr + len - 4, ":443", 4) == 0)
		len -= 4;
	*host_r = arena_slice(a, (struct slice){ rest.ptr, len });
	return path;
}

/* Sorted by name, as the signature wants them. */
static void sign(const struct session *s, struct arena *a, const struct exchange *x,
		 struct message *m)
{
	const char *host;
	const char *prefix = split_url(a, s->base_url, &host);
	if (x->body.len > 0)
		add_header(m, "content-type", "application/xml");
	add_header(m, "host", host);
	add_header(m, "x-amz-date", sigv4_time(clock_now_ms(s->host->clock), m->time));
	if (s->token != NULL)
		add_header(m, "x-amz-security-token", secret_expose(s->token).ptr);
	const struct sigv4_key key = { s->key_id, s->key, s->region, "route53" };
	const struct sigv4_request r = {
		.method = x->method,
		.path = arena_printf(a, "%s%s", prefix, x->path),
		.query = x->query,
		.headers = m->headers,
		.header_n = m->n,
		.body = x->body,
		.time = m->time,
	};
	sigv4_authorization(&key, &r, &m->authorization);
	add_header(m, "authorization", m->authorization.at);
}

/* The provider's limit is kept before it has to say so. */
static int keep_pace(struct session *s, struct err *e)
{
	int64_t *slot = &s->sent_ms[s->sent_n % PACE];
	int64_t left_ms = *slot + PACE_MS - clock_mono_ms(s->host->clock);
	if (s->sent_n >= PACE && left_ms > 0 &&
	    s->host->wait(s->host->ctx, left_ms, "Route 53 takes five requests a second", e) != 0)
		return -1;
	*slot = clock_mono_ms(s->host->clock);
	s->sent_n++;
	return 0;
}

static int send_once(struct session *s, struct arena *a, const struct exchange *x,
		     struct registrar_reply *reply, struct err *e)
{
	struct message m = { .n = 0 };
	if (keep_pace(s, e) != 0)
		return -1;
	buf_init(&m.url);
	buf_init(&m.authorization);
	sign(s, a, x, &m);
	buf_addf(&m.url, "%s%s%s%s", s->base_url, x->path, x->query[0] != '\0' ? "?" : "",
		 x->query);
	const struct registrar_http request = {
		.method = x->method,
		.url = m.url.at,
		.headers = m.headers,
		.header_n = m.n,
		.body = x->body,
		.writes = x->writes,
	};
	int rc = s->host->http(s->host->ctx, a, &request, reply, e);
	secret_wipe(m.authorization.at, m.authorization.len);
	buf_release(&m.authorization);
	buf_release(&m.url);
	return rc;
}

/* One try. A read has no unknown end: it can be tried again. */
static enum fault_class try_once(struct session *s, struct arena *a, const struct exchange *x,
				 const struct xml **root_r, struct err *e)
{
	struct registrar_reply reply = { .status = 0 };
	struct err ignored;
	if (send_once(s, a, x, &reply, e) != 0)
		return x->writes && e->kind == ERR_RETRY ? FAULT_UNKNOWN : FAULT_REFUSED;
	*root_r = xml_parse(a, reply.body, &ignored);
	enum fault_class class = fault_of(&reply, *root_r, x->wants, e);
	return class == FAULT_UNKNOWN && !x->writes && reply.status >= 500 ? FAULT_EARLY : class;
}

enum exchange_end route53_exchange(struct session *s, struct arena *a, const struct exchange *x,
				   const struct xml **root_r, struct err *e)
{
	enum fault_class class = try_once(s, a, x, root_r, e);
	for (unsigned tries = 1; class == FAULT_EARLY && tries < TRIES_MAX; tries++) {
		if (s->host->wait(s->host->ctx, (int64_t)FIRST_WAIT_MS << (tries - 1),
				  "Route 53 asks to come again later", e) != 0)
			return EXCHANGE_REFUSED;
		class = try_once(s, a, x, root_r, e);
	}
	if (class == FAULT_NONE)
		return EXCHANGE_OK;
	return class == FAULT_UNKNOWN && x->writes ? EXCHANGE_UNKNOWN : EXCHANGE_REFUSED;
}
