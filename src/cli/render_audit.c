/*
 * Findings come sorted from the checks, worst first. Blockers and warnings are told in full:
 * head, message, remedy, evidence. Notes are a line each unless -v asks for more, so that a
 * healthy domain fits on a screen; -q leaves them out, with the clocks. In brackets stands the
 * subject as --ignore CHECK:SUBJECT takes it.
 */
#include <inttypes.h>

#include "cli/render.h"
#include "zone/dname.h"

static enum colour colour_of(enum severity s)
{
	static const enum colour colours[] = { COLOUR_DIM, COLOUR_YELLOW, COLOUR_RED };
	return colours[s];
}

enum { EVIDENCE_SHOWN = 4 };

static void print_evidence(const struct term *t, const struct finding *f)
{
	char at[TIME_TEXT_MAX];
	for (size_t i = 0; i < f->evidence_n && i < EVIDENCE_SHOWN; i++) {
		const struct evidence *v = &f->evidence[i];
		struct buf line;
		buf_init(&line);
		buf_addf(&line, "%s%s%s saw: %s (%s)", v->server, v->address != NULL ? " " : "",
			 v->address != NULL ? v->address : "", v->saw, time_format(v->at_ms, at));
		str_make_printable(line.at);
		term_wrap(t, "    . ", line.at);
		buf_release(&line);
	}
	if (f->evidence_n > EVIDENCE_SHOWN)
		term_print(t, "    . and %zu more (--json shows all)\n",
			   f->evidence_n - EVIDENCE_SHOWN);
}

static void print_finding(const struct term *t, const struct finding *f)
{
	struct buf line;
	buf_init(&line);
	buf_addf(&line, "%s (%s)", f->check, f->subject);
	str_make_printable(line.at);
	term_paint(t, colour_of(f->severity), "%-8s", severity_name(f->severity));
	term_print(t, " %s\n", line.at);
	buf_clear(&line);
	buf_adds(&line, f->message);
	str_make_printable(line.at);
	term_wrap(t, "    ", line.at);
	if (f->remedy != NULL && f->remedy[0] != '\0')
		term_wrap(t, "    > ", f->remedy);
	print_evidence(t, f);
	buf_release(&line);
}

/* A note: nothing to do, so one paragraph without evidence. */
static void print_note(const struct term *t, const struct finding *f)
{
	struct buf line;
	buf_init(&line);
	buf_addf(&line, "%s (%s): %s", f->check, f->subject, f->message);
	str_make_printable(line.at);
	term_wrap(t, "  - ", line.at);
	buf_release(&line);
}

static void print_notes(const struct term *t, const struct audit *au)
{
	size_t notes = findings_count(&au->findings, SEVERITY_INFO);
	if (notes == 0)
		return;
	term_paint(t, COLOUR_BOLD, "\nNotes\n");
	for (size_t i = 0; i < au->findings.list.n; i++)
		if (au->findings.list.at[i].severity == SEVERITY_INFO)
			print_note(t, &au->findings.list.at[i]);
}

/* A slip, or long out of date: either way somebody should see it. */
static void print_unused(const struct term *t, const struct project_ignore *one)
{
	char since[TIME_TEXT_MAX];
	struct buf line;
	buf_init(&line);
	buf_addf(&line, "%s (%s) matched nothing (since %s: %s)", one->check,
		 one->subject != NULL ? one->subject : "any subject",
		 time_format(one->since_ms, since), one->reason);
	str_make_printable(line.at);
	term_wrap(t, "  - ", line.at);
	buf_release(&line);
}

/* Who set it aside, when and why: nothing that was ignored is ever hidden. */
static void print_ignored(const struct term *t, const struct audit *au)
{
	char since[TIME_TEXT_MAX];
	if (au->ignored_n + au->ignored_unused_n == 0)
		return;
	term_paint(t, COLOUR_BOLD, "\nIgnored\n");
	for (size_t i = 0; i < au->ignored_n; i++) {
		const struct ignored_finding *g = &au->ignored[i];
		struct buf line;
		buf_init(&line);
		buf_addf(&line, "%s %s (%s): %s (since %s: %s)", severity_name(g->finding.severity),
			 g->finding.check, g->finding.subject, g->finding.message,
			 time_format(g->since_ms, since), g->reason);
		str_make_printable(line.at);
		term_wrap(t, "  - ", line.at);
		buf_release(&line);
	}
	for (size_t i = 0; i < au->ignored_unused_n; i++)
		print_unused(t, &au->ignored_unused[i]);
}

