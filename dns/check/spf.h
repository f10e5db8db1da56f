/*
 * spf.h - the SPF family's parts. Only for dns/check.
 */
#ifndef DNS_CHECK_SPF_H
#define DNS_CHECK_SPF_H

#include "dns/check/rows.h"
#include "dns/spf_tree.h"

/* The domain's own SPF; NULL when its TXT could not be read. */
const struct spf_view *spf_own(const struct checking *c);
/* The domain's only record, parsed; NULL when there is none, several or an unreadable one. */
const struct spf_record *spf_own_record(const struct checking *c);
/* What every server says to the domain's TXT, as evidence. */
void spf_saw_everywhere(struct checking *c);
/* A line of evidence about the record at a name of the tree. */
void spf_saw_record(struct checking *c, const struct spf_view *v);
/* A finding about the domain's TXT, as loud as the row says; `subject` NULL: the domain's. */
void spf_report(struct checking *c, const char *subject, const char *message, const char *remedy);

/* Rows' functions: the record as it stands … */
void spf_missing(struct checking *c);
void spf_multiple(struct checking *c);
void spf_syntax(struct checking *c);
void spf_split_no_space(struct checking *c);
void spf_plus_all(struct checking *c);
void spf_ptr(struct checking *c);
void spf_type99(struct checking *c);
void spf_size(struct checking *c);
/* … what a receiver meets on its way … */
void spf_lookups(struct checking *c);
void spf_void_lookups(struct checking *c);
void spf_include_broken(struct checking *c);
void spf_include_loop(struct checking *c);
/* … and what the move asks of it. */
void spf_target_missing(struct checking *c);
void spf_old_remains(struct checking *c);

/* The new provider is named and surely not covered: every part of the tree could be read. */
bool spf_target_is_missing(const struct checking *c);

#endif
