/*
 * checks_doc.c - docs/checks.md from the table of checks: a section a family, in it each check
 * with its source, its severity by phase and an example.
 *
 *   checks_doc FILE           fails when the file is not what the table says
 *   checks_doc --write FILE   writes it
 *
 * What stands above the marker in the file is written by hand and is kept.
 */
#include <string.h>

#include "base/file.h"
#include "dns/check/check.h"

enum { DOC_MAX = 1 << 20, LINE_MAX_LEN = 130 };

static const char marker[] = "<!-- from here on: checks_doc --write -->\n";

/* Absent until the family's owner has written it. */
static const char *or_dash(const char *text)
{
	return text != NULL ? text : "–";
}

/* Words of a text, broken into lines as the rest of the page is. */
static void write_wrapped(struct buf *out, const char *text)
{
	struct slice rest = slice_str(text);
	size_t line = 0;
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		bool fits = line == 0 || line + 1 + word.len <= LINE_MAX_LEN;
		buf_adds(out, line == 0 ? "" : fits ? " " : "\n");
		line = fits && line > 0 ? line + 1 + word.len : word.len;
		buf_add(out, word.ptr, word.len);
	}
	buf_adds(out, "\n");
}

static const char *level_name(char letter)
{
	switch (letter) {
	case 'b': return severity_name(SEVERITY_BLOCKER);
	case 'w': return severity_name(SEVERITY_WARNING);
	case 'i': return severity_name(SEVERITY_INFO);
	default: return "not said";
	}
}

static bool is_same_in_every_phase(const char *levels)
{
	for (unsigned p = PHASE_VERIFY; p <= PHASE_POST; p++) {
		if (levels[p] != levels[PHASE_AUDIT])
			return false;
	}
	return true;
}

/* "warning in every phase", or phase by phase. */
static void add_levels(struct buf *out, const struct check_info *info)
{
	buf_adds(out, "Severity: ");
	if (info->levels == NULL) {
		buf_adds(out, or_dash(NULL));
	} else if (is_same_in_every_phase(info->levels)) {
		buf_addf(out, "%s in every phase", level_name(info->levels[PHASE_AUDIT]));
	} else {
		for (unsigned p = PHASE_AUDIT; p <= PHASE_POST; p++)
			buf_addf(out, "%s%s %s", p > 0 ? ", " : "", phase_name((enum phase)p),
				 level_name(info->levels[p]));
	}
	if (info->varies != NULL)
		buf_addf(out, "; %s", info->varies);
	buf_adds(out, ".");
}

/* What the row says begins in lower case, for the report's sake. */
static void add_what(struct buf *out, const struct check_info *info)
{
	char first = info->what[0];
	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	buf_add(out, &first, 1);
	buf_adds(out, info->what + 1);
	if (info->rfc != NULL && !str_eq(info->rfc, "-"))
		buf_addf(out, " (%s)", info->rfc);
	buf_adds(out, ". ");
}

static void write_check(struct buf *out, const struct check_info *info)
{
	struct buf b;
	buf_init(&b);
	add_what(&b, info);
	add_levels(&b, info);
	buf_addf(out, "### `%s`\n\n", info->id);
	write_wrapped(out, b.at);
	buf_adds(out, "\n");
	write_wrapped(out, or_dash(info->example));
	buf_release(&b);
}

/* A family is a section; families of one name share it. */
static void write_table(struct buf *out)
{
	const char *family = "";
	buf_adds(out, marker);
	buf_addf(out, "\n%zu checks, in the order in which they run.\n", check_count());
	for (size_t i = 0; i < check_count(); i++) {
		struct check_info info = check_info_at(i);
		if (!str_eq(family, check_family_at(i)))
			buf_addf(out, "\n## %s\n", check_family_at(i));
		family = check_family_at(i);
		buf_adds(out, "\n");
		write_check(out, &info);
	}
}

static int renew(const char *path, const struct buf *doc, bool write)
{
	struct err e = { 0 };
	struct buf want;
	buf_init(&want);
	const char *at = strstr(doc->at, marker);
	buf_add(&want, doc->at, at != NULL ? (size_t)(at - doc->at) : doc->len);
	write_table(&want);
	bool same = slice_eq(buf_slice(&want), buf_slice(doc));
	int rc = same ? 0 : 1;
	if (!same && write)
		rc = file_replace(path, buf_slice(&want), 0644, &e) == 0 ? 0 : 1;
	else if (!same)
		(void)fprintf(
			stderr,
			"%s is not what the table of checks says; run: checks_doc --write %s\n",
			path, path);
	buf_release(&want);
	return rc;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	struct buf doc;
	bool write = argc == 3 && str_eq(argv[1], "--write");
	if (argc != (write ? 3 : 2))
		return 2;
	buf_init(&doc);
	int rc = 1;
	if (file_read(argv[argc - 1], DOC_MAX, &doc, &e) == 0)
		rc = renew(argv[argc - 1], &doc, write);
	else
		(void)fprintf(stderr, "%s\n", e.text);
	buf_release(&doc);
	return rc;
}
