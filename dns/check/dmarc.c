/*
 * DMARC (RFC 7489, RFC 9989): there, whole, and not stricter than the new sender can bear.
 */
#include "dns/check/dmarc.h"

#include "dns/check/dkim.h"
#include "dns/check/spf.h"
#include "dns/check/txt.h"
#include "zone/dname.h"

/* "_dmarc" below a name; NULL when it would be too long. */
static const char *dmarc_name(const struct checking *c, const char *domain)
{
	struct err e = { 0 };
	return dname_in_zone(c->a, "_dmarc", domain, &e);
}

static const struct seen *own_answer(const struct checking *c)
{
	const char *name = dmarc_name(c, c->s->domain);
	return name != NULL ? check_first_followed(c, name, RR_TXT) : NULL;
}

static void take(struct dmarc_found *f, const char *at, struct slice text)
{
	f->has_record = true;
	f->at = at;
	f->text = text;
	dmarc_parse(text, &f->record);
	f->applied = dmarc_applied(&f->record);
}

/* Up from the parent: psd=n ends the search, psd=y is a registry and counts only where nothing
 * below it has a record; else the highest counts. */
static void look_above(const struct checking *c, struct dmarc_found *f)
{
	for (const char *at = dname_parent(c->s->domain); dname_labels(at) > 0;
	     at = dname_parent(at)) {
		const char *name = dmarc_name(c, at);
		const struct seen *seen = name != NULL ? snapshot_lookup(c->s, name, RR_TXT) : NULL;
		/* A top-level domain that nobody asked about has none. */
		if (!check_is_readable(seen) && (seen != NULL || dname_labels(at) > 1))
			f->certain = false;
		struct txt_list t = txt_list_of(c, seen, dmarc_is_record);
		if (t.list.n != 1)
			continue;
		struct dmarc_record r;
		dmarc_parse(t.list.at[0], &r);
		if (r.psd != 'y' || !f->has_record)
			take(f, at, t.list.at[0]);
		if (r.psd != 'u')
			break;
	}
	/* The domain is one below the record's: sp holds for it. */
	if (f->has_record) {
		f->record.p = f->record.sp;
		f->applied = dmarc_applied(&f->record);
	}
}

struct dmarc_found dmarc_find(const struct checking *c)
{
	struct dmarc_found f = { .certain = true };
	const struct seen *own = own_answer(c);
	struct txt_list t = txt_list_of(c, own, dmarc_is_record);
	f.certain = own != NULL;
	if (t.list.n == 1)
		take(&f, c->s->domain, t.list.at[0]);
	else if (t.list.n == 0)
		look_above(c, &f);
	return f;
}

static void report(struct checking *c, const char *message, const char *remedy)
{
	const char *name = dmarc_name(c, c->s->domain);
	txt_saw_everywhere(c, name, RR_TXT);
	check_report(c, (struct check_report){ check_level(c), check_subject(c, name, RR_TXT),
					       message, remedy });
}

/* Null MX and "v=spf1 -all": nothing is sent, so there is nothing that a policy could add. */
static bool is_without_mail(const struct checking *c)
{
	const struct spf_record *r = spf_own_record(c);
	return r != NULL && r->n == 1 && r->mistake_n == 0 && r->directives[0].kind == SPF_ALL &&
	       r->directives[0].qualifier == '-' && txt_takes_no_mail(c);
}

static void dmarc_missing(struct checking *c)
{
	struct dmarc_found f = dmarc_find(c);
	const struct seen *own = own_answer(c);
	if (!f.certain || f.has_record || txt_list_of(c, own, dmarc_resembles).list.n > 0 ||
	    is_without_mail(c))
		return;
	report(c,
	       arena_printf(c->a,
			    "%s has no DMARC policy, nor has a domain above it: big receivers "
			    "trust its mail less",
			    check_show(c, c->s->domain)),
	       arena_printf(c->a,
			    "add a TXT record at _dmarc.%s: v=DMARC1; p=none, and a rua= with an "
			    "address that reads the reports",
			    check_show(c, c->s->domain)));
}

static void dmarc_multiple(struct checking *c)
{
	size_t n = txt_list_of(c, own_answer(c), dmarc_is_record).list.n;
	if (n < 2)
		return;
	report(c,
	       arena_printf(c->a, "%s has %zu DMARC records; receivers then apply none of them",
			    check_show(c, c->s->domain), n),
	       arena_printf(c->a, "delete all but one of the v=DMARC1 records at _dmarc.%s",
			    check_show(c, c->s->domain)));
}

/* "p (it is missing), rua (…)" */
static const char *show_mistakes(struct checking *c, const struct dmarc_record *r)
{
	const char *list[DMARC_MISTAKES_MAX];
	size_t n = r->mistake_n < DMARC_MISTAKES_MAX ? r->mistake_n : DMARC_MISTAKES_MAX;
	for (size_t i = 0; i < n; i++) {
		char *tag = arena_slice(c->a, r->mistakes[i].tag);
		str_make_printable(tag);
		list[i] = arena_printf(c->a, "\"%.40s\": %s", tag, r->mistakes[i].why);
	}
	return check_show_list(c, n, list);
}

