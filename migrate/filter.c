/* Patterns have one special character; the rest is compared by ASCII's idea of case, as
 * servers do for INBOX. */
#include "migrate/filter.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "migrate/imap/date.h"

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The last * is remembered and takes one character more whenever the rest does not fit. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *from = NULL;
	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (same_letter(*pattern, *text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool filter_pattern_names(const char *pattern, const char *shown)
{
	size_t len = strlen(pattern);
	if (strchr(pattern, '*') != NULL)
		return matches(pattern, shown);
	return slice_eq_nocase((struct slice){ shown, strnlen(shown, len) }, slice_str(pattern)) &&
	       (shown[len] == '\0' || shown[len] == '/');
}

static bool any_names(const char *const *patterns, const char *shown)
{
	for (; patterns != NULL && *patterns != NULL; patterns++)
		if (filter_pattern_names(*patterns, shown))
			return true;
	return false;
}

static bool has_any(const char *const *list)
{
	return list != NULL && list[0] != NULL;
}

bool filter_takes_folder(const struct migrate_filter *f, const char *shown)
{
	if (f == NULL)
		return true;
	if (has_any(f->folders) && !any_names(f->folders, shown))
		return false;
	return !any_names(f->folders_not, shown);
}

bool filter_takes_message(const struct migrate_filter *f, const struct ledger_message *m)
{
	struct imap_date d;
	if (f == NULL)
		return true;
	if (f->max_bytes != 0 && m->size > f->max_bytes)
		return false;
	if ((f->since_ms == 0 && f->before_ms == 0) || !imap_date_parse(slice_str(m->date), &d))
		return true;
	int64_t at_ms = d.utc_s * 1000;
	return (f->since_ms == 0 || at_ms >= f->since_ms) &&
	       (f->before_ms == 0 || at_ms < f->before_ms);
}

static void add_list(struct buf *out, const char *what, const char *const *list)
{
	if (!has_any(list))
		return;
	buf_addf(out, "%s%s", out->len > 0 ? "; " : "", what);
	for (size_t i = 0; list[i] != NULL; i++)
		buf_addf(out, "%s %s", i > 0 ? "," : "", list[i]);
}

static void add_time(struct buf *out, const char *what, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	if (ms != 0)
		buf_addf(out, "%s%s %s", out->len > 0 ? "; " : "", what, time_format(ms, text));
}

void filter_describe(const struct migrate_filter *f, struct buf *out)
{
	add_list(out, "folders other than", f->folders);
	add_list(out, "the folders", f->folders_not);
	add_time(out, "mail older than", f->since_ms);
	add_time(out, "mail from", f->before_ms);
	if (f->max_bytes != 0)
		buf_addf(out, "%smessages over %" PRIu64 " bytes", out->len > 0 ? "; " : "",
			 f->max_bytes);
}
