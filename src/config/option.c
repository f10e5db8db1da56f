/*
 * Paths are compared as text: a section is the path before the last dot. "*" rows stand
 * for any key, and are asked only after the rows that have the key itself.
 */
#include "config/option.h"

#include <string.h>

const char *option_type_name(enum option_type type)
{
	static const char *const names[] = {
		[OPTION_STRING] = "text",
		[OPTION_NAME] = "host name",
		[OPTION_URL] = "URL",
		[OPTION_UINT] = "whole number",
		[OPTION_DURATION] = "duration",
		[OPTION_SIZE] = "size",
		[OPTION_TIME] = "time",
		[OPTION_LIST] = "list",
		[OPTION_MAP] = "section",
		[OPTION_ENUM] = "word",
		[OPTION_PATH] = "file",
		[OPTION_ADDRESS] = "IP address",
		[OPTION_RESOLVER] = "IP address, with or without :port",
		[OPTION_NETWORK] = "IP address or prefix",
		[OPTION_SECRET] = "reference to a secret",
	};
	return names[type];
}

const struct option_info *option_at(size_t i)
{
	return &option_rows()[i].info;
}

const char *option_key(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot != NULL ? dot + 1 : path;
}

bool option_is_in(const struct option_row *row, const char *section)
{
	const char *path = row->info.path;
	size_t head = (size_t)(option_key(path) - path);
	size_t want = strlen(section);
	if (want == 0)
		return head == 0;
	return head == want + 1 && strncmp(path, section, want) == 0;
}

/* Linear: the table is short, and it is read once a run. */
static const struct option_row *find(const char *section, const char *key)
{
	const struct option_row *rows = option_rows();
	for (size_t i = 0; i < option_count(); i++)
		if (option_is_in(&rows[i], section) && str_eq(option_key(rows[i].info.path), key))
			return &rows[i];
	return NULL;
}

const struct option_row *option_row_in(const char *section, const char *key)
{
	const struct option_row *row = find(section, key);
	return row != NULL ? row : find(section, "*");
}

bool range_numbers(const char *range, uint64_t *lo_r, uint64_t *hi_r)
{
	const char *dots = range != NULL ? strstr(range, "..") : NULL;
	if (dots == NULL)
		return false;
	return slice_to_u64((struct slice){ range, (size_t)(dots - range) }, lo_r) &&
	       slice_to_u64(slice_str(dots + 2), hi_r);
}

bool range_has(const char *range, const char *word)
{
	struct slice rest = slice_str(range);
	while (rest.len > 0)
		if (slice_eq(slice_trim(slice_until(&rest, '|')), slice_str(word)))
			return true;
	return false;
}
