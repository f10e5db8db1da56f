/* Loads cutover.yaml and the users CSV that it names and says what is wrong, as the program
 * would: so the table of bad input tests the room config by itself. The words of the
 * command line are not looked at. */
#include <stdio.h>

#include "config/project.h"

static int load(struct arena *a, struct err *e)
{
	const struct project *p;
	struct user_list *l;
	if (project_load(a, "cutover.yaml", &p, e) != 0)
		return -1;
	if (p->mailboxes == NULL)
		return 0;
	if (user_list_load(p->mailboxes, &l, e) != 0)
		return -1;
	int rc = user_list_check(l, p->mailboxes, p, e);
	user_list_free(l);
	return rc;
}

int main(void)
{
	struct err e;
	struct arena *a = arena_new();
	int rc = load(a, &e);
	if (rc != 0)
		(void)fprintf(stderr, "error: %s\n  what to do: %s\n", e.text, e.hint);
	arena_free(a);
	return rc != 0 && e.kind == ERR_USAGE ? 2 : rc != 0;
}
