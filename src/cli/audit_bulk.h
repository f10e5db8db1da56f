/* audit_bulk.h - `cutover audit -`: domains from standard input, a line each. */
#ifndef CLI_AUDIT_BULK_H
#define CLI_AUDIT_BULK_H

#include "cli/command.h"
#include "flow/audit.h"

struct audit_bulk_opts {
	enum phase phase;
	enum severity fail_on;
	/* Shows one audit; false when nobody reads any more. */
	bool (*show)(void *ctx, const struct audit *au);
	/* This one could not be audited; the error was told already. */
	void (*failed)(void *ctx, const char *domain, const struct err *e);
	void *ctx;
};

/* The worst of all answers. Lines that are empty or begin with '#' are skipped. */
enum exit_code audit_bulk(const struct args *args, struct term *t,
			  const struct audit_bulk_opts *opts);

#endif
