/*
 * Headers as a hostile server may give them: a key does not depend on the pieces in which they
 * come, and no value grows beyond its room.
 */
#include <stdlib.h>
#include <string.h>

#include "migrate/headkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bounded(const struct headkey_reader *r)
{
	for (size_t i = 0; i < 3; i++)
		if (r->values[i].len > HEADKEY_VALUE_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct headkey_reader whole = { .over = false };
	struct headkey_reader pieces = { .over = false };
	struct headkey a;
	struct headkey b;
	const char *text = (const char *)data;
	size_t cut = size > 0 ? data[0] % size : 0;
	int64_t utc_s;
	(void)headkey_date((struct slice){ text, size }, &utc_s);
	headkey_add(&whole, (struct slice){ text, size });
	headkey_add(&pieces, (struct slice){ text, cut });
	headkey_add(&pieces, (struct slice){ text + cut, size - cut });
	bounded(&whole);
	headkey_finish(&whole, &a);
	headkey_finish(&pieces, &b);
	if (a.has_id != b.has_id || memcmp(a.key, b.key, HEADKEY_LEN) != 0 ||
	    memcmp(a.weak, b.weak, HEADKEY_LEN) != 0)
		abort();
	return 0;
}
