/*
 * Both files are a head, one part a domain, and a tail. They are written beside their names
 * and renamed at the end: a run that is killed leaves the older file as it was. What is no
 * regular file (/dev/stdout, a pipe) is written to directly: a rename would replace it.
 */
#include "cli/audit_files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "cli/console.h"
#include "cli/escape.h"

struct out_file {
	const char *path; /* borrowed from the options; NULL: not wanted */
	char *part;       /* owned: the name until it is whole; NULL: `path` itself */
	FILE *to;
};

struct audit_files {
	struct out_file junit, sarif;
	const struct term *github; /* NULL: not wanted */
	const char *project;       /* where a scanner shall show a finding; NULL */
	size_t results;            /* of the SARIF file so far */
	struct js *failed;         /* SARIF notifications, NULL: none; at most FAILED_KEPT */
	size_t failed_n;
};

/* What a list of thousands could not audit is named up to here; the log has all of it. */
enum { FAILED_KEPT = 100, NAME_SHOWN = 256 };

static int out_open(struct out_file *f, const char *path, struct err *e)
{
	struct arena *a = arena_new();
	struct stat st;
	f->path = path;
	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		f->part = mem_strdup(arena_printf(a, "%s.part", path));
	arena_free(a);
	f->to = fopen(f->part != NULL ? f->part : path, "we");
	if (f->to != NULL)
		return 0;
	(void)err_errno(e, ERR_USAGE, "writing '%s'", path);
	return err_hint(e, "name a file in a directory that can be written");
}

static int cannot_finish(const struct out_file *f, struct err *e)
{
	(void)err_errno(e, ERR_WORLD, "writing '%s'", f->path);
	if (f->part != NULL)
		(void)remove(f->part);
	return err_hint(e, "is the disk full, or the directory gone? run it again then");
}

static int out_close(struct out_file *f, struct err *e)
{
	int rc = 0;
	if (f->to != NULL) {
		bool failed = ferror(f->to) != 0;
		failed = fclose(f->to) != 0 || failed;
		if (failed || (f->part != NULL && rename(f->part, f->path) != 0))
			rc = cannot_finish(f, e);
	}
	free(f->part);
	return rc;
}

/* ---- SARIF 2.1.0 ---- */

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

