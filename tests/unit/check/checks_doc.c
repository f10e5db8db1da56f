/*
 * checks_doc.c - docs/checks.md from the table of checks.
 *
 *   checks_doc FILE           fails when the file is not what the table says
 *   checks_doc --write FILE   writes it
 *
 * What stands above the marker in the file is written by hand and is kept.
 */
#include <string.h>

#include "base/file.h"
#include "dns/check/check.h"

enum { DOC_MAX = 1 << 20 };

static const char marker[] = "<!-- from here on: checks_doc --write -->\n";

static void write_table(struct buf *out)
{
	buf_adds(out, marker);
	buf_addf(out, "\n%zu checks, in the order in which they run.\n\n", check_count());
	buf_adds(out, "| id | what it says | where it comes from |\n|---|---|---|\n");
	for (size_t i = 0; i < check_count(); i++) {
		struct check_info info = check_info_at(i);
		buf_addf(out, "| `%s` | %s | %s |\n", info.id, info.what, info.rfc);
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
