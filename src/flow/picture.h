/*
 * picture.h - the zone as a plan goes through it: each wish reads the picture, adds a change, and
 * leaves the picture as the change will. So the next set's before-images are the results of the
 * sets before it. Only for the plan's own files.
 */
#ifndef FLOW_PICTURE_H
#define FLOW_PICTURE_H

#include "base/vec.h"
#include "dns/snapshot.h"
#include "registrars/registrar.h"
#include "zone/change.h"

/* For records that are new: short enough to correct a mistake within the hour. */
enum { NEW_RECORD_TTL = 3600 };

/* A plain value, on the stack; everything in the arena. */
struct picture {
	struct arena *a;
	const struct snapshot *snap;
	const struct registrar *provider; /* NULL: every TTL is possible */
	VEC(struct change) changes;       /* of the set being made */
	VEC(struct change) earlier;       /* of the sets made before */
};

/* What is there as the plan sees it at this point; *rrset_r NULL: nothing. ERR_REFUSED when no
 * server could be read, when they do not agree, or when the name is another zone's. */
int picture_now(const struct picture *pic, const char *name, uint16_t type,
		const struct rrset **rrset_r, struct err *e);
/* Whether any server was asked for it: what was not is not known to be absent. */
bool picture_asked(const struct picture *pic, const char *name, uint16_t type);
/* The change that makes it so (NULL: absent), with the TTL that the provider can have; none when
 * it is so already. `why` as long as the arena. */
void picture_change(struct picture *pic, const struct rrset *before, const struct rrset *wished,
		    const char *why);
/* A set of one record; NULL with *e when the value is none of that type. */
const struct rrset *picture_single(struct picture *pic, const char *name, uint16_t type,
				   uint32_t ttl, const char *rdata, struct err *e);
/* The changes since the last call as a set, checked; the next set begins. NULL with *e. */
const struct change_set *picture_close(struct picture *pic, const char *id, struct err *e);

#endif
