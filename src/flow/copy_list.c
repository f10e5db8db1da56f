/*
 * From rows of the users CSV and the project's servers to mailboxes of the mover. A row's
 * own server speaks over the project's; the whole file is checked before the first mailbox
 * is touched, also with --only.
 */
#include "flow/copy.h"

#include "base/vec.h"
#include "flow/flow_priv.h"
#include "flow/logins.h"

/* "imaps://host:993" → "host". */
static const char *host_of(struct arena *a, const char *url)
{
	struct slice rest = slice_str(url);
	(void)slice_until(&rest, '/');
	(void)slice_until(&rest, '/');
	return arena_slice(a, slice_until(&rest, ':'));
}

/* network.connect_to: the name is what the certificate is checked for, the address is where to
 * go. */
static const char *connect_to(const struct project *p, const char *host)
{
	for (size_t i = 0; i < p->network.connect_to_n; i++)
		if (str_eq_nocase(p->network.connect_to[i].host, host))
			return p->network.connect_to[i].address;
	return NULL;
}

static bool is_listed(const char *const *list, const char *word)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (str_eq_nocase(list[i], word))
			return true;
	return false;
}

/* Plaintext only for hosts that the project lists by name; every report shows them. */
static struct migrate_endpoint endpoint(struct arena *a, const struct project *p, const char *url)
{
	const char *host = host_of(a, url);
	return (struct migrate_endpoint){
		.url = url,
		.connect_to = connect_to(p, host),
		.allow_plaintext = is_listed(p->network.allow_plaintext, host),
	};
}

static const char *server_kind(const char *name)
{
	return name == NULL || str_eq(name, "auto") ? NULL : name;
}

static void fill(struct arena *a, const struct project *p, const struct copy_list *list,
		 const struct user_row *row, struct migrate_mailbox *m)
{
	const char *src = row->source_imap != NULL ? row->source_imap : p->source_imap;
	const char *dst = row->target_imap != NULL ? row->target_imap : p->target_imap;
	m->address = row->address;
	m->row = row->line;
	m->src = endpoint(a, p, src);
	m->src.root = row->root;
	m->dst = endpoint(a, p, dst);
	logins_source(list->logins, a, row, &m->src);
	logins_target(list->logins, a, row, &m->dst);
	m->src.preset = server_kind(p->source_server);
	m->dst.preset = server_kind(p->target_server);
}

/* A mistyped address would copy nothing and look like success. */
static int check_only(const struct project *p, const char *const *only,
		      const struct user_list *users, struct err *e)
{
	for (size_t i = 0; only != NULL && only[i] != NULL; i++) {
		bool found = false;
		for (size_t r = 0; r < users->n && !found; r++)
			found = str_eq_nocase(users->rows[r].address, only[i]);
		if (found)
			continue;
		err_set(e, ERR_USAGE, "--only %s: %s has no such mailbox", only[i], p->mailboxes);
		return err_hint(e, "write the address as in the EmailAddress column");
	}
	return 0;
}

int copy_list_unnamed(const struct project *p, struct err *e)
{
	err_set(e, ERR_USAGE, "%s: mailboxes is not given", p->path);
	return err_hint(e, "name the users CSV: mailboxes: users.csv (columns EmailAddress, "
			   "UserName, Password, TargetUserName, TargetPassword)");
}

/* Order: the whole CSV is checked, then the choice is made. A file that others can read is
 * warned of, not refused. */
int copy_list_load(struct flow *f, struct arena *a, const struct copy_wishes *wishes,
		   struct copy_list *list_r, struct err *e)
{
	const struct project *p = f->opts.project;
	*list_r = (struct copy_list){ 0 };
	if (p->mailboxes == NULL)
		return copy_list_unnamed(p, e);
	if (user_list_load(p->mailboxes, &list_r->users, e) != 0)
		return -1;
	const struct user_list *users = list_r->users;
	if (users->shared)
		log_warn(f->opts.log, "%s holds passwords and others can read it: chmod 600 %s",
			 p->mailboxes, p->mailboxes);
	if (users->blank_passwords > 0)
		log_warn(f->opts.log,
			 "%s:%zu: a password begins or ends with a blank (%zu row%s): sent so; "
			 "delete the blank where the login is refused",
			 p->mailboxes, users->blank_password_line, users->blank_passwords,
			 users->blank_passwords == 1 ? "" : "s");
	int rc = user_list_check(users, p->mailboxes, p, e);
	if (rc == 0)
		rc = check_only(p, wishes->only, users, e);
	if (rc == 0)
		rc = logins_new(f, &list_r->logins, e);
	list_r->mailboxes = ARENA_ARRAY(a, users->n + 1, struct migrate_mailbox);
	list_r->priority = ARENA_ARRAY(a, users->n + 1, unsigned);
	for (size_t i = 0; i < users->n && rc == 0; i++) {
		if (wishes->only != NULL && !is_listed(wishes->only, users->rows[i].address))
			continue;
		if (wishes->pilot > 0 && list_r->n == wishes->pilot)
			break;
		list_r->priority[list_r->n] = users->rows[i].priority;
		fill(a, p, list_r, &users->rows[i], &list_r->mailboxes[list_r->n++]);
	}
	if (rc != 0)
		copy_list_release(list_r);
	return rc;
}

void copy_list_release(struct copy_list *l)
{
	logins_free(l->logins);
	user_list_free(l->users);
	*l = (struct copy_list){ 0 };
}
