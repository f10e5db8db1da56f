/*
 * sts_record.h - the TXT record that tells of an MTA-STS policy (RFC 8461 §3.1).
 */
#ifndef DNS_STS_RECORD_H
#define DNS_STS_RECORD_H

#include "base/str.h"

enum { STS_ID_MAX = 32 };

/* True for what a sender takes for one: it begins with "v=STSv1", then ";". */
bool sts_is_record(struct slice text);
/* True for what was meant as one: another case or version, blanks. */
bool sts_resembles_record(struct slice text);
/* NULL and the id (borrowed from the text), or what is wrong (static, a clause). */
const char *sts_record_wrong(struct slice text, struct slice *id_r);

#endif
