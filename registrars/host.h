/*
 * host.h - the two layers behind a provider's only window: the world (sockets, files) and
 * the guard that stands before it. Private to the room.
 */
#ifndef REGISTRARS_HOST_H
#define REGISTRARS_HOST_H

#include "base/log.h"
#include "io/cancel.h"
#include "io/http_call.h"
#include "registrars/registrar.h"

/* What the real world needs; everything borrowed but the client. */
struct host_world {
	const struct clock *clock;
	const struct rng *rng;
	const struct cancel *cancel;
	int timeout_ms;      /* for one exchange, connecting included */
	const char *ca_file; /* NULL: the system's */
	const struct http_route *routes;
	size_t route_n;
	struct log *log;
	struct http_client *http; /* owned; NULL until it is needed */
};
/* Closes its connections. */
void host_world_release(struct host_world *w);

/* The functions of the real world over `w`, which must outlive the host. */
struct registrar_host host_world_functions(struct host_world *w);

/* The DNS half of the world (RFC 7766), with the errors that struct registrar_host
 * promises. `reply` may hold a part of the answer after a failure. */
int host_dns_exchange(const struct host_world *w, const char *server, struct slice request,
		      struct buf *reply, struct err *e);
/* One request and its answer of many messages (RFC 5936 §2.2), each handed to the sink. The
 * timeout is for one message of the stream here: a large zone takes its time. All of it may
 * take ten timeouts and a second more for each 4 KiB that came (ERR_RETRY), and be of 1 GiB
 * (ERR_WORLD). */
int host_dns_transfer(const struct host_world *w, const char *server, struct slice request,
		      const struct registrar_sink *sink, struct err *e);

/* The HTTP half, with the errors that struct registrar_host promises. */
int host_http(struct host_world *w, struct arena *a, const struct registrar_http *request,
	      struct registrar_reply *reply_r, struct err *e);

/* The program half, with what struct registrar_host promises of each. */
int host_program_start(const struct host_world *w, const struct registrar_program *program,
		       struct registrar_running **running_r, struct err *e);
int host_program_talk(struct registrar_running *r, const struct registrar_talk *talk,
		      struct err *e);
void host_program_stop(struct registrar_running *r);

/* The guard refuses writes in a dry run and remembers what became of the others, so that
 * no provider can skip the first or be wrong about the second. */
struct host_guard {
	struct registrar_host under;
	struct registrar_host host; /* what the provider is handed */
	struct log *log;
	const char *const *hosts; /* borrowed: the provider's; NULL: none */
	const char *base_url;     /* borrowed: the configured one; NULL */
	size_t secret_n;
	const struct secret *const *secrets; /* borrowed: the configured ones */
	bool dry_run;
	unsigned calls;     /* HTTP requests that were made */
	unsigned refused;   /* writes that the dry run stopped */
	unsigned uncertain; /* writes that left the process and whose outcome nobody told */
};
/* Copies `under`; g->host is ready for a provider then. `g` must not move afterwards: the
 * host's functions get it as their ctx. */
void host_guard_init(struct host_guard *g, const struct registrar_host *under, bool dry_run,
		     struct log *log);
/* Whether that address is one of the provider's: credentials go nowhere else. */
bool host_is_allowed(const struct host_guard *g, const char *url);

#endif
