/*
 * The gates that look at the mailboxes, by the ledger, and at the new mail exchanger, by
 * what its probes answered. Sizes that the target tells are no evidence: some servers
 * store a message in another form and estimate. What counts is that each APPEND was
 * acknowledged, and that both sides were read again.
 */
#include "flow/gates_priv.h"

#include <inttypes.h>

#include "flow/copy.h"
#include "zone/dname.h"

/* No list, no mailbox: nothing can be said of them. True when it was decided so. */
static bool without_mailboxes(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	if (ev->users_error != NULL)
		gate_close(a, g, "correct the users CSV", "%s", ev->users_error);
	else if (ev->mailbox_n == 0)
		gate_close(a, g, "name the users CSV in the project file: mailboxes: users.csv",
			   "no mailbox is listed");
	return ev->users_error != NULL || ev->mailbox_n == 0;
}

/* "a@x (row 3): reason; b@x …": the first few, then how many more. */
struct list_text {
	struct buf text;
	struct buf names; /* of all, for what an acceptance is about */
	size_t n;
};
enum { NAMED_MAX = 5 };

/* All names go into the matter of an acceptance, only the first few into the text. */
static void list_init(struct list_text *l)
{
	buf_init(&l->text);
	buf_init(&l->names);
	l->n = 0;
}

static void list_add(struct list_text *l, const char *name, const char *why)
{
	buf_addf(&l->names, "%s ", name);
	if (l->n < NAMED_MAX)
		buf_addf(&l->text, "%s%s: %s", l->n > 0 ? "; " : "", name, why);
	l->n++;
}

static const char *list_end(struct arena *a, struct list_text *l, struct gate *g)
{
	gate_about(a, g, l->names.at);
	buf_release(&l->names);
	if (l->n > NAMED_MAX)
		buf_addf(&l->text, "; and %zu more", l->n - NAMED_MAX);
	const char *text = arena_slice(a, buf_slice(&l->text));
	buf_release(&l->text);
	return text;
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

/* Incomplete mailboxes are told before refused messages: mending those changes these. */
void gate_mailboxes_complete(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct list_text open;
	uint64_t skipped = 0;
	uint64_t messages = 0;
	uint64_t allowed = ev->project->policy.max_skipped;
	if (without_mailboxes(a, ev, g))
		return;
	list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct gate_mailbox *m = &ev->mailboxes[i];
		const char *why = incomplete(a, m, &skipped);
		messages += m->status.messages;
		if (why != NULL)
			list_add(&open,
				 arena_printf(a, "%s (row %zu of the CSV)", m->address, m->row),
				 why);
	}
	size_t n = open.n;
	const char *text = list_end(a, &open, g);
	if (n > 0)
		gate_close(a, g,
			   "mend what the reason says, then run `cutover copy`; it moves only what "
			   "is missing",
			   "%zu of %zu mailboxes are not complete: %s", n, ev->mailbox_n, text);
	else if (skipped > allowed) {
		gate_about(a, g, arena_printf(a, "%" PRIu64 " refused", skipped));
		gate_close(a, g,
			   "see `cutover report` for each by name; then accept them: "
			   "policy.max_skipped, or `cutover accept mailboxes-complete --reason …`",
			   "the target refused %" PRIu64 " messages; the policy allows %" PRIu64,
			   skipped, allowed);
	} else {
		gate_open(a, g,
			  "all %zu mailboxes: %" PRIu64 " messages acknowledged by the target, "
			  "%" PRIu64 " refused%s%s",
			  ev->mailbox_n, messages - skipped, skipped,
			  ev->removed != NULL ? "; removed by hand: " : "",
			  ev->removed != NULL ? ev->removed : "");
	}
}

/* The begin of a pass counts, not its end: what came in while it ran may be missing. */
void gate_mailboxes_fresh(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const char *oldest = NULL;
	int64_t oldest_ms = INT64_MAX;
	char age[TIME_TEXT_MAX];
	char limit[TIME_TEXT_MAX];
	if (without_mailboxes(a, ev, g))
		return;
	for (size_t i = 0; i < ev->mailbox_n; i++)
		if (ev->mailboxes[i].status.last_pass_start_ms < oldest_ms) {
			oldest_ms = ev->mailboxes[i].status.last_pass_start_ms;
			oldest = ev->mailboxes[i].address;
		}
	duration_format(ev->project->policy.max_age_of_last_pass_ms, limit);
	if (oldest_ms == 0) {
		gate_close(a, g, "run `cutover copy`", "%s has had no complete pass yet", oldest);
		return;
	}
	duration_format(ev->now_ms - oldest_ms, age);
	if (ev->now_ms - oldest_ms > ev->project->policy.max_age_of_last_pass_ms)
		gate_close(a, g, "run `cutover copy` again; it moves only what is new",
			   "the last complete pass of %s began %s ago; the policy allows %s",
			   oldest, age, limit);
	else
		gate_open(a, g, "the oldest last pass (%s) began %s ago (policy: %s)", oldest, age,
			  limit);
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
		return arena_printf(
			a, "%" PRIu64 " messages were compared, %" PRIu64 " are at the target now",
			s->verdict.compared, s->acknowledged);
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
	struct list_text open;
	uint64_t compared = 0;
	uint64_t since = 0;
	if (without_mailboxes(a, ev, g))
		return;
	list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct migrate_status *s = &ev->mailboxes[i].status;
		const char *why = unverified(a, s);
		compared += s->verdict.compared;
		since += s->acknowledged > s->verdict.compared
				 ? s->acknowledged - s->verdict.compared
				 : 0;
		if (why != NULL)
			list_add(&open, ev->mailboxes[i].address, why);
	}
	size_t n = open.n;
	const char *text = list_end(a, &open, g);
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
	struct list_text open;
	if (without_mailboxes(a, ev, g))
		return;
	list_init(&open);
	for (size_t i = 0; i < ev->mailbox_n; i++) {
		const struct migrate_status *s = &ev->mailboxes[i].status;
		if (!s->known || s->last_pass_end_ms == 0)
			list_add(&open, ev->mailboxes[i].address, "not counted yet");
		else if (!s->counts_agree)
			list_add(&open, ev->mailboxes[i].address,
				 s->counts_note != NULL ? s->counts_note : "the numbers differ");
	}
	size_t n = open.n;
	const char *text = list_end(a, &open, g);
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

