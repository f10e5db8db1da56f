/*
 * What a person has judged and set aside. It counts for nothing and is always listed; so is a wish
 * that sets nothing aside, for it may be a slip or long out of date.
 */
#include "base/vec.h"
#include "flow/audit.h"

static bool is_meant(const struct project_ignore *one, const struct finding *f)
{
	return str_eq(one->check, f->check) &&
	       (one->subject == NULL || str_eq(one->subject, f->subject));
}

static const struct project_ignore *ignore_of(const struct project *p, const struct finding *f)
{
	for (size_t i = 0; i < p->ignore_n; i++)
		if (is_meant(&p->ignores[i], f))
			return &p->ignores[i];
	return NULL;
}

void audit_set_aside(struct arena *a, const struct project *p, struct audit *au)
{
	VEC(struct ignored_finding) aside = { 0 };
	size_t kept = 0;
	for (size_t i = 0; i < au->findings.list.n; i++) {
		struct finding f = au->findings.list.at[i];
		const struct project_ignore *ignore = ignore_of(p, &f);
		if (ignore != NULL)
			*vec_push(a, &aside) = (struct ignored_finding){ f, ignore->reason,
									 ignore->since_ms };
		else
			au->findings.list.at[kept++] = f;
	}
	au->findings.list.n = kept;
	au->ignored = aside.at;
	au->ignored_n = aside.n;
}

/* Two wishes that mean the same finding are both of use. */
void audit_note_unused(struct arena *a, const struct project *p, struct audit *au)
{
	VEC(struct project_ignore) unused = { 0 };
	for (size_t i = 0; i < p->ignore_n; i++) {
		bool used = false;
		for (size_t k = 0; k < au->ignored_n; k++)
			used = used || is_meant(&p->ignores[i], &au->ignored[k].finding);
		if (!used)
			*vec_push(a, &unused) = p->ignores[i];
	}
	au->ignored_unused = unused.at;
	au->ignored_unused_n = unused.n;
}

static const char *place_of(struct arena *a, const struct project *p,
			    const struct project_ignore *one)
{
	return one->line == 0 ? "--ignore" : arena_printf(a, "%s:%u: ignore", p->path, one->line);
}

/* Nobody has looked at anything tomorrow: most likely a slip in the year. */
static int check_since(struct arena *a, const struct project *p, const struct project_ignore *one,
		       int64_t now_ms, struct err *e)
{
	char since[TIME_TEXT_MAX];
	if (one->since_ms <= now_ms)
		return 0;
	(void)err_set(e, ERR_USAGE, "%s: since %s lies in the future", place_of(a, p, one),
		      time_format(one->since_ms, since));
	return err_hint(e, "write the moment at which somebody looked at the finding");
}

static int check_id(struct arena *a, const struct project *p, const struct project_ignore *one,
		    struct err *e)
{
	VEC(const char *) ids = { 0 };
	for (size_t i = 0; i < check_count(); i++) {
		*vec_push(a, &ids) = check_info_at(i).id;
		if (str_eq(one->check, ids.at[i]))
			return 0;
	}
	*vec_push(a, &ids) = NULL;
	const char *near = nearest_word(one->check, ids.at);
	(void)err_set(e, ERR_USAGE, "%s: there is no check '%.60s'", place_of(a, p, one),
		      one->check);
	return near != NULL ? err_hint(e, "did you mean '%s'?", near)
			    : err_hint(e, "docs/checks.md has the list of checks");
}

int audit_ignores_check(const struct project *p, int64_t now_ms, struct err *e)
{
	struct arena *a = arena_new();
	int rc = 0;
	for (size_t i = 0; i < p->ignore_n && rc == 0; i++) {
		rc = check_id(a, p, &p->ignores[i], e);
		if (rc == 0)
			rc = check_since(a, p, &p->ignores[i], now_ms, e);
	}
	arena_free(a);
	return rc;
}
