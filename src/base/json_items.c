/*
 * One pass over the bytes: strings are skipped whole, brackets counted.
 */
#include "base/json_items.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct slice s, size_t at)
{
	while (at < s.len && is_space(s.ptr[at]))
		at++;
	return at;
}

/* From the quote on; behind the closing one, or at the end. */
static size_t skip_string(struct slice s, size_t at)
{
	for (at++; at < s.len && s.ptr[at] != '"'; at++)
		at += s.ptr[at] == '\\' ? 1 : 0;
	return at < s.len ? at + 1 : s.len;
}

/* Behind the value that begins at `at`: up to a comma or bracket of the level around it. */
static size_t skip_value(struct slice s, size_t at)
{
	size_t depth = 0;
	while (at < s.len) {
		char c = s.ptr[at];
		bool closes = c == ']' || c == '}';
		if (depth == 0 && (c == ',' || closes))
			return at;
		if (c == '"') {
			at = skip_string(s, at);
			continue;
		}
		depth += c == '[' || c == '{' ? 1 : 0;
		depth -= closes ? 1 : 0;
		at++;
	}
	return at;
}

/* The value of that member of the object at `at`; s.len: there is none. */
static size_t find_member(struct slice s, size_t at, struct slice name)
{
	if (at >= s.len || s.ptr[at] != '{')
		return s.len;
	for (at = skip_space(s, at + 1); at < s.len && s.ptr[at] == '"';) {
		size_t end = skip_string(s, at);
		struct slice key = { s.ptr + at + 1, end - at >= 2 ? end - at - 2 : 0 };
		at = skip_space(s, end);
		if (at >= s.len || s.ptr[at] != ':')
			return s.len;
		at = skip_space(s, at + 1);
		if (slice_eq(key, name))
			return at;
		at = skip_value(s, at);
		at = at < s.len && s.ptr[at] == ',' ? skip_space(s, at + 1) : s.len;
	}
	return s.len;
}

bool js_cut_list(struct slice doc, const char *path, struct buf *rest, struct slice *list_r)
{
	size_t at = skip_space(doc, 0);
	for (struct slice names = slice_str(path); names.len > 0;)
		at = find_member(doc, at, slice_until(&names, '/'));
	if (at >= doc.len || doc.ptr[at] != '[')
		return false;
	size_t end = skip_value(doc, at);
	if (end <= at + 1 || doc.ptr[end - 1] == '"')
		return false;
	while (end > at + 1 && is_space(doc.ptr[end - 1]))
		end--;
	if (doc.ptr[end - 1] != ']')
		return false;
	*list_r = (struct slice){ doc.ptr + at + 1, end - at - 2 };
	buf_add(rest, doc.ptr, at + 1);
	buf_add(rest, doc.ptr + end - 1, doc.len - end + 1);
	return true;
}

bool js_next_item(struct slice *list, struct slice *item_r)
{
	size_t at = skip_space(*list, 0);
	if (list->ptr == NULL || at == list->len)
		return false;
	size_t end = skip_value(*list, at);
	bool stray = end < list->len && list->ptr[end] != ',';
	/* A bracket that closes nothing: the item takes it along, and is refused with it. */
	size_t next = stray ? list->len : end;
	*item_r = (struct slice){ list->ptr + at, (stray ? list->len : end) - at };
	/* A comma at the very end promises one more. */
	bool last_comma = next < list->len && skip_space(*list, next + 1) == list->len;
	if (last_comma)
		*item_r = (struct slice){ list->ptr + at, list->len - at };
	next = last_comma || next == list->len ? list->len : next + 1;
	*list = (struct slice){ list->ptr + next, list->len - next };
	return true;
}
