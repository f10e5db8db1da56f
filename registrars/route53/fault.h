/* fault.h - what an answer of Route 53 that is no 200 means, and what to do. Only for this folder.
 */
#ifndef REGISTRARS_ROUTE53_FAULT_H
#define REGISTRARS_ROUTE53_FAULT_H

#include "base/xml.h"
#include "registrars/registrar.h"

enum fault_class {
	FAULT_NONE,
	FAULT_EARLY,   /* nothing was done; the same request may be sent again, later */
	FAULT_REFUSED, /* nothing was done */
	FAULT_UNKNOWN, /* a write may have been done */
};

/* `root`: the answer's document; NULL when it is none. `wants`: the element that a good answer
 * is. Fills *e for all but FAULT_NONE, so that it is the error if nobody tries again. No header of
 * ours is in it, though the vendor's words may repeat them. */
enum fault_class fault_of(const struct registrar_reply *reply, const struct xml *root,
			  const char *wants, struct err *e);

#endif
