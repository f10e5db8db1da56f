/*
 * The gates that look at the mailboxes, by the ledger. Sizes that the target tells are no
 * evidence: some servers store a message in another form and estimate. What counts is that
 * each APPEND was acknowledged, and that both sides were read again.
 */
#include "flow/gates_priv.h"

#include <inttypes.h>

#include "flow/copy.h"

bool gate_without_mailboxes(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	if (ev->users_error != NULL) {
		gate_close(a, g, "correct the users CSV", "%s", ev->users_error);
		gate_about(a, g, "the users CSV cannot be read");
	} else if (ev->mailbox_n == 0) {
		gate_close(a, g, "name the users CSV in the project file: mailboxes: users.csv",
			   "no mailbox is listed");
		gate_about(a, g, "no mailbox");
	}
	return ev->users_error != NULL || ev->mailbox_n == 0;
}

/* Why a mailbox is not complete; NULL when it is. Skipped messages count against the policy. */
static const char *incomplete(struct arena *a, const struct gate_mailbox *m, uint64_t *skipped)
{
	const struct migrate_status *s = &m->status;
	if (!s->known)
		return "was never copied";
	if (s->state == MAILBOX_FAILED)
		return s->err.text;
	if (s->last_pass_end_ms == 0)
		return "no pass was completed yet";
	if (!migrate_is_through(s->state))
		return "its last pass did not come to its end";
	if (s->filter[0] != '\0')
		return arena_printf(a, "its last pass left out %s (%" PRIu64 " messages)",
				    s->filter, s->left_out);
	*skipped += s->refused;
	uint64_t there = s->messages > s->present ? s->messages : s->present;
	if (s->acknowledged + s->refused < there)
		return arena_printf(
			a, "%" PRIu64 " of %" PRIu64 " messages acknowledged by the target",
			s->acknowledged, there);
	return NULL;
}

/* What there is in all, and what of it the target refused. */
struct tally {
	uint64_t messages, skipped;
};

/* Every mailbox that is not complete; their number. */
static size_t list_incomplete(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			      struct tally *sum, const char **text_r)
{
	struct gate_list open;
	gate_list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct gate_mailbox *m = &ev->mailboxes[i];
		const char *why = incomplete(a, m, &sum->skipped);
		sum->messages += m->status.messages;
		/* Another row when one above it goes: nothing to accept anew for. */
		open.beside = arena_printf(a, " (row %zu of the CSV)", m->row);
		if (why != NULL)
			gate_list_add(&open, m->address, why);
	}
	open.beside = "";
	open.kind = " (dropped)";
	for (size_t i = 0; i < ev->dropped.n; i++)
		gate_list_add(&open, ev->dropped.addresses[i],
			      "it was copied before, and the users CSV does not list it any more "
			      "(put it back; what shall stay behind is removed by word first: "
			      "`cutover mailbox remove`)");
	size_t n = open.n;
	*text_r = gate_list_end(a, &open, g);
	return n;
}

static void too_many_refused(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			     uint64_t skipped)
{
	gate_about(a, g, arena_printf(a, "%" PRIu64 " refused", skipped));
	gate_close(
		a, g,
		"see `cutover report` for each by name; then accept them: policy.max_skipped, or "
		"`cutover accept mailboxes-complete --reason …`",
		"the target refused %" PRIu64 " messages; the policy allows %" PRIu64, skipped,
		ev->project->policy.max_skipped);
}

/* Incomplete mailboxes are told before refused messages: mending those changes these. */
void gate_mailboxes_complete(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct tally sum = { 0 };
	const char *text;
	if (gate_without_mailboxes(a, ev, g))
		return;
	size_t n = list_incomplete(a, ev, g, &sum, &text);
	if (n > 0)
		gate_close(a, g,
			   "mend what the reason says, then run `cutover copy`; it moves only what "
			   "is missing",
			   "%zu of %zu mailboxes are not complete: %s", n,
			   ev->mailbox_n + ev->dropped.n, text);
	else if (sum.skipped > ev->project->policy.max_skipped)
		too_many_refused(a, ev, g, sum.skipped);
	else
		gate_open(a, g,
			  "all %zu mailboxes: %" PRIu64 " messages acknowledged by the target, "
			  "%" PRIu64 " refused%s%s",
			  ev->mailbox_n, sum.messages - sum.skipped, sum.skipped,
			  ev->removed != NULL ? "; removed by hand: " : "",
			  ev->removed != NULL ? ev->removed : "");
}