/* A host that takes a random address, too: its yes proves nothing. NULL when none does. */
static const struct gate_host *catch_all(const struct gate_evidence *ev)
{
	for (size_t i = 0; i < ev->host_n; i++)
		if (ev->hosts[i].probed && ev->hosts[i].report.accepts_random)
			return &ev->hosts[i];
	return NULL;
}

/* Names the addresses with this verdict; their number. */
static size_t list_probes(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			  enum rcpt_verdict verdict, const char **text_r)
{
	struct list_text list;
	list_init(&list);
	for (size_t i = 0; i < ev->probe_n; i++)
		if (ev->probes[i].verdict == verdict)
			list_add(&list, ev->probes[i].address, ev->probes[i].reply);
	size_t n = list.n;
	*text_r = list_end(a, &list, g);
	return n;
}

/* Order: a catch-all first, for its yes is worth nothing; then rejections, which are certain;
 * then what was not answered. */
void gate_recipients_accepted(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const char *names;
	if (without_mailboxes(a, ev, g))
		return;
	const struct gate_host *open_host = catch_all(ev);
	if (open_host != NULL) {
		gate_unknown(a, g,
			     "compare the list of mailboxes by hand, then `cutover accept "
			     "recipients-accepted --reason …`",
			     "%s accepts even %s: its yes proves nothing", open_host->name,
			     open_host->report.control);
		return;
	}
	size_t rejected = list_probes(a, ev, g, RCPT_REJECTED, &names);
	if (rejected > 0) {
		gate_close(
			a, g,
			"create these mailboxes or aliases at the new provider (a new one can take "
			"a day to be known at its edge)",
			"the new MX would reject %zu of %zu addresses: %s", rejected, ev->probe_n,
			names);
		return;
	}
	size_t open = list_probes(a, ev, g, RCPT_INCONCLUSIVE, &names);
	if (open > 0 || ev->probe_n == 0)
		gate_unknown(
			a, g,
			"try again later, from a host that may use port 25; or accept it by name",
			"the new MX gave no clear answer for %zu addresses: %s", open,
			open > 0 ? names : "none was probed");
	else
		gate_open(a, g, "the new MX accepts all %zu addresses and rejects a random one",
			  ev->probe_n);
}

/* What is wrong with one MX host; NULL when nothing is. */
static const char *unhealthy(struct arena *a, const struct gate_host *h)
{
	if (h->address == NULL)
		return "its name has no address";
	if (!h->probed || !h->report.connected)
		return h->err.kind != ERR_NONE ? h->err.text : "it did not answer on port 25";
	if (!h->report.tls)
		return "it offers no STARTTLS";
	if (!h->report.tls_verified)
		return arena_printf(a, "its certificate does not verify%s%s",
				    h->err.kind != ERR_NONE ? ": " : "",
				    h->err.kind != ERR_NONE ? h->err.text : "");
	return NULL;
}

/* Senders that found an MTA-STS policy or DANE records refuse an MX without a valid
 * certificate (RFC 8461, RFC 7672): their mail would be late or lost. */
void gate_new_mx_healthy(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct list_text open;
	if (ev->host_n == 0) {
		gate_close(a, g, "write target.mx: the MX host that the new provider shows",
			   "the project names no new MX");
		return;
	}
	list_init(&open);
	for (size_t i = 0; i < ev->host_n; i++) {
		const char *why = unhealthy(a, &ev->hosts[i]);
		if (why != NULL)
			list_add(&open, ev->hosts[i].name, why);
	}
	size_t n = open.n;
	const char *text = list_end(a, &open, g);
	if (n > 0)
		gate_close(
			a, g,
			"check target.mx against the new provider's console; port 25 may be closed "
			"from here: try from another network",
			"%s", text);
	else
		gate_open(a, g,
			  "%zu MX host%s answered with STARTTLS and a valid certificate (%s: %s)",
			  ev->host_n, ev->host_n == 1 ? "" : "s", ev->hosts[0].name,
			  ev->hosts[0].report.banner);
}
