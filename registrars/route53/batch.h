/* batch.h - a change set as one ChangeBatch. Only for this folder. */
#ifndef REGISTRARS_ROUTE53_BATCH_H
#define REGISTRARS_ROUTE53_BATCH_H

#include "registrars/route53/session.h"

/* The contract's apply; the zone's id is known. Once Route 53 has taken the batch it is applied;
 * that its servers have it is waited for, but not made a condition: what the world sees is looked
 * at elsewhere, and the key may lack the permission to ask. */
int batch_apply(struct session *s, const struct change_set *changes,
		enum registrar_applied *applied_r, struct err *e);

#endif
