/*
 * The table is made of who.tsv when the program is built (who_table.cmake); how its names
 * match is told there. A hundred lines are walked through for each question: an audit asks
 * for a handful of names.
 */
#include "dns/who_row.h"

#include <string.h>

#include "zone/dname.h"

/* One label against one of the pattern's. On a mismatch the last star takes one octet more. */
static bool label_matches(struct slice pattern, struct slice label)
{
	size_t p = 0;
	size_t l = 0;
	size_t star = SIZE_MAX;
	size_t taken = 0;
	while (l < label.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			taken = l;
		} else if (p < pattern.len && pattern.ptr[p] == label.ptr[l]) {
			p++;
			l++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			l = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

/* The first label; dname_parent knows that an escaped dot ends none. */
static struct slice first_label(const char *name)
{
	return (struct slice){ name, (size_t)(dname_parent(name) - name) };
}

/* What stands behind the pattern's last star, or all of it, must be the host's end: that tells
 * nearly all of the table apart, and cheaply, from the right. */
static bool ends_alike(const char *pattern, const char *host)
{
	const char *p = pattern + strlen(pattern);
	const char *h = host + strlen(host);
	while (p > pattern && h > host && p[-1] != '*' && p[-1] == h[-1]) {
		p--;
		h--;
	}
	return p == pattern || p[-1] == '*';
}

/* Whole labels from the right: "notgoogle.com" is not "google.com", and what stands behind a
 * provider's name ("outlook.com.evil.org") is somebody else's. */
static bool matches(const char *pattern, const char *host)
{
	if (!ends_alike(pattern, host))
		return false;
	size_t want = dname_labels(pattern);
	size_t have = dname_labels(host);
	if (have < want || (str_starts(pattern, "*.") && have != want))
		return false;
	for (; have > want; have--)
		host = dname_parent(host);
	for (; want > 0; want--) {
		if (!label_matches(first_label(pattern), first_label(host)))
			return false;
		pattern = dname_parent(pattern);
		host = dname_parent(host);
	}
	return true;
}

/* More labels say more; of equally many, more letters. */
static bool is_longer(const char *pattern, const char *than)
{
	size_t a = dname_labels(pattern);
	size_t b = dname_labels(than);
	return a != b ? a > b : strlen(pattern) > strlen(than);
}

const struct who *who_is(enum who_kind kind, const char *host)
{
	const struct who_row *best = NULL;
	for (size_t i = 0; i < who_row_n; i++) {
		const struct who_row *row = &who_rows[i];
		if (row->who.kind == kind && matches(row->pattern, host) &&
		    (best == NULL || is_longer(row->pattern, best->pattern)))
			best = row;
	}
	return best != NULL ? &best->who : NULL;
}

bool who_is_verification_mx(const char *host)
{
	return dname_is_within(host, "msv1.invalid.") && !dname_equal(host, "msv1.invalid.");
}
