/*
 * INTERNALDATE: what can be read, written again, reads as the same instant and zone.
 */
#include <stdlib.h>

#include "migrate/imap/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imap_date d;
	struct imap_date again;
	char text[IMAP_DATE_MAX];
	if (!imap_date_parse((struct slice){ (const char *)data, size }, &d))
		return 0;
	/* A zone can carry the first or last day out of the years that can be written. */
	int64_t local = d.utc_s + d.zone_s;
	if (!imap_date_parse(slice_str(imap_date_format(d, text)), &again))
		return local < 253402300800 ? abort(), 0 : 0;
	if (again.utc_s != d.utc_s || again.zone_s != d.zone_s)
		abort();
	return 0;
}
