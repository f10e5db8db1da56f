/*
 * The staging and the switch: what must exist before, and what is changed together in the one
 * moment that counts.
 */
#include "flow/plan_priv.h"

#include "flow/spf_edit.h"
#include "zone/dname.h"

/* Added to the TXT that is there: the apex holds SPF and other providers' tokens. */
static int stage_ownership(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (p->ownership_txt == NULL)
		return 0;
	if (picture_now(pic, p->ownership_name, RR_TXT, &before, e) != 0)
		return -1;
	const char *rdata = txt_quote(pic->a, slice_str(p->ownership_txt));
	if (before != NULL && rrset_has(before, rdata))
		return 0;
	const struct rrset *after = before != NULL ? rrset_with(pic->a, before, rdata, e)
						   : picture_single(pic, p->ownership_name, RR_TXT,
								    NEW_RECORD_TTL, rdata, e);
	if (after == NULL)
		return -1;
	picture_change(pic, before, after, "proves to the new provider who owns the domain");
	return 0;
}

/* Only the TTL: the hosts stay, so staging it can do no harm. One that is low enough is left
 * alone. */
static int stage_mx_ttl(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (picture_now(pic, p->domain, RR_MX, &before, e) != 0)
		return -1;
	if (before == NULL || before->ttl <= p->policy.max_mx_ttl)
		return 0;
	picture_change(pic, before, rrset_with_ttl(pic->a, before, p->policy.staged_mx_ttl),
		       "lets every cache forget the old MX quickly when it changes");
	return 0;
}

static int plan_selector(struct picture *pic, const struct plan_from *from,
			 const struct project_record *d, bool replaces, struct err *e)
{
	static const uint16_t key[] = { RR_TXT, 0 };
	static const uint16_t alias[] = { RR_CNAME, 0 };
	const struct rrset *before;
	bool replaced;
	struct room room = { d->name, d->type == RR_CNAME ? key : alias,
			     "makes room for the new provider's DKIM key" };
	if (picture_now(pic, d->name, d->type, &before, e) != 0 ||
	    plan_room_is_taken(pic, from, &room, &replaced, e) != 0)
		return -1;
	replaced = replaced || before != NULL;
	const struct rrset *after = picture_single(pic, d->name, d->type, NEW_RECORD_TTL, d->value,
						   e);
	if (after == NULL)
		return err_wrap(e, "planning target.dkim");
	if (rrset_equal(before, after) || replaced != replaces)
		return 0;
	if (plan_check_made(pic, from, before, e) != 0)
		return -1;
	if (before == NULL && plan_make_room(pic, from, &room, e) != 0)
		return -1;
	picture_change(pic, before, after, "the new provider's DKIM key");
	return 0;
}

/* A new key that is published before it signs harms nobody. One that takes the place of another
 * waits for the switch: until then the old provider may sign with that, and receivers would find
 * its mail forged. */
static int plan_dkim(struct picture *pic, const struct plan_from *from, bool replaces,
		     struct err *e)
{
	const struct project *p = from->project;
	for (size_t i = 0; i < p->dkim_n; i++)
		if (plan_selector(pic, from, &p->dkim[i], replaces, e) != 0)
			return -1;
	return 0;
}

/* The host is the provider's to tell: no rule makes it out of the domain's name. */
static int ask_for_mx(struct picture *pic, const struct project *p, struct err *e)
{
	const struct project_ask *asks;
	size_t n = project_asks(pic->a, p, &asks);
	const char *where = "the new provider's setup page";
	for (size_t i = 0; i < n; i++)
		where = str_eq(asks[i].option, "target.mx") ? asks[i].where : where;
	(void)err_set(e, ERR_USAGE, "%s: target.mx is not given", p->path);
	return err_hint(e,
			"write the MX host that the new provider shows for this domain (%s), "
			"for example: mx: [ { preference: 0, host: ... } ]",
			where);
}

/* The whole RRset: an old host that stayed at a worse preference would still get mail. */
static int switch_mx(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (p->target_mx == NULL)
		return ask_for_mx(pic, p, e);
	if (picture_now(pic, p->domain, RR_MX, &before, e) != 0)
		return -1;
	const struct rrset *after = rrset_with_ttl(pic->a, p->target_mx, p->target_mx_ttl);
	if (rrset_equal(before, after))
		return 0;
	picture_change(pic, before, after, "new mail goes to the new provider");
	return 0;
}

static int switch_spf(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	const struct rrset *after;
	if (p->target_spf == NULL)
		return 0;
	if (picture_now(pic, p->domain, RR_TXT, &before, e) != 0)
		return -1;
	if (plan_spf_covers(pic, before, p->target_spf))
		return 0;
	if (spf_add(pic->a, p->domain, before, p->target_spf, &after, e) != 0 ||
	    plan_check_spf(pic, after, e) != 0)
		return -1;
	picture_change(pic, before, after, "lets the new provider send; the old one stays for now");
	return 0;
}

static int switch_autodiscover(struct picture *pic, const struct plan_from *from, struct err *e)
{
	static const uint16_t addresses[] = { RR_A, RR_AAAA, 0 };
	const struct project *p = from->project;
	const struct rrset *before;
	const char *name = arena_printf(pic->a, "autodiscover.%s", p->domain);
	const char *why = "mail programs find the new provider";
	if (p->target_autodiscover == NULL)
		return 0;
	if (picture_now(pic, name, RR_CNAME, &before, e) != 0)
		return -1;
	uint32_t ttl = before != NULL ? before->ttl : NEW_RECORD_TTL;
	const struct rrset *after = picture_single(pic, name, RR_CNAME, ttl, p->target_autodiscover,
						   e);
	if (after == NULL)
		return err_wrap(e, "planning target.autodiscover");
	if (rrset_equal(before, after))
		return 0;
	if (plan_check_made(pic, from, before, e) != 0)
		return -1;
	if (before == NULL &&
	    plan_make_room(pic, from, &(struct room){ name, addresses, why }, e) != 0)
		return -1;
	picture_change(pic, before, after, why);
	return 0;
}

int plan_staging(struct picture *pic, const struct plan_from *from, struct err *e)
{
	const struct project *p = from->project;
	if (from->switched)
		return 0;
	return stage_ownership(pic, p, e) == 0 && stage_mx_ttl(pic, p, e) == 0
		       ? plan_dkim(pic, from, false, e)
		       : -1;
}

int plan_switch(struct picture *pic, const struct plan_from *from, struct err *e)
{
	const struct project *p = from->project;
	return switch_mx(pic, p, e) == 0 && switch_spf(pic, p, e) == 0 &&
			       switch_autodiscover(pic, from, e) == 0
		       ? plan_dkim(pic, from, true, e)
		       : -1;
}
