/* DKIM keys: as the text of a record, and the same bytes as DER. */
#include <stdint.h>
#include <stdlib.h>

#include "dns/dkim_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct dkim_key key;
	dkim_key_parse(text, &key);
	if ((key.state == DKIM_BROKEN) != (key.why != NULL) ||
	    (key.state == DKIM_USABLE && key.bits == 0))
		abort();
	if (dkim_rsa_bits(text) > size * 8)
		abort();
	return 0;
}
