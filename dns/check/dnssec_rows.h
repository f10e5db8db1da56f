/*
 * dnssec_rows.h - the DNSSEC family has two files: the zone's chain (dnssec.c, with the rows)
 * and single answers (dnssec_answers.c).
 */
#ifndef DNS_CHECK_DNSSEC_ROWS_H
#define DNS_CHECK_DNSSEC_ROWS_H

#include "dns/check/rows.h"

/* Why the zone as a whole is bogus; BOGUS_NOT when it is not. */
enum bogus_why dnssec_zone_why(const struct checking *c);
/* The zone's name for people. */
const char *dnssec_zone_text(struct checking *c);
/* The clause of a verdict, else its state. */
const char *dnssec_detail(const struct secure *s);
/* The verdict on the zone as evidence. */
void dnssec_saw_zone(struct checking *c);
/* The keys of this server do not fit the DS, those of others do. */
bool dnssec_has_strange_keys(const struct checking *c, size_t server);

/* The rows' functions in dnssec_answers.c. */
void dnssec_check_bogus(struct checking *c);
void dnssec_check_expired(struct checking *c);
void dnssec_check_unsigned(struct checking *c);
void dnssec_check_expiring(struct checking *c);

#endif
