/*
 * One LIST that returns everything where the server can (RFC 5258, RFC 5819), else LIST,
 * LSUB and a STATUS for each folder, a window of them at a time. Only the personal
 * namespace: shared folders belong to somebody else's move.
 */
#include "migrate/listing.h"

#include <string.h>

#include "base/vec.h"
#include "migrate/imap/flags.h"

/* A server that lists for ever must not fill the memory, nor one whose names are as long as a line
 * may be. */
enum { FOLDERS_MAX = 50000, OCTETS_MAX = 16 << 20 };

struct lister {
	struct session *session;
	struct arena *arena;
	const struct listing_opts *opts;
	VEC(struct listed) list;
	struct listing left_out; /* counts only */
	size_t octets;           /* of names and attributes that are kept */
	size_t last;             /* the folder of the last STATUS: they come in the list's order */
};

/* INBOX in any case (RFC 3501 §5.1), all other names to the byte. */
static bool same_name(struct slice wire, const char *name)
{
	if (imap_name_is_inbox(wire) && imap_name_is_inbox(slice_str(name)))
		return true;
	return slice_eq(wire, slice_str(name));
}

/* From the last hit on: answers come in the list's order, so this is one step mostly, not a
 * walk. */
static struct listed *find(struct lister *l, struct slice name)
{
	for (size_t i = 0; i < l->list.n; i++) {
		size_t at = (l->last + i) % l->list.n;
		if (same_name(name, l->list.at[at].name)) {
			l->last = at;
			return &l->list.at[at];
		}
	}
	return NULL;
}

/* Below the personal namespace, or the INBOX itself. */
static bool is_ours(const struct lister *l, struct slice name)
{
	return imap_name_is_inbox(name) ||
	       slice_starts_nocase(name, slice_str(l->session->style.prefix));
}

/* Gmail's Starred and Important: their messages have the flag, and a folder of their own. */
static bool is_view(const struct lister *l, struct slice attrs)
{
	return (l->session->preset->flags & PRESET_LABELS) != 0 &&
	       (imap_flags_has(attrs, "\\Flagged") || imap_flags_has(attrs, "\\Important"));
}

/* Not one of ours: counted by the reason. One that holds no mail is no loss. */
static bool leave_out(struct lister *l, const struct imap_list *ev)
{
	size_t one = ev->noselect ? 0 : 1;
	if (memchr(ev->name.ptr, '\0', ev->name.len) != NULL || ev->name.len == 0)
		l->left_out.unnamed += one;
	else if (!is_ours(l, ev->name))
		l->left_out.foreign += one;
	else if (is_view(l, ev->attrs))
		l->left_out.views += one;
	else
		return false;
	return true;
}

static void add_listed(struct lister *l, const struct imap_list *ev)
{
	if (leave_out(l, ev))
		return;
	/* Some servers list a folder twice, or INBOX and Inbox. */
	struct listed *f = find(l, ev->name);
	if (f != NULL)
		return;
	f = vec_push(l->arena, &l->list);
	f->name = arena_slice(l->arena, ev->name);
	f->attrs = arena_slice(l->arena, ev->attrs);
	l->octets += ev->name.len + ev->attrs.len;
	f->delimiter = ev->delimiter;
	f->noselect = ev->noselect;
	f->subscribed = imap_flags_has(ev->attrs, "\\Subscribed");
	f->messages = f->uidnext = f->uidvalidity = f->modseq = f->size = -1;
}

static void add_figures(struct lister *l, const struct imap_folder_status *st)
{
	struct listed *f = find(l, st->name);
	if (f == NULL)
		return;
	f->messages = st->messages;
	f->uidnext = st->uidnext;
	f->uidvalidity = st->uidvalidity;
	f->modseq = st->highestmodseq;
	f->size = st->size;
}

static int on_list(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct lister *l = ctx;
	struct listed *f;
	(void)e;
	if (ev->kind == IMAP_EV_LIST && l->list.n >= FOLDERS_MAX)
		return err_set(e, ERR_WORLD, "%s lists more than %d folders",
			       conn_name(l->session->conn), FOLDERS_MAX);
	if (ev->kind == IMAP_EV_LIST && l->octets >= OCTETS_MAX)
		return err_set(e, ERR_WORLD, "%s lists folders with %d MiB of names",
			       conn_name(l->session->conn), OCTETS_MAX >> 20);
	if (ev->kind == IMAP_EV_LIST)
		add_listed(l, &ev->list);
	else if (ev->kind == IMAP_EV_FOLDER_STATUS)
		add_figures(l, &ev->folder);
	else if (ev->kind == IMAP_EV_LSUB && (f = find(l, ev->list.name)) != NULL)
		f->subscribed = true;
	return 0;
}

/* Items that a server did not offer would have it refuse the whole command. */
static const char *status_items(const struct lister *l)
{
	return arena_printf(l->arena, "(MESSAGES UIDNEXT UIDVALIDITY%s%s)",
			    (l->session->caps & CAP_CONDSTORE) != 0 ? " HIGHESTMODSEQ" : "",
			    l->opts->sizes && (l->session->caps & CAP_STATUS_SIZE) != 0 ? " SIZE"
											: "");
}

