/*
 * txt.h - TXT records as one text each, sorted by what they are meant to be. Only for dns/check.
 */
#ifndef DNS_CHECK_TXT_H
#define DNS_CHECK_TXT_H

#include "dns/check/rows.h"

struct txt_list {
	VEC(struct slice) list;
};
/* Tells whether a text is one that the family reads. */
typedef bool txt_is_fn(struct slice text);
/* The joined texts of an answer that are "one"; any other answer, and NULL, has none. In the
 * run's arena. */
struct txt_list txt_list_of(const struct checking *c, const struct seen *seen, txt_is_fn *is_one);
/* What every working server says to (name, type), as evidence; unreadable answers are left
 * out. */
void txt_saw_everywhere(struct checking *c, const char *name, uint16_t type);
/* The domain says with a null MX (RFC 7505) that it takes no mail. */
bool txt_takes_no_mail(const struct checking *c);

#endif
