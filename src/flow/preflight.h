/*
 * preflight.h - before anything is planned: does the project's DNS provider work, and is it the one
 * that serves the zone?
 */
#ifndef FLOW_PREFLIGHT_H
#define FLOW_PREFLIGHT_H

#include "flow/flow.h"

enum preflight_mark { PREFLIGHT_GOOD, PREFLIGHT_BAD, PREFLIGHT_NOTE };
struct preflight_line {
	enum preflight_mark mark;
	const char *text;
	const char *hint; /* what to do; NULL */
};
struct preflight {
	const char *provider, *title;
	bool ready; /* no line is BAD */
	size_t n;
	const struct preflight_line *lines;
};

/* Opens the provider, reads through it, compares with the authoritative servers; writes nothing.
 * What fails is a line, not an error; -1 only when cancelled, or the project names no provider. */
int flow_preflight(struct flow *f, struct arena *a, struct preflight *p_r, struct err *e);

/* The document of `providers NAME --check --json`, version 1; the caller's, js_free. */
struct js *preflight_to_js(const struct preflight *p);

#endif
