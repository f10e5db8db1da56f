/* guess.h - what a snapshot tells for a first project file. */
#ifndef FLOW_GUESS_H
#define FLOW_GUESS_H

#include "config/project.h"
#include "dns/snapshot.h"

/* Fills what was seen: the present MX hosts, SPF include and name servers. Nothing about
 * the target is derived: the new provider shows it. Texts live in the arena. */
void guess_project(struct arena *a, const struct snapshot *snap, struct template_values *v);

#endif
