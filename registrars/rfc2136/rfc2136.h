/*
 * rfc2136.h - the provider "rfc2136": a zone changed by DNS UPDATE (RFC 2136), signed by
 * TSIG (RFC 8945).
 *
 * A change set is one message: the server applies all of it or nothing, and only when each
 * RRset still has the values of its before-image (prerequisites, RFC 2136 §2.4). They do
 * not carry TTLs; registrar_apply compares those by reading. NOERROR does not prove that
 * all was done (BIND and Knot skip a CNAME beside other data silently): read it back.
 */
#ifndef REGISTRARS_RFC2136_RFC2136_H
#define REGISTRARS_RFC2136_RFC2136_H

#include "registrars/registrar.h"

extern const struct registrar registrar_rfc2136;

#endif
