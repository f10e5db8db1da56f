/*
 * The table of gates, and what is common to them. Each starts as `cannot tell`, so a
 * decision that forgets a case fails closed. Its matter begins with the verdict: an
 * acceptance of `waiting` is none of `closed`.
 */
#include "flow/gates.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flow/gates_priv.h"

struct row {
	const char *id, *what;
	gate_fn *decide;
};

/* The order is that of the work: zone first, then mailboxes, then the new exchanger, so that
 * the first closed gate is the next thing to do. */
static const struct row table[] = {
	{ "no-blocking-finding", "does the audit find nothing that blocks?",
	  gate_no_blocking_finding },
	{ "zone-edited-is-zone-served", "do the delegated servers show what was staged?",
	  gate_zone_edited_is_zone_served },
	{ "ownership-verified", "is the ownership TXT exact everywhere?", gate_ownership_verified },
	{ "mx-ttl-low", "is the MX TTL low at every server?", gate_mx_ttl_low },
	{ "old-ttl-drained", "has the old MX TTL run out in every cache?", gate_old_ttl_drained },
	{ "mailboxes-complete", "did the target acknowledge every message?",
	  gate_mailboxes_complete },
	{ "mailboxes-fresh", "is the last pass young enough?", gate_mailboxes_fresh },
	{ "mailboxes-verified", "were both sides read again and compared?",
	  gate_mailboxes_verified },
	{ "counts-agree", "does the source tell one number in every way?", gate_counts_agree },
	{ "recipients-accepted", "does the new MX take every address?", gate_recipients_accepted },
	{ "new-mx-healthy", "does the new MX answer, with valid TLS?", gate_new_mx_healthy },
	{ "spf-covers-target", "may the new provider send?", gate_spf_covers_target },
	{ "mta-sts-covers-new-mx", "does the MTA-STS policy allow the new MX?",
	  gate_mta_sts_covers_new_mx },
	{ "tlsa-consistent", "can every TLSA record of a new MX host match?",
	  gate_tlsa_consistent },
	{ "dnssec-valid", "does the zone validate, also at the end of the window?",
	  gate_dnssec_valid },
	{ "no-drift", "is the zone still the one that was planned from?", gate_no_drift },
	{ "window-open", "is it within the window that the project gives the switch?",
	  gate_window_open },
};
enum { GATE_N = sizeof(table) / sizeof(table[0]) };

const char *gate_verdict_name(enum gate_verdict v)
{
	static const char *const names[] = { "open", "closed", "waiting", "cannot tell" };
	return names[v];
}

/* Evidence quotes banners and record data: it is made printable before any report sees it. */
__attribute__((format(printf, 2, 0))) static const char *say(struct arena *a, const char *fmt,
							     va_list ap)
{
	char text[2 * ERR_TEXT_MAX];
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	str_make_printable(text);
	return arena_strdup(a, text);
}

void gate_open(struct arena *a, struct gate *g, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g->verdict = GATE_OPEN;
	g->evidence = say(a, fmt, ap);
	va_end(ap);
}

void gate_close(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g->verdict = GATE_CLOSED;
	g->evidence = say(a, fmt, ap);
	g->remedy = remedy;
	va_end(ap);
}

void gate_unknown(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g->verdict = GATE_CANNOT_TELL;
	g->evidence = say(a, fmt, ap);
	g->remedy = remedy;
	va_end(ap);
}

void gate_wait(struct arena *a, struct gate *g, int64_t until_ms, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g->verdict = GATE_WAITING;
	g->until_ms = until_ms;
	g->evidence = say(a, fmt, ap);
	g->remedy = "nothing to do but wait; `cutover gate` waits for you";
	va_end(ap);
}

void gate_about(struct arena *a, struct gate *g, const char *faults)
{
	g->matter = arena_strdup(a, faults);
}

enum { NAMED_MAX = 5 };

void gate_list_init(struct gate_list *l)
{
	buf_init(&l->text);
	buf_init(&l->names);
	l->n = 0;
	l->kind = l->beside = "";
}

