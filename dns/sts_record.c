/*
 * What a sender takes for a record is decided apart from whether it is right: several that both
 * begin well make senders believe that there is none (RFC 8461 §3.1), and one that was only meant
 * as such is to be told, too.
 */
#include "dns/sts_record.h"

#include "dns/tag_list.h"

bool sts_is_record(struct slice text)
{
	return slice_starts_nocase(text, SLICE_LIT("v=")) &&
	       tag_list_is(text, SLICE_LIT("v"), SLICE_LIT("STSv1"));
}

bool sts_resembles_record(struct slice text)
{
	return tag_list_resembles(text, SLICE_LIT("v"), SLICE_LIT("STS"));
}

/* 1*32(ALPHA / DIGIT) */
static bool is_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = (char)(s.ptr[i] | 0x20);
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (c >= 'a' && c <= 'z')))
			return false;
	}
	return s.len >= 1 && s.len <= STS_ID_MAX;
}

const char *sts_record_wrong(struct slice text, struct slice *id_r)
{
	struct tag tag;
	bool found = false;
	*id_r = (struct slice){ NULL, 0 };
	if (!sts_is_record(text))
		return "it does not begin with \"v=STSv1;\"";
	(void)tag_next(&text, &tag);
	while (tag_next(&text, &tag)) {
		if (!tag.has_value)
			return "it has a field without a value";
		if (!slice_eq(tag.name, SLICE_LIT("id")))
			continue;
		if (found)
			return "it has two ids";
		if (!is_id(tag.value))
			return "its id is not 1 to 32 letters and digits";
		found = true;
		*id_r = tag.value;
	}
	return found ? NULL : "it has no id";
}