static void sarif_begin(FILE *to)
{
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
static struct js *sarif_location(const struct audit_files *f, const struct audit *au,
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

static void sarif_result(struct audit_files *f, const struct audit *au,
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
		(void)fputs(",\n", f->sarif.to);
	print_js(f->sarif.to, v);
	buf_release(&text);
}

static void sarif_add(struct audit_files *f, const struct audit *au)
{
	for (size_t i = 0; i < au->findings.list.n; i++)
		sarif_result(f, au, &au->findings.list.at[i], NULL);
	for (size_t i = 0; i < au->ignored_n; i++)
		sarif_result(f, au, &au->ignored[i].finding, au->ignored[i].reason);
}

/* A run that could not look must not be taken for one that found nothing. */
static void sarif_failed(struct audit_files *f, const char *text)
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

static void sarif_end(struct audit_files *f)
{
	struct js *invocations = js_array();
	struct js *one = js_object();
	js_set_bool(one, "executionSuccessful", f->failed == NULL);
	if (f->failed != NULL)
		js_set(one, "toolExecutionNotifications", f->failed);
	f->failed = NULL;
	js_push(invocations, one);
	(void)fputs("\n],\"invocations\":", f->sarif.to);
	print_js(f->sarif.to, invocations);
	(void)fputs("}]}\n", f->sarif.to);
}

/* ---- JUnit ---- */

/* All findings of one check that fail, as the text of one failure; their number. */
static size_t failures_of(const struct audit *au, const char *check, enum severity fail_on,
			  struct buf *out)
{
	size_t n = 0;
	for (size_t i = 0; i < au->findings.list.n; i++) {
		const struct finding *f = &au->findings.list.at[i];
		if (!str_eq(f->check, check) || f->severity < fail_on)
			continue;
		buf_addf(out, "%s%s: %s: %s; what to do: %s", n++ > 0 ? "\n" : "",
			 severity_name(f->severity), f->subject, f->message,
			 f->remedy != NULL ? f->remedy : "-");
	}
	return n;
}

static const struct ignored_finding *ignored_of(const struct audit *au, const char *check)
{
	for (size_t i = 0; i < au->ignored_n; i++)
		if (str_eq(au->ignored[i].finding.check, check))
			return &au->ignored[i];
	return NULL;
}

/* A case for every check of the table, so that a build server can tell "passed" from "gone". */
static bool junit_case(const struct audit *au, const char *check, enum severity fail_on,
		       struct buf *out)
{
	struct buf text;
	buf_init(&text);
	bool failed = failures_of(au, check, fail_on, &text) > 0;
	const struct ignored_finding *ignored = ignored_of(au, check);
	buf_addf(out, "    <testcase classname=\"cutover.audit\" name=\"%s\"", check);
	if (failed) {
		buf_adds(out, ">\n      <failure message=\"");
		escape_xml(text.at, out);
		buf_adds(out, "\"/>\n    </testcase>\n");
	} else if (ignored != NULL) {
		buf_adds(out, ">\n      <skipped message=\"");
		escape_xml(ignored->reason, out);
		buf_adds(out, "\"/>\n    </testcase>\n");
	} else {
		buf_adds(out, "/>\n");
	}
	buf_release(&text);
	return failed;
}

/* The cases are written aside first: their numbers stand in the element before them. */
static void junit_add(struct audit_files *f, const struct audit *au, enum severity fail_on)
{
	struct buf cases;
	struct buf name;
	size_t failed = 0;
	buf_init(&cases);
	buf_init(&name);
	for (size_t i = 0; i < check_count(); i++)
		failed += junit_case(au, check_info_at(i).id, fail_on, &cases);
	escape_xml(au->domain, &name);
	(void)fprintf(
		f->junit.to,
		"  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\">\n%s  </testsuite>\n",
		name.at, check_count(), failed, cases.at);
	buf_release(&name);
	buf_release(&cases);
}

/* An error is no failure: nothing is known about the domain. */
static void junit_failed(struct audit_files *f, const char *domain, const char *text)
{
	struct buf out;
	buf_init(&out);
	buf_adds(&out, "  <testsuite name=\"");
	escape_xml(domain, &out);
	buf_adds(&out, "\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
		       "    <testcase classname=\"cutover.audit\" name=\"audit\">\n"
		       "      <error message=\"");
	escape_xml(text, &out);
	buf_adds(&out, "\"/>\n    </testcase>\n  </testsuite>\n");
	(void)fwrite(out.at, 1, out.len, f->junit.to);
	buf_release(&out);
}

/* ---- GitHub ---- */

/* GitHub's rules for workflow commands: in a property ':' and ',' are special as well. */
static void escape_command(const char *text, bool property, struct buf *out)
{
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		bool special = c == '%' || c == '\r' || c == '\n' ||
			       (property && (c == ':' || c == ','));
		if (special)
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, *p);
	}
}

void audit_annotation(const struct finding *f, struct buf *out)
{
	static const char *const commands[] = { "notice", "warning", "error" };
	buf_addf(out, "::%s title=", commands[f->severity]);
	escape_command(f->check, true, out);
	buf_adds(out, "%3A ");
	escape_command(f->subject, true, out);
	buf_adds(out, "::");
	escape_command(f->message, false, out);
	buf_adds(out, ". What to do: ");
	escape_command(f->remedy != NULL ? f->remedy : "-", false, out);
	buf_addc(out, '\n');
}

static void github_add(const struct audit_files *f, const struct audit *au)
{
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < au->findings.list.n; i++)
		audit_annotation(&au->findings.list.at[i], &text);
	(void)fwrite(text.at, 1, text.len, f->github->out);
	buf_release(&text);
}