void gate_list_add(struct gate_list *l, const char *name, const char *why)
{
	buf_addf(&l->names, "%s%s; ", name, l->kind);
	if (l->n < NAMED_MAX)
		buf_addf(&l->text, "%s%s%s: %s", l->n > 0 ? "; " : "", name, l->beside, why);
	l->n++;
}

const char *gate_list_end(struct arena *a, struct gate_list *l, struct gate *g)
{
	gate_about(a, g, l->names.at);
	buf_release(&l->names);
	if (l->n > NAMED_MAX)
		buf_addf(&l->text, "; and %zu more", l->n - NAMED_MAX);
	const char *text = arena_slice(a, buf_slice(&l->text));
	buf_release(&l->text);
	return text;
}

/* A gate that the project does not mention is required: leaving a line out loosens nothing. */
static enum gate_policy policy_of(const struct project *p, const char *id)
{
	for (size_t i = 0; i < p->policy.gate_n; i++)
		if (str_eq(p->policy.gates[i].id, id))
			return p->policy.gates[i].policy;
	return GATE_REQUIRED;
}

/* The next fault of a matter, without the blanks around it. */
static struct slice next_fault(struct slice *matter)
{
	return slice_trim(slice_until(matter, ';'));
}

static bool has_fault(const char *matter, struct slice fault)
{
	struct slice rest = slice_str(matter);
	while (rest.len > 0)
		if (slice_eq(next_fault(&rest), fault))
			return true;
	return false;
}

/* True when `now` has no fault that a person did not accept: one that was mended since leaves the
 * others as they were seen. A matter that names none is only itself. */
static bool is_accepted(const char *accepted, const char *now)
{
	struct slice rest = slice_str(now);
	bool any = false;
	while (rest.len > 0) {
		struct slice fault = next_fault(&rest);
		if (fault.len > 0 && !has_fault(accepted, fault))
			return false;
		any = any || fault.len > 0;
	}
	return any || str_eq(accepted, now);
}

/* What stands behind the verdict; NULL: the matter is of another verdict, which a person has not
 * seen. */
static const char *faults_of(const char *matter, enum gate_verdict verdict)
{
	const char *name = gate_verdict_name(verdict);
	size_t len = strlen(name);
	return str_starts(matter, name) && str_starts(matter + len, ": ") ? matter + len + 2 : NULL;
}

/* The last one counts, and only for what was seen: when a fault comes, or the verdict changes, a
 * person has to look again. */
static void add_acceptance(const struct gate_evidence *ev, struct gate *g)
{
	for (size_t i = 0; i < ev->accepted_n; i++) {
		const struct gate_acceptance *one = &ev->accepted[i];
		const char *faults = str_eq(one->gate, g->id) ? faults_of(one->matter, g->verdict)
							      : NULL;
		if (faults == NULL || !is_accepted(faults, faults_of(g->matter, g->verdict)))
			continue;
		g->accepted = one->reason;
		g->accepted_ms = one->at_ms;
	}
}

size_t gates_decide(struct arena *a, const struct gate_evidence *ev, const struct gate **gates_r)
{
	struct gate *gates = ARENA_ARRAY(a, GATE_N, struct gate);
	for (size_t i = 0; i < GATE_N; i++) {
		gates[i] = (struct gate){
			.id = table[i].id,
			.what = table[i].what,
			.verdict = GATE_CANNOT_TELL, /* until a decision says more */
			.at_ms = ev->now_ms,
			.evidence = "not observed",
			.remedy = "",
			.matter = "",
			.policy = policy_of(ev->project, table[i].id),
		};
		table[i].decide(a, ev, &gates[i]);
		gates[i].matter = arena_printf(a, "%s: %s", gate_verdict_name(gates[i].verdict),
					       gates[i].matter);
		add_acceptance(ev, &gates[i]);
	}
	*gates_r = gates;
	return GATE_N;
}

/* A gate with policy `warn` or `off` is still decided and shown; it only holds nothing up. */
bool gate_lets_pass(const struct gate *g)
{
	return g->verdict == GATE_OPEN || g->policy != GATE_REQUIRED || g->accepted != NULL;
}

