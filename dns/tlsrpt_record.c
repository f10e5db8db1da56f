/*
 * As sts_record.c: is it one, was it meant as one, and what is wrong with it. Reports decide
 * nothing about mail, so nothing here is ever more than a finding.
 */
#include "dns/tlsrpt_record.h"

#include <string.h>

#include "dns/tag_list.h"

bool tlsrpt_is_record(struct slice text)
{
	return slice_starts_nocase(text, SLICE_LIT("v=")) &&
	       tag_list_is(text, SLICE_LIT("v"), SLICE_LIT("TLSRPTv1"));
}

bool tlsrpt_resembles_record(struct slice text)
{
	return tag_list_resembles(text, SLICE_LIT("v"), SLICE_LIT("TLSRPT"));
}

static const char *uri_wrong(struct slice uri)
{
	static const struct slice mailto = SLICE_LIT("mailto:");
	static const struct slice https = SLICE_LIT("https://");
	if (slice_starts_nocase(uri, https) && uri.len > https.len)
		return NULL;
	if (!slice_starts_nocase(uri, mailto))
		return "its rua has something that begins neither with mailto: nor with https:";
	struct slice domain = { uri.ptr + mailto.len, uri.len - mailto.len };
	struct slice local = slice_until(&domain, '@');
	return local.len > 0 && domain.len > 0 ? NULL : "its rua has an address that is none";
}

static const char *rua_wrong(struct slice value)
{
	const char *why = NULL;
	do {
		why = uri_wrong(slice_trim(slice_until(&value, ',')));
	} while (why == NULL && value.len > 0);
	return why;
}

const char *tlsrpt_record_wrong(struct slice text)
{
	struct tag tag;
	bool found = false;
	if (!tlsrpt_is_record(text))
		return "it does not begin with \"v=TLSRPTv1;\"";
	(void)tag_next(&text, &tag);
	while (tag_next(&text, &tag)) {
		if (!slice_eq(tag.name, SLICE_LIT("rua")))
			continue;
		const char *why = found ? "it has two rua fields" : rua_wrong(tag.value);
		if (why != NULL)
			return why;
		found = true;
	}
	return found ? NULL : "it has no rua field";
}
