/*
 * MTA-STS (RFC 8461), TLS-RPT (RFC 8460) and CAA: the table, and what its rows share.
 */
#include "dns/check/sts.h"

#include "dns/check/txt.h"
#include "dns/sts_record.h"

const char *sts_name(struct checking *c)
{
	return check_below(c, "_mta-sts");
}

/* Senders ask any of the servers, so one that announces it is enough. */
bool sts_announces(struct checking *c, struct slice *id_r)
{
	const char *name = sts_name(c);
	for (size_t i = 0; name != NULL && i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = snapshot_follow(c->s, server_seen(v, name, RR_TXT));
		if (v->state != SERVER_OK || !check_is_readable(seen))
			continue;
		struct txt_list t = txt_list_of(c, seen, sts_is_record);
		if (t.list.n == 1 && sts_record_wrong(t.list.at[0], id_r) == NULL)
			return true;
	}
	return false;
}

bool sts_fetched(struct checking *c, struct sts_policy *policy_r)
{
	return c->s->sts.fetch == STS_FETCHED && c->s->sts.status == 200 &&
	       sts_policy_wrong(c->a, slice_str(c->s->sts.body), policy_r) == NULL;
}

void sts_saw_policy(struct checking *c)
{
	enum { SHOWN_MAX = 300 };
	const struct sts_view *v = &c->s->sts;
	struct slice body = slice_str(v->body);
	char *text = arena_slice(
		c->a, (struct slice){ body.ptr, body.len < SHOWN_MAX ? body.len : SHOWN_MAX });
	for (char *s = text; *s != '\0'; s++) {
		if (*s == '\n' || *s == '\r')
			*s = ' ';
	}
	str_make_printable(text);
	*vec_push(c->a, &c->saw) = (struct evidence){
		.server = arena_printf(c->a, "mta-sts.%s", check_show(c, c->s->domain)),
		.address = "",
		.at_ms = v->at_ms,
		.saw = v->note != NULL ? v->note : text,
	};
}

const struct check sts_checks[] = {
	{ .info = { .id = "mta-sts-policy-stale",
		    .what = "the MTA-STS policy does not allow an MX host",
		    .rfc = "RFC 8461 §4.1",
		    .levels = "wwbb",
		    .varies = "warning at most in testing mode; blocker in every phase for an MX "
			      "host in use",
		    .example = "The policy is in enforce mode and lists mx.old.org only. From the "
			       "switch on, Google and Microsoft would not deliver. Add the new "
			       "host to the policy and change the id before the MX; take the old "
			       "one out when the old max_age is over." },
	  .run = sts_policy_stale },
	{ .info = { .id = "mta-sts-id-unchanged",
		    .what = "the MTA-STS policy was changed, its id was not",
		    .rfc = "RFC 8461 §3.1",
		    .levels = "wwww",
		    .example = "The policy file lists the new host, but _mta-sts still has the "
			       "same id. Senders that know the old policy do not fetch the new one "
			       "until max_age is over. Write a new id." },
	  .run = sts_id_unchanged },
	{ .info = { .id = "mta-sts-cached",
		    .what = "senders may still hold the MTA-STS policy from before the change",
		    .rfc = "RFC 8461 §3.3, §5.1",
		    .levels = "iiii",
		    .example = "The policy was changed yesterday, and the old one could be kept "
			       "for a week. A sender that does not look at the id again goes by "
			       "the old list until then. Keep the old hosts taking mail." },
	  .run = sts_cached },
	{ .info = { .id = "mta-sts-policy-unreachable",
		    .what = "MTA-STS is announced, but its policy cannot be had",
		    .rfc = "RFC 8461 §3.2, §3.3",
		    .levels = "wwww",
		    .example = "_mta-sts.x.net has a record, but "
			       "https://mta-sts.x.net/.well-known/mta-sts.txt answers with a "
			       "redirect, which senders do not follow. Serve the file at that very "
			       "address, as text/plain." },
	  .run = sts_policy_unreachable },
	{ .info = { .id = "mta-sts-record-invalid",
		    .what = "the MTA-STS record is wrong, or there are several",
		    .rfc = "RFC 8461 §3.1",
		    .levels = "wwww",
		    .example =
			    "\"v=STSv1; id=2026-11-22\": hyphens may not be in an id, so senders "
			    "do as if there were no record. Use letters and digits." },
	  .run = sts_record_invalid },
	{ .info = { .id = "tlsrpt",
		    .what = "nobody is told when mail cannot be delivered over TLS",
		    .rfc = "RFC 8460 §3",
		    .levels = "iiii",
		    .example = "With a TXT record at _smtp._tls.x.net big senders report each day "
			       "whether TLS to the MX works: the quickest way to see that a switch "
			       "broke it." },
	  .run = sts_tlsrpt },
	{ .info = { .id = "caa-mta-sts",
		    .what = "CAA keeps the MTA-STS host from getting a certificate",
		    .rfc = "RFC 8659 §4",
		    .levels = "iiii",
		    .example = "x.net has CAA 0 issue \";\", so no CA may issue for mta-sts.x.net, "
			       "and its certificate cannot be renewed. Add the CA that it comes "
			       "from." },
	  .run = sts_caa },
	{ .run = NULL },
};
