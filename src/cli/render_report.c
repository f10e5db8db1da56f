/* Status and report for people. */
#include <inttypes.h>

#include "base/size.h"
#include "cli/copy_view.h"
#include "cli/render.h"

/* Lines of a running copy: a screen has the steps above and the next command below. */
enum { RUNNING_MOST = 20, ATTENTION_MOST = 20, NOTE_COLUMN = 41 };

static void print_steps(const struct term *t, const struct report *r)
{
	char at[TIME_TEXT_MAX];
	for (size_t i = 0; i < r->step_n; i++) {
		const struct report_step *s = &r->steps[i];
		enum colour c = str_eq(s->state, "done")   ? COLOUR_GREEN
				: str_eq(s->state, "open") ? COLOUR_DIM
							   : COLOUR_YELLOW;
		bool more = s->at_ms != 0 || s->note[0] != '\0';
		term_print(t, "  %-8s", s->name);
		term_paint(t, c, more ? "%-9s" : "%s", s->state);
		if (more)
			term_print(t, "%-21s ", s->at_ms != 0 ? time_format(s->at_ms, at) : "");
		term_wrap_at(t, NOTE_COLUMN, s->note);
	}
}

/* From the progress document that the running copy stores each second: it may be another
 * process. The same lines as it shows itself. */
static void print_running(const struct term *t, const struct js *progress)
{
	if (progress == NULL || js_get_bool(progress, "ended"))
		return;
	struct arena *a = arena_new();
	const struct copy_progress p = copy_progress_from_js(a, progress);
	const struct copy_lines lines = copy_view(a, &p, RUNNING_MOST);
	term_print(t, "\ncopying: (as of %s)\n", js_get_str(progress, "at"));
	for (size_t i = 0; i < lines.n; i++)
		term_print_cut(t, lines.at[i]);
	arena_free(a);
}

/* What the last pass or dry run wants a person to look at. */
static void print_notes(const struct term *t, const struct js *progress)
{
	const struct js *list = js_get(progress, "notes");
	if (js_len(list) > 0)
		term_print(t, "\n");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *n = js_at(list, i);
		struct buf text;
		buf_init(&text);
		buf_addf(&text, "%s: %s", js_get_str(n, "mailbox"), js_get_str(n, "text"));
		term_wrap(t, "note: ", text.at);
		buf_release(&text);
		term_wrap(t, "    > ", js_get_str(n, "remedy"));
	}
}

static bool needs_attention(const struct gate_mailbox *m)
{
	return m->held != NULL || m->doubt != NULL || m->status.filter[0] != '\0' ||
	       (m->status.known && (m->status.err.kind != ERR_NONE || m->status.refused > 0));
}

static void print_mailbox(const struct term *t, const struct gate_mailbox *m)
{
	const struct migrate_status *s = &m->status;
	char size[SIZE_TEXT_MAX];
	char at[TIME_TEXT_MAX];
	term_print(t, "  %-32s %-19s %" PRIu64 "/%" PRIu64 " messages, %s", m->address,
		   s->known ? mailbox_state_name(s->state) : "Queued", s->acknowledged, s->messages,
		   size_format(s->acknowledged_bytes, size));
	if (s->last_verified_ms != 0)
		term_print(t, ", %s %s", s->verdict.verified ? "verified" : "NOT verified",
			   time_format(s->last_verified_ms, at));
	if (s->last_verified_ms != 0 && s->verdict.by_headers)
		term_print(t, ", compared %s", migrate_compared_by(&s->verdict));
	if (s->verdict.losses > 0)
		term_print(t, ", %" PRIu64 " with a recorded loss", s->verdict.losses);
	if (s->verdict.repaired > 0)
		term_print(t, ", %" PRIu64 " repaired", s->verdict.repaired);
	if (s->verdict.altered > 0)
		term_print(t, ", %" PRIu64 " with line ends changed by the target",
			   s->verdict.altered);
	if (s->left_out > 0)
		term_print(t, ", %" PRIu64 " left out", s->left_out);
	if (s->mirror_moved + s->mirror_deleted > 0)
		term_print(t, ", %" PRIu64 " put aside by the mirror",
			   s->mirror_moved + s->mirror_deleted);
	term_print(t, "\n");
	if (m->held != NULL && m->held[0] != '\0')
		term_wrap(t, "      by hand: ", m->held);
	if (s->filter[0] != '\0')
		term_wrap(t, "      left out: ", s->filter);
	if (s->err.kind != ERR_NONE)
		term_wrap(t, "      ", s->err.text);
	if (s->err.hint[0] != '\0')
		term_wrap(t, "    > ", s->err.hint);
	if (m->doubt == NULL)
		return;
	term_wrap(t, "      not verified: ", m->doubt);
	term_wrap(t, "    > ", m->doubt_remedy);
}

