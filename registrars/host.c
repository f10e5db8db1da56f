/*
 * The world's table of functions, and the guard before it. The guard keeps count of the
 * writes itself: what an apply reports is checked against what really left the process.
 */
#include "registrars/host.h"

#include <string.h>

#include "base/file.h"
#include "io/wait.h"

enum { FILE_LIMIT = 64 << 20 }; /* as much as zone_parse takes */

/* The world does not care what a message does: the guard has asked already. */
static int world_exchange(void *ctx, const char *server, struct slice request, bool writes,
			  struct buf *reply, struct err *e)
{
	(void)writes;
	return host_dns_exchange(ctx, server, request, reply, e);
}

static int world_transfer(void *ctx, const char *server, struct slice request,
			  const struct registrar_sink *sink, struct err *e)
{
	return host_dns_transfer(ctx, server, request, sink, e);
}

static int world_http(void *ctx, struct arena *a, const struct registrar_http *request,
		      struct registrar_reply *reply_r, struct err *e)
{
	return host_http(ctx, a, request, reply_r, e);
}

static int world_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	const struct host_world *w = ctx;
	(void)why;
	return wait_until(w->clock, clock_now_ms(w->clock) + ms, w->cancel, e);
}

/* Files are cancelled before, never in the middle. */
static int world_file_read(void *ctx, const char *path, struct buf *out, struct err *e)
{
	const struct host_world *w = ctx;
	if (cancel_check(w->cancel, e) != 0)
		return -1;
	return file_read(path, FILE_LIMIT, out, e);
}

static int world_file_write(void *ctx, const char *path, struct slice bytes, struct err *e)
{
	const struct host_world *w = ctx;
	if (cancel_check(w->cancel, e) != 0)
		return -1;
	return file_rewrite(path, bytes, e);
}

static int world_program_start(void *ctx, const struct registrar_program *program,
			       struct registrar_running **running_r, struct err *e)
{
	return host_program_start(ctx, program, running_r, e);
}

static int world_program_talk(void *ctx, struct registrar_running *running,
			      const struct registrar_talk *talk, struct err *e)
{
	(void)ctx;
	return host_program_talk(running, talk, e);
}

static void world_program_stop(void *ctx, struct registrar_running *running)
{
	(void)ctx;
	host_program_stop(running);
}

static void world_note(void *ctx, const char *text)
{
	const struct host_world *w = ctx;
	log_debug(w->log, "%s", text);
}

struct registrar_host host_world_functions(struct host_world *w)
{
	return (struct registrar_host){
		.clock = w->clock,
		.rng = w->rng,
		.dns_exchange = world_exchange,
		.dns_transfer = world_transfer,
		.http = world_http,
		.wait = world_wait,
		.file_read = world_file_read,
		.file_write = world_file_write,
		.program_start = world_program_start,
		.program_talk = world_program_talk,
		.program_stop = world_program_stop,
		.note = world_note,
		.ctx = w,
	};
}

/* The last step of a dry run: the caller has built the whole request by now. */
static int refuse_write(struct host_guard *g, const char *what, const char *where, struct err *e)
{
	g->refused++;
	(void)err_set(e, ERR_REFUSED, "dry run: %s %s was ready and has not been sent", what,
		      where);
	return err_hint(e, "run it again without the dry run");
}

/* Reads pass in a dry run too: it must come as far as the write, and no further. */
static int guard_exchange(void *ctx, const char *server, struct slice request, bool writes,
			  struct buf *reply, struct err *e)
{
	struct host_guard *g = ctx;
	if (writes && g->dry_run)
		return refuse_write(g, "the update to", server, e);
	log_debug(g->log, "dns %s %s: %zu octets", writes ? "update to" : "query to", server,
		  request.len);
	int rc = g->under.dns_exchange(g->under.ctx, server, request, writes, reply, e);
	/* Only ERR_WORLD and ERR_USAGE promise that nothing left the process. */
	if (rc != 0 && writes && e->kind != ERR_WORLD && e->kind != ERR_USAGE)
		g->uncertain++;
	return rc;
}

static int guard_transfer(void *ctx, const char *server, struct slice request,
			  const struct registrar_sink *sink, struct err *e)
{
	struct host_guard *g = ctx;
	log_debug(g->log, "zone transfer from %s", server);
	return g->under.dns_transfer(g->under.ctx, server, request, sink, e);
}

