/*
 * One pass, or one after the other, shown while it runs. Exit 1 means that a mailbox is
 * incomplete; the others were copied all the same.
 */
#include "base/size.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/render.h"

enum { SMALLEST_LIMIT = 1000, SHORTEST_MS = 1000 }; /* of --max-size as of copy.max_message */

/* A day begins at midnight UTC: servers tell INTERNALDATE with a zone, people seldom do. */
static int read_date(const struct args *args, enum option_id id, int64_t *ms_r, struct err *e)
{
	const char *text = args->options[id].text;
	struct buf day;
	if (!args_has(args, id) || time_parse(slice_str(text), ms_r))
		return 0;
	buf_init(&day);
	buf_addf(&day, "%sT00:00Z", text);
	bool good = time_parse(buf_slice(&day), ms_r);
	buf_release(&day);
	if (good)
		return 0;
	err_set(e, ERR_USAGE, "--%s %s: this is no date", option_row(id)->name, text);
	return err_hint(e, "write a day, 2026-01-31, or a time with its zone, 2026-01-31T12:00Z");
}

static int read_size(const struct args *args, uint64_t *bytes_r, struct err *e)
{
	const char *text = args->options[OPT_MAX_SIZE].text;
	if (!args_has(args, OPT_MAX_SIZE))
		return 0;
	if (!size_parse(slice_str(text), bytes_r))
		err_set(e, ERR_USAGE, "--max-size %s: this is no size", text);
	else if (*bytes_r < SMALLEST_LIMIT)
		err_set(e, ERR_USAGE, "--max-size %s: these are bytes, fewer than any message has",
			text);
	else
		return 0;
	return err_hint(e, "write it like 500kB, 35MB or 1.5GB");
}

/* Of two days the wrong way round nothing would be copied, and nothing said. */
static int check_window(const struct migrate_filter *f, struct err *e)
{
	if (f->since_ms == 0 || f->before_ms == 0 || f->since_ms < f->before_ms)
		return 0;
	err_set(e, ERR_USAGE, "--since is not before --before: no mail is between them");
	return err_hint(
		e, "--since is the first day that is copied, --before the day behind the last one");
}

/* Passes without a pause would never leave the servers alone; no mail is newer than now. */
static int check_duration(const struct args *args, enum option_id id, struct err *e)
{
	const struct option_given *g = &args->options[id];
	if (!g->given || g->duration_ms >= SHORTEST_MS)
		return 0;
	err_set(e, ERR_USAGE, "--%s %s: this is no time at all", option_row(id)->name, g->text);
	return err_hint(e, "write it as 15m, 4h or 90d");
}

static int check_mirror(const struct copy_wishes *w, struct err *e)
{
	if (w->mirror_percent == 0 || w->mirror)
		return 0;
	err_set(e, ERR_USAGE, "--mirror-limit says how much --mirror may take");
	return err_hint(e, "give --mirror as well");
}

/* The parser refuses both --verify and --no-verify; neither means the mailboxes that were
 * never compared. */
static int read_wishes(const struct args *args, struct copy_wishes *w, struct err *e)
{
	*w = (struct copy_wishes){
		.pilot = (size_t)args->options[OPT_PILOT].count,
		.only = args->options[OPT_ONLY].list,
		.verify = args_has(args, OPT_VERIFY)      ? COPY_VERIFY_ALL
			  : args_has(args, OPT_NO_VERIFY) ? COPY_VERIFY_NONE
							  : COPY_VERIFY_NEW,
		.filter = { .folders = args->options[OPT_FOLDER].list,
			    .folders_not = args->options[OPT_NOT_FOLDER].list },
		.newest_ms = args->options[OPT_NEWEST_FIRST].duration_ms,
		.dry_run = args_has(args, OPT_DRY_RUN),
		.mirror = args_has(args, OPT_MIRROR),
		.mirror_percent = args->options[OPT_MIRROR_LIMIT].count,
	};
	if (read_date(args, OPT_SINCE, &w->filter.since_ms, e) != 0 ||
	    read_date(args, OPT_BEFORE, &w->filter.before_ms, e) != 0 ||
	    check_window(&w->filter, e) != 0 || check_mirror(w, e) != 0 ||
	    check_duration(args, OPT_EVERY, e) != 0 ||
	    check_duration(args, OPT_NEWEST_FIRST, e) != 0)
		return -1;
	return read_size(args, &w->filter.max_bytes, e);
}

