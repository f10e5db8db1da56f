/*
 * Master files as a person might leave them. What is parsed must print to text that
 * gives the same zone, and differ from itself in nothing.
 */
#include "zone/change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct buf text;
	buf_init(&text);
	const struct zone *z = zone_parse(a, "x.net.", (struct slice){ (const char *)data, size },
					  &e);
	if (z != NULL) {
		zone_print(z, &text);
		const struct zone *again = zone_parse(a, "x.net.", buf_slice(&text), &e);
		if (again == NULL || again->n != z->n || zone_diff(a, z, again)->n != 0) {
			(void)fprintf(stderr, "%s%s\n", text.at, e.text);
			abort();
		}
	}
	buf_release(&text);
	arena_free(a);
	return 0;
}
