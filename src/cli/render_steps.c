/* Plan, verify, gates and copy for people. */
#include <inttypes.h>

#include "base/size.h"
#include "cli/render.h"

static void print_diff_line(const struct term *t, struct slice line)
{
	enum colour c = COLOUR_PLAIN;
	if (line.len > 0 && line.ptr[0] == '+')
		c = COLOUR_GREEN;
	else if (line.len > 0 && line.ptr[0] == '-')
		c = COLOUR_RED;
	term_paint(t, c, "%.*s", (int)line.len, line.ptr);
	term_print(t, "\n");
}

/* The text of a set as everywhere, coloured line by line. */
static void print_set(const struct term *t, const char *title, const struct plan *plan,
		      const struct change_set *cs)
{
	struct buf text;
	term_paint(t, COLOUR_BOLD, "%s", title);
	term_print(t, " (%zu change%s)\n", cs->n, cs->n == 1 ? "" : "s");
	if (plan_set_is_large(plan, cs))
		term_paint(t, COLOUR_YELLOW,
			   "! more than policy.max_changed_rrsets (%u): needs --allow-changes "
			   "%zu\n",
			   plan->max_changed, cs->n);
	buf_init(&text);
	change_set_print(cs, &text);
	struct slice rest = buf_slice(&text);
	while (rest.len > 0)
		print_diff_line(t, slice_until(&rest, '\n'));
	buf_release(&text);
}

void render_plan(const struct term *t, const struct plan *plan)
{
	char at[TIME_TEXT_MAX];
	term_print(t, "; plan for %s from the zone as seen at %s\n; identity %.16s\n\n",
		   plan->domain, time_format(plan->snapshot_ms, at), plan->hash);
	print_set(t, "stage: what must exist before", plan, plan->staging);
	term_print(t, "\n");
	if (plan->policy->n > 0) {
		print_set(t, "policy: with the staging, then waited for by the gates", plan,
			  plan->policy);
		term_print(t, "\n");
	}
	print_set(t, "switch: only when every gate lets pass", plan, plan->switching);
	if (plan->cleanup->n > 0) {
		term_print(t, "\n");
		print_set(t, "cleanup: when the tail is over", plan, plan->cleanup);
	}
	for (size_t i = 0; plan->by_hand[i] != NULL; i++)
		term_wrap(t, i == 0 ? "\nby hand: " : "         ", plan->by_hand[i]);
}

void render_watch(const struct term *t, const struct watch *w)
{
	char until[TIME_TEXT_MAX];
	for (size_t i = 0; i < w->n; i++) {
		const struct watch_row *r = &w->rows[i];
		term_paint(t, r->as_wished ? COLOUR_GREEN : COLOUR_YELLOW, "%s",
			   r->as_wished ? "yes " : "no  ");
		term_print(t, "%s %s  %s", r->record, r->who, r->address);
		if (!r->as_wished)
			term_print(t, "  %s", r->saw);
		if (!r->as_wished && r->until_ms != 0)
			term_print(t, ", until %s at most", time_format(r->until_ms, until));
		term_print(t, "\n");
	}
}

/* A policy that lets a closed gate pass is named beside it. */
static void print_gate(const struct term *t, const struct gate *g)
{
	static const enum colour colours[] = { COLOUR_GREEN, COLOUR_RED, COLOUR_YELLOW,
					       COLOUR_YELLOW };
	char text[TIME_TEXT_MAX];
	term_paint(t, colours[g->verdict], "%-11s", gate_verdict_name(g->verdict));
	term_print(t, " %s%s\n", g->id,
		   g->verdict == GATE_OPEN  ? ""
		   : g->policy == GATE_WARN ? "  (policy: only a warning)"
		   : g->policy == GATE_OFF  ? "  (policy: off)"
					    : "");
	term_wrap(t, "            ", g->evidence);
	if (g->verdict == GATE_WAITING)
		term_print(t, "            until %s\n", time_format(g->until_ms, text));
	if (g->verdict != GATE_OPEN && g->remedy[0] != '\0')
		term_wrap(t, "          > ", g->remedy);
	if (g->accepted != NULL) {
		term_print(t, "            accepted at %s:\n", time_format(g->accepted_ms, text));
		term_wrap(t, "            ", g->accepted);
	}
}

void render_gates(const struct term *t, const struct gate *gates, size_t n)
{
	for (size_t i = 0; i < n; i++)
		print_gate(t, &gates[i]);
}

static enum colour state_colour(enum mailbox_state s)
{
	return s == MAILBOX_SYNCED || s == MAILBOX_COMPLETED ? COLOUR_GREEN
	       : s == MAILBOX_FAILED                         ? COLOUR_RED
							     : COLOUR_YELLOW;
}

/* A host that is mistyped fails three hundred mailboxes for one reason: it is told once. */
static void print_why(const struct term *t, const struct copy_mailbox *m,
		      const struct copy_mailbox *above)
{
	if (m->err.kind == ERR_NONE)
		return;
	if (above != NULL && str_eq(above->err.text, m->err.text)) {
		term_print(t, "    row %zu: as above\n", m->row);
		return;
	}
	struct buf text;
	buf_init(&text);
	buf_addf(&text, "row %zu: %s", m->row, m->err.text);
	term_wrap(t, "    ", text.at);
	buf_release(&text);
	if (m->err.hint[0] != '\0')
		term_wrap(t, "  > ", m->err.hint);
}