/* The first step that is not done, by its place in the table. */
static const char *next_command(const struct report *r)
{
	static const char *const next[] = { "cutover audit",  "cutover plan",
					    "cutover stage",  "cutover verify --wait 15m",
					    "cutover copy",   "cutover gate",
					    "cutover switch", "cutover tail",
					    "cutover cleanup" };
	for (size_t i = 0; i < r->step_n && i < sizeof(next) / sizeof(next[0]); i++)
		if (!str_eq(r->steps[i].state, "done"))
			return next[i];
	return "cutover report --html report.html";
}

static void print_chain(const struct term *t, const struct report *r)
{
	if (r->journal_intact)
		return;
	term_paint(t, COLOUR_RED, "\nthe journal's chain of hashes is broken: ");
	term_print(t, "%s\n", r->journal_note);
}

static void print_plaintext(const struct term *t, const struct report *r)
{
	for (size_t i = 0; i < r->plaintext_n; i++)
		term_print(t, "\nTLS is switched off for %s (network.allow_plaintext)\n",
			   r->plaintext_hosts[i]);
}

/* What went away at the target a person should not have to look for. */
static void print_mirror(const struct term *t, const struct report *r)
{
	uint64_t messages = 0;
	int64_t last_ms = 0;
	size_t n = 0;
	char at[TIME_TEXT_MAX];
	for (size_t i = 0; i < r->mailbox_n; i++) {
		const struct migrate_status *s = &r->mailboxes[i].status;
		uint64_t aside = s->mirror_moved + s->mirror_deleted;
		messages += aside;
		n += aside > 0;
		if (s->mirror_last_ms > last_ms)
			last_ms = s->mirror_last_ms;
	}
	if (messages > 0)
		term_print(t,
			   "put aside at the target by the mirror: %" PRIu64
			   " message%s of %zu mailbox%s, last %s (by folder: cutover report)\n",
			   messages, messages == 1 ? "" : "s", n, n == 1 ? "" : "es",
			   time_format(last_ms, at));
}

/* Mailboxes that are well are only counted: a thousand lines would hide the two that matter. */
void render_status(const struct term *t, const struct report *r)
{
	size_t synced = 0;
	size_t wanted = 0;
	size_t open = 0;
	term_paint(t, COLOUR_BOLD, "%s\n", r->domain);
	print_steps(t, r);
	print_running(t, r->progress);
	for (size_t i = 0; i < r->mailbox_n; i++) {
		const struct migrate_status *m = &r->mailboxes[i].status;
		wanted += m->state != MAILBOX_REMOVED;
		synced += m->known && m->filter[0] == '\0' &&
			  (m->state == MAILBOX_SYNCED || m->state == MAILBOX_COMPLETED);
		if (!needs_attention(&r->mailboxes[i]))
			continue;
		if (open++ < ATTENTION_MOST)
			print_mailbox(t, &r->mailboxes[i]);
	}
	if (open > ATTENTION_MOST)
		term_print(t, "  … and %zu more: cutover report\n", open - ATTENTION_MOST);
	if (r->mailbox_n > 0)
		term_print(t, "\n%zu of %zu mailboxes synced\n", synced, wanted);
	print_mirror(t, r);
	print_notes(t, r->progress);
	if (r->users_error != NULL)
		term_print(t, "\n%s\n", r->users_error);
	print_plaintext(t, r);
	print_chain(t, r);
	term_print(t, "next: %s\n", next_command(r));
}

/* With whose word it was set aside: a report that left it out would claim too much. */
static void print_ignored(const struct term *t, const struct js *list)
{
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *f = js_at(list, i);
		struct buf text;
		buf_init(&text);
		buf_addf(&text, "ignored  %s %s: %s (since %s: %s)", js_get_str(f, "severity"),
			 js_get_str(f, "check"), js_get_str(f, "message"), js_get_str(f, "since"),
			 js_get_str(f, "reason"));
		term_wrap(t, "  ", text.at);
		buf_release(&text);
	}
}

