/* A mistyped --folder: nothing would be copied, and nothing would seem to be wrong. */
#include "config/project.h"
#include "flow/copy_pass.h"
#include "flow/flow_priv.h"
#include "migrate/filter.h"

/* Whether a mailbox has such a folder; *near_r (the run's arena) is one that is spelled nearly so,
 * and stays otherwise. */
static int looked_up(const struct copy_run *run, const char *address, const char *pattern,
		     const char **near_r, struct err *e)
{
	const char *const *names;
	struct arena *a = arena_new();
	int rc = migrate_folder_names(run->f->store, a, address, &names, e);
	for (size_t i = 0; rc == 0 && names[i] != NULL; i++)
		rc = filter_pattern_names(pattern, names[i]);
	const char *near = rc == 0 ? nearest_word(pattern, names) : NULL;
	if (near != NULL)
		*near_r = arena_strdup(run->a, near);
	arena_free(a);
	return rc;
}

static int judge(const struct copy_run *run, const char *pattern, struct step_outcome *out,
		 struct err *e)
{
	const char *near = NULL;
	size_t n = run->list->n;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = looked_up(run, run->mailboxes[i].address, pattern, &near, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	step_stop(out,
		  near != NULL
			  ? arena_printf(run->a, "did you mean '%s'?", near)
			  : "folders are named as people see them, with / between: Archive/2024",
		  "no folder '%s' in %s", pattern,
		  n == 1 ? run->mailboxes[0].address
			 : arena_printf(run->a, "any of the %zu mailboxes", n));
	return 0;
}

int copy_judge_folders(const struct copy_run *run, struct step_outcome *out, struct err *e)
{
	const char *const *pattern = run->filter.folders;
	for (; pattern != NULL && *pattern != NULL && out->result == STEP_DONE; pattern++)
		if (judge(run, *pattern, out, e) != 0)
			return -1;
	return 0;
}
