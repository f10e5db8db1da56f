/*
 * audit_github.h - findings as annotations of a GitHub workflow.
 */
#ifndef CLI_AUDIT_GITHUB_H
#define CLI_AUDIT_GITHUB_H

#include <stdio.h>

#include "base/buf.h"
#include "base/digest.h"
#include "flow/audit.h"

/* Between two annotations a runner takes no line for a command ("stop-commands"), whatever a zone
 * has put into the report or an error. */
struct audit_github {
	FILE *to; /* borrowed; NULL: not wanted */
	char word[32];
};
/* Before anything else is said; audit_github_end behind all. */
void audit_github_begin(struct audit_github *g, FILE *to, const struct rng *rng);
void audit_github_end(const struct audit_github *g);

/* One finding as a workflow command ("::error title=…::…"), escaped, with its newline. */
void audit_annotation(const struct finding *f, struct buf *out);
/* All findings of a domain, each as its annotation. */
void audit_github_add(const struct audit_github *g, const struct audit *au);
/* A domain that could not be audited, in words that are safe to show. */
void audit_github_failed(const struct audit_github *g, const char *domain, const char *text);

#endif
