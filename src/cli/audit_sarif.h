/*
 * audit_sarif.h - audits as SARIF 2.1.0, which code scanners read; written as they come.
 */
#ifndef CLI_AUDIT_SARIF_H
#define CLI_AUDIT_SARIF_H

#include <stdio.h>

#include "flow/audit.h"

struct audit_sarif {
	FILE *to;            /* borrowed; NULL: not wanted */
	const char *project; /* borrowed: where a scanner shall show a finding; NULL */
	size_t results;      /* so far */
	struct js *failed;   /* owned; notifications, NULL: none */
	size_t failed_n;
};

/* Writes the head, with every check as a rule. */
void audit_sarif_begin(struct audit_sarif *f, FILE *to, const char *project);
/* One domain's findings as results; what was set aside is suppressed with its reason. */
void audit_sarif_add(struct audit_sarif *f, const struct audit *au);
/* A domain that could not be audited, in words that are safe to show. */
void audit_sarif_failed(struct audit_sarif *f, const char *text);
/* Writes the tail and frees what was gathered for it; `to` stays open. */
void audit_sarif_end(struct audit_sarif *f);

#endif
