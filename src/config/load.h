/*
 * load.h - what the loader's parts share; only for src/config.
 *
 * project_load reads the tree, project_walk holds it against the table and fills the plain
 * fields, project_parts makes the structured ones, project_check looks at them together.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/option.h"
#include "config/yaml_tree.h"

struct loader {
	struct arena *arena;
	const char *file; /* as the user named it */
	const struct node *root;
	struct project *p;
	struct err *e;
};

/* Says "FILE:LINE: …" and the remedy; returns -1. */
int load_refuse(struct loader *l, unsigned line, const char *text, const char *remedy);
/* The line of an option that was given, else the line of its section, else 1. */
unsigned load_line(const struct loader *l, const char *path);

/* The steps, in this order; each 0, or -1 with l->e said by load_refuse. */
int project_walk(struct loader *l);
/* After project_walk: DKIM names and the owner of the MX come from the domain. */
int project_parts(struct loader *l);
/* Fills what the target's provider lets us know and the file does not say. */
int project_preset(struct loader *l);
int project_check(struct loader *l);
/* auth.c: fills URLs and scopes of both sides' logins, before project_preset, and refuses what
 * does not go together. */
int project_logins(struct loader *l);

#endif
