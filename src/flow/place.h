/*
 * place.h - where changes were made: at which provider, and in which zone there. A project file can
 * be edited between a change and its rollback; what was written at one host is never looked for,
 * and never taken back, at another.
 */
#ifndef FLOW_PLACE_H
#define FLOW_PLACE_H

#include "base/json.h"
#include "flow/flow.h"

struct provider;

struct place {
	/* "hetzner", "cpanel (base_url https://…, user bob)"; NULL: not known, or no provider's but
	 * a person's, who looks at what the DNS shows. */
	const char *at;
	/* The provider's own id of the zone, which tells two accounts apart; NULL: not known. */
	const char *zone;
};

/* As the project file has it now, without the zone's id; in the arena. */
struct place place_of_project(const struct flow *f, struct arena *a);
/* The same with what the provider's answers so far have told. */
struct place place_of_session(const struct flow *f, struct arena *a, const struct provider *p);

/* As members of an object, and back; what is not known is left out. */
void place_to_js(const struct place *place, struct js *v);
struct place place_from_js(struct arena *a, const struct js *v);

/* True when both are known and not the same. */
bool place_differs(const struct place *was, const struct place *now);

/* ERR_REFUSED, with what to do, when the project leads to another place than `was`, where changes
 * were made that are to be looked at or taken back. Nobody is asked. 0 too when a person makes the
 * changes: the DNS is what is looked at then. */
int place_check(const struct flow *f, struct arena *a, const struct place *was, struct err *e);
/* The same once the provider has been asked for something: also another account's zone. */
int place_check_session(const struct flow *f, struct arena *a, const struct place *was,
			const struct provider *p, struct err *e);

#endif
