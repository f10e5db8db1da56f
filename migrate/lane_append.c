/*
 * What is said to the target. Where it takes several messages in one APPEND (RFC 3502) they
 * are stored together, which saves a server most of its work and is all or nothing; such a
 * group is ended when it is full, when the source has nothing more on its way, or when the
 * source is silent.
 */
#include <string.h>

#include "migrate/imap/date.h"
#include "migrate/imap/flags.h"
#include "migrate/lane_priv.h"

static void add_loss(struct batch *batch, struct item *it, const char *loss)
{
	it->reason = it->reason == NULL ? loss
					: arena_printf(batch->arena, "%s; %s", it->reason, loss);
}

/* Keywords with which a message was refused are not lost yet: the refusal may have had another
 * reason, so they are tried by STORE when the folder is through (carry.h). */
static void hold_keywords_back(struct lane *l, struct batch *batch, struct item *it)
{
	const struct slice system_only = SLICE_LIT("\\Answered \\Deleted \\Draft \\Flagged \\Seen");
	const char *taken = arena_slice(batch->arena, buf_slice(&l->text));
	buf_clear(&l->text);
	if (imap_flags_permitted(&l->text, slice_str(taken), system_only) > 0)
		it->carried = arena_slice(batch->arena, buf_slice(&l->text));
}

/* "(\Seen $Label) " with what the target takes; what it does not is noted as lost. */
static void add_flags(struct lane *l, struct batch *batch, struct item *it)
{
	struct imap_pipeline *out = conn_out(l->dst);
	buf_clear(&l->text);
	it->without_keywords = lane_is_keywordless(l, it->uid);
	it->carried = NULL;
	size_t dropped = imap_flags_permitted(&l->text, slice_str(it->flags), l->permanent);
	if (dropped > 0)
		add_loss(batch, it,
			 arena_printf(batch->arena,
				      "%zu flags are not taken by the target (of: %s)", dropped,
				      it->flags));
	if (it->without_keywords)
		hold_keywords_back(l, batch, it);
	imap_add(out, "(");
	imap_add_slice(out, buf_slice(&l->text));
	imap_add(out, ") ");
}

/* Without a date the server would set today's: noted as a loss, the message is still worth
 * more than its date. */
static void add_date(struct lane *l, struct batch *batch, struct item *it)
{
	struct imap_date date;
	char text[IMAP_DATE_MAX];
	struct imap_pipeline *out = conn_out(l->dst);
	if (!imap_date_parse(slice_str(it->date), &date)) {
		add_loss(batch, it, "the source told no date");
		return;
	}
	imap_add(out, "\"");
	imap_add(out, imap_date_format(date, text));
	imap_add(out, "\" ");
}

static void group_begin(struct lane *l)
{
	struct imap_pipeline *out = conn_out(l->dst);
	l->group = (struct group){ .tag = imap_begin(out), .open = true };
	imap_add(out, "APPEND ");
	imap_add_mailbox(out, slice_str(l->folder->row.dst_name));
}

void lane_group_end(struct lane *l)
{
	if (!l->group.open)
		return;
	imap_end(conn_out(l->dst));
	l->group.open = false;
}

/* Answered already means refused: nothing more is put into it. */
static bool has_place(const struct lane *l, const struct item *it, uint64_t len)
{
	const struct group *g = &l->group;
	return g->open && !g->answered && !it->alone && g->n < l->group_max &&
	       g->bytes + len <= lane_group_bytes(l);
}

static bool is_full(const struct lane *l)
{
	const struct group *g = &l->group;
	return g->answered || g->n >= l->group_max || g->bytes >= lane_group_bytes(l) ||
	       l->current->alone;
}

/* The length is the source's literal's, so the bytes can be passed on while they come. */
void lane_append_begin(struct lane *l, uint64_t len)
{
	struct item *it = l->current;
	if (!has_place(l, it, len)) {
		lane_group_end(l);
		group_begin(l);
	}
	it->append_tag = l->group.tag;
	it->place = l->group.n++;
	l->group.bytes += len;
	imap_add(conn_out(l->dst), " ");
	add_flags(l, l->current_batch, it);
	add_date(l, l->current_batch, it);
	imap_message_begin(conn_out(l->dst), len);
}

void lane_append_end(struct lane *l)
{
	imap_message_end(conn_out(l->dst));
	if (is_full(l))
		lane_group_end(l);
}
