/*
 * The remarks name each message, so the folders come from them; a folder that could not be read is
 * named by the error.
 */
#include "flow/report_doubt.h"

#include <inttypes.h>

#include "base/arena.h"

enum { FOLDERS_NAMED = 5 };

static bool is_difference(const struct migrate_remark *r)
{
	return str_eq(r->kind, "missing") || str_eq(r->kind, "differing") ||
	       str_eq(r->kind, "doubled");
}

/* Of the remarks before it. */
static bool is_named(const struct migrate_remark *remarks, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_difference(&remarks[i]) && str_eq(remarks[i].folder, remarks[at].folder))
			return true;
	return false;
}

/* "'INBOX', 'Sent' and 2 more folders"; "" without one. */
static const char *folders_of(struct arena *a, const struct migrate_remark *remarks, size_t n)
{
	const char *text = "";
	size_t named = 0;
	size_t more = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_difference(&remarks[i]))
			continue;
		/* One folder's stand together mostly. */
		if (i > 0 && is_difference(&remarks[i - 1]) &&
		    str_eq(remarks[i].folder, remarks[i - 1].folder))
			continue;
		if (is_named(remarks, i))
			continue;
		if (named == FOLDERS_NAMED) {
			more++;
			continue;
		}
		text = arena_printf(a, "%s%s'%s'", text, named++ > 0 ? ", " : "",
				    remarks[i].folder);
	}
	if (more == 0)
		return text;
	return arena_printf(a, "%s and %zu more folder%s", text, more, more == 1 ? "" : "s");
}

static const char *remedy_of(const struct migrate_verdict *v)
{
	if (v->missing == 0 && v->differing == 0 && v->doubled == 0)
		return "see to it that both servers give that folder, then run "
		       "`cutover copy --verify`";
	if (v->missing == 0 && v->differing == 0)
		return "remove the second copies at the target by hand, the remarks name each; "
		       "then run `cutover copy --verify`";
	return "run `cutover copy --verify`: it carries what is new or changed and compares again; "
	       "the remarks name each message";
}

void report_doubt(struct arena *a, struct gate_mailbox *m, const struct migrate_remark *remarks,
		  size_t n)
{
	const struct migrate_verdict *v = &m->status.verdict;
	if (m->status.last_verified_ms == 0 || v->verified)
		return;
	const char *folders = folders_of(a, remarks, n);
	m->doubt = arena_printf(a,
				"%" PRIu64 " missing, %" PRIu64 " differing, %" PRIu64
				" more than once at the target%s%s%s%s",
				v->missing, v->differing, v->doubled,
				folders[0] != '\0' ? ", in " : "", folders,
				v->err.text[0] != '\0' ? "; " : "", v->err.text);
	m->doubt_remedy = remedy_of(v);
}
