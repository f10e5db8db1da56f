/*
 * scenes.h - cases of a family's test as a table: the healthy sample is spoiled in one way,
 * and one check must say the right thing about it, or nothing.
 */
#ifndef TESTS_UNIT_CHECK_SCENES_H
#define TESTS_UNIT_CHECK_SCENES_H

#include "dns/check/rows.h"

#include "sample.h"

/* Beside the severities: nothing is said; or in every phase what the row's levels say. */
enum { SILENT = -1, BY_LEVELS = -2 };

struct scene {
	void (*spoil)(struct sample *x);
	enum phase phase; /* not looked at with BY_LEVELS */
	const char *check;
	int severity;        /* of the first finding */
	const char *subject; /* exactly; NULL: any */
	/* What message and remedy must name; NULL: anything. */
	const char *message, *remedy;
};

/* Fails with the scene's number and what was said instead. */
void scenes_run(const struct scene *scenes, size_t n);
/* Fails for a row of the family that no scene fires, or that no scene keeps silent. */
void scenes_cover(const struct check *family, const struct scene *scenes, size_t n);

#endif