/* A clock that was set back leaves passes that have not begun yet, and no age tells anything. */
enum { CLOCK_SLACK_MS = 60 * 1000 };

static bool is_of_the_future(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	char when[TIME_TEXT_MAX];
	struct gate_list list;
	gate_list_init(&list);
	for (size_t i = 0; i < ev->mailbox_n; i++)
		if (ev->mailboxes[i].status.last_pass_start_ms > ev->now_ms + CLOCK_SLACK_MS)
			gate_list_add(
				&list, ev->mailboxes[i].address,
				time_format(ev->mailboxes[i].status.last_pass_start_ms, when));
	size_t n = list.n;
	const char *text = gate_list_end(a, &list, g);
	if (n > 0)
		gate_unknown(a, g, "set this machine's clock, then run `cutover copy` again",
			     "by this machine's clock the last pass is still to come: %s", text);
	return n > 0;
}

/* The begin of a pass counts, not its end: what came in while it ran may be missing. */
static void decide_by_age(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	int64_t limit_ms = ev->project->policy.max_age_of_last_pass_ms;
	const struct gate_mailbox *oldest = &ev->mailboxes[0];
	struct gate_list stale;
	char age[TIME_TEXT_MAX];
	char limit[TIME_TEXT_MAX];
	gate_list_init(&stale);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct gate_mailbox *m = &ev->mailboxes[i];
		if (m->status.last_pass_start_ms < oldest->status.last_pass_start_ms)
			oldest = m;
		if (ev->now_ms - m->status.last_pass_start_ms > limit_ms)
			gate_list_add(&stale, m->address, "");
	}
	size_t n = stale.n;
	(void)gate_list_end(a, &stale, g);
	duration_format(limit_ms, limit);
	duration_format(ev->now_ms - oldest->status.last_pass_start_ms, age);
	if (oldest->status.last_pass_start_ms == 0)
		gate_close(a, g, "run `cutover copy`", "%s has had no complete pass yet",
			   oldest->address);
	else if (n > 0)
		gate_close(a, g, "run `cutover copy` again; it moves only what is new",
			   "the last complete pass of %s began %s ago; the policy allows %s",
			   oldest->address, age, limit);
	else
		gate_open(a, g, "the oldest last pass (%s) began %s ago (policy: %s)",
			  oldest->address, age, limit);
}

void gate_mailboxes_fresh(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	if (!gate_without_mailboxes(a, ev, g) && !is_of_the_future(a, ev, g))
		decide_by_age(a, ev, g);
}

/* Why the comparison does not prove this mailbox; NULL when it does. Mail that came after it
 * may be a tenth of what is there (copy_is_verified). */
static const char *unverified(struct arena *a, const struct migrate_status *s)
{
	if (s->last_verified_ms == 0)
		return "was not verified yet";
	if (!s->verdict.verified)
		return s->verdict.err.kind != ERR_NONE
			       ? s->verdict.err.text
			       : arena_printf(a, "%" PRIu64 " missing, %" PRIu64 " differing",
					      s->verdict.missing, s->verdict.differing);
	if (!copy_is_verified(s))
		return arena_printf(a,
				    "%" PRIu64 " of the %" PRIu64
				    " messages at the target came after %" PRIu64 " were compared",
				    s->since_verified, s->acknowledged, s->verdict.compared);
	return NULL;
}

/* Who has messages whose line ends the target changed: they count as arrived, but are
 * named. "" when there are none. */
static const char *altered(struct arena *a, const struct gate_evidence *ev)
{
	const struct gate_mailbox *first = NULL;
	uint64_t n = 0;
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct gate_mailbox *m = &ev->mailboxes[i];
		n += m->status.verdict.altered;
		if (first == NULL && m->status.verdict.altered > 0)
			first = m;
	}
	if (first == NULL)
		return "";
	return arena_printf(
		a, "; %" PRIu64 " of them with line ends changed by the target (%s%s: %s)", n,
		n > 1 ? "first " : "", first->address, first->status.verdict.first_altered);
}