/* The path without its query, which may hold a key. */
static void log_request(struct host_guard *g, const struct registrar_http *request)
{
	log_debug(g->log, "%s %.*s", request->method, (int)strcspn(request->url, "?"),
		  request->url);
}

static int refuse_host(const struct registrar_http *request, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "%.*s is none of the provider's addresses",
		      (int)strcspn(request->url, "?"), request->url);
	return err_hint(e, "nothing was sent; an answer that leads elsewhere may be forged");
}

/* 5xx after a write, and everything that cut it, leave its outcome open. */
static int guard_http(void *ctx, struct arena *a, const struct registrar_http *request,
		      struct registrar_reply *reply_r, struct err *e)
{
	struct host_guard *g = ctx;
	if (!host_is_allowed(g, request->url))
		return refuse_host(request, e);
	if (request->writes && g->dry_run)
		return refuse_write(g, request->method, "of the change", e);
	log_request(g, request);
	g->calls++;
	int rc = g->under.http(g->under.ctx, a, request, reply_r, e);
	reply_r->hidden_n = g->secret_n;
	reply_r->hidden = g->secrets;
	bool open = rc != 0 ? e->kind != ERR_WORLD && e->kind != ERR_USAGE && e->kind != ERR_REFUSED
			    : reply_r->status >= 500;
	g->uncertain += request->writes && open ? 1 : 0;
	return rc;
}

enum { TELL_WAIT_MS = 5000 };

static int guard_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	struct host_guard *g = ctx;
	if (ms >= TELL_WAIT_MS)
		log_info(g->log, "waiting %lld s: %s", (long long)(ms / 1000), why);
	return g->under.wait(g->under.ctx, ms, why, e);
}

static int guard_file_read(void *ctx, const char *path, struct buf *out, struct err *e)
{
	struct host_guard *g = ctx;
	return g->under.file_read(g->under.ctx, path, out, e);
}

/* A failed atomic replacement has left the old file: there is no uncertainty. */
static int guard_file_write(void *ctx, const char *path, struct slice bytes, struct err *e)
{
	struct host_guard *g = ctx;
	if (g->dry_run)
		return refuse_write(g, "the new content of", path, e);
	log_debug(g->log, "writing %s: %zu octets", path, bytes.len);
	return g->under.file_write(g->under.ctx, path, bytes, e);
}

/* What its arguments are is the user's own text in the project file; secrets do not stand there. */
static int guard_program_start(void *ctx, const struct registrar_program *program,
			       struct registrar_running **running_r, struct err *e)
{
	struct host_guard *g = ctx;
	log_debug(g->log, "starting %s", program->argv[0]);
	return g->under.program_start(g->under.ctx, program, running_r, e);
}

static int guard_program_talk(void *ctx, struct registrar_running *running,
			      const struct registrar_talk *talk, struct err *e)
{
	struct host_guard *g = ctx;
	if (talk->writes && g->dry_run)
		return refuse_write(g, "the request", "to the plugin", e);
	int rc = g->under.program_talk(g->under.ctx, running, talk, e);
	if (rc != 0 && talk->writes && e->kind != ERR_WORLD && e->kind != ERR_USAGE)
		g->uncertain++;
	return rc;
}

static void guard_program_stop(void *ctx, struct registrar_running *running)
{
	struct host_guard *g = ctx;
	g->under.program_stop(g->under.ctx, running);
}

static void guard_note(void *ctx, const char *text)
{
	struct host_guard *g = ctx;
	g->under.note(g->under.ctx, text);
}

void host_guard_init(struct host_guard *g, const struct registrar_host *under, bool dry_run,
		     struct log *log)
{
	*g = (struct host_guard){ .under = *under, .log = log, .dry_run = dry_run };
	g->host = (struct registrar_host){
		.clock = under->clock,
		.rng = under->rng,
		.dns_exchange = guard_exchange,
		.dns_transfer = guard_transfer,
		.http = guard_http,
		.wait = guard_wait,
		.file_read = guard_file_read,
		.file_write = guard_file_write,
		.program_start = guard_program_start,
		.program_talk = guard_program_talk,
		.program_stop = guard_program_stop,
		.note = guard_note,
		.ctx = g,
	};
}
