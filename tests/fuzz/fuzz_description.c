/*
 * Any bytes as the description of a provider. What is accepted must give a whole provider.
 */
#include <stdint.h>
#include <stdlib.h>

#include "registrars/rest/rest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct described *d = described_new("input", (struct slice){ (const char *)data, size },
					    &e);
	if (d == NULL)
		return 0;
	const struct registrar *r = described_registrar(d);
	if (r->name[0] == '\0' || r->hosts[0] == NULL || r->apply == NULL || r->list == NULL)
		abort();
	described_free(d);
	return 0;
}