/* Whose hosts these are, as far as they are known. */
static void print_providers(const struct term *t, const struct audit *au)
{
	if (au->mail != NULL)
		term_print(t, "mail: %s  ", au->mail->name);
	if (au->dns != NULL)
		term_print(t, "DNS: %s", au->dns->name);
	if (au->mail != NULL || au->dns != NULL)
		term_print(t, "\n");
	if (au->mail != NULL && au->mail->note != NULL)
		term_wrap(t, "  ", au->mail->note);
	if (au->dns != NULL && au->dns->note != NULL)
		term_wrap(t, "  ", au->dns->note);
}

static void print_head(const struct term *t, const struct audit *au)
{
	char at[TIME_TEXT_MAX];
	size_t blockers = findings_count(&au->findings, SEVERITY_BLOCKER);
	size_t warnings = findings_count(&au->findings, SEVERITY_WARNING);
	size_t notes = findings_count(&au->findings, SEVERITY_INFO);
	term_paint(t, COLOUR_BOLD, "%s", au->domain);
	term_print(t, "  phase %s, %s\n", phase_name(au->phase), time_format(au->checked_ms, at));
	term_print(t, "%zu server address%s and %zu resolver%s asked in %" PRId64 " ms: ",
		   au->snap->server_n, au->snap->server_n == 1 ? "" : "es", au->snap->resolver_n,
		   au->snap->resolver_n == 1 ? "" : "s", au->snap->ended_ms - au->snap->started_ms);
	term_paint(t, blockers > 0 ? COLOUR_RED : COLOUR_GREEN, "%zu blocker%s", blockers,
		   blockers == 1 ? "" : "s");
	term_print(t, ", %zu warning%s, %zu note%s\n", warnings, warnings == 1 ? "" : "s", notes,
		   notes == 1 ? "" : "s");
	print_providers(t, au);
	if (au->snap->too_much)
		term_wrap(t, "",
			  "The servers sent far more than any honest zone holds, so reading ended "
			  "there: what is not said here may be wrong all the same.");
	if (au->snap->out_of_time)
		term_wrap(t, "",
			  "Not everything answered in time: what is not said here may be wrong all "
			  "the same (network.dns_budget_ms gives it longer).");
}

/* A clock's id in a person's words. */
static const char *clock_words(const char *id)
{
	static const struct {
		const char *id, *words;
	} clocks[] = {
		{ "earliest_safe_change_in_s", "the MX can be switched safely" },
		{ "caches_clear_in_s", "no cache holds the old MX any more" },
		{ "negative_ttl_s", "\"no such record\" is remembered for" },
		{ "resolver_clear_in_s", "every resolver sees the ownership record" },
		{ "ns_settled_in_s", "every resolver asks the new name servers" },
		{ "mta_sts_max_age_s", "senders keep the MTA-STS policy for" },
	};
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (str_eq(clocks[i].id, id))
			return clocks[i].words;
	return id;
}

/* "… in 1 h 00 min, at 2026-…": a clock that has no moment is only a length of time. */
static void print_fact(const struct term *t, const struct clock_fact *c)
{
	char left[TIME_TEXT_MAX];
	char at[TIME_TEXT_MAX];
	struct buf line;
	buf_init(&line);
	buf_addf(&line, "%s: ", clock_words(c->id));
	if (c->at_ms == 0)
		buf_adds(&line, duration_format(c->in_s * 1000, left));
	else if (c->in_s == 0)
		buf_adds(&line, "now");
	else
		buf_addf(&line, "in %s, at %s", duration_format(c->in_s * 1000, left),
			 time_format(c->at_ms, at));
	if (c->why != NULL)
		buf_addf(&line, " (%s)", c->why);
	str_make_printable(line.at);
	term_wrap(t, "  - ", line.at);
	buf_release(&line);
}

static void print_facts(const struct term *t, const struct audit *au)
{
	if (au->fact_n == 0)
		return;
	term_paint(t, COLOUR_BOLD, "\nClocks\n");
	for (size_t i = 0; i < au->fact_n; i++)
		print_fact(t, &au->facts[i]);
}

void render_audit(const struct term *t, const struct audit *au)
{
	print_head(t, au);
	for (size_t i = 0; i < au->findings.list.n; i++) {
		const struct finding *f = &au->findings.list.at[i];
		if (f->severity == SEVERITY_INFO && t->verbose == 0)
			continue;
		term_print(t, "\n");
		print_finding(t, f);
	}
	if (t->verbose == 0 && !t->quiet)
		print_notes(t, au);
	print_ignored(t, au);
	if (!t->quiet)
		print_facts(t, au);
}
