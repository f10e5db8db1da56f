/* What a pass came to, in a sentence for the person who waits for it. */
#include <inttypes.h>

#include "base/size.h"
#include "flow/copy_pass.h"
#include "migrate/mirror_rule.h"

struct copy_tally copy_tally(const struct copy_progress *p)
{
	struct copy_tally t = { 0 };
	for (size_t i = 0; i < p->n; i++) {
		enum mailbox_state s = p->mailboxes[i].state;
		t.through += migrate_is_through(s);
		t.failed += s == MAILBOX_FAILED;
		t.flawed += s == MAILBOX_SYNCED_WITH_ERRORS;
		t.stopped += s == MAILBOX_STOPPED;
		t.removed += s == MAILBOX_REMOVED;
	}
	return t;
}

static const char *s_of(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void conclude_dry(const struct copy_progress *end, struct step_outcome *out)
{
	char size[SIZE_TEXT_MAX];
	const struct copy_tally t = copy_tally(end);
	uint64_t settled = end->messages_done;
	uint64_t left = end->messages > settled ? end->messages - settled : 0;
	uint64_t bytes = end->bytes > end->bytes_done + end->left_out_bytes
				 ? end->bytes - end->bytes_done - end->left_out_bytes
				 : 0;
	if (t.failed > 0)
		step_stop(out, "mend what the reasons say, then look again",
			  "%zu of %zu mailboxes could not be read", t.failed, end->n);
	else
		step_done(out, "dry run, nothing was copied: %" PRIu64 " message%s, %s to copy",
			  left, s_of(left), size_format(bytes, size));
}

void copy_conclude(const struct copy_progress *end, struct step_outcome *out)
{
	const struct copy_tally t = copy_tally(end);
	size_t n = end->n - t.removed;
	if (end->dry_run)
		conclude_dry(end, out);
	else if (t.failed + t.flawed == 0 && t.stopped > 0)
		step_stop(out, "let them go on: cutover mailbox start ADDRESS",
			  "%zu of %zu mailboxes complete, %zu stopped by hand", t.through, n,
			  t.stopped);
	else if (t.failed + t.flawed > 0)
		step_stop(out,
			  "mend what the reasons say, then run `cutover copy` again: it moves only "
			  "what is missing",
			  "%zu of %zu mailboxes complete, %zu failed, %zu with errors",
			  t.through - t.flawed, n, t.failed, t.flawed);
	else if (end->filter != NULL)
		step_done(out,
			  "%zu mailbox%s read, %" PRIu64 " message%s copied; %" PRIu64
			  " left out: %s",
			  n, n == 1 ? "" : "es", end->copied, s_of(end->copied), end->left_out,
			  end->filter);
	else if (end->mirrored > 0)
		step_done(out,
			  "%zu mailbox%s complete, %" PRIu64 " message%s copied; %" PRIu64
			  " gone at the source, put into '" MIRROR_FOLDER "' at the target",
			  n, n == 1 ? "" : "es", end->copied, s_of(end->copied), end->mirrored);
	else
		step_done(out, "%zu mailbox%s complete, %" PRIu64 " message%s copied", n,
			  n == 1 ? "" : "es", end->copied, s_of(end->copied));
}
