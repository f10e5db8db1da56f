/*
 * The audit as a document (docs/documents.md): what a pipeline reads, and what the store
 * keeps for the report. It is written as text, for thousands of them are; who needs the tree gets
 * it from the text, so that there is one description of both.
 */
#include "base/json_out.h"
#include "flow/audit.h"

static void write_facts(struct js_out *o, const struct audit *au)
{
	js_out_object(o, "facts");
	for (size_t i = 0; i < au->fact_n; i++)
		js_out_int(o, au->facts[i].id, au->facts[i].in_s);
	js_out_object_end(o);
	js_out_object(o, "fact_reasons");
	for (size_t i = 0; i < au->fact_n; i++)
		js_out_str(o, au->facts[i].id, au->facts[i].why);
	js_out_object_end(o);
}

static void write_servers(struct js_out *o, const struct snapshot *snap)
{
	static const char *const states[] = {
		[SERVER_OK] = "ok", [SERVER_LAME] = "lame", [SERVER_SILENT] = "silent"
	};
	js_out_array(o, "servers");
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *s = &snap->servers[i];
		js_out_object(o, NULL);
		js_out_str(o, "name", s->name);
		js_out_str(o, "address", s->address);
		js_out_str(o, "state", states[s->state]);
		js_out_str(o, "note", s->note);
		if (s->has_soa)
			js_out_int(o, "serial", s->soa.serial);
		else
			js_out_null(o, "serial");
		js_out_int(o, "rtt_ms", s->rtt_ms);
		js_out_object_end(o);
	}
	js_out_array_end(o);
}

static void write_findings(struct js_out *o, const struct audit *au)
{
	js_out_array(o, "findings");
	for (size_t i = 0; i < au->findings.list.n; i++) {
		js_out_object(o, NULL);
		finding_write(o, &au->findings.list.at[i]);
		js_out_object_end(o);
	}
	js_out_array_end(o);
}

static void write_ignored(struct js_out *o, const struct audit *au)
{
	js_out_array(o, "ignored");
	for (size_t i = 0; i < au->ignored_n; i++) {
		js_out_object(o, NULL);
		finding_write(o, &au->ignored[i].finding);
		js_out_str(o, "reason", au->ignored[i].reason);
		js_out_time(o, "since", au->ignored[i].since_ms);
		js_out_object_end(o);
	}
	js_out_array_end(o);
}

static void write_unused(struct js_out *o, const struct audit *au)
{
	js_out_array(o, "ignored_unused");
	for (size_t i = 0; i < au->ignored_unused_n; i++) {
		const struct project_ignore *one = &au->ignored_unused[i];
		js_out_object(o, NULL);
		js_out_str(o, "check", one->check);
		js_out_str(o, "subject", one->subject);
		js_out_str(o, "reason", one->reason);
		js_out_time(o, "since", one->since_ms);
		js_out_object_end(o);
	}
	js_out_array_end(o);
}

static void write_providers(struct js_out *o, const struct audit *au)
{
	js_out_object(o, "providers");
	js_out_str(o, "mail", au->mail != NULL ? au->mail->id : NULL);
	js_out_str(o, "dns", au->dns != NULL ? au->dns->id : NULL);
	js_out_object_end(o);
}

/* What the first readable server has, an RRset each. */
static void write_records(struct js_out *o, const struct snapshot *snap)
{
	js_out_array(o, "records");
	for (size_t q = 0; q < snap->question_n; q++) {
		const struct rrset *rrset = NULL;
		uint32_t max_ttl;
		const struct dns_question *question = &snap->questions[q];
		if (snapshot_rrset(snap, question->name, question->type, &rrset, &max_ttl))
			rrset_write(o, rrset);
	}
	js_out_array_end(o);
}

void audit_write(const struct audit *au, struct buf *out)
{
	struct js_out o = { .to = out };
	js_out_object(&o, NULL);
	js_out_int(&o, "version", 1);
	js_out_str(&o, "domain", au->domain);
	js_out_str(&o, "phase", phase_name(au->phase));
	js_out_time(&o, "checked_at", au->checked_ms);
	js_out_bool(&o, "ready", au->ready);
	write_findings(&o, au);
	write_ignored(&o, au);
	write_unused(&o, au);
	write_providers(&o, au);
	write_facts(&o, au);
	write_servers(&o, au->snap);
	write_records(&o, au->snap);
	js_out_object_end(&o);
}

struct js *audit_to_js(const struct audit *au)
{
	struct buf text;
	struct err e = { 0 };
	buf_init(&text);
	audit_write(au, &text);
	struct js *v = js_parse(buf_slice(&text), &e);
	buf_release(&text);
	return v;
}
