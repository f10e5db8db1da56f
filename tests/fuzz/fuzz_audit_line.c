/* Any bytes as a line of an earlier run's output: a canonical name, or none. */
#include <string.h>

#include "flow/bulk.h"
#include "fuzz_input.h"
#include "zone/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	const char *domain = bulk_line_domain(a, (struct slice){ (const char *)data, size });
	if (domain != NULL) {
		const char *again = dname_canon(a, domain, &e);
		if (again == NULL || !dname_equal(again, domain))
			abort();
	}
	arena_free(a);
	return 0;
}