static void dmarc_syntax(struct checking *c)
{
	const struct seen *own = own_answer(c);
	struct txt_list good = txt_list_of(c, own, dmarc_is_record);
	struct txt_list meant = txt_list_of(c, own, dmarc_resembles);
	struct dmarc_record r;
	if (good.list.n == 0 && meant.list.n > 0) {
		report(c,
		       arena_printf(c->a,
				    "the record at _dmarc.%s does not begin with \"v=DMARC1;\" as "
				    "it must, so receivers do not see it",
				    check_show(c, c->s->domain)),
		       "begin the record with v=DMARC1; (capital letters, then a semicolon)");
		return;
	}
	if (good.list.n != 1)
		return;
	dmarc_parse(good.list.at[0], &r);
	if (r.mistake_n == 0)
		return;
	const char *list = show_mistakes(c, &r);
	report(c,
	       arena_printf(c->a,
			    "the DMARC record of %s has wrong tags (%s); receivers pass over "
			    "them or the whole record",
			    check_show(c, c->s->domain), list),
	       arena_printf(c->a, "correct the tags at _dmarc.%s: %s", check_show(c, c->s->domain),
			    list));
}

/* The same organisation as far as it shows: the same zone, or below the same policy. */
static bool is_same_house(const struct checking *c, const char *domain)
{
	if (c->s->zone != NULL && dname_is_within(domain, c->s->zone))
		return true;
	struct dmarc_found above = { .certain = true };
	look_above(c, &above);
	return above.has_record && dname_labels(above.at) > 1 && dname_is_within(domain, above.at);
}

/* `owner`: the domain whose record names the other one. */
static void judge_report_domain(struct checking *c, const char *owner, const char *domain)
{
	struct err e = { 0 };
	const char *name = dname_in_zone(
		c->a, arena_printf(c->a, "%s._report._dmarc", check_show(c, owner)), domain, &e);
	const struct lookup *l = name != NULL ? check_lookup(c, name, RR_TXT) : NULL;
	if (l == NULL || !check_is_readable(&l->seen) || is_same_house(c, domain) ||
	    txt_list_of(c, &l->seen, dmarc_is_record).list.n > 0)
		return;
	const char *shown = check_show(c, domain);
	check_saw_lookup(c, l);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, dmarc_name(c, owner), RR_TXT),
			     arena_printf(c->a,
					  "DMARC reports about %s shall go to %s, which does not "
					  "say that it takes them: receivers send none there",
					  check_show(c, c->s->domain), shown),
			     arena_printf(c->a,
					  "have %s publish a TXT record at %s: v=DMARC1; or use "
					  "an address within the domain",
					  shown, check_show(c, name)) });
}

/* The permission is for the domain whose record it is (RFC 7489 §7.1): its own, or the one that it
 * has inherited. A registry's record is not the owner's to care for. */
static void dmarc_rua_unauthorized(struct checking *c)
{
	struct dmarc_found f = dmarc_find(c);
	const char *const *domains = NULL;
	if (!f.has_record || f.record.psd == 'y')
		return;
	size_t n = dmarc_external_domains(c->a, f.at, f.text, &domains);
	for (size_t i = 0; i < n; i++)
		judge_report_domain(c, f.at, domains[i]);
}

static void dmarc_reject_before_auth(struct checking *c)
{
	struct dmarc_found f = dmarc_find(c);
	if (!f.has_record || f.applied == DMARC_NONE || !spf_target_is_missing(c) ||
	    !dkim_target_is_missing(c))
		return;
	const char *at = check_show(c, f.at);
	report(c,
	       arena_printf(c->a,
			    "the DMARC policy of %s is p=%s, and the new provider has neither SPF "
			    "nor DKIM there: from its first minute your own mail is %s",
			    at, dmarc_policy_name(f.applied),
			    f.applied == DMARC_REJECT ? "rejected" : "put into spam folders"),
	       arena_printf(c->a,
			    "add %s to the v=spf1 record and publish the new provider's DKIM "
			    "selectors before the switch; or set p=none at _dmarc.%s until then",
			    c->in->target_spf, at));
}

const struct check dmarc_checks[] = {
	{ .info = { .id = "dmarc-missing",
		    .what = "the domain has no DMARC policy",
		    .rfc = "RFC 7489 §6.6.3, RFC 9989 §4.10",
		    .levels = "wwww",
		    .example = "Neither _dmarc.x.net nor a name above it has a record. Google and "
			       "Yahoo ask for one from everybody who sends much. Begin with "
			       "p=none and read the reports." },
	  .run = dmarc_missing },
	{ .info = { .id = "dmarc-multiple",
		    .what = "there are several DMARC records",
		    .rfc = "RFC 7489 §6.6.3",
		    .levels = "wwww",
		    .example = "A panel added a second v=DMARC1 record instead of changing the "
			       "first. Receivers then apply none. Delete one of them." },
	  .run = dmarc_multiple },
	{ .info = { .id = "dmarc-syntax",
		    .what = "the DMARC record has wrong tags",
		    .rfc = "RFC 7489 §6.3, §6.4",
		    .levels = "wwww",
		    .example = "\"v=DMARC1; p=none rua=mailto:a@x.net\" lacks a semicolon, so that "
			       "the policy is \"none rua=…\", which is none. The finding names "
			       "the tag and what is wrong with it." },
	  .run = dmarc_syntax },
	{ .info = { .id = "dmarc-rua-unauthorized",
		    .what = "DMARC reports go to a domain that has not agreed",
		    .rfc = "RFC 7489 §7.1",
		    .levels = "wwww",
		    .example = "rua=mailto:x@reports.example needs a TXT record at "
			       "x.net._report._dmarc.reports.example. Without it no report is "
			       "sent. The reporting service can add it." },
	  .run = dmarc_rua_unauthorized },
	{ .info = { .id = "dmarc-reject-before-auth",
		    .what = "DMARC rejects what the new provider will send",
		    .rfc = "RFC 7489 §6.6.2",
		    .levels = "wwbb",
		    .example = "p=reject, and the plan's sender is neither in SPF nor has it a "
			       "published selector. Every mail that people send after the switch "
			       "would bounce. Publish both first, or lower the policy." },
	  .run = dmarc_reject_before_auth },
	{ .run = NULL },
};
