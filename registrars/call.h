/*
 * call.h - the host's side of the contract: finds a provider, checks its options, opens
 * a session with the real world (or a refusing one) behind it.
 */
#ifndef REGISTRARS_CALL_H
#define REGISTRARS_CALL_H

#include "base/log.h"
#include "io/cancel.h"
#include "io/http_call.h"
#include "registrars/registrar.h"

struct registrar_call_opts {
	const struct registrar *const *table; /* NULL-terminated: the built-in providers */
	const char *provider;
	const struct registrar_config *config;
	bool dry_run; /* the same code with a refusing last step */
	int timeout_ms;
	const char *ca_file;             /* for HTTPS; NULL: the system's */
	const struct http_route *routes; /* network.connect_to; NULL: none */
	size_t route_n;
	const struct clock *clock;
	const struct rng *rng;
	const struct cancel *cancel; /* may be NULL */
	struct log *log;
	/* NULL: the real world. Tests give a fake; the dry run's refusal and the watch over
	 * writes stand before it all the same. */
	const struct registrar_host *host;
};

struct registrar_call;

/* Makes the session; no exchange with the provider yet. The clock, rng,
 * cancel and log must outlive it; the rest of `opts` is read during the call. ERR_USAGE for an
 * unknown provider (nearest name in the hint), an unknown, missing or misplaced option. */
int registrar_open(const struct registrar_call_opts *opts, struct registrar_call **call_r,
		   struct err *e);
/* Ends the session: the provider frees its own and wipes its secrets. Takes NULL. */
void registrar_close(struct registrar_call *c);
/* The provider as the session has it, for its name and capabilities: the row of the table, or what
 * only opening it could tell; valid until registrar_close. */
const struct registrar *registrar_of(const struct registrar_call *c);

/* One RRset as the provider's own data has it, in the arena; *rrset_r NULL when there is
 * none. A provider without read() is listed. ERR_REFUSED where the provider cannot be read:
 * then the DNS is asked instead. */
int registrar_read(struct registrar_call *c, struct arena *a, const char *name, uint16_t type,
		   const struct rrset **rrset_r, struct err *e);
/* What is at the names of the changes in one reading, in the arena, where a provider reads all to
 * tell one. *zone_r NULL: each RRset is best asked for by itself (registrar_read). */
int registrar_look(struct registrar_call *c, struct arena *a, const struct change_set *changes,
		   const struct zone **zone_r, struct err *e);
/* Every RRset at these names (canonical), of whatever type, in the arena; also others, where the
 * provider cannot choose. *zone_r NULL: it reads by name and type only, and nobody can say what
 * else is there. ERR_REFUSED where the provider cannot be read at all. */
int registrar_standing(struct registrar_call *c, struct arena *a,
		       const struct registrar_names *names, const struct zone **zone_r,
		       struct err *e);
/* The whole zone, in the arena; never a part of it. ERR_REFUSED without REGISTRAR_LIST. */
int registrar_list(struct registrar_call *c, struct arena *a, const struct zone **zone_r,
		   struct err *e);
/* Re-reads every before-image first, TTLs included, and refuses (ERR_REFUSED, APPLIED_NONE,
 * the record and both values named) when one differs or a CNAME would stand beside other
 * data, of whatever type, or take its place unplanned; then applies; never retries a write.
 * *applied_r is APPLIED_UNKNOWN when a write left the process and no answer tells its outcome:
 * resolve it by reading. */
int registrar_apply(struct registrar_call *c, const struct change_set *changes,
		    enum registrar_applied *applied_r, struct err *e);
/* Has what was written served, where the provider does that by a request of its own; else nothing.
 * To be called when reading shows a change as written whose apply failed or died. -1: it is
 * written, but not served. */
int registrar_publish(struct registrar_call *c, struct err *e);
/* What is wrong with how the zone is kept, as far as what was read so far tells; NULL: nothing. The
 * text lives as long as the call. */
const char *registrar_warning(const struct registrar_call *c);
/* 0 unless something in the zone would stop every change, which only some providers know; -1 too
 * when it could not be read. */
int registrar_writable(struct registrar_call *c, struct err *e);
/* The provider's own id of the zone, as far as the exchanges so far have told; NULL: not. The text
 * lives as long as the call. */
const char *registrar_zone_id(const struct registrar_call *c);
/* True when the provider keeps snapshots of a zone. */
bool registrar_keeps_snapshots(const struct registrar_call *c);
/* One of the zone as it is now; its id in the arena, printable. ERR_REFUSED where the provider
 * keeps none; no record was changed in any case. */
int registrar_snapshot(struct registrar_call *c, struct arena *a, const char **id_r, struct err *e);
/* The whole zone back as that snapshot has it, with what others edited since overwritten.
 * *applied_r as with registrar_apply. ERR_REFUSED where the provider keeps none. */
int registrar_restore(struct registrar_call *c, const char *id, enum registrar_applied *applied_r,
		      struct err *e);
/* After a dry run's registrar_apply: everything went well up to the write that the host
 * refused. */
bool registrar_would_apply(const struct registrar_call *c);
/* What a person has to do for these changes, as text in the arena. ERR_REFUSED unless the
 * provider is REGISTRAR_BY_HAND. */
int registrar_sheet(struct registrar_call *c, struct arena *a, const struct change_set *changes,
		    const char **text_r, struct err *e);

#endif
