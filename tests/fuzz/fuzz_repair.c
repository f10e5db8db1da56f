/*
 * Any message, any wishes: the altered one does not depend on the pieces in which it came, says
 * truly whether it is altered, and needs no second repair. The first byte is the wishes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void collect(void *ctx, struct slice s)
{
	buf_add(ctx, s.ptr, s.len);
}

static unsigned repaired(const struct migrate_repair *what, struct slice text, size_t cut,
			 struct buf *out)
{
	struct repair r;
	buf_clear(out);
	repair_init(&r, what, collect, out);
	repair_add(&r, (struct slice){ text.ptr, cut });
	repair_add(&r, (struct slice){ text.ptr + cut, text.len - cut });
	repair_finish(&r);
	return r.did;
}

static void expect(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once;
	struct buf again;
	if (size < 2)
		return 0;
	const struct migrate_repair what = { .long_lines = (data[0] & 1) != 0,
					     .nul = (data[0] & 2) != 0,
					     .bare_lf = (data[0] & 4) != 0,
					     .read_receipts = (data[0] & 8) != 0 };
	const struct slice text = { (const char *)data + 1, size - 1 };
	buf_init(&once);
	buf_init(&again);
	unsigned did = repaired(&what, text, 0, &once);
	expect(repaired(&what, text, data[1] % text.len, &again) == did &&
	       slice_eq(buf_slice(&once), buf_slice(&again)));
	expect((did == 0) == slice_eq(buf_slice(&once), text));
	expect((did & ~(unsigned)(REPAIR_NUL | REPAIR_RECEIPTS)) != 0 || once.len == text.len);
	(void)repaired(&what, buf_slice(&once), 0, &again);
	expect(slice_eq(buf_slice(&once), buf_slice(&again)));
	buf_release(&once);
	buf_release(&again);
	return 0;
}