/* One closed gate outweighs any wait: sleeping would not help. Among waits the longest counts. */
enum gate_verdict gates_verdict(const struct gate *gates, size_t n, int64_t *until_ms_r)
{
	enum gate_verdict all = GATE_OPEN;
	*until_ms_r = 0;
	for (size_t i = 0; i < n; i++) {
		if (gate_lets_pass(&gates[i]))
			continue;
		if (gates[i].verdict != GATE_WAITING)
			return GATE_CLOSED;
		all = GATE_WAITING;
		if (gates[i].until_ms > *until_ms_r)
			*until_ms_r = gates[i].until_ms;
	}
	return all;
}

static const char *policy_name(enum gate_policy p)
{
	static const char *const names[] = { "required", "warn", "off" };
	return names[p];
}

static struct js *gate_to_js(const struct gate *g)
{
	struct js *v = js_object();
	js_set_str(v, "gate", g->id);
	js_set_str(v, "asks", g->what);
	js_set_str(v, "verdict", gate_verdict_name(g->verdict));
	js_set_bool(v, "lets_pass", gate_lets_pass(g));
	js_set_time(v, "until", g->until_ms);
	js_set_time(v, "observed_at", g->at_ms);
	js_set_str(v, "evidence", g->evidence);
	js_set_str(v, "remedy", g->remedy);
	js_set_str(v, "policy", policy_name(g->policy));
	js_set_str(v, "matter", g->matter);
	js_set_str(v, "accepted", g->accepted);
	js_set_time(v, "accepted_at", g->accepted_ms);
	return v;
}

struct js *gates_to_js(const struct gate *gates, size_t n, int64_t at_ms)
{
	int64_t until_ms;
	struct js *v = js_object();
	struct js *list = js_array();
	for (size_t i = 0; i < n; i++)
		js_push(list, gate_to_js(&gates[i]));
	js_set_int(v, "version", 1);
	js_set_time(v, "decided_at", at_ms);
	js_set_str(v, "verdict", gate_verdict_name(gates_verdict(gates, n, &until_ms)));
	js_set_time(v, "until", until_ms);
	js_set(v, "gates", list);
	return v;
}

/* A verdict that this version does not know is none to act on. */
static enum gate_verdict verdict_from(const char *name)
{
	for (int v = GATE_OPEN; v <= GATE_CANNOT_TELL; v++)
		if (str_eq(gate_verdict_name((enum gate_verdict)v), name))
			return (enum gate_verdict)v;
	return GATE_CANNOT_TELL;
}

static enum gate_policy policy_from(const char *name)
{
	return str_eq(name, "warn") ? GATE_WARN : str_eq(name, "off") ? GATE_OFF : GATE_REQUIRED;
}

static struct gate gate_from_js(struct arena *a, const struct js *v)
{
	bool accepted = js_is_string(js_get(v, "accepted"));
	return (struct gate){
		.id = arena_strdup(a, js_get_str(v, "gate")),
		.what = arena_strdup(a, js_get_str(v, "asks")),
		.verdict = verdict_from(js_get_str(v, "verdict")),
		.until_ms = js_get_time(v, "until"),
		.at_ms = js_get_time(v, "observed_at"),
		.evidence = arena_strdup(a, js_get_str(v, "evidence")),
		.remedy = arena_strdup(a, js_get_str(v, "remedy")),
		.policy = policy_from(js_get_str(v, "policy")),
		.matter = arena_strdup(a, js_get_str(v, "matter")),
		.accepted = accepted ? arena_strdup(a, js_get_str(v, "accepted")) : NULL,
		.accepted_ms = js_get_time(v, "accepted_at"),
	};
}

size_t gates_from_js(struct arena *a, const struct js *v, const struct gate **gates_r)
{
	const struct js *list = js_get(v, "gates");
	size_t n = js_len(list);
	struct gate *gates = ARENA_ARRAY(a, n + 1, struct gate);
	for (size_t i = 0; i < n; i++)
		gates[i] = gate_from_js(a, js_at(list, i));
	*gates_r = gates;
	return n;
}
