/*
 * audit_files.h - audits in the forms that build servers read: JUnit XML and SARIF into files,
 * annotations of a GitHub workflow on standard output. Written as audits come, so thousands of
 * domains need no more memory than one.
 */
#ifndef CLI_AUDIT_FILES_H
#define CLI_AUDIT_FILES_H

#include "cli/args.h"
#include "cli/term.h"
#include "flow/audit.h"

struct audit_files;

/* Opens what the options ask for (--junit, --sarif, --github), each regular file under a name
 * of its own until it is whole. ERR_USAGE when one cannot be written, or when two answers would
 * share standard output. `t` is borrowed. */
int audit_files_open(const struct args *args, const struct term *t, struct audit_files **files_r,
		     struct err *e);
/* A finding of at least `fail_on` is a failure. Failed writes show in audit_files_close. */
void audit_files_add(struct audit_files *f, const struct audit *au, enum severity fail_on);
/* This domain could not be audited: an error in every form, so that nobody takes the report for
 * a healthy domain's. */
void audit_files_failed(struct audit_files *f, const char *domain, const struct err *why);
/* Ends the files and gives them their names, then frees. ERR_WORLD when one could not be
 * written: then the file that was there before is still there. Takes NULL. */
int audit_files_close(struct audit_files *f, struct err *e);

#endif
