/*
 * Both files are a head, one part a domain, and a tail. They take their names at the end: a run
 * that is killed leaves the older file as it was.
 */
#include "cli/audit_files.h"

#include <stdlib.h>

#include "base/file_out.h"
#include "cli/audit_github.h"
#include "cli/audit_junit.h"
#include "cli/audit_sarif.h"
#include "cli/console.h"

struct audit_files {
	struct file_out *junit, *sarif; /* owned; NULL: not wanted */
	struct audit_sarif results;     /* of the SARIF file */
	struct audit_github github;
};

enum { NAME_SHOWN = 256 };

static void drop(struct audit_files *f)
{
	file_out_drop(f->junit);
	file_out_drop(f->sarif);
	free(f);
}

/* 0 also when the option is not given. */
static int out_open(const struct args *args, enum option_id option, struct file_out **file_r,
		    struct err *e)
{
	if (!args_has(args, option))
		return 0;
	*file_r = file_out_open(args->options[option].text, e);
	return *file_r != NULL ? 0 : -1;
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
	int rc = refuse_one_place_for_two(args, e);
	if (rc != 0 || out_open(args, OPT_JUNIT, &f->junit, e) != 0 ||
	    out_open(args, OPT_SARIF, &f->sarif, e) != 0) {
		drop(f);
		return -1;
	}
	if (f->junit != NULL)
		audit_junit_begin(file_out_to(f->junit));
	if (f->sarif != NULL)
		audit_sarif_begin(&f->results, file_out_to(f->sarif),
				  args->n == 0 ? console_project(args) : NULL);
	if (args_has(args, OPT_GITHUB))
		audit_github_begin(&f->github, t->out, rng_system());
	*files_r = f;
	return 0;
}

void audit_files_add(struct audit_files *f, const struct audit *au, enum severity fail_on)
{
	if (f->junit != NULL)
		audit_junit_add(file_out_to(f->junit), au, fail_on);
	if (f->sarif != NULL)
		audit_sarif_add(&f->results, au);
	if (f->github.to != NULL)
		audit_github_add(&f->github, au);
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
	if (f->junit != NULL)
		audit_junit_failed(file_out_to(f->junit), name, text.at);
	if (f->sarif != NULL)
		audit_sarif_failed(&f->results, text.at);
	if (f->github.to != NULL)
		audit_github_failed(&f->github, name, text.at);
	buf_release(&text);
}

int audit_files_close(struct audit_files *f, struct err *e)
{
	if (f == NULL)
		return 0;
	if (f->junit != NULL)
		audit_junit_end(file_out_to(f->junit));
	if (f->sarif != NULL)
		audit_sarif_end(&f->results);
	int rc = f->junit != NULL ? file_out_finish(f->junit, e) : 0;
	if (f->sarif != NULL && file_out_finish(f->sarif, e) != 0)
		rc = -1;
	if (f->github.to != NULL)
		audit_github_end(&f->github);
	free(f);
	return rc;
}
