/*
 * Any bytes as the messages of a zone transfer: each behind its length, as on the wire. Limits
 * must hold, and what is kept must be names below the domain.
 */
#include <stdlib.h>

#include "dns/axfr.h"
#include "zone/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct axfr x = { .a = arena_new(), .zone = "a.", .domain = "a." };
	bool more = true;
	for (size_t at = 0; more && size - at >= 2;) {
		size_t len = (size_t)data[at] << 8 | data[at + 1];
		at += 2;
		len = len < size - at ? len : size - at;
		more = axfr_take(&x, (struct slice){ (const char *)data + at, len });
		at += len;
	}
	if (x.names.n > AXFR_NAMES_MAX || x.records > AXFR_RECORDS_MAX)
		abort();
	for (size_t i = 0; i < x.names.n; i++) {
		if (!dname_is_within(x.names.at[i], "a.") || dname_equal(x.names.at[i], "a."))
			abort();
	}
	if (axfr_is_cut(&x) && (!axfr_is_open(&x) || x.state == AXFR_WHOLE))
		abort();
	arena_free(x.a);
	return 0;
}
