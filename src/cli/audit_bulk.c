/*
 * Standard input is read without waiting for it, because other domains are under way
 * meanwhile. Progress is one line on the terminal: done, a second, left out.
 */
#include "cli/audit_bulk.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/at_once.h"
#include "cli/bulk_errors.h"
#include "cli/console.h"
#include "flow/bulk.h"

enum { LINE_MAX_LEN = 4096, CHUNK = 16384, SHOW_EVERY_MS = 250 };

struct bulk_run {
	const struct audit_bulk_opts *opts;
	struct console *console;
	struct bulk_seen *seen; /* owned */
	struct buf line;        /* the domain that was handed out */
	char chunk[CHUNK];
	size_t at, len; /* of chunk: what is not read yet */
	bool eof;
	bool whole, too_long; /* of the line: it has its end; it is no domain */
	uint64_t line_no, done, left_out;
	struct bulk_errors errors;
	int64_t began_ms, shown_ms;
	enum exit_code code;
};

static void worsen(struct bulk_run *r, enum exit_code code)
{
	r->code = code > r->code ? code : r->code;
}

/* More bytes, when there are any without waiting. False: not now, or never again. */
static bool fill(struct bulk_run *r)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	if (r->eof || poll(&in, 1, 0) <= 0)
		return false;
	ssize_t n = read(STDIN_FILENO, r->chunk, sizeof(r->chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	r->at = 0;
	r->len = n > 0 ? (size_t)n : 0;
	r->eof = n <= 0;
	return n > 0;
}

/* What there is of a line into r->line; a last one without an end counts. What is too long is read
 * to its end and marked, not kept. */
static bool read_line(struct bulk_run *r)
{
	for (;;) {
		while (r->at < r->len) {
			char c = r->chunk[r->at++];
			if (c == '\n')
				return true;
			r->too_long = r->too_long || r->line.len >= LINE_MAX_LEN;
			if (!r->too_long)
				buf_addc(&r->line, c);
		}
		if (!fill(r))
			return r->eof && r->line.len > 0;
	}
}

static bool next_line(struct bulk_run *r)
{
	bool got = read_line(r);
	r->line_no += got;
	return got;
}

static void show_progress(struct bulk_run *r)
{
	int64_t now_ms = clock_mono_ms(clock_system());
	int64_t took_ms = now_ms - r->began_ms;
	if (now_ms - r->shown_ms < SHOW_EVERY_MS)
		return;
	r->shown_ms = now_ms;
	term_progress(r->console->term,
		      "%" PRIu64 " domains audited, %" PRIu64 " a second, %" PRIu64
		      " left out, %" PRIu64 " refused",
		      r->done, took_ms > 0 ? r->done * 1000 / (uint64_t)took_ms : 0, r->left_out,
		      r->errors.refused);
}

/* What is no domain is refused as soon as its line is read, so the number is that line's. */
static bool on_failed(void *ctx, const char *domain, const struct err *e)
{
	struct bulk_run *r = ctx;
	char name[BULK_NAME_MAX];
	bool go_on = true;
	str_copy(name, sizeof(name), domain);
	str_make_printable(name);
	if (e->kind == ERR_USAGE)
		bulk_errors_refused(&r->errors, r->line_no, name, e);
	else
		go_on = bulk_errors_failed(&r->errors, name, e);
	r->opts->failed(r->opts->ctx, name, e);
	worsen(r, exit_of_error(e));
	return go_on;
}

static void refuse_long_line(struct bulk_run *r)
{
	struct err e = { 0 };
	(void)err_set(&e, ERR_USAGE, "longer than %d characters is no domain", LINE_MAX_LEN);
	(void)err_hint(&e, "give one domain a line");
	(void)on_failed(r, "(a line)", &e);
}

/* The domain on the line, cut out in place; NULL when there is none to be audited. */
static const char *domain_on_line(struct bulk_run *r)
{
	if (r->line.len > 0 && r->line.at[r->line.len - 1] == '\r')
		r->line.at[--r->line.len] = '\0';
	struct slice s = slice_trim(buf_slice(&r->line));
	if (r->too_long) {
		refuse_long_line(r);
		return NULL;
	}
	if (s.len == 0 || s.ptr[0] == '#')
		return NULL;
	size_t start = (size_t)(s.ptr - r->line.at);
	r->line.at[start + s.len] = '\0';
	if (r->seen == NULL || !bulk_seen_has(r->seen, r->line.at + start))
		return r->line.at + start;
	r->left_out++;
	return NULL;
}

static enum bulk_next on_next(void *ctx, const char **domain_r)
{
	struct bulk_run *r = ctx;
	show_progress(r);
	for (;;) {
		if (r->whole) { /* the one before */
			buf_clear(&r->line);
			r->whole = r->too_long = false;
		}
		if (!next_line(r))
			return r->eof ? BULK_END : BULK_NOT_YET;
		r->whole = true;
		*domain_r = domain_on_line(r);
		if (*domain_r != NULL)
			return BULK_DOMAIN;
	}
}

static bool on_audit(void *ctx, const struct audit *au)
{
	struct bulk_run *r = ctx;
	r->done++;
	term_progress_end(r->console->term);
	r->errors.any_good = true;
	bulk_errors_flush(&r->errors);
	for (int s = (int)r->opts->fail_on; s <= SEVERITY_BLOCKER; s++)
		if (findings_count(&au->findings, (enum severity)s) > 0)
			worsen(r, EXIT_NO);
	return r->opts->show(r->opts->ctx, au);
}

/* A slip in the file's name would audit everything again, unsaid. */
static void tell_missing(const struct bulk_run *r, const char *path)
{
	char name[BULK_NAME_MAX];
	if (r->console->term->quiet || access(path, F_OK) == 0 || errno != ENOENT)
		return;
	str_copy(name, sizeof(name), path);
	str_make_printable(name);
	(void)fprintf(r->console->term->err,
		      "nothing to resume from: %s is not there; every domain is audited\n", name);
}

/* The last line of a run, for people; how many there were of each. */
static void tell_numbers(const struct bulk_run *r)
{
	const struct term *t = r->console->term;
	if (t->quiet)
		return;
	(void)fprintf(t->err,
		      "domains: %" PRIu64 " audited, %" PRIu64 " left out, %" PRIu64 " refused",
		      r->done, r->left_out, r->errors.refused);
	if (r->errors.failed > 0)
		(void)fprintf(t->err, ", %" PRIu64 " could not be looked at", r->errors.failed);
	(void)fputc('\n', t->err);
}

/* What the file ends with half a line after is begun on a new one: it is the same file that
 * the output goes to, most likely. */
static int load_seen(struct bulk_run *r, struct err *e)
{
	bool half;
	const struct args *args = r->console->args;
	if (!args_has(args, OPT_RESUME))
		return 0;
	tell_missing(r, args->options[OPT_RESUME].text);
	if (bulk_seen_load(args->options[OPT_RESUME].text, &r->seen, &half, e) != 0)
		return -1;
	if (half)
		term_print(r->console->term, "\n");
	return 0;
}

/* Who asked for a number is told when it is another. */
static size_t at_once(const struct bulk_run *r)
{
	const struct args *args = r->console->args;
	size_t n = at_once_of(args);
	if (args_has(args, OPT_AT_ONCE) && n < at_once_wanted(args))
		(void)fprintf(
			r->console->term->err,
			"--at-once %zu is more than fits: %zu domains side by side (ulimit -n "
			"tells how many descriptors there are)\n",
			at_once_wanted(args), n);
	return n;
}

static int run(struct bulk_run *r, struct err *e)
{
	if (load_seen(r, e) != 0)
		return -1;
	r->began_ms = clock_mono_ms(clock_system());
	return flow_bulk(r->console->flow,
			 &(struct bulk_opts){
				 .phase = r->opts->phase,
				 .at_once = at_once(r),
				 .next = on_next,
				 .audit = on_audit,
				 .failed = on_failed,
				 .ctx = r,
			 },
			 e);
}

enum exit_code audit_bulk(const struct args *args, struct term *t,
			  const struct audit_bulk_opts *opts)
{
	struct console s;
	struct err e = { 0 };
	struct bulk_run *r = mem_alloc(sizeof(*r));
	r->opts = opts;
	r->console = &s;
	r->errors.term = t;
	buf_init(&r->line);
	bool open = console_open_bulk(&s, args, t, &e) == 0;
	bool whole = open && run(r, &e) == 0;
	term_progress_end(t);
	bulk_errors_flush(&r->errors);
	if (!whole)
		worsen(r, console_fail(&s, &e));
	if (open)
		tell_numbers(r);
	enum exit_code code = r->code;
	console_close(&s);
	bulk_seen_free(r->seen);
	buf_release(&r->line);
	free(r);
	return code;
}
