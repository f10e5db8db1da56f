/*
 * Can the new provider see the proof of ownership, at every server? An answer that could
 * not be read counts neither way.
 */
#include "dns/check/rows.h"

struct count {
	size_t with, without; /* servers with readable answers */
};

/* The token must be one whole TXT record; character-strings are joined. */
static bool has_token(struct checking *c, const struct seen *seen)
{
	for (size_t i = 0; seen->rrset != NULL && i < seen->rrset->n; i++) {
		struct slice text = txt_join(c->a, seen->rrset->rdata[i]);
		if (slice_eq(text, slice_str(c->in->ownership_txt)))
			return true;
	}
	return false;
}

/* Only servers that are OK: a lame one's answer is not the zone's. */
static struct count count_servers(struct checking *c)
{
	struct count n = { 0, 0 };
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, c->in->ownership_name, RR_TXT);
		if (v->state != SERVER_OK || !check_is_readable(seen))
			continue;
		bool has = has_token(c, seen);
		n.with += has;
		n.without += !has;
		check_saw_seen(c, v, seen);
	}
	return n;
}

/* Both name and token must be known; one alone can neither be found nor missed. */
static bool is_asked_for(const struct checking *c)
{
	return c->in->ownership_name != NULL && c->in->ownership_txt != NULL &&
	       c->in->phase != PHASE_POST; /* afterwards the record may be removed */
}

/* "beside": providers' panels offer to replace, and the SPF mostly stands at the same name. */
static const char *add_record(struct checking *c)
{
	return arena_printf(c->a,
			    "add a TXT record at %s with the value %s, beside the TXT records that "
			    "are there",
			    check_show(c, c->in->ownership_name), c->in->ownership_txt);
}

/* Quiet when a single server has it: then it is verify_txt_partial's. */
static void verify_txt_missing(struct checking *c)
{
	if (!is_asked_for(c))
		return;
	struct count n = count_servers(c);
	if (n.with > 0 || n.without == 0)
		return;
	check_report(
		c, (struct check_report){
			   c->in->phase == PHASE_AUDIT ? SEVERITY_INFO : SEVERITY_BLOCKER,
			   check_subject(c, c->in->ownership_name, RR_TXT),
			   arena_printf(c->a, "the record that proves ownership (%s) is not there",
					c->in->ownership_txt),
			   add_record(c) });
}

/* The provider's resolver asks any one server, so a part is as good as a lottery. */
static void verify_txt_partial(struct checking *c)
{
	if (!is_asked_for(c))
		return;
	struct count n = count_servers(c);
	if (n.with == 0 || n.without == 0)
		return;
	check_report(c, (struct check_report){
				c->in->phase == PHASE_AUDIT ? SEVERITY_WARNING : SEVERITY_BLOCKER,
				check_subject(c, c->in->ownership_name, RR_TXT),
				arena_printf(c->a, "the record that proves ownership is at %s only",
					     check_show_share(c, n.with, n.with + n.without)),
				"wait until the other servers have transferred the zone; if the "
				"servers belong to "
				"two providers, add the record at both" });
}

const struct check ownership_checks[] = {
	{ .info = { .id = "verify-txt-missing",
		    .what = "the ownership TXT is absent at every server",
		    .rfc = "RFC 1035 §3.3.14" },
	  .run = verify_txt_missing },
	{ .info = { .id = "verify-txt-partial",
		    .what = "the ownership TXT is at some servers only",
		    .rfc = "RFC 1035 §3.3.14" },
	  .run = verify_txt_partial },
	{ .run = NULL },
};
