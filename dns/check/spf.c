/*
 * SPF (RFC 7208): the table, and what its rows share. Most things that are wrong with a record
 * make receivers ignore all of it ("permerror"), so that they are blockers.
 */
#include "dns/check/spf.h"

#include "dns/check/txt.h"
#include "zone/dname.h"

const struct spf_view *spf_own(const struct checking *c)
{
	const struct snapshot *s = c->s;
	bool readable = s->spf_n > 0 &&
			(s->spf[0].state == SEEN_DATA || s->spf[0].state == SEEN_NODATA ||
			 s->spf[0].state == SEEN_NXDOMAIN);
	return readable ? &s->spf[0] : NULL;
}

const struct spf_record *spf_own_record(const struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	return own != NULL && own->n == 1 ? spf_parse(c->a, slice_str(own->texts[0])) : NULL;
}

void spf_saw_everywhere(struct checking *c)
{
	txt_saw_everywhere(c, c->s->domain, RR_TXT);
}

void spf_saw_record(struct checking *c, const struct spf_view *v)
{
	if (dname_equal(v->name, c->s->domain)) {
		spf_saw_everywhere(c);
		return;
	}
	*vec_push(c->a, &c->saw) = (struct evidence){
		.server = arena_printf(c->a, "a server of %s", check_show(c, v->name)),
		.address = "",
		.at_ms = c->s->ended_ms,
		.saw = v->n > 0                    ? v->texts[0]
		       : v->state == SEEN_NXDOMAIN ? "the name does not exist"
						   : "no v=spf1 record",
	};
}

void spf_report(struct checking *c, const char *subject, const char *message, const char *remedy)
{
	if (subject == NULL)
		subject = check_subject(c, c->s->domain, RR_TXT);
	check_report(c, (struct check_report){ check_level(c), subject, message, remedy });
}

const struct check spf_checks[] = {
	{ .info = { .id = "spf-missing",
		    .what = "the domain has no SPF record",
		    .rfc = "RFC 7208 §3",
		    .levels = "wwww",
		    .example = "x.net has TXT records, but none that begins with v=spf1. Mail is "
			       "delivered, but more of it as spam. Publish one record that names "
			       "everybody who sends for the domain." },
	  .run = spf_missing },
	{ .info = { .id = "spf-multiple",
		    .what = "the domain has more than one SPF record",
		    .rfc = "RFC 7208 §4.5",
		    .levels = "bbbb",
		    .example = "Somebody added \"v=spf1 include:new.org -all\" beside the old "
			       "record. Receivers must then ignore both. Put the terms of both "
			       "into one record and delete the other." },
	  .run = spf_multiple },
	{ .info = { .id = "spf-syntax",
		    .what = "an SPF record has a term that receivers cannot read",
		    .rfc = "RFC 7208 §4.6, §12",
		    .levels = "bbbb",
		    .example = "\"ip4:192.0.2\" is no address, and one such term makes receivers "
			       "ignore the whole record. The finding says which term, at which "
			       "character, and why." },
	  .run = spf_syntax },
	{ .info = { .id = "spf-split-no-space",
		    .what = "two SPF terms are joined without a blank",
		    .rfc = "RFC 7208 §3.3",
		    .levels = "bbbb",
		    .example =
			    "The record was entered as two strings, \"v=spf1 include:a.net\" and "
			    "\"include:b.net -all\"; receivers join them to "
			    "include:a.netinclude:b.net. End the first string with a blank." },
	  .run = spf_split_no_space },
	{ .info = { .id = "spf-lookups",
		    .what = "SPF needs more than ten DNS lookups",
		    .rfc = "RFC 7208 §4.6.4",
		    .levels = "bbbb",
		    .example = "Four includes look harmless, but each includes others: 13 lookups "
			       "in all, and receivers give up after ten. Drop services that no "
			       "longer send, or name their networks by ip4: and ip6:." },
	  .run = spf_lookups },
	{ .info = { .id = "spf-void-lookups",
		    .what = "more than two SPF terms name what does not exist",
		    .rfc = "RFC 7208 §4.6.4",
		    .levels = "wwww",
		    .example = "a:old1.x.net, a:old2.x.net and mx:old3.x.net are all gone from the "
			       "DNS. Many receivers stop after two such answers. Take the dead "
			       "names out." },
	  .run = spf_void_lookups },
	{ .info = { .id = "spf-include-broken",
		    .what = "an included domain has no SPF record, or several",
		    .rfc = "RFC 7208 §5.2, §6.1",
		    .levels = "bbbb",
		    .example = "include:spf.gone.example points at a service that has closed. That "
			       "alone makes receivers ignore the whole record. Take the include "
			       "out." },
	  .run = spf_include_broken },
	{ .info = { .id = "spf-include-loop",
		    .what = "an SPF record includes itself",
		    .rfc = "RFC 7208 §4.6.4, §5.2",
		    .levels = "bbbb",
		    .example = "x.net includes _spf.x.net, which includes x.net again. Receivers "
			       "run into the lookup limit and ignore the record. Take out the "
			       "include that leads back." },
	  .run = spf_include_loop },
	{ .info = { .id = "spf-plus-all",
		    .what = "SPF lets everybody send, or says nothing about the rest",
		    .rfc = "RFC 7208 §5.1, §8.2",
		    .levels = "wwww",
		    .example = "\"+all\" gives every spammer a pass, \"?all\" is the same as no "
			       "record for those who are not listed. End the record with ~all or "
			       "-all." },
	  .run = spf_plus_all },
	{ .info = { .id = "spf-ptr",
		    .what = "SPF uses the ptr mechanism",
		    .rfc = "RFC 7208 §5.5",
		    .levels = "iiii",
		    .example = "\"ptr\" is slow, unreliable and advised against; some receivers "
			       "skip it. Name the hosts by a:, mx or ip4: instead." },
	  .run = spf_ptr },
	{ .info = { .id = "spf-type99",
		    .what = "there is a record of the old type SPF",
		    .rfc = "RFC 7208 §3.1",
		    .levels = "iiii",
		    .example = "A record of type SPF (99) stands beside the TXT record. Nobody "
			       "reads it, and the next change will forget it. Delete it." },
	  .run = spf_type99 },
	{ .info = { .id = "spf-size",
		    .what = "the TXT answer with the SPF record is too long for a small datagram",
		    .rfc = "RFC 7208 §3.4",
		    .levels = "iiii",
		    .example = "SPF and nine verification tokens at x.net make an answer of 900 "
			       "bytes. Behind old firewalls it does not arrive. Delete tokens "
			       "that no service needs any more." },
	  .run = spf_size },
	{ .info = { .id = "spf-target-missing",
		    .what = "the SPF does not cover the new provider",
		    .rfc = "RFC 7208 §5.2",
		    .levels = "iiww",
		    .varies = "blocker from the switch on when the DMARC policy is reject",
		    .example = "The plan moves mail to new.org, but no term that leads to a pass "
			       "reaches include:new.org. Add it before the switch and keep the old "
			       "provider beside it until its last mail is out." },
	  .run = spf_target_missing },
	{ .info = { .id = "spf-old-remains",
		    .what = "the old provider is still in the SPF after the drain",
		    .rfc = "RFC 7208 §5.2",
		    .levels = "---i",
		    .example = "The old MX has left every cache, and include:old.org is still "
			       "there: everybody at that provider may go on sending as x.net. "
			       "Take it out once nothing of yours sends there." },
	  .run = spf_old_remains },
	{ .run = NULL },
};
