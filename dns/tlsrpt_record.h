/*
 * tlsrpt_record.h - where reports about TLS failures shall go (RFC 8460 §3).
 */
#ifndef DNS_TLSRPT_RECORD_H
#define DNS_TLSRPT_RECORD_H

#include "base/str.h"

/* True for what a sender takes for one: it begins with "v=TLSRPTv1", then ";". */
bool tlsrpt_is_record(struct slice text);
/* True for what was meant as one: another case or version, blanks. */
bool tlsrpt_resembles_record(struct slice text);
/* NULL, or what is wrong (static, a clause): rua must hold mailto: or https: URIs. */
const char *tlsrpt_record_wrong(struct slice text);

#endif
