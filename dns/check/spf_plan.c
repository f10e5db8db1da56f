/*
 * The new provider must be in before it sends, the old one may go when it has sent its last.
 */
#include "dns/check/dmarc.h"
#include "dns/check/spf.h"

bool spf_target_is_missing(const struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	if (c->in->target_spf == NULL || own == NULL || own->n == 0)
		return false;
	const struct spf_tree *t = c->spf;
	/* A part that could not be read, or that macros choose, may hold it. */
	return t->complete && !spf_tree_covers(t, c->a, c->in->target_spf);
}

/* Until the switch is near, the new provider need not be there. */
static enum severity how_loud(struct checking *c, bool rejected)
{
	bool near = c->in->phase == PHASE_READY || c->in->phase == PHASE_POST;
	return near && rejected ? SEVERITY_BLOCKER : check_level(c);
}

void spf_target_missing(struct checking *c)
{
	if (!spf_target_is_missing(c))
		return;
	struct dmarc_found dmarc = dmarc_find(c);
	bool rejected = dmarc.applied == DMARC_REJECT;
	spf_saw_everywhere(c);
	check_report(
		c,
		(struct check_report){
			how_loud(c, rejected), check_subject(c, c->s->domain, RR_TXT),
			arena_printf(c->a, "the SPF of %s does not cover the new provider (%s)%s",
				     check_show(c, c->s->domain), c->in->target_spf,
				     rejected ? "; its DMARC policy has such mail rejected" : ""),
			arena_printf(c->a,
				     "put %s into the v=spf1 record, before its \"all\", and keep "
				     "the old provider in it until the old system sends no more",
				     c->in->target_spf) });
}

/* Old queues and senders with a cached MX come first; when that is over is the MX clock's to
 * say. */
static bool is_drained(const struct checking *c)
{
	const struct history *h = &c->in->history;
	return h->mx_changed_ms != 0 &&
	       c->in->now_ms >= h->mx_changed_ms + (int64_t)h->mx_ttl_at_change * 1000;
}

void spf_old_remains(struct checking *c)
{
	const char *old = c->in->source_spf;
	if (old == NULL || !is_drained(c) ||
	    (c->in->target_spf != NULL && str_eq_nocase(old, c->in->target_spf)))
		return;
	const struct spf_tree *t = c->spf;
	if (t->n == 0 || t->nodes[0].record == NULL || !spf_tree_covers(t, c->a, old))
		return;
	/* The old one's record may be what leads to the new one's. */
	const char *keep = c->in->target_spf != NULL
				   ? arena_printf(c->a, "; what remains must lead to %s",
						  c->in->target_spf)
				   : "";
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a,
				"the SPF of %s still lets the old provider (%s) send, though no "
				"cache leads mail there any more",
				check_show(c, c->s->domain), old),
		   arena_printf(c->a,
				"take %s out of the v=spf1 record once nothing of yours sends "
				"there: printers, web forms, newsletters%s",
				old, keep));
}
