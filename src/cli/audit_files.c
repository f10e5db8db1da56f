/*
 * Both files are a head, one part a domain, and a tail. They are written beside their names
 * and renamed at the end: a run that is killed leaves the older file as it was. What is no
 * regular file (/dev/stdout, a pipe) is written to directly: a rename would replace it.
 */
#include "cli/audit_files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/audit_github.h"
#include "cli/audit_junit.h"
#include "cli/audit_sarif.h"
#include "cli/console.h"

struct out_file {
	const char *path; /* borrowed from the options; NULL: not wanted */
	char *part;       /* owned: the name until it is whole; NULL: `path` itself */
	FILE *to;
};

struct audit_files {
	struct out_file junit, sarif;
	struct audit_sarif results; /* of the SARIF file */
	FILE *github;               /* borrowed; NULL: not wanted */
};

enum { NAME_SHOWN = 256 };

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
	f->github = args_has(args, OPT_GITHUB) ? t->out : NULL;
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
		audit_junit_begin(f->junit.to);
	if (f->sarif.to != NULL)
		audit_sarif_begin(&f->results, f->sarif.to,
				  args->n == 0 ? console_project(args) : NULL);
	*files_r = f;
	return 0;
}

void audit_files_add(struct audit_files *f, const struct audit *au, enum severity fail_on)
{
	if (f->junit.to != NULL)
		audit_junit_add(f->junit.to, au, fail_on);
	if (f->sarif.to != NULL)
		audit_sarif_add(&f->results, au);
	if (f->github != NULL)
		audit_github_add(f->github, au);
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
		audit_junit_failed(f->junit.to, name, text.at);
	if (f->sarif.to != NULL)
		audit_sarif_failed(&f->results, text.at);
	if (f->github != NULL)
		audit_github_failed(f->github, name, text.at);
	buf_release(&text);
}

int audit_files_close(struct audit_files *f, struct err *e)
{
	if (f == NULL)
		return 0;
	if (f->junit.to != NULL)
		audit_junit_end(f->junit.to);
	if (f->sarif.to != NULL)
		audit_sarif_end(&f->results);
	int rc = out_close(&f->junit, e);
	if (out_close(&f->sarif, e) != 0)
		rc = -1;
	free(f);
	return rc;
}
