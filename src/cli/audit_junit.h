/*
 * audit_junit.h - audits as JUnit XML, which build servers read; written as they come.
 */
#ifndef CLI_AUDIT_JUNIT_H
#define CLI_AUDIT_JUNIT_H

#include <stdio.h>

#include "flow/audit.h"

/* A finding of at least `fail_on` fails its check's case; an ignored one skips it. */
void audit_junit_add(FILE *to, const struct audit *au, enum severity fail_on);
/* A domain that could not be audited, in words that are safe to show. */
void audit_junit_failed(FILE *to, const char *domain, const char *text);
/* The head and the tail of the one file. */
void audit_junit_begin(FILE *to);
void audit_junit_end(FILE *to);

#endif
