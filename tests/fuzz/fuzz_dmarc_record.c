/* DMARC records: policies are in their range, and report addresses are parts of the text. */
#include <stdint.h>
#include <stdlib.h>

#include "dns/dmarc_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct slice text = { (const char *)data, size };
	struct dmarc_record r;
	const char *const *domains = NULL;
	dmarc_parse(text, &r);
	if (r.pct > 100 || r.p > DMARC_REJECT || r.sp > DMARC_REJECT || r.np > DMARC_REJECT ||
	    r.report_n > DMARC_REPORTS_MAX)
		abort();
	for (size_t i = 0; i < r.report_n; i++) {
		if (r.reports[i].ptr < text.ptr ||
		    r.reports[i].ptr + r.reports[i].len > text.ptr + text.len)
			abort();
	}
	if (dmarc_external_domains(a, "x.net.", text, &domains) > r.report_n ||
	    (dmarc_is_record(text) && !dmarc_resembles(text)))
		abort();
	arena_free(a);
	return 0;
}
