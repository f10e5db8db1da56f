/*
 * address.h - IP addresses as text: which of them nobody can reach from outside, and where
 * their PTR record stands.
 */
#ifndef DNS_CHECK_ADDRESS_H
#define DNS_CHECK_ADDRESS_H

#include "base/arena.h"

/* True for an IPv4 or IPv6 address, also in brackets ("[192.0.2.1]"); with or without the final
 * dot of a domain name. */
bool address_is_literal(const char *text);
/* True when `address` lies in `network` ("127.53.0.0/16"); false for what is neither. */
bool address_is_in(const char *address, const char *network);
/* "a loopback address", "a private address" …: by IANA's special-purpose registries (RFC 6890)
 * no such address can be reached over the Internet. NULL for all others. Static. */
const char *address_special(const char *address);
/* Where the PTR of an address stands: "1.2.0.192.in-addr.arpa." (RFC 1035 §3.5),
 * "….ip6.arpa." (RFC 3596 §2.5). NULL for what is no address. */
const char *address_reverse(struct arena *a, const char *address);

#endif
