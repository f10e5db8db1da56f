/* TLS-RPT records: what is right begins as one. */
#include <stdint.h>
#include <stdlib.h>

#include "dns/tlsrpt_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	if (tlsrpt_record_wrong(text) == NULL && !tlsrpt_is_record(text))
		abort();
	if (tlsrpt_is_record(text) && !tlsrpt_resembles_record(text))
		abort();
	return 0;
}
