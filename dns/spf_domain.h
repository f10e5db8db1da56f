/*
 * spf_domain.h - the small grammar inside SPF terms: domain-spec with macros, networks and
 * prefix lengths (RFC 7208 §7.1, §12).
 */
#ifndef DNS_SPF_DOMAIN_H
#define DNS_SPF_DOMAIN_H

#include "base/str.h"

/* NULL when `s` is a domain-spec, else what is wrong with it (static). *macros_r: it depends
 * on the message, so it names nothing yet. */
const char *spf_domain_wrong(struct slice s, bool *macros_r);
/* The same for a macro-string, the value of a modifier that nobody knows: may be empty. */
const char *spf_macros_wrong(struct slice s, bool *macros_r);
/* Cuts "/24", "//64" or "/24//64" off the end of *value into the lengths, which stay as they
 * are where none is written; false when a length is over 32 or 128 or has a leading zero. */
bool spf_cut_cidr(struct slice *value, unsigned *cidr4, unsigned *cidr6);
/* "192.0.2.0/24" or "2001:db8::/32" behind ip4: and ip6:, prefix left at `*cidr` where none is
 * written. NULL or what is wrong (static). */
const char *spf_network_wrong(struct slice value, bool v6, unsigned *cidr);

#endif
