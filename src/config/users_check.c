/* The users CSV beside the project file. */
#include "config/project.h"

struct side {
	const char *column, *option; /* for messages */
	const char *own, *common;    /* the row's URL and the project's; NULL */
};

static int check_side(const struct project *p, const struct side *s, struct err *e)
{
	if (s->own != NULL || s->common != NULL)
		return 0;
	err_set(e, ERR_USAGE, "no server: neither %s here nor %s in %s", s->column, s->option,
		p->path);
	return err_hint(e, "give %s: imaps://HOST in the project file", s->option);
}

/* Where the logins use tokens or an administrator, the column may be empty. */
static int check_password(const struct user_row *row, const struct project *p, struct err *e)
{
	if (row->password == NULL && project_auth_by_csv(&p->source_auth)) {
		err_set(e, ERR_USAGE, "Password is empty");
		return err_hint(e, "give the mailbox's password at the source, or another way in: "
				   "source.auth");
	}
	if (row->target_password == NULL && project_auth_by_csv(&p->target_auth)) {
		err_set(e, ERR_USAGE, "no password for the target");
		return err_hint(e,
				"add the columns TargetUserName and TargetPassword to the CSV, or "
				"another way in: target.auth (Microsoft 365 needs it: "
				"docs/logging-in.md)");
	}
	return 0;
}

int user_list_check(const struct user_list *l, const char *path, const struct project *p,
		    struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct user_row *row = &l->rows[i];
		struct side src = { "SourceImap", "source.imap", row->source_imap, p->source_imap };
		struct side dst = { "TargetImap", "target.imap", row->target_imap, p->target_imap };
		if (check_side(p, &src, e) != 0 || check_side(p, &dst, e) != 0 ||
		    check_password(row, p, e) != 0)
			return err_wrap(e, "%s:%zu", path, row->line);
	}
	return 0;
}
