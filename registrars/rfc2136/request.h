/*
 * request.h - the three messages that this provider sends. Private to the provider.
 */
#ifndef REGISTRARS_RFC2136_REQUEST_H
#define REGISTRARS_RFC2136_REQUEST_H

#include "base/buf.h"
#include "zone/change.h"

enum { TYPE_AXFR = 252, OPCODE_QUERY = 0, OPCODE_UPDATE = 5 };

/* A question without recursion and without EDNS, for TCP. */
int request_query(uint16_t id, const char *name, uint16_t type, struct buf *out, struct err *e);
/* The change set as one UPDATE (RFC 2136 §2): prerequisites on every before-image, then the
 * deletions, then the additions. ERR_REFUSED when it does not fit into one message. */
int request_update(uint16_t id, const struct change_set *cs, struct buf *out, struct err *e);

#endif