static void print_mirrored(const struct term *t, const struct migrate_counts *c, const char *how)
{
	if (c->mirror_moved + c->mirror_deleted > 0)
		term_print(t,
			   ", %s %" PRIu64 " (%" PRIu64 " moved, %" PRIu64
			   " deleted at the source)",
			   how, c->mirror_moved + c->mirror_deleted, c->mirror_moved,
			   c->mirror_deleted);
	if (c->mirror_kept > 0)
		term_print(t, ", %" PRIu64 " gone at the source and kept", c->mirror_kept);
}

static void print_mailbox(const struct term *t, const struct copy_mailbox *m,
			  const struct copy_mailbox *above)
{
	char size[SIZE_TEXT_MAX];
	term_paint(t, state_colour(m->state), "%-19s", mailbox_state_name(m->state));
	term_print(t, "%-29s %6" PRIu64 " messages %7s", m->address, m->counts.messages,
		   size_format(m->counts.bytes, size));
	term_print(t, "  +%" PRIu64, m->counts.copied);
	if (m->counts.left_out > 0)
		term_print(t, ", %" PRIu64 " left out", m->counts.left_out);
	print_mirrored(t, &m->counts, "put aside");
	term_print(t, "\n");
	print_why(t, m, above);
}

/* What a pass would do: nothing is claimed to have been done. */
static void print_dry(const struct term *t, const struct copy_mailbox *m,
		      const struct copy_mailbox *above)
{
	char size[SIZE_TEXT_MAX];
	const struct migrate_counts *c = &m->counts;
	uint64_t settled = c->known + c->refused + c->left_out;
	uint64_t bytes = c->known_bytes + c->left_out_bytes;
	if (m->state != MAILBOX_QUEUED) {
		term_paint(t, state_colour(m->state), "%-19s", mailbox_state_name(m->state));
		term_print(t, "%s\n", m->address);
		print_why(t, m, above);
		return;
	}
	term_print(t, "%-32s %7" PRIu64 " messages %8s", m->address, c->messages,
		   size_format(c->bytes, size));
	term_print(t, ", to copy %" PRIu64 " (%s)",
		   c->messages > settled ? c->messages - settled : 0,
		   size_format(c->bytes > bytes ? c->bytes - bytes : 0, size));
	if (c->left_out > 0)
		term_print(t, ", %" PRIu64 " left out", c->left_out);
	print_mirrored(t, c, "would put aside");
	term_print(t, "\n");
	print_why(t, m, above);
}

static void print_notes(const struct term *t, const struct copy_progress *end)
{
	for (size_t i = 0; i < end->note_n; i++) {
		const struct copy_note *n = &end->notes[i];
		struct buf text;
		buf_init(&text);
		buf_addf(&text, "%s: %s", n->mailbox, n->text);
		term_paint(t, COLOUR_YELLOW, "note: ");
		term_wrap_at(t, 6, text.at);
		term_wrap(t, "    > ", n->remedy);
		buf_release(&text);
	}
}

/* A thousand lines would hide the two that matter. */
static bool is_worth_a_line(const struct copy_progress *end, const struct copy_mailbox *m)
{
	enum { MANY = 40 };
	const struct migrate_counts *c = &m->counts;
	return end->n <= MANY || m->err.kind != ERR_NONE ||
	       c->left_out + c->mirror_moved + c->mirror_deleted > 0;
}

static void print_forecast(const struct term *t, const struct copy_forecast *fc)
{
	char expected[TIME_TEXT_MAX];
	char longest[TIME_TEXT_MAX];
	if (fc->deltas == 0)
		return;
	term_print(t, "the final pass is expected to take %s (%zu earlier pass%s, at most %s)\n",
		   duration_format(fc->expected_ms, expected), fc->deltas,
		   fc->deltas == 1 ? "" : "es", duration_format(fc->longest_ms, longest));
}

void render_copy(const struct term *t, const struct copy_progress *end)
{
	char size[SIZE_TEXT_MAX];
	char span[TIME_TEXT_MAX];
	char quiet[TIME_TEXT_MAX];
	size_t untold = 0;
	const struct copy_mailbox *above = NULL;
	for (size_t i = 0; i < end->n; i++) {
		const struct copy_mailbox *m = &end->mailboxes[i];
		if (!is_worth_a_line(end, m)) {
			untold++;
			continue;
		}
		if (end->dry_run)
			print_dry(t, m, above);
		else
			print_mailbox(t, m, above);
		above = m;
	}
	if (untold > 0)
		term_print(t, "%zu mailboxes more, all well (each: cutover report)\n", untold);
	print_notes(t, end);
	if (end->dry_run) {
		term_print(t, "%" PRIu64 " messages, %s at the source\n", end->messages,
			   size_format(end->bytes, size));
		return;
	}
	term_print(t, "%" PRIu64 " messages, %s copied in %s", end->copied,
		   size_format(end->copied_bytes, size),
		   duration_format(end->now_ms - end->started_ms, span));
	if (end->paused_ms >= 1000)
		term_print(t, ", %s of it quiet hours", duration_format(end->paused_ms, quiet));
	if (end->gb_per_hour > 0)
		term_print(t, " (%.1f GB/h)", end->gb_per_hour);
	term_print(t, "\n");
	print_forecast(t, &end->forecast);
}
