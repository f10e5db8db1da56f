/*
 * Findings as in the audit document (docs/checks.md).
 */
#include "dns/check/check.h"

enum { EVIDENCE_MAX = 1024 };

/* Times as RFC 3339: this document is also read by people. */
void finding_write(struct js_out *o, const struct finding *f)
{
	js_out_str(o, "check", f->check);
	js_out_str(o, "severity", severity_name(f->severity));
	js_out_str(o, "subject", f->subject);
	js_out_str(o, "message", f->message);
	js_out_str(o, "remedy", f->remedy);
	js_out_array(o, "evidence");
	for (size_t i = 0; i < f->evidence_n; i++) {
		const struct evidence *ev = &f->evidence[i];
		js_out_object(o, NULL);
		js_out_str(o, "server", ev->server);
		js_out_str(o, "address", ev->address);
		js_out_time(o, "at", ev->at_ms);
		js_out_str(o, "saw", ev->saw);
		js_out_object_end(o);
	}
	js_out_array_end(o);
}

/* Absent gives "": only what policy needs is required. */
static const char *text_of(struct arena *a, const struct js *v, const char *key)
{
	return arena_strdup(a, js_get_str(v, key));
}

/* By the words of severity_name, so that the two cannot drift apart. */
static bool severity_parse(const char *text, enum severity *severity_r)
{
	for (int i = SEVERITY_INFO; i <= SEVERITY_BLOCKER; i++) {
		if (str_eq(text, severity_name((enum severity)i))) {
			*severity_r = (enum severity)i;
			return true;
		}
	}
	return false;
}

const struct finding *finding_from_js(struct arena *a, const struct js *v, struct err *e)
{
	struct finding *f = ARENA_NEW(a, struct finding);
	const struct js *list = js_get(v, "evidence");
	size_t n = js_len(list);
	if (js_get_str(v, "check")[0] == '\0' || n > EVIDENCE_MAX ||
	    !severity_parse(js_get_str(v, "severity"), &f->severity)) {
		(void)err_set(e, ERR_ITEM, "no finding: check and severity are needed");
		return NULL;
	}
	struct evidence *evidence = ARENA_ARRAY(a, n, struct evidence);
	for (size_t i = 0; i < n; i++) {
		const struct js *item = js_at(list, i);
		evidence[i] = (struct evidence){ .server = text_of(a, item, "server"),
						 .address = text_of(a, item, "address"),
						 .at_ms = js_get_time(item, "at"),
						 .saw = text_of(a, item, "saw") };
	}
	f->check = text_of(a, v, "check");
	f->subject = text_of(a, v, "subject");
	f->message = text_of(a, v, "message");
	f->remedy = text_of(a, v, "remedy");
	f->evidence_n = n;
	f->evidence = evidence;
	return f;
}