/* What the ledger noted before it was compared, and what was altered on wish. "" for none. */
static const char *told_apart(struct arena *a, const struct gate_evidence *ev)
{
	uint64_t losses = 0;
	uint64_t repaired = 0;
	uint64_t merged = 0;
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		losses += ev->mailboxes[i].status.verdict.losses;
		repaired += ev->mailboxes[i].status.verdict.repaired;
		merged += ev->mailboxes[i].status.verdict.merged;
	}
	return arena_printf(
		a, "%s%s%s",
		merged == 0 ? ""
			    : arena_printf(a,
					   "; %" PRIu64 " of them are duplicates that the target "
					   "keeps once, for it has one message a Message-ID "
					   "(`cutover report` names them)",
					   merged),
		repaired == 0
			? ""
			: arena_printf(a, "; %" PRIu64 " of them repaired on the way", repaired),
		losses == 0 ? ""
			    : arena_printf(a,
					   "; %" PRIu64 " of them arrived with a recorded loss of "
					   "flags or date (`cutover report` names them)",
					   losses));
}

/* A weaker claim is never told in the words of the stronger one. */
static const char *how_compared(struct arena *a, const struct gate_evidence *ev)
{
	const struct gate_mailbox *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct gate_mailbox *m = &ev->mailboxes[i];
		if (m->status.last_verified_ms == 0 || !m->status.verdict.by_headers)
			continue;
		first = n++ == 0 ? m : first;
	}
	if (first == NULL)
		return "by SHA-256, flags and date";
	const char *weaker = "Message-ID, Date, From, class of size and number in each folder, "
			     "flags and date";
	const char *words = migrate_compared_by(&first->status.verdict);
	if (n == ev->mailbox_n)
		return arena_printf(a, "%s (%s)", words, weaker);
	return arena_printf(a,
			    "by SHA-256, flags and date; in %zu mailbox%s (first: %s) only %s (%s)",
			    n, n == 1 ? "" : "es", first->address, words, weaker);
}

/* Counts what was compared and what came since, apart: the reader of a report sees how much
 * rests on the acknowledgement alone. */
void gate_mailboxes_verified(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct gate_list open;
	uint64_t compared = 0;
	uint64_t since = 0;
	if (gate_without_mailboxes(a, ev, g))
		return;
	gate_list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct migrate_status *s = &ev->mailboxes[i].status;
		const char *why = unverified(a, s);
		compared += s->verdict.compared;
		since += s->since_verified;
		if (why != NULL)
			gate_list_add(&open, ev->mailboxes[i].address, why);
	}
	size_t n = open.n;
	const char *text = gate_list_end(a, &open, g);
	if (n > 0)
		gate_close(a, g,
			   "run `cutover copy --verify`; it reads both sides again and compares",
			   "%s", text);
	else
		gate_open(a, g,
			  "%" PRIu64 " messages of %zu mailboxes were read again on both sides and "
			  "compared %s%s%s; %" PRIu64 " came since and were acknowledged",
			  compared, ev->mailbox_n, how_compared(a, ev), altered(a, ev),
			  told_apart(a, ev), since);
}

/* A server may answer SEARCH with nothing in a full folder (STRATO does behind ENABLE
 * IMAP4rev2), or show a part of the mail: one number alone is never believed. */
void gate_counts_agree(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct gate_list open;
	if (gate_without_mailboxes(a, ev, g))
		return;
	gate_list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct migrate_status *s = &ev->mailboxes[i].status;
		if (!s->known || s->last_pass_end_ms == 0)
			gate_list_add(&open, ev->mailboxes[i].address, "not counted yet");
		else if (!s->counts_agree)
			gate_list_add(&open, ev->mailboxes[i].address,
				      s->counts_note != NULL ? s->counts_note
							     : "the numbers differ");
	}
	size_t n = open.n;
	const char *text = gate_list_end(a, &open, g);
	if (n > 0)
		gate_close(a, g,
			   "run `cutover copy` again; if the numbers stay apart, the source shows "
			   "only a part of its mail: ask its provider for full IMAP access",
			   "%s", text);
	else
		gate_open(
			a, g,
			"STATUS, EXISTS, SEARCH and FETCH told the same number in every folder of "
			"%zu mailboxes",
			ev->mailbox_n);
}
