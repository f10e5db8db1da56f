/* spf_edit.h - adds a sender to a domain's SPF record (RFC 7208) without losing another. */
#ifndef FLOW_SPF_EDIT_H
#define FLOW_SPF_EDIT_H

#include "zone/rrset.h"

/* The TXT RRset `before` (NULL: none) with `term` ("include:…") in its one SPF record,
 * just before the `all` mechanism or `redirect`. *after_r == before when the term is
 * there already; one behind `all`, where no receiver gets to, is moved. Other TXT records are
 * untouched. ERR_REFUSED for two SPF records: no receiver accepts either (RFC 7208 §4.5), so a
 * person must join them first. */
int spf_add(struct arena *a, const char *domain, const struct rrset *before, const char *term,
	    const struct rrset **after_r, struct err *e);

/* The reverse: without that term. *after_r == before when it is not there, or there is no SPF
 * record. ERR_REFUSED for two SPF records. */
int spf_remove(struct arena *a, const char *domain, const struct rrset *before, const char *term,
	       const struct rrset **after_r, struct err *e);

/* True when the set's SPF record itself holds the term, before its `all`. What its includes lead to
 * is spf_tree's to tell. */
bool spf_has(struct arena *a, const struct rrset *txt, const char *term);

#endif
