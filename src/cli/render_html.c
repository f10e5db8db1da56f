/* One self-contained page: no script, no outside resource, safe for hostile text. */
#include <inttypes.h>

#include "base/size.h"
#include "cli/escape.h"
#include "cli/render.h"

/* In the page itself: it is mailed around and opened where there may be no network. */
static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;"
	"color:#1b1f23;background:#fff}"
	"h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #d0d7de}"
	"table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
	"padding:.3rem .6rem;border-bottom:1px solid #eaeef2}th{font-weight:600}"
	"pre{background:#f6f8fa;padding:.8rem;overflow:auto}"
	".good{color:#1a7f37}.bad{color:#cf222e}.wait{color:#9a6700}.dim{color:#57606a}"
	"@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}"
	"pre{background:#161b22}td,th{border-color:#30363d}h2{border-color:#30363d}"
	".good{color:#3fb950}.bad{color:#f85149}.wait{color:#d29922}.dim{color:#8b949e}}";

static void cell(struct buf *out, const char *class, const char *text)
{
	buf_addf(out, "<td%s%s%s>", class != NULL ? " class=\"" : "", class != NULL ? class : "",
		 class != NULL ? "\"" : "");
	escape_xml(text, out);
	buf_adds(out, "</td>");
}

static const char *state_class(const char *state)
{
	if (str_eq(state, "done"))
		return "good";
	return str_eq(state, "open") ? "dim" : "wait";
}

static void html_steps(const struct report *r, struct buf *out)
{
	char at[TIME_TEXT_MAX];
	buf_adds(out, "<h2>Steps</h2>\n<table>\n");
	for (size_t i = 0; i < r->step_n; i++) {
		const struct report_step *s = &r->steps[i];
		buf_adds(out, "<tr>");
		cell(out, NULL, s->name);
		cell(out, state_class(s->state), s->state);
		cell(out, "dim", s->at_ms != 0 ? time_format(s->at_ms, at) : "");
		cell(out, NULL, s->note);
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table>\n");
}

/* With whose word each was set aside. */
static void html_ignored(const struct js *list, struct buf *out)
{
	if (js_len(list) == 0)
		return;
	buf_adds(out, "<h3>Ignored</h3>\n<table>\n");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *f = js_at(list, i);
		buf_adds(out, "<tr>");
		cell(out, "dim", js_get_str(f, "severity"));
		cell(out, NULL, js_get_str(f, "check"));
		cell(out, NULL, js_get_str(f, "message"));
		cell(out, NULL, js_get_str(f, "reason"));
		cell(out, "dim", js_get_str(f, "since"));
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table>\n");
}

static void html_findings(const struct report *r, struct buf *out)
{
	const struct js *list = js_get(r->audit, "findings");
	buf_adds(out, "<h2>The last audit</h2>\n<p class=\"dim\">as of ");
	escape_xml(js_get_str(r->audit, "checked_at"), out);
	buf_adds(out, "; what was done since is not in it</p>\n");
	if (js_len(list) == 0)
		buf_adds(out, "<p>No finding.</p>\n");
	else
		buf_adds(out, "<table>\n");
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *f = js_at(list, i);
		const char *severity = js_get_str(f, "severity");
		buf_adds(out, "<tr>");
		cell(out,
		     str_eq(severity, "blocker")   ? "bad"
		     : str_eq(severity, "warning") ? "wait"
						   : "dim",
		     severity);
		cell(out, NULL, js_get_str(f, "check"));
		cell(out, NULL, js_get_str(f, "message"));
		cell(out, NULL, js_get_str(f, "remedy"));
		buf_adds(out, "</tr>\n");
	}
	if (js_len(list) > 0)
		buf_adds(out, "</table>\n");
	html_ignored(js_get(r->audit, "ignored"), out);
}

static void html_set(const char *title, const struct change_set *cs, struct buf *out)
{
	struct buf text;
	buf_init(&text);
	change_set_print(cs, &text);
	buf_addf(out, "<h3>%s</h3>\n<pre>", title);
	escape_xml(cs->n > 0 ? text.at : "nothing to change", out);
	buf_adds(out, "</pre>\n");
	buf_release(&text);
}

