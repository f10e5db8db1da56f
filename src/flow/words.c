/*
 * The journal keeps every word with its time; the last one of an address is in force. Another
 * process may add to it at any time, so it is read anew whenever it matters.
 */
#include "flow/words.h"

#include "base/vec.h"
#include "flow/copy.h"
#include "flow/flow_priv.h"
#include "store/journal.h"

#define STEP_MAILBOX "mailbox"

static const char *const verbs[] = {
	[WORD_START] = "start", [WORD_STOP] = "stop", [WORD_REMOVE] = "remove"
};

bool word_verb_parse(const char *text, enum word_verb *verb_r)
{
	if (str_eq(text, "resume"))
		text = verbs[WORD_START];
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (str_eq(verbs[i], text)) {
			*verb_r = (enum word_verb)i;
			return true;
		}
	return false;
}

/* A row that cannot be read holds the mailbox: to copy what somebody may have removed would be
 * worse than to wait. */
static struct word word_of_row(struct arena *a, const struct journal_row *row)
{
	struct err ignored;
	struct word w = { .address = row->subject, .verb = WORD_STOP, .reason = "" };
	struct js *detail = js_parse(slice_str(row->detail), &ignored);
	w.at_ms = row->at_ms;
	if (detail != NULL) {
		(void)word_verb_parse(js_get_str(detail, "verb"), &w.verb);
		w.reason = arena_strdup(a, js_get_str(detail, "why"));
	}
	js_free(detail);
	return w;
}

int flow_words(struct flow *f, struct arena *a, struct words *words_r, struct err *e)
{
	struct journal_row *rows;
	size_t n;
	VEC(struct word) list = { 0 };
	*words_r = (struct words){ 0 };
	if (f->store == NULL)
		return 0;
	if (journal_rows(f->store, a, STEP_MAILBOX, &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct word w = word_of_row(a, &rows[i]);
		size_t at = 0;
		while (at < list.n && !str_eq_nocase(list.at[at].address, w.address))
			at++;
		if (at == list.n)
			(void)vec_push(a, &list);
		list.at[at] = w;
	}
	*words_r = (struct words){ list.n, list.at };
	return 0;
}

const struct word *words_of(const struct words *w, const char *address)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq_nocase(w->list[i].address, address))
			return &w->list[i];
	return NULL;
}

bool words_hold(const struct words *w, const char *address)
{
	const struct word *word = words_of(w, address);
	return word != NULL && word->verb != WORD_START;
}

bool words_removed(const struct words *w, const char *address)
{
	const struct word *word = words_of(w, address);
	return word != NULL && word->verb == WORD_REMOVE;
}

/* As the CSV writes it: the ledger knows the mailbox by that. NULL when it is not there. */
static const char *listed_as(const struct user_list *users, const char *address)
{
	for (size_t i = 0; i < users->n; i++)
		if (str_eq_nocase(users->rows[i].address, address))
			return users->rows[i].address;
	return NULL;
}

static int check(const struct flow *f, const struct word *what, const char *const *addresses,
		 const struct user_list *users, struct err *e)
{
	for (; *addresses != NULL; addresses++) {
		if (listed_as(users, *addresses) != NULL)
			continue;
		err_set(e, ERR_USAGE, "%s %s: %s has no such mailbox", verbs[what->verb],
			*addresses, f->opts.project->mailboxes);
		return err_hint(e, "write the address as in the EmailAddress column");
	}
	return 0;
}

static int say_one(struct flow *f, const struct word *what, const char *address, struct err *e)
{
	struct js *detail = js_object();
	struct buf shown;
	buf_init(&shown);
	buf_addf(&shown, "%s%s%s", verbs[what->verb], what->reason[0] != '\0' ? ": " : "",
		 what->reason);
	js_set_str(detail, "verb", verbs[what->verb]);
	js_set_str(detail, "why", what->reason);
	js_set_str(detail, "reason", shown.at); /* what a report shows of any row */
	int rc = flow_note(f, STEP_MAILBOX, address, detail, e);
	buf_release(&shown);
	js_free(detail);
	return rc;
}

/* Saying the same again says nothing new, but a start does: it also takes up what failed. */
static bool is_new(const struct words *w, const struct word *what, const char *address)
{
	const struct word *last = words_of(w, address);
	return what->verb == WORD_START || last == NULL || last->verb != what->verb ||
	       !str_eq(last->reason, what->reason);
}

static int say_all(struct flow *f, const struct word *what, const char *const *addresses,
		   const struct user_list *users, size_t *n_r, struct err *e)
{
	struct words words;
	struct arena *a = arena_new();
	int rc = check(f, what, addresses, users, e);
	if (rc == 0)
		rc = flow_words(f, a, &words, e);
	for (; rc == 0 && *addresses != NULL; addresses++) {
		const char *address = listed_as(users, *addresses);
		if (!is_new(&words, what, address))
			continue;
		rc = say_one(f, what, address, e);
		++*n_r;
	}
	arena_free(a);
	return rc;
}

int flow_say(struct flow *f, const struct word *what, const char *const *addresses, size_t *n_r,
	     struct err *e)
{
	struct user_list *users;
	*n_r = 0;
	if (what->verb == WORD_REMOVE && slice_trim(slice_str(what->reason)).len == 0) {
		err_set(e, ERR_USAGE, "removing a mailbox from the cutover needs a reason");
		return err_hint(e, "say why with --reason TEXT; every report will show it");
	}
	if (f->opts.project->mailboxes == NULL)
		return copy_list_unnamed(f->opts.project, e);
	if (user_list_load(f->opts.project->mailboxes, &users, e) != 0)
		return -1;
	int rc = say_all(f, what, addresses, users, n_r, e);
	user_list_free(users);
	return rc;
}
