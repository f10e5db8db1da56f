/*
 * audit_github.h - findings as annotations of a GitHub workflow.
 */
#ifndef CLI_AUDIT_GITHUB_H
#define CLI_AUDIT_GITHUB_H

#include <stdio.h>

#include "base/buf.h"
#include "flow/audit.h"

/* One finding as a workflow command ("::error title=…::…"), escaped, with its newline. */
void audit_annotation(const struct finding *f, struct buf *out);
void audit_github_add(FILE *to, const struct audit *au);
/* A domain that could not be audited, in words that are safe to show. */
void audit_github_failed(FILE *to, const char *domain, const char *text);

#endif