static void print_findings(const struct term *t, const struct js *audit)
{
	const struct js *list = js_get(audit, "findings");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *f = js_at(list, i);
		struct buf text;
		buf_init(&text);
		buf_addf(&text, "%-8s %s: %s", js_get_str(f, "severity"), js_get_str(f, "check"),
			 js_get_str(f, "message"));
		term_wrap(t, "  ", text.at);
		buf_release(&text);
	}
	if (js_len(list) == 0)
		term_print(t, "  no finding\n");
	print_ignored(t, js_get(audit, "ignored"));
}

/* The verdict on the chain stands where the journal is read, not only in the summary. */
static void print_events(const struct term *t, const struct report *r)
{
	char at[TIME_TEXT_MAX];
	for (size_t i = 0; i < r->event_n; i++) {
		const struct report_event *v = &r->events[i];
		struct buf text;
		buf_init(&text);
		buf_addf(&text, "%s%s%s", v->subject, v->detail[0] != '\0' ? ": " : "", v->detail);
		struct buf head;
		buf_init(&head);
		buf_addf(&head, "  %s  %-8s %-7s ", time_format(v->at_ms, at), v->step, v->kind);
		term_wrap(t, head.at, text.at);
		buf_release(&head);
		buf_release(&text);
	}
	term_print(t, "  %s\n",
		   r->journal_intact ? "the chain of hashes is intact"
				     : "THE CHAIN OF HASHES IS BROKEN");
}

static void print_refusals(const struct term *t, const struct report *r)
{
	if (r->refusal_n == 0)
		return;
	term_paint(t, COLOUR_BOLD, "\nMessages that the target refused\n");
	for (size_t i = 0; i < r->refusal_n; i++) {
		const struct migrate_refusal *m = &r->refusals[i];
		term_print(t, "  %s %s UID %u (%" PRIu64 " bytes)\n", m->address, m->folder, m->uid,
			   m->size);
		term_wrap(t, "      ", m->reason);
		if (m->file != NULL)
			term_print(t, "      kept as .cutover/quarantine/%s\n", m->file);
	}
}

enum { REMARKS_SHOWN = 50 };

static void print_remarks(const struct term *t, const struct report *r)
{
	if (r->remark_n == 0)
		return;
	term_paint(t, COLOUR_BOLD, "\nRemarks about single messages and folders\n");
	for (size_t i = 0; i < r->remark_n && i < REMARKS_SHOWN; i++) {
		const struct migrate_remark *m = &r->remarks[i];
		term_print(t, "  %s: %s %s", m->kind, m->address, m->folder);
		if (m->uid != 0)
			term_print(t, " UID %u", m->uid);
		if (m->dst_uid != 0)
			term_print(t, " (at the target UID %u)", m->dst_uid);
		term_print(t, "\n");
		if (m->detail[0] != '\0')
			term_wrap(t, "      ", m->detail);
	}
	if (r->remark_n > REMARKS_SHOWN)
		term_print(t, "  and %zu more: `cutover report --json` has them all\n",
			   r->remark_n - REMARKS_SHOWN);
}

void render_report(const struct term *t, const struct report *r)
{
	char at[TIME_TEXT_MAX];
	term_paint(t, COLOUR_BOLD, "Cutover of %s", r->domain);
	term_print(t, ", as of %s\n", time_format(r->made_ms, at));
	print_steps(t, r);
	if (r->audit != NULL) {
		term_paint(t, COLOUR_BOLD, "\nThe last audit");
		term_print(t, " (%s)\n", js_get_str(r->audit, "checked_at"));
		print_findings(t, r->audit);
	}
	if (r->plan != NULL) {
		term_paint(t, COLOUR_BOLD, "\nThe plan\n");
		render_plan(t, r->plan);
	}
	if (r->mailbox_n > 0 || r->users_error != NULL)
		term_paint(t, COLOUR_BOLD, "\nMailboxes\n");
	if (r->users_error != NULL)
		term_wrap(t, "  not known: ", r->users_error);
	for (size_t i = 0; i < r->mailbox_n; i++)
		print_mailbox(t, &r->mailboxes[i]);
	print_notes(t, r->progress);
	print_refusals(t, r);
	print_remarks(t, r);
	if (r->gate_n > 0) {
		term_paint(t, COLOUR_BOLD, "\nGates");
		term_print(t, " (%s)\n", time_format(r->gates_ms, at));
		render_gates(t, r->gates, r->gate_n);
	}
	term_paint(t, COLOUR_BOLD, "\nJournal\n");
	print_events(t, r);
	print_plaintext(t, r);
}
