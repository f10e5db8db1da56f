/*
 * The program half of the world: a child of src/io, its secrets kept out of what it says, and its
 * failures told in the kinds that a provider and the guard reckon with.
 */
#include <stdlib.h>
#include <string.h>

#include "io/child.h"
#include "registrars/host.h"

enum {
	GRACE_MS = 2000,          /* for its end, once its input has ended */
	LISTING_MAX_MS = 3600000, /* however lively it is */
};

struct registrar_running {
	const struct host_world *w; /* borrowed, as all here but the child */
	const struct registrar_program *program;
	const char *name;    /* the last part of its path */
	struct child *child; /* owned */
};

static void redact(const struct registrar_program *p, char *text)
{
	for (size_t i = 0; i < p->secret_n; i++)
		secret_redact(p->secrets[i], text);
}

/* Its standard error, for who looks closely; log_line makes it printable. */
static void hear(void *ctx, char *line)
{
	const struct registrar_running *r = ctx;
	redact(r->program, line);
	log_debug(r->w->log, "%s: %s", r->name, line);
}

int host_program_start(const struct host_world *w, const struct registrar_program *program,
		       struct registrar_running **running_r, struct err *e)
{
	const char *path = program->argv[0];
	const char *slash = strrchr(path, '/');
	struct registrar_running *r = mem_alloc(sizeof(*r));
	r->w = w;
	r->program = program;
	r->name = slash != NULL ? slash + 1 : path;
	r->child = child_start(
		&(struct child_opts){
			.argv = program->argv,
			.gift = program->gift != NULL ? secret_expose(program->gift)
						      : (struct slice){ NULL, 0 },
			.gift_name = program->gift != NULL ? program->gift_name : NULL,
			.on_stderr = hear,
			.ctx = r,
			.clock = clock_system(),
			.cancel = w->cancel,
		},
		e);
	if (r->child == NULL) {
		free(r);
		return -1;
	}
	*running_r = r;
	return 0;
}

void host_program_stop(struct registrar_running *r)
{
	if (r == NULL)
		return;
	child_end(r->child, GRACE_MS);
	child_free(r->child);
	free(r);
}

/* Its own last words are mostly the reason: a module that is missing, a file that is not there. */
static int tell_end(struct registrar_running *r, struct err *e)
{
	child_end(r->child, GRACE_MS);
	(void)err_set(e, ERR_WORLD, "the plugin %s before its answer was complete",
		      child_fate(r->child));
	if (child_words(r->child)[0] != '\0')
		return err_hint(e, "its last words: %s", child_words(r->child));
	return err_hint(e, "run it by hand, or with -vv to see what it says");
}

/* 1: a line; 0: it has ended, which is told. */
static int next_line(struct registrar_running *r, int64_t deadline_ms, struct slice *line_r,
		     struct err *e)
{
	int rc = child_line(r->child, deadline_ms, line_r, e);
	if (rc == 0)
		return tell_end(r, e);
	if (rc < 0 && e->kind == ERR_RETRY)
		(void)err_hint(e, "it was ended; `timeout` under dns gives it more seconds");
	return rc < 0 ? err_wrap(e, "the plugin %s", r->name) : 1;
}

static int hear_answer(struct registrar_running *r, const struct registrar_talk *t, struct err *e)
{
	int64_t began_ms = clock_mono_ms(clock_system());
	int64_t last_ms = began_ms + LISTING_MAX_MS;
	int64_t deadline_ms = began_ms + t->timeout_ms;
	for (;;) {
		struct slice line;
		if (next_line(r, deadline_ms, &line, e) < 0)
			return -1;
		int more = t->sink->each(t->sink->ctx, line, e);
		if (more <= 0)
			return more;
		int64_t now_ms = clock_mono_ms(clock_system());
		if (t->streams)
			deadline_ms = now_ms + t->timeout_ms < last_ms ? now_ms + t->timeout_ms
								       : last_ms;
	}
}

/* What is known of a write is whether the plugin can have read of it. */
static void judge(const struct registrar_running *r, const struct registrar_talk *t, struct err *e)
{
	if (!t->writes || e->kind == ERR_CANCELLED)
		return;
	e->kind = child_has_taken(r->child) ? ERR_RETRY : ERR_WORLD;
}

int host_program_talk(struct registrar_running *r, const struct registrar_talk *t, struct err *e)
{
	child_send_line(r->child, t->request);
	if (hear_answer(r, t, e) == 0)
		return 0;
	judge(r, t, e);
	child_end(r->child, 0);
	return -1;
}
