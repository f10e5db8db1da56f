/*
 * Progress goes to standard error, where it disturbs no pipe; only the sheet, which is an
 * answer to be followed, goes to standard output. On a terminal a line replaces the one
 * before; in a log file each line stays, so nothing is told twice.
 */
#include "cli/show.h"

#include "base/arena.h"
#include "cli/copy_view.h"
#include "flow/copy.h"

static void on_step(void *ctx, const char *name, const char *what)
{
	struct term *t = ctx;
	term_progress_end(t);
	if (!t->quiet)
		(void)fprintf(t->err, "%s: %s\n", name, what);
}

static void on_waiting(void *ctx, const char *reason, int64_t until_ms)
{
	struct term *t = ctx;
	char until[TIME_TEXT_MAX];
	char left[TIME_TEXT_MAX];
	time_format(until_ms, until);
	duration_format(until_ms - clock_now_ms(clock_system()), left);
	if (t->progress) {
		term_progress(t, "waiting until %s (%s): %s", until, left, reason);
		return;
	}
	/* Without a terminal every line stays: the same wait is told once. */
	bool told = strncmp(t->waited_for, reason, sizeof(t->waited_for) - 1) == 0;
	if (t->quiet || told)
		return;
	(void)fprintf(t->err, "waiting until %s: %s\n", until, reason);
	str_copy(t->waited_for, sizeof(t->waited_for), reason);
}

/* The DNS is looked at again and again while a person works: a sheet is shown once. */
static void on_sheet(void *ctx, const char *text)
{
	struct term *t = ctx;
	char hash[SHA256_HEX_LEN + 1];
	sha256_hex_of(slice_str(text), hash);
	if (str_eq(hash, t->sheet))
		return;
	str_copy(t->sheet, sizeof(t->sheet), hash);
	term_progress_end(t);
	term_print(t, "%s", text);
	(void)fflush(t->out);
}

static void copy_lines(struct term *t, const struct copy_progress *p)
{
	if (!t->progress || t->quiet)
		return;
	struct arena *a = arena_new();
	const struct copy_lines lines = copy_view(a, p, term_progress_room());
	term_progress_lines(t, lines.at, lines.n);
	arena_free(a);
}

static void on_copy(void *ctx, const struct copy_progress *p)
{
	struct term *t = ctx;
	if (p->ended)
		term_progress_end(t);
	else
		copy_lines(t, p);
}

/* On standard error, in one call: other threads may write there too, and standard output may be
 * a document. */
static void on_login(void *ctx, const struct flow_login *l)
{
	struct term *t = ctx;
	char until[TIME_TEXT_MAX];
	const char *first = t->progress ? "\n" : "";
	(void)time_format(l->expires_ms, until);
	if (l->code != NULL)
		(void)fprintf(t->err,
			      "%slogin at the %s: open %s and enter the code %s (until %s)\n",
			      first, l->side, l->url, l->code, until);
	else
		(void)fprintf(t->err,
			      "%slogin at the %s: open this in a browser on this machine (until "
			      "%s)\n%s\n",
			      first, l->side, until, l->url);
	(void)fflush(t->err);
}

/* `copy` comes from the mover's threads, one call at a time; the others from the flow's own. */
struct flow_show show_on(struct term *t)
{
	return (struct flow_show){ .step = on_step,
				   .waiting = on_waiting,
				   .sheet = on_sheet,
				   .copy = on_copy,
				   .login = on_login,
				   .ctx = t };
}
