/*
 * Names in modified UTF-7: what decodes is UTF-8 and, encoded again, decodes to the same;
 * what is UTF-8 without NUL survives the way there and back.
 */
#include <stdlib.h>
#include <string.h>

#include "migrate/imap/mutf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct buf a;
	struct buf b;
	struct buf c;
	buf_init(&a);
	buf_init(&b);
	buf_init(&c);
	if (mutf7_decode(&a, in)) {
		require(str_is_utf8(buf_slice(&a)) && mutf7_encode(&b, buf_slice(&a)) &&
			mutf7_decode(&c, buf_slice(&b)) && slice_eq(buf_slice(&a), buf_slice(&c)));
	}
	buf_clear(&b);
	buf_clear(&c);
	if (memchr(data, 0, size) == NULL && mutf7_encode(&b, in))
		require(mutf7_decode(&c, buf_slice(&b)) && slice_eq(in, buf_slice(&c)));
	buf_release(&a);
	buf_release(&b);
	buf_release(&c);
	return 0;
}
