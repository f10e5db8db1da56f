/*
 * What MTA-STS, TLS-RPT and CAA say by themselves, whatever the plan.
 */
#include "dns/check/sts.h"

#include <string.h>

#include "dns/check/txt.h"
#include "dns/sts_record.h"
#include "dns/tlsrpt_record.h"

/* What is wrong with the TXT set at _mta-sts; NULL: nothing, or there is none. */
static const char *record_wrong(struct checking *c, const struct seen *seen)
{
	struct slice id;
	struct txt_list good = txt_list_of(c, seen, sts_is_record);
	struct txt_list meant = txt_list_of(c, seen, sts_resembles_record);
	if (good.list.n > 1)
		return "there are several";
	if (good.list.n == 1)
		return sts_record_wrong(good.list.at[0], &id);
	return meant.list.n > 0 ? sts_record_wrong(meant.list.at[0], &id) : NULL;
}

void sts_record_invalid(struct checking *c)
{
	const char *name = sts_name(c);
	if (name == NULL)
		return;
	const char *why = record_wrong(c, check_first_followed(c, name, RR_TXT));
	if (why == NULL)
		return;
	txt_saw_everywhere(c, name, RR_TXT);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, name, RR_TXT),
			     arena_printf(c->a,
					  "the MTA-STS record at %s cannot be used: %s; senders do "
					  "as if there were none",
					  check_show(c, name), why),
			     arena_printf(c->a,
					  "have exactly one TXT record at %s: v=STSv1; id= and up "
					  "to 32 letters and digits, new at each change",
					  check_show(c, name)) });
}

/* How the fetching went wrong; NULL: it did not, or nobody tried. */
static const char *fetch_wrong(struct checking *c)
{
	const struct sts_view *v = &c->s->sts;
	struct sts_policy policy;
	if (v->fetch == STS_NOT_ASKED)
		return NULL;
	if (v->fetch == STS_FAILED && v->note != NULL)
		return v->note;
	const char *why = sts_fetch_wrong(v->status, v->content_type);
	return why != NULL ? why : sts_policy_wrong(c->a, slice_str(v->body), &policy);
}

void sts_policy_unreachable(struct checking *c)
{
	struct slice id;
	const char *why = fetch_wrong(c);
	if (why == NULL || !sts_announces(c, &id))
		return;
	const char *shown = check_show(c, c->s->domain);
	sts_saw_policy(c);
	check_report(c,
		     (struct check_report){
			     check_level(c), arena_printf(c->a, "mta-sts.%s", shown),
			     arena_printf(c->a,
					  "%s announces an MTA-STS policy that senders cannot get "
					  "or use: %s",
					  shown, why),
			     arena_printf(c->a,
					  "serve it at "
					  "https://mta-sts.%s/.well-known/mta-sts.txt as "
					  "text/plain, with a valid certificate and without a "
					  "redirect; or delete the record at _mta-sts.%s",
					  shown, shown) });
}

/* NULL: a good record, or the answer says nothing. */
static const char *tlsrpt_wrong(struct checking *c, const struct seen *seen)
{
	struct txt_list good = txt_list_of(c, seen, tlsrpt_is_record);
	struct txt_list meant = txt_list_of(c, seen, tlsrpt_resembles_record);
	if (good.list.n > 1)
		return "there are several records, so that senders use none";
	if (good.list.n == 1)
		return tlsrpt_record_wrong(good.list.at[0]);
	return meant.list.n > 0 ? tlsrpt_record_wrong(meant.list.at[0]) : "there is no record";
}

void sts_tlsrpt(struct checking *c)
{
	const char *name = check_below(c, "_smtp._tls");
	const struct seen *seen = name != NULL ? check_first_followed(c, name, RR_TXT) : NULL;
	if (seen == NULL || txt_takes_no_mail(c))
		return;
	const char *why = tlsrpt_wrong(c, seen);
	if (why == NULL)
		return;
	txt_saw_everywhere(c, name, RR_TXT);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, name, RR_TXT),
			     arena_printf(c->a,
					  "nobody gets reports about mail to %s that TLS keeps "
					  "from arriving: %s",
					  check_show(c, c->s->domain), why),
			     arena_printf(c->a,
					  "publish one TXT record at %s: v=TLSRPTv1; rua=mailto: "
					  "and an address",
					  check_show(c, name)) });
}