/* The sets that a plan always has, the others when there is something in them. */
static void html_plan(const struct plan *plan, struct buf *out)
{
	buf_adds(out, "<h2>The plan</h2>\n");
	html_set("Staged before", plan->staging, out);
	if (plan->policy->n > 0)
		html_set("Mail policies, with the staging", plan->policy, out);
	html_set("The switch", plan->switching, out);
	if (plan->cleanup->n > 0)
		html_set("The clean-up", plan->cleanup, out);
	for (size_t i = 0; plan->by_hand != NULL && plan->by_hand[i] != NULL; i++) {
		buf_adds(out, "<p>by hand: ");
		escape_xml(plan->by_hand[i], out);
		buf_adds(out, "</p>\n");
	}
}

/* What the last comparison came to, not only that there was one. */
static void html_verified(const struct gate_mailbox *m, struct buf *out)
{
	const struct migrate_status *s = &m->status;
	char at[TIME_TEXT_MAX];
	struct buf text;
	if (s->last_verified_ms == 0) {
		cell(out, "dim", "not yet");
		return;
	}
	buf_init(&text);
	buf_addf(&text, "%s%s%s",
		 s->verdict.verified ? "" : "NOT verified: ", time_format(s->last_verified_ms, at),
		 s->verdict.by_headers ? ", by headers alone" : "");
	if (m->doubt != NULL)
		buf_addf(&text, ", %s; what to do: %s", m->doubt, m->doubt_remedy);
	cell(out, s->verdict.verified ? "good" : "bad", text.at);
	buf_release(&text);
}

static void add_reason(struct buf *text, const char *head, const char *reason)
{
	if (reason[0] != '\0')
		buf_addf(text, "%s%s%s", text->len > 0 ? "; " : "", head, reason);
}

/* Why it is not as the others: a person's word, what a pass was asked to leave out, a failure. */
static void html_reasons(const struct gate_mailbox *m, struct buf *out)
{
	struct buf text;
	buf_init(&text);
	if (m->held != NULL)
		add_reason(&text, "by hand: ", m->held[0] != '\0' ? m->held : "no reason given");
	add_reason(&text, "left out: ", m->status.filter);
	add_reason(&text, "", m->status.err.kind != ERR_NONE ? m->status.err.text : "");
	add_reason(&text, "what to do: ", m->status.err.hint);
	cell(out, NULL, text.at);
	buf_release(&text);
}

static void html_mailbox(const struct gate_mailbox *m, struct buf *out)
{
	const struct migrate_status *s = &m->status;
	char size[SIZE_TEXT_MAX];
	struct buf count;
	buf_init(&count);
	buf_addf(&count, "%" PRIu64 " of %" PRIu64, s->acknowledged, s->messages);
	buf_adds(out, "<tr>");
	cell(out, NULL, m->address);
	cell(out,
	     s->state == MAILBOX_SYNCED || s->state == MAILBOX_COMPLETED ? "good"
	     : s->state == MAILBOX_FAILED                                ? "bad"
									 : "wait",
	     s->known ? mailbox_state_name(s->state) : "Queued");
	cell(out, NULL, count.at);
	cell(out, NULL, size_format(s->acknowledged_bytes, size));
	html_verified(m, out);
	html_reasons(m, out);
	buf_adds(out, "</tr>\n");
	buf_release(&count);
}

static void html_mailboxes(const struct report *r, struct buf *out)
{
	buf_adds(out, "<h2>Mailboxes</h2>\n<table>\n<tr><th>Mailbox</th><th>State</th><th>Messages"
		      "</th><th>Size</th><th>Verified</th><th>Reason</th></tr>\n");
	for (size_t i = 0; i < r->mailbox_n; i++)
		html_mailbox(&r->mailboxes[i], out);
	buf_adds(out, "</table>\n");
	if (r->users_error != NULL) {
		buf_adds(out, "<p class=\"bad\">not known: ");
		escape_xml(r->users_error, out);
		buf_adds(out, "</p>\n");
	}
}