static void show_end(void *ctx, const struct copy_progress *end, const struct step_outcome *out)
{
	struct console *s = ctx;
	term_progress_end(s->term);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = copy_progress_to_js(end);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_copy(s->term, end);
		if (args_has(s->args, OPT_EVERY))
			(void)console_outcome(s, out);
	}
	(void)fflush(s->term->out);
}

static enum exit_code copy_once(struct console *s, const struct copy_wishes *wishes)
{
	struct err e = { 0 };
	struct step_outcome out = { 0 };
	const struct copy_progress *end = NULL;
	int rc = flow_copy(s->flow, s->arena, wishes, &end, &out, &e);
	term_progress_end(s->term);
	if (rc != 0)
		return console_fail(s, &e);
	show_end(s, end, &out);
	return console_outcome(s, &out);
}

static enum exit_code copy(struct console *s, const struct copy_wishes *wishes)
{
	const struct option_given *every = &s->args->options[OPT_EVERY];
	const struct copy_rhythm rhythm = { every->duration_ms, show_end, s };
	struct err e = { 0 };
	if (!every->given)
		return copy_once(s, wishes);
	(void)flow_copy_every(s->flow, wishes, &rhythm, &e);
	return console_fail(s, &e);
}

static void show_tried(void *ctx, size_t done, size_t n, size_t failed)
{
	struct console *s = ctx;
	term_progress(s->term, "trying logins: %zu of %zu, %zu refused", done, n, failed);
}

static enum exit_code check_logins(struct console *s, struct copy_wishes *wishes)
{
	struct err e = { 0 };
	struct step_outcome out = { 0 };
	const struct login_trial *trial = NULL;
	wishes->on_tried = show_tried;
	wishes->on_tried_ctx = s;
	int rc = flow_check_logins(s->flow, s->arena, wishes, &trial, &out, &e);
	term_progress_end(s->term);
	if (rc != 0)
		return console_fail(s, &e);
	if (args_has(s->args, OPT_JSON)) {
		struct js *doc = login_trial_to_js(trial);
		console_put_json(s, doc);
		js_free(doc);
	} else {
		render_logins(s->term, trial);
	}
	return console_outcome(s, &out);
}

/* Order: the words are read before the store is opened, so a typing error makes nothing. */
static enum exit_code run_copy(const struct args *args, struct term *t)
{
	struct console s = { .term = t };
	struct err e = { 0 };
	struct copy_wishes wishes;
	enum exit_code code = read_wishes(args, &wishes, &e) == 0 &&
					      console_open(&s, args, t, FLOW_WRITE_STORE, &e) == 0
				      ? args_has(args, OPT_CHECK_LOGINS) ? check_logins(&s, &wishes)
									 : copy(&s, &wishes)
				      : console_fail(&s, &e);
	console_close(&s);
	return code;
}

const struct command command_copy = {
	.name = "copy",
	.operands = "",
	.summary = "copies every mailbox; a repeat moves only what is new",
	.text = "One pass over the users CSV: folders, messages, flags, dates. Nothing is deleted "
		"on either side; --mirror moves mail aside at the target. Mailboxes that were "
		"copied for the first time are then read again "
		"on both sides and compared. Exit 1 when a mailbox failed, is incomplete or was "
		"stopped; the others are not held up. --dry-run logs in and counts; --every makes "
		"delta passes until Ctrl-C. What --since, --before, --folder, --not-folder and "
		"--max-size leave out is counted, and no gate takes such a mailbox for complete. "
		"With --mirror, messages that an earlier pass copied and that this pass and one "
		"before it found gone at the source are moved at the target to the folder "
		"\"cutover "
		"removed\", unless their user touched them there. With --dry-run it only shows "
		"them. "
		"With --check-logins every login of both sides is tried instead, and nothing is "
		"copied; exit 1 when one fails.",
	.reads_users = true,
	.options = (const enum option_id[]){ OPT_DRY_RUN, OPT_PILOT, OPT_ONLY, OPT_NEWEST_FIRST,
					     OPT_EVERY, OPT_SINCE, OPT_BEFORE, OPT_FOLDER,
					     OPT_NOT_FOLDER, OPT_MAX_SIZE, OPT_MIRROR,
					     OPT_MIRROR_LIMIT, OPT_VERIFY, OPT_NO_VERIFY,
					     OPT_CHECK_LOGINS, OPT_N },
	.run = run_copy,
};
