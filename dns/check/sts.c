/*
 * MTA-STS (RFC 8461), TLS-RPT (RFC 8460) and CAA: may senders use the planned MX?
 */
#include "dns/check/rows.h"

const struct check sts_checks[] = {
	{ .run = NULL },
};
