/*
 * SARIF 2.1.0: one run whose results come one by one, then what could not be looked at.
 */
#include "cli/audit_sarif.h"

#include "base/digest.h"
#include "cli/escape.h"

/* What a list of thousands could not audit is named up to here; the log has all of it. */
enum { FAILED_KEPT = 100 };

static void print_js(FILE *to, struct js *v)
{
	struct buf text;
	buf_init(&text);
	js_write(v, 0, &text);
	(void)fwrite(text.at, 1, text.len, to);
	buf_release(&text);
	js_free(v);
}

static struct js *text_object(const char *text)
{
	struct js *v = js_object();
	js_set_str(v, "text", text);
	return v;
}

/* The whole table: a scanner shows what a rule means beside each result. */
static struct js *sarif_rules(void)
{
	struct js *rules = js_array();
	for (size_t i = 0; i < check_count(); i++) {
		struct check_info info = check_info_at(i);
		struct js *rule = js_object();
		js_set_str(rule, "id", info.id);
		js_set(rule, "shortDescription", text_object(info.what));
		if (info.example != NULL)
			js_set(rule, "help", text_object(info.example));
		js_push(rules, rule);
	}
	return rules;
}

void audit_sarif_begin(struct audit_sarif *f, FILE *to, const char *project)
{
	*f = (struct audit_sarif){ .to = to, .project = project };
	struct js *driver = js_object();
	js_set_str(driver, "name", "cutover");
	js_set_str(driver, "version", CUTOVER_VERSION);
	js_set(driver, "rules", sarif_rules());
	(void)fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
		    "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":",
		    to);
	print_js(to, driver);
	(void)fputs("},\"results\":[\n", to);
}

/* A path as a URI reference (RFC 3986 §2.1). */
static void set_uri(struct js *artifact, const char *path)
{
	struct buf uri;
	buf_init(&uri);
	escape_uri_path(path, &uri);
	js_set_str(artifact, "uri", uri.at);
	buf_release(&uri);
}

/* A scanner wants a file to point at: the project file is where a wish can be changed. */
static struct js *sarif_location(const struct audit_sarif *f, const struct audit *au,
				 const struct finding *finding)
{
	struct js *location = js_object();
	struct js *physical = js_object();
	struct js *artifact = js_object();
	struct js *region = js_object();
	struct js *logical = js_object();
	struct js *list = js_array();
	set_uri(artifact, f->project != NULL ? f->project : au->domain);
	js_set(physical, "artifactLocation", artifact);
	js_set_int(region, "startLine", 1); /* GitHub wants a line */
	js_set(physical, "region", region);
	js_set(location, "physicalLocation", physical);
	js_set_str(logical, "fullyQualifiedName", finding->subject);
	js_push(list, logical);
	js_set(location, "logicalLocations", list);
	return location;
}

/* So that a scanner knows the same finding again in the next run. */
static struct js *sarif_fingerprint(const struct audit *au, const struct finding *finding)
{
	char hash[SHA256_HEX_LEN + 1];
	struct buf text;
	struct js *v = js_object();
	buf_init(&text);
	buf_addf(&text, "%s\n%s\n%s", au->domain, finding->check, finding->subject);
	sha256_hex_of(buf_slice(&text), hash);
	buf_release(&text);
	js_set_str(v, "cutover/v2", hash);
	return v;
}

static struct js *sarif_suppression(const char *reason)
{
	struct js *list = js_array();
	struct js *v = js_object();
	js_set_str(v, "kind", "external");
	js_set_str(v, "justification", reason);
	js_push(list, v);
	return list;
}

static void sarif_result(struct audit_sarif *f, const struct audit *au,
			 const struct finding *finding, const char *ignored_because)
{
	static const char *const levels[] = { "note", "warning", "error" };
	struct buf text;
	struct js *v = js_object();
	struct js *locations = js_array();
	buf_init(&text);
	buf_addf(&text, "%s: %s. What to do: %s", finding->subject, finding->message,
		 finding->remedy != NULL ? finding->remedy : "-");
	js_set_str(v, "ruleId", finding->check);
	js_set_str(v, "level", levels[finding->severity]);
	js_set(v, "message", text_object(text.at));
	js_push(locations, sarif_location(f, au, finding));
	js_set(v, "locations", locations);
	js_set(v, "partialFingerprints", sarif_fingerprint(au, finding));
	if (ignored_because != NULL)
		js_set(v, "suppressions", sarif_suppression(ignored_because));
	if (f->results++ > 0)
		(void)fputs(",\n", f->to);
	print_js(f->to, v);
	buf_release(&text);
}

void audit_sarif_add(struct audit_sarif *f, const struct audit *au)
{
	for (size_t i = 0; i < au->findings.list.n; i++)
		sarif_result(f, au, &au->findings.list.at[i], NULL);
	for (size_t i = 0; i < au->ignored_n; i++)
		sarif_result(f, au, &au->ignored[i].finding, au->ignored[i].reason);
}

/* A run that could not look must not be taken for one that found nothing. */
void audit_sarif_failed(struct audit_sarif *f, const char *text)
{
	struct js *note = js_object();
	if (f->failed_n++ == 0)
		f->failed = js_array();
	js_set_str(note, "level", "error");
	js_set(note, "message", text_object(text));
	if (f->failed_n <= FAILED_KEPT)
		js_push(f->failed, note);
	else
		js_free(note);
}

void audit_sarif_end(struct audit_sarif *f)
{
	struct js *invocations = js_array();
	struct js *one = js_object();
	js_set_bool(one, "executionSuccessful", f->failed == NULL);
	if (f->failed != NULL)
		js_set(one, "toolExecutionNotifications", f->failed);
	f->failed = NULL;
	js_push(invocations, one);
	(void)fputs("\n],\"invocations\":", f->to);
	print_js(f->to, invocations);
	(void)fputs("}]}\n", f->to);
}
