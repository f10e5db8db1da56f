/*
 * mx.h - the MX family's parts, and what other families ask of it: is a host the old
 * system's, is it planned? Only for dns/check.
 */
#ifndef DNS_CHECK_MX_H
#define DNS_CHECK_MX_H

#include "dns/check/rows.h"

/* The parsed records of a set, in its order; NULL gives none. */
struct mx_list {
	size_t n;
	const struct mx *at;
};
/* The first 128 of a set, for more are no honest domain's. */
struct mx_list mx_list_of(const struct checking *c, const struct rrset *set);
/* What any working server says, each record once, at most 128. */
struct mx_list mx_served(const struct checking *c);
/* Null MX (RFC 7505 §3): one record, its host the root; the preference is not looked at. */
bool mx_is_null(struct mx_list list);
/* At least one host is in the list by that name. */
bool mx_list_has(struct mx_list list, const char *host);
/* Every server's answer as evidence, also those that agree: who lacks a record shows by
 * comparison. */
void mx_saw_everywhere(struct checking *c);
/* What a host resolves to, found by a walk from the root, which names no single server. */
void mx_saw_host(struct checking *c, const struct host_view *host);

/* The host belongs to the system that the mail leaves: it is one of the source's MX hosts, a
 * sibling or a name below one, or the same provider's. Never for a planned host, or when both
 * sides are the same provider and nothing else tells them apart. */
bool mx_is_old_host(const struct checking *c, const char *host);
/* The same without siblings: what the project file names, for what can be lost by a guess. */
bool mx_is_named_host(const struct checking *c, const char *host);
/* The plan has it. */
bool mx_is_planned_host(const struct checking *c, const char *host);
/* The plan says that the domain shall get mail: it may also move one that takes none. */
bool mx_plan_expects_mail(const struct checking *c);
/* What to do, with the very records where they are known: they can be copied from the report. */
const char *mx_plan_text(struct checking *c);

/* The rows' functions that stand in other files than the table: hosts and their addresses … */
void mx_target_cname(struct checking *c);
void mx_target_unresolvable(struct checking *c);
void mx_target_ip(struct checking *c);
void mx_target_bogon(struct checking *c);
void mx_ptr_missing(struct checking *c);
/* … and what differs from the plan. */
void mx_old_remains(struct checking *c);
void mx_not_target(struct checking *c);
void mx_priority_conflict(struct checking *c);
void mx_target_unprovisioned(struct checking *c);
void mx_tenant_key(struct checking *c);
void mx_subdomain_old(struct checking *c);

#endif
