/* scratch.h - a directory for one test, and project files and CSVs in it. */
#ifndef TEST_CONFIG_SCRATCH_H
#define TEST_CONFIG_SCRATCH_H

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "config/project.h"

struct scratch {
	struct arena *arena;
	char dir[32];
	const char *path; /* of the last file written */
	struct err e;
};

static inline int scratch_setup(void **state)
{
	struct scratch *s = mem_alloc(sizeof(*s));
	s->arena = arena_new();
	str_copy(s->dir, sizeof(s->dir), "/tmp/cutover-config-XXXXXX");
	*state = s;
	return mkdtemp(s->dir) != NULL ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
	struct scratch *s = *state;
	if (s->path != NULL)
		unlink(s->path);
	int rc = rmdir(s->dir);
	arena_free(s->arena);
	free(s);
	return rc;
}

/* Writes the file, in the place of the one before it. */
static inline const char *scratch_bytes(struct scratch *s, struct slice bytes)
{
	if (s->path == NULL)
		s->path = arena_printf(s->arena, "%s/file", s->dir);
	if (file_replace(s->path, bytes, 0600, &s->e) != 0)
		abort();
	return s->path;
}

static inline const char *scratch_write(struct scratch *s, const char *text)
{
	return scratch_bytes(s, slice_str(text));
}

/* NULL when it was refused. */
static inline const struct project *scratch_project(struct scratch *s, const char *text)
{
	const struct project *p = NULL;
	return project_load(s->arena, scratch_write(s, text), &p, &s->e) == 0 ? p : NULL;
}

#endif
