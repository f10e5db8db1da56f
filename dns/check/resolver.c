/*
 * What the panel of resolvers still holds, and whose fault it is.
 */
#include "dns/check/rows.h"

const struct check resolver_checks[] = {
	{ .run = NULL },
};