/* What a CAA set says about who may issue (RFC 8659 §4.1, §4.2). */
struct caa {
	bool limits;         /* there is an issue property */
	bool unknown;        /* a critical property that CAs will not know */
	const char *allowed; /* names, comma-separated; "" when none */
};

/* "0 issue \"ca.example; x=y\"" */
static void read_caa(struct checking *c, const char *rdata, struct caa *caa)
{
	struct slice rest = slice_str(rdata);
	uint64_t flags = 0;
	(void)slice_to_u64(slice_until(&rest, ' '), &flags);
	struct slice tag = slice_until(&rest, ' ');
	struct slice value = txt_join(c->a, arena_slice(c->a, rest));
	struct slice ca = slice_trim(slice_until(&value, ';'));
	if (slice_eq_nocase(tag, SLICE_LIT("issue"))) {
		caa->limits = true;
		char *shown = arena_slice(c->a, ca);
		str_make_printable(shown);
		if (ca.len > 0)
			caa->allowed = arena_printf(c->a, "%s%s%s", caa->allowed,
						    caa->allowed[0] != '\0' ? ", " : "", shown);
		return;
	}
	bool known = slice_eq_nocase(tag, SLICE_LIT("issuewild")) ||
		     slice_eq_nocase(tag, SLICE_LIT("iodef")) ||
		     slice_starts_nocase(tag, SLICE_LIT("contact")) ||
		     slice_starts_nocase(tag, SLICE_LIT("issue"));
	caa->unknown = caa->unknown || (!known && (flags & 0x80) != 0);
}

/* The set that counts for mta-sts: its own, else the domain's (RFC 8659 §3). */
static const struct lookup *caa_set(struct checking *c)
{
	const char *name = check_below(c, "mta-sts");
	const struct lookup *own = name != NULL ? check_lookup(c, name, RR_CAA) : NULL;
	if (own != NULL && own->seen.state == SEEN_DATA)
		return own;
	const struct lookup *domain = check_lookup(c, c->s->domain, RR_CAA);
	bool none = own == NULL || check_is_readable(&own->seen);
	return none && domain != NULL && domain->seen.state == SEEN_DATA ? domain : NULL;
}

/* Which CA the host uses is not known; but nobody, or a failed certificate, says enough. */
void sts_caa(struct checking *c)
{
	struct slice id;
	struct caa caa = { .allowed = "" };
	const struct lookup *l = sts_announces(c, &id) ? caa_set(c) : NULL;
	for (size_t i = 0; l != NULL && i < l->seen.rrset->n; i++)
		read_caa(c, l->seen.rrset->rdata[i], &caa);
	const char *note = c->s->sts.fetch == STS_FAILED ? c->s->sts.note : NULL;
	bool certificate = note != NULL && strstr(note, "certificate") != NULL;
	bool nobody = caa.unknown || (caa.limits && caa.allowed[0] == '\0');
	if (!nobody && !(caa.limits && certificate))
		return;
	const char *shown = check_show(c, c->s->domain);
	check_saw_lookup(c, l);
	check_report(
		c, (struct check_report){
			   check_level(c), check_subject(c, l->seen.question.name, RR_CAA),
			   nobody ? arena_printf(c->a,
						 "CAA lets no authority issue a certificate for "
						 "mta-sts.%s, so the MTA-STS policy will become "
						 "unreachable",
						 shown)
				  : arena_printf(c->a,
						 "CAA lets only %s issue certificates for "
						 "mta-sts.%s, and its certificate is not good",
						 caa.allowed, shown),
			   arena_printf(c->a,
					"add a CAA record at mta-sts.%s: 0 issue \"...\" with the "
					"name of the authority that its certificate comes from",
					shown) });
}
