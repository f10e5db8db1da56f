/*
 * serial.h - the next SOA serial (RFC 1982, RFC 1912 §2.2). Private to the provider.
 */
#ifndef REGISTRARS_ZONEFILE_SERIAL_H
#define REGISTRARS_ZONEFILE_SERIAL_H

#include "base/clock.h"

/* A serial that looks like YYYYMMDDnn becomes today's (UTC) when that is greater; all
 * others, and a date that today does not exceed, get one more (wrapping, never 0). */
uint32_t serial_next(uint32_t serial, int64_t now_ms);

#endif
