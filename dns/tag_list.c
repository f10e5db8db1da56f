/*
 * One reader for all four records: they differ in which tags they know, not in how tags are
 * written.
 */
#include "dns/tag_list.h"

bool tag_next(struct slice *rest, struct tag *tag_r)
{
	while (rest->len > 0) {
		struct slice value = slice_until(rest, ';');
		size_t whole = value.len;
		struct slice name = slice_until(&value, '=');
		*tag_r = (struct tag){ slice_trim(name), slice_trim(value), name.len < whole };
		if (tag_r->name.len > 0 || tag_r->has_value)
			return true;
	}
	return false;
}

bool tag_list_is(struct slice text, struct slice name, struct slice value)
{
	struct tag first;
	/* No blank, and no empty tag, may stand before it. */
	return text.len > 0 && text.ptr[0] == name.ptr[0] && tag_next(&text, &first) &&
	       slice_eq(first.name, name) && slice_eq(first.value, value);
}

bool tag_list_resembles(struct slice text, struct slice name, struct slice value)
{
	struct tag first;
	struct slice trimmed = slice_trim(text);
	return tag_next(&trimmed, &first) && slice_eq_nocase(first.name, name) &&
	       slice_starts_nocase(first.value, value);
}