static void html_refusals(const struct report *r, struct buf *out)
{
	if (r->refusal_n == 0)
		return;
	buf_adds(out, "<h2>Messages that the target refused</h2>\n<table>\n");
	for (size_t i = 0; i < r->refusal_n; i++) {
		char uid[16];
		(void)snprintf(uid, sizeof(uid), "UID %u", r->refusals[i].uid);
		buf_adds(out, "<tr>");
		cell(out, NULL, r->refusals[i].address);
		cell(out, NULL, r->refusals[i].folder);
		cell(out, NULL, uid);
		cell(out, NULL, r->refusals[i].reason);
		cell(out, NULL, r->refusals[i].file != NULL ? r->refusals[i].file : "");
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table>\n");
}

static void html_remarks(const struct report *r, struct buf *out)
{
	if (r->remark_n == 0)
		return;
	buf_adds(out, "<h2>Remarks about single messages and folders</h2>\n<table>\n");
	for (size_t i = 0; i < r->remark_n; i++) {
		char uid[16] = "";
		if (r->remarks[i].uid != 0)
			(void)snprintf(uid, sizeof(uid), "UID %u", r->remarks[i].uid);
		buf_adds(out, "<tr>");
		cell(out, NULL, r->remarks[i].kind);
		cell(out, NULL, r->remarks[i].address);
		cell(out, NULL, r->remarks[i].folder);
		cell(out, NULL, uid);
		cell(out, NULL, r->remarks[i].detail);
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table>\n");
}

/* Whose word lets it pass, or what to do. */
static void html_gate_end(const struct gate *g, struct buf *out)
{
	char at[TIME_TEXT_MAX];
	struct buf text;
	buf_init(&text);
	if (g->accepted != NULL)
		buf_addf(&text, "accepted at %s: %s", time_format(g->accepted_ms, at), g->accepted);
	else if (g->verdict != GATE_OPEN && g->policy != GATE_REQUIRED)
		buf_addf(&text, "the policy lets it pass (%s); else: %s",
			 g->policy == GATE_WARN ? "warn" : "off", g->remedy);
	else
		buf_adds(&text, g->remedy);
	cell(out, NULL, text.at);
	buf_release(&text);
}

static void html_gates(const struct report *r, struct buf *out)
{
	static const char *const classes[] = { "good", "bad", "wait", "wait" };
	char at[TIME_TEXT_MAX];
	if (r->gate_n == 0)
		return;
	buf_addf(out, "<h2>Gates</h2>\n<p class=\"dim\">decided at %s</p>\n<table>\n",
		 time_format(r->gates_ms, at));
	for (size_t i = 0; i < r->gate_n; i++) {
		const struct gate *g = &r->gates[i];
		buf_adds(out, "<tr>");
		cell(out, NULL, g->id);
		cell(out, classes[g->verdict], gate_verdict_name(g->verdict));
		cell(out, NULL, g->evidence);
		html_gate_end(g, out);
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table>\n");
}

static void html_journal(const struct report *r, struct buf *out)
{
	char at[TIME_TEXT_MAX];
	buf_adds(out, "<h2>Journal</h2>\n<table>\n");
	for (size_t i = 0; i < r->event_n; i++) {
		const struct report_event *v = &r->events[i];
		buf_adds(out, "<tr>");
		cell(out, "dim", time_format(v->at_ms, at));
		cell(out, NULL, v->step);
		cell(out, NULL, v->kind);
		cell(out, NULL, v->subject);
		cell(out, NULL, v->detail);
		buf_adds(out, "</tr>\n");
	}
	buf_addf(out, "</table>\n<p class=\"%s\">%s</p>\n", r->journal_intact ? "good" : "bad",
		 r->journal_intact ? "The chain of hashes is intact."
				   : "The chain of hashes is broken.");
}

void render_html(const struct report *r, struct buf *out)
{
	char at[TIME_TEXT_MAX];
	buf_adds(out,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Cutover of ");
	escape_xml(r->domain, out);
	buf_addf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>Cutover of ", style);
	escape_xml(r->domain, out);
	buf_addf(out, "</h1>\n<p class=\"dim\">as of %s</p>\n", time_format(r->made_ms, at));
	html_steps(r, out);
	if (r->audit != NULL)
		html_findings(r, out);
	if (r->plan != NULL)
		html_plan(r->plan, out);
	html_mailboxes(r, out);
	html_refusals(r, out);
	html_remarks(r, out);
	html_gates(r, out);
	html_journal(r, out);
	for (size_t i = 0; i < r->plaintext_n; i++) {
		buf_adds(out, "<p class=\"bad\">TLS is switched off for ");
		escape_xml(r->plaintext_hosts[i], out);
		buf_adds(out, ".</p>\n");
	}
	buf_adds(out, "</body>\n</html>\n");
}
