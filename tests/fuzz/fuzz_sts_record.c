/* The record that tells of an MTA-STS policy: the id of a good one is letters and digits. */
#include <stdint.h>
#include <stdlib.h>

#include "dns/sts_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct slice id;
	const char *why = sts_record_wrong(text, &id);
	if (why == NULL && (id.len < 1 || id.len > STS_ID_MAX || !sts_is_record(text)))
		abort();
	if (sts_is_record(text) && !sts_resembles_record(text))
		abort();
	return 0;
}