/* One command for thousands of folders, where the plain way needs a STATUS each. */
static bool is_extended(const struct session *s)
{
	const unsigned extended = CAP_LIST_EXTENDED | CAP_LIST_STATUS;
	return (s->caps & extended) == extended;
}

/* At most so many STATUS unanswered: a server that does not read while it writes must
 * not be flooded. */
enum { STATUS_WINDOW = 100 };

static int status_each(struct lister *l, struct err *e)
{
	struct imap_pipeline *out = conn_out(l->session->conn);
	const struct conn_call call = { on_list, l };
	const char *items = status_items(l);
	uint32_t tags[STATUS_WINDOW];
	struct conn_answer answer;
	size_t open = 0;
	for (size_t i = 0; i <= l->list.n; i++) {
		if (i < l->list.n && !l->list.at[i].noselect) {
			tags[open++] = imap_begin(out);
			imap_add(out, "STATUS ");
			imap_add_mailbox(out, slice_str(l->list.at[i].name));
			imap_addf(out, " %s", items);
			imap_end(out);
		}
		if (open < STATUS_WINDOW && i < l->list.n)
			continue;
		for (size_t k = 0; k < open; k++)
			if (conn_wait(l->session->conn, tags[k], &call, &answer, e) != 0)
				return -1;
		open = 0;
	}
	return 0;
}

/* A root narrows the namespace: its children become top folders. */
static void use_root(struct session *s, const char *root)
{
	size_t len = strlen(root);
	if (len == 0 || len + 2 > sizeof(s->prefix))
		return;
	memcpy(s->prefix, root, len + 1);
	if (s->style.delimiter != '\0' && s->prefix[len - 1] != s->style.delimiter) {
		s->prefix[len] = s->style.delimiter;
		s->prefix[len + 1] = '\0';
	}
}

struct listing_asked listing_ask(struct session *s, struct arena *a,
				 const struct listing_opts *opts)
{
	const struct lister l = { .session = s, .arena = a, .opts = opts };
	struct imap_pipeline *out = conn_out(s->conn);
	const char *use = (s->caps & CAP_SPECIAL_USE) != 0 ? " SPECIAL-USE" : "";
	struct listing_asked asked = { .session = s, .arena = a, .opts = opts };
	if (opts->root != NULL)
		use_root(s, opts->root);
	if (is_extended(s)) {
		asked.list_tag = imap_command(
			out, arena_printf(a, "LIST \"\" \"*\" RETURN (SUBSCRIBED%s STATUS %s)", use,
					  status_items(&l)));
		return asked;
	}
	asked.list_tag = imap_command(out, "LIST \"\" \"*\"");
	asked.lsub_tag = imap_command(out, "LSUB \"\" \"*\"");
	return asked;
}

/* A failing LSUB loses the subscriptions and nothing else: its answer is not looked at. */
static int take_answers(struct lister *l, const struct listing_asked *asked, struct err *e)
{
	const struct conn_call call = { on_list, l };
	struct conn_answer answer;
	if (conn_expect_ok(l->session->conn, asked->list_tag, &call, e) != 0)
		return -1;
	if (asked->lsub_tag == 0)
		return 0;
	if (conn_wait(l->session->conn, asked->lsub_tag, &call, &answer, e) != 0)
		return -1;
	return status_each(l, e);
}

static bool has_any(const struct lister *l)
{
	for (size_t i = 0; i < l->list.n; i++)
		if (!l->list.at[i].noselect)
			return true;
	return false;
}

int listing_take(const struct listing_asked *asked, struct listing *l_r, struct err *e)
{
	struct lister l = { .session = asked->session, .arena = asked->arena, .opts = asked->opts };
	if (take_answers(&l, asked, e) != 0)
		return err_wrap(e, "listing the folders");
	if (asked->opts->some && !has_any(&l))
		return err_set(e, ERR_RETRY, "%s lists no folder at all, not even the INBOX",
			       conn_name(asked->session->conn));
	*l_r = l.left_out;
	l_r->at = l.list.at;
	l_r->n = l.list.n;
	return 0;
}

int listing_get(struct session *s, struct arena *a, const struct listing_opts *opts,
		struct listing *l_r, struct err *e)
{
	const struct listing_asked asked = listing_ask(s, a, opts);
	return listing_take(&asked, l_r, e);
}

const struct listed *listing_find(const struct listing *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (same_name(slice_str(name), l->at[i].name))
			return &l->at[i];
	return NULL;
}

const char *listing_special(const struct listed *f)
{
	static const char *const uses[] = { "\\Sent", "\\Drafts", "\\Junk", "\\Trash",
					    "\\Archive" };
	/* Where everything is kept that has no other folder (Gmail's All Mail). */
	if (imap_flags_has(slice_str(f->attrs), "\\All"))
		return "\\Archive";
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (imap_flags_has(slice_str(f->attrs), uses[i]))
			return uses[i];
	return NULL;
}
