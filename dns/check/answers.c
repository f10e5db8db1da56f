/*
 * What the servers answer beside the records themselves: serials, empty names, negative
 * answers, truncation, wildcards.
 */
#include "dns/check/rows.h"

const struct check answer_checks[] = {
	{ .run = NULL },
};
