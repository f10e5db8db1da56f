/* world.h - a flow over a zone file in a directory of its own: a real zone, no network. */
#ifndef TESTS_UNIT_FLOW_WORLD_H
#define TESTS_UNIT_FLOW_WORLD_H

#include "flow/flow_priv.h"
#include "store/journal.h"

#define DOMAIN "treyresearch.com."

extern const char world_zone_text[]; /* what it begins with */

struct world {
	struct arena *a;
	struct fake_clock clock;
	struct project project;
	struct project_value options[1];
	const char *zone_path;
	struct flow *f;
};

/* cmocka's: *state is the world. */
int world_setup(void **state);
int world_teardown(void **state);
/* Opens the flow; close the one before. */
void world_open(struct world *w, bool dry_run);
/* The zone file as it is. */
const char *world_zone(struct world *w);
/* All rows of the journal. */
const struct journal_row *world_journal(struct world *w, size_t *n);

#endif
