/*
 * The selectors of the new provider, and those of the old one while its mail is in flight.
 */
#include "dns/check/rows.h"

const struct check dkim_checks[] = {
	{ .run = NULL },
};
