/*
 * The audit as a document (docs/documents.md): what a pipeline reads, and what the store
 * keeps for the report.
 */
#include "flow/audit.h"

static struct js *facts_to_js(const struct audit *au)
{
	struct js *facts = js_object();
	for (size_t i = 0; i < au->fact_n; i++)
		js_set_int(facts, au->facts[i].id, au->facts[i].in_s);
	return facts;
}

static struct js *fact_reasons_to_js(const struct audit *au)
{
	struct js *reasons = js_object();
	for (size_t i = 0; i < au->fact_n; i++)
		js_set_str(reasons, au->facts[i].id, au->facts[i].why);
	return reasons;
}

static struct js *servers_to_js(const struct snapshot *snap)
{
	static const char *const states[] = {
		[SERVER_OK] = "ok", [SERVER_LAME] = "lame", [SERVER_SILENT] = "silent"
	};
	struct js *list = js_array();
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *s = &snap->servers[i];
		struct js *v = js_object();
		js_set_str(v, "name", s->name);
		js_set_str(v, "address", s->address);
		js_set_str(v, "state", states[s->state]);
		js_set_str(v, "note", s->note);
		js_set(v, "serial", s->has_soa ? js_int(s->soa.serial) : js_null());
		js_set_int(v, "rtt_ms", s->rtt_ms);
		js_push(list, v);
	}
	return list;
}

static struct js *ignored_to_js(const struct audit *au)
{
	struct js *list = js_array();
	for (size_t i = 0; i < au->ignored_n; i++) {
		struct js *v = finding_to_js(&au->ignored[i].finding);
		js_set_str(v, "reason", au->ignored[i].reason);
		js_set_time(v, "since", au->ignored[i].since_ms);
		js_push(list, v);
	}
	return list;
}

static struct js *unused_to_js(const struct audit *au)
{
	struct js *list = js_array();
	for (size_t i = 0; i < au->ignored_unused_n; i++) {
		const struct project_ignore *one = &au->ignored_unused[i];
		struct js *v = js_object();
		js_set_str(v, "check", one->check);
		js_set_str(v, "subject", one->subject);
		js_set_str(v, "reason", one->reason);
		js_set_time(v, "since", one->since_ms);
		js_push(list, v);
	}
	return list;
}

static struct js *providers_to_js(const struct audit *au)
{
	struct js *v = js_object();
	js_set_str(v, "mail", au->mail != NULL ? au->mail->id : NULL);
	js_set_str(v, "dns", au->dns != NULL ? au->dns->id : NULL);
	return v;
}

/* What the first readable server has, an RRset each. */
static struct js *records_to_js(const struct snapshot *snap)
{
	struct js *list = js_array();
	for (size_t q = 0; q < snap->question_n; q++) {
		const struct rrset *rrset = NULL;
		uint32_t max_ttl;
		const struct dns_question *question = &snap->questions[q];
		if (snapshot_rrset(snap, question->name, question->type, &rrset, &max_ttl))
			js_push(list, rrset_to_js(rrset));
	}
	return list;
}

struct js *audit_to_js(const struct audit *au)
{
	struct js *v = js_object();
	struct js *findings = js_array();
	for (size_t i = 0; i < au->findings.list.n; i++)
		js_push(findings, finding_to_js(&au->findings.list.at[i]));
	js_set_int(v, "version", 1);
	js_set_str(v, "domain", au->domain);
	js_set_str(v, "phase", phase_name(au->phase));
	js_set_time(v, "checked_at", au->checked_ms);
	js_set_bool(v, "ready", au->ready);
	js_set(v, "findings", findings);
	js_set(v, "ignored", ignored_to_js(au));
	js_set(v, "ignored_unused", unused_to_js(au));
	js_set(v, "providers", providers_to_js(au));
	js_set(v, "facts", facts_to_js(au));
	js_set(v, "fact_reasons", fact_reasons_to_js(au));
	js_set(v, "servers", servers_to_js(au->snap));
	js_set(v, "records", records_to_js(au->snap));
	return v;
}
