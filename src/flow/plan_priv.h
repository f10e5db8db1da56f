/* plan_priv.h - the parts of a plan's making. Only for the plan's own files. */
#ifndef FLOW_PLAN_PRIV_H
#define FLOW_PLAN_PRIV_H

#include "flow/picture.h"
#include "flow/plan.h"

/* Each adds one set's changes to the picture, in the order in which the sets are applied. -1 with
 * *e as plan_compute says. */
int plan_staging(struct picture *pic, const struct plan_from *from, struct err *e);
/* A new MTA-STS id where the policy file has changed, TLSA of the new MX hosts in this zone; like
 * the staging, nothing once the switch was made. */
int plan_policy(struct picture *pic, const struct plan_from *from, struct err *e);
/* The MX first, then what follows it: the SPF record, autodiscover, DKIM where another key is. */
int plan_switch(struct picture *pic, const struct plan_from *from, struct err *e);
/* What only the move needed, from the zone as the switch leaves it. */
int plan_cleanup(struct picture *pic, const struct plan_from *from, struct err *e);

/* What a person has to do because no record can, as sentences in the arena, NULL-terminated. */
const char *const *plan_by_hand(struct picture *pic, const struct plan_from *from);

/* What a new record takes the place of. */
struct room {
	const char *name;       /* canonical */
	const uint16_t *may_go; /* types, ends with 0: RR_CNAME where something else is to be, else
				 * those that a CNAME may replace */
	const char *why;
};
/* Adds the changes that take it away, with their before-images: what the provider has there where
 * that is known (from->standing), else what the DNS shows. ERR_REFUSED, the type and the name told,
 * when more stands there than may go. */
int plan_make_room(struct picture *pic, const struct plan_from *from, const struct room *r,
		   struct err *e);
/* Whether there is anything to take away. */
int plan_room_is_taken(struct picture *pic, const struct plan_from *from, const struct room *r,
		       bool *taken_r, struct err *e);
/* ERR_REFUSED, with the remedy, when the before-image (NULL: absent) that the DNS shows is a
 * wildcard's and the provider has no such record (from->standing). */
int plan_check_made(struct picture *pic, const struct plan_from *from, const struct rrset *before,
		    struct err *e);
/* What a person is to look at where the same may be, and the provider could not tell; NULL. The
 * arena's. */
const char *plan_made_note(struct picture *pic, const struct plan_from *from, const char *name,
			   uint16_t type);
/* The names where a CNAME is wished and, by the DNS, something else is; or the other way round; or
 * where what is wished seems to be there by a wildcard alone. */
struct registrar_names plan_taken_names(struct arena *a, const struct project *p,
					const struct snapshot *s);

/* ERR_REFUSED when a receiver would give up on the SPF record that `txt` would be (RFC 7208 §4.6.4:
 * more than 10 look-ups), as far as all that it leads to could be read. */
int plan_check_spf(struct picture *pic, const struct rrset *txt, struct err *e);
/* True when a receiver who reads the SPF record in `txt` (NULL: none) gets to the term and passes
 * there (RFC 7208 §5.2): in its own text, or through what it includes. */
bool plan_spf_covers(struct picture *pic, const struct rrset *txt, const char *term);

/* Over all sets: what a person reviewed is what is applied, or the plan is refused. */
const char *plan_hash(struct arena *a, const struct plan *plan);

#endif