static void github_failed(const struct audit_files *f, const char *domain, const char *text)
{
	struct buf out;
	buf_init(&out);
	buf_adds(&out, "::error title=");
	escape_command(domain, true, &out);
	buf_adds(&out, "::");
	escape_command(text, false, &out);
	buf_addc(&out, '\n');
	(void)fwrite(out.at, 1, out.len, f->github->out);
	buf_release(&out);
}

/* ---- all of them ---- */

static void drop(struct audit_files *f)
{
	struct out_file *files[] = { &f->junit, &f->sarif };
	for (size_t i = 0; i < 2; i++) {
		if (files[i]->to != NULL) {
			(void)fclose(files[i]->to);
			if (files[i]->part != NULL)
				(void)remove(files[i]->part);
		}
		free(files[i]->part);
	}
	free(f);
}

static int refuse_one_place_for_two(const struct args *args, struct err *e)
{
	const struct option_given *junit = &args->options[OPT_JUNIT];
	const struct option_given *sarif = &args->options[OPT_SARIF];
	bool json = args_has(args, OPT_JSON) || args_has(args, OPT_JSONL);
	if (args_has(args, OPT_GITHUB) && json) {
		(void)err_set(e, ERR_USAGE, "--github and --json both write to standard output");
		return err_hint(e, "choose one, or write --sarif FILE beside the JSON");
	}
	if (junit->given && sarif->given && str_eq(junit->text, sarif->text)) {
		(void)err_set(e, ERR_USAGE, "--junit and --sarif both write to '%s'", junit->text);
		return err_hint(e, "give each a file of its own");
	}
	return 0;
}

int audit_files_open(const struct args *args, const struct term *t, struct audit_files **files_r,
		     struct err *e)
{
	struct audit_files *f = mem_alloc(sizeof(*f));
	f->project = args->n == 0 ? console_project(args) : NULL;
	f->github = args_has(args, OPT_GITHUB) ? t : NULL;
	int rc = refuse_one_place_for_two(args, e);
	if (rc == 0 && args_has(args, OPT_JUNIT))
		rc = out_open(&f->junit, args->options[OPT_JUNIT].text, e);
	if (rc == 0 && args_has(args, OPT_SARIF))
		rc = out_open(&f->sarif, args->options[OPT_SARIF].text, e);
	if (rc != 0) {
		drop(f);
		return -1;
	}
	if (f->junit.to != NULL)
		(void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
			    f->junit.to);
	if (f->sarif.to != NULL)
		sarif_begin(f->sarif.to);
	*files_r = f;
	return 0;
}

void audit_files_add(struct audit_files *f, const struct audit *au, enum severity fail_on)
{
	if (f->junit.to != NULL)
		junit_add(f, au, fail_on);
	if (f->sarif.to != NULL)
		sarif_add(f, au);
	if (f->github != NULL)
		github_add(f, au);
}

void audit_files_failed(struct audit_files *f, const char *domain, const struct err *why)
{
	struct buf text;
	char name[NAME_SHOWN];
	buf_init(&text);
	str_copy(name, sizeof(name), domain);
	str_make_printable(name);
	buf_addf(&text, "%s was not audited: %s%s%s", name, why->text,
		 why->hint[0] != '\0' ? ". What to do: " : "", why->hint);
	str_make_printable(text.at);
	if (f->junit.to != NULL)
		junit_failed(f, name, text.at);
	if (f->sarif.to != NULL)
		sarif_failed(f, text.at);
	if (f->github != NULL)
		github_failed(f, name, text.at);
	buf_release(&text);
}

int audit_files_close(struct audit_files *f, struct err *e)
{
	if (f == NULL)
		return 0;
	if (f->junit.to != NULL)
		(void)fputs("</testsuites>\n", f->junit.to);
	if (f->sarif.to != NULL)
		sarif_end(f);
	int rc = out_close(&f->junit, e);
	if (out_close(&f->sarif, e) != 0)
		rc = -1;
	free(f);
	return rc;
}
