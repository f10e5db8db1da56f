/* From the file to checked values; the steps are in config/load.h. */
#include "config/project.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/load.h"

/* "." for a bare file name, as dirname has it. */
static const char *directory_of(struct arena *a, const char *path)
{
	/* dirname() may write into its argument. */
	return arena_strdup(a, dirname(arena_strdup(a, path)));
}

/* ENOENT alone is told as "there is none": most who see it have not run init yet. */
static int read_file(const char *path, struct buf *text, const char **others_r, struct err *e)
{
	/* What is too long is left to the parser, which says so with file and line. */
	if (file_read_judged(path, YAML_SIZE_MAX, text, others_r, e) == 0 ||
	    text->len > YAML_SIZE_MAX)
		return 0;
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		err_set(e, ERR_USAGE, "there is no project file '%s'", path);
		return err_hint(e, "write one by 'cutover init DOMAIN', or name yours by -f FILE");
	}
	err_wrap(e, "the project file");
	return err_hint(e, "name a readable project file by -f FILE, or write one by 'cutover init "
			   "DOMAIN'");
}

/* The order matters: parts needs the plain fields, presets fill what parts left empty, check
 * looks at all of it. */
static int load(struct loader *l, struct slice text)
{
	l->root = yaml_tree_parse(l->arena, l->file, text, l->e);
	if (l->root == NULL || project_walk(l) != 0 || project_parts(l) != 0)
		return -1;
	if (project_logins(l) != 0)
		return -1;
	return project_preset(l) != 0 || project_check(l) != 0 ? -1 : 0;
}

static int parse(struct arena *a, const char *path, struct slice text, struct project **project_r,
		 struct err *e)
{
	struct project *p = ARENA_NEW(a, struct project);
	struct loader l = { .arena = a, .file = path, .p = p, .e = e };
	p->path = arena_strdup(a, path);
	p->dir = directory_of(a, path);
	if (load(&l, text) != 0)
		return -1;
	*project_r = p;
	return 0;
}

int project_parse(struct arena *a, const char *path, struct slice text,
		  const struct project **project_r, struct err *e)
{
	struct project *p;
	if (parse(a, path, text, &p, e) != 0)
		return -1;
	*project_r = p;
	return 0;
}

int project_load(struct arena *a, const char *path, const struct project **project_r, struct err *e)
{
	struct buf text;
	struct project *p = NULL;
	const char *others = NULL;
	buf_init(&text);
	int rc = read_file(path, &text, &others, e);
	if (rc == 0)
		rc = parse(a, path, buf_slice(&text), &p, e);
	buf_release(&text);
	if (rc != 0)
		return -1;
	p->others = others;
	*project_r = p;
	return 0;
}

/* As with ssh and sudo: who writes the file would decide what runs as this user. */
int project_may_run(const struct project *p, const char *what, struct err *e)
{
	if (p->others == NULL)
		return 0;
	(void)err_set(e, ERR_USAGE, "%s: its program is not run, for '%s' %s", what, p->path,
		      p->others);
	return err_hint(e, "look at what the file says; if that is what you want, make it yours "
			   "alone (chown, chmod go-w), or give secrets by env:NAME or file:PATH");
}
