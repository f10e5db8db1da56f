/*
 * Progress goes to standard error, where it disturbs no pipe; only the sheet, which is an
 * answer to be followed, goes to standard output. On a terminal a line replaces the one
 * before; in a log file each line stays, so nothing is told twice.
 */
#include "cli/show.h"

#include <inttypes.h>

#include "flow/copy.h"

const char *bytes_format(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)bytes;
	size_t u = 0;
	while (v >= 1000.0 && u < 4) {
		v /= 1000.0;
		u++;
	}
	(void)snprintf(text, size, u > 0 && v < 10.0 ? "%.1f %s" : "%.0f %s", v, units[u]);
	return text;
}

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

/* GB an hour and the time left, as far as they can be told. */
static const char *rate_text(const struct copy_progress *p, char *text, size_t size)
{
	char left[TIME_TEXT_MAX];
	if (p->gb_per_hour <= 0)
		(void)snprintf(text, size, "rate not known yet");
	else if (p->left_ms < 0)
		(void)snprintf(text, size, "%.1f GB/h", p->gb_per_hour);
	else
		(void)snprintf(text, size, "%.1f GB/h, %s left", p->gb_per_hour,
			       duration_format(p->left_ms, left));
	return text;
}

/* One line that fits most terminals; the mailboxes themselves are in `status`. */
static void copy_line(struct term *t, const struct copy_progress *p)
{
	char done[16];
	char all[16];
	char rate[64];
	size_t busy = 0;
	size_t ended = 0;
	for (size_t i = 0; i < p->n; i++) {
		busy += p->mailboxes[i].state == MAILBOX_SYNCING;
		ended += p->mailboxes[i].state > MAILBOX_SYNCING;
	}
	term_progress(t,
		      "%zu/%zu mailboxes, %zu busy  %" PRIu64 "/%" PRIu64 " messages  %s of %s  %s",
		      ended, p->n, busy, p->messages_done, p->messages,
		      bytes_format(p->bytes_done, done, sizeof(done)),
		      bytes_format(p->bytes, all, sizeof(all)), rate_text(p, rate, sizeof(rate)));
}

static void on_copy(void *ctx, const struct copy_progress *p)
{
	struct term *t = ctx;
	if (p->ended)
		term_progress_end(t);
	else
		copy_line(t, p);
}

/* `copy` comes from the mover's threads, one call at a time; the others from the flow's own. */
struct flow_show show_on(struct term *t)
{
	return (struct flow_show){ on_step, on_waiting, on_sheet, on_copy, t };
}
