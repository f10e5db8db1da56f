/*
 * host.h - the two layers behind a provider's only window: the world (sockets, files) and
 * the guard that stands before it. Private to the room.
 */
#ifndef REGISTRARS_HOST_H
#define REGISTRARS_HOST_H

#include "base/log.h"
#include "io/cancel.h"
#include "registrars/registrar.h"

/* What the real world needs; everything borrowed. */
struct host_world {
	const struct clock *clock;
	const struct rng *rng;
	const struct cancel *cancel;
	int timeout_ms; /* for one exchange, connecting included */
};

/* The functions of the real world over `w`, which must outlive the host. */
struct registrar_host host_world_functions(struct host_world *w);

/* The DNS half of the world (RFC 7766), with the errors that struct registrar_host
 * promises. `reply` may hold a part of the answer after a failure. */
int host_dns_exchange(const struct host_world *w, const char *server, struct slice request,
		      struct buf *reply, struct err *e);
/* One request and its answer of many messages (RFC 5936 §2.2), each handed to the sink. The
 * timeout is for one message of the stream here: a large zone takes its time. */
int host_dns_transfer(const struct host_world *w, const char *server, struct slice request,
		      const struct registrar_sink *sink, struct err *e);

/* The guard refuses writes in a dry run and remembers what became of the others, so that
 * no provider can skip the first or be wrong about the second. */
struct host_guard {
	struct registrar_host under;
	struct registrar_host host; /* what the provider is handed */
	struct log *log;
	bool dry_run;
	unsigned refused;   /* writes that the dry run stopped */
	unsigned uncertain; /* writes that left the process and whose outcome nobody told */
};
/* Copies `under`; g->host is ready for a provider then. `g` must not move afterwards: the
 * host's functions get it as their ctx. */
void host_guard_init(struct host_guard *g, const struct registrar_host *under, bool dry_run,
		     struct log *log);

#endif
