/*
 * DMARC (RFC 7489, RFC 9989): policy, its syntax, and what it does to the new sender.
 */
#include "dns/check/rows.h"

const struct check dmarc_checks[] = {
	{ .run = NULL },
};
