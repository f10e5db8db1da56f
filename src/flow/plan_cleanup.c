/*
 * The clean-up takes away what only the move needed. It is planned with the rest, so that a review
 * sees the end as well, and applied by `cutover cleanup` when the tail is over.
 */
#include "flow/plan_priv.h"

#include "flow/spf_edit.h"
#include "zone/dname.h"

/* Google looks at its token again and again; Microsoft's is done with once it was seen. */
static bool token_goes(const struct project *p)
{
	bool is_auto = p->ownership_keep == NULL || str_eq(p->ownership_keep, "auto");
	bool google = p->target_provider != NULL && str_eq(p->target_provider, "google");
	if (p->ownership_txt == NULL)
		return false;
	return is_auto ? !google : str_eq(p->ownership_keep, "no");
}

/* NULL when nothing is left. */
static const struct rrset *without_token(struct picture *pic, const struct project *p,
					 const struct rrset *txt)
{
	const char *rdata = txt_quote(pic->a, slice_str(p->ownership_txt));
	return txt != NULL && rrset_has(txt, rdata) ? rrset_without(pic->a, txt, rdata) : txt;
}

/* The old sender's record may be what led to the new one's: that then stands in its place. */
static int without_old_sender(struct picture *pic, const struct project *p,
			      const struct rrset *before, const struct rrset **after_r,
			      struct err *e)
{
	const struct rrset *rest;
	*after_r = before;
	if (p->source_spf == NULL || p->target_spf == NULL)
		return 0;
	if (spf_remove(pic->a, p->domain, before, p->source_spf, &rest, e) != 0)
		return -1;
	bool led = rest != before && plan_spf_covers(pic, before, p->target_spf);
	*after_r = rest;
	if (!led || plan_spf_covers(pic, rest, p->target_spf))
		return 0;
	return spf_add(pic->a, p->domain, rest, p->target_spf, after_r, e);
}

/* SPF and token at the apex are one RRset, so one change. */
static int clean_txt(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	const char *why = "";
	const struct rrset *after;
	if (picture_now(pic, p->domain, RR_TXT, &before, e) != 0 ||
	    without_old_sender(pic, p, before, &after, e) != 0)
		return -1;
	if (after != before)
		why = "the old provider sends no more";
	const struct rrset *spf_clean = after;
	if (token_goes(p) && dname_equal(p->ownership_name, p->domain))
		after = without_token(pic, p, after);
	if (after != spf_clean)
		why = arena_printf(pic->a, "%s%sthe ownership is proved", why,
				   why[0] != '\0' ? "; " : "");
	picture_change(pic, before, after, why);
	return 0;
}

static int clean_token_elsewhere(struct picture *pic, const struct project *p, struct err *e)
{
	const struct rrset *before;
	if (!token_goes(p) || dname_equal(p->ownership_name, p->domain))
		return 0;
	if (picture_now(pic, p->ownership_name, RR_TXT, &before, e) != 0)
		return -1;
	picture_change(pic, before, without_token(pic, p, before), "the ownership is proved");
	return 0;
}

/* What the MX TTL was before anything was lowered; 0: not known. */
static uint32_t first_ttl(const struct picture *pic, const struct plan_from *from)
{
	const struct project *p = from->project;
	if (p->target_settled_mx_ttl != 0 || from->first_mx_ttl != 0)
		return p->target_settled_mx_ttl != 0 ? p->target_settled_mx_ttl
						     : from->first_mx_ttl;
	for (size_t i = 0; i < pic->earlier.n; i++) {
		const struct change *c = &pic->earlier.at[i];
		if (c->type == RR_MX && dname_equal(c->name, p->domain) && c->before != NULL)
			return c->before->ttl;
	}
	return 0;
}

/* Only ever up: a TTL that somebody wants short stays short at worst. */
static int raise_mx_ttl(struct picture *pic, const struct plan_from *from, struct err *e)
{
	const struct rrset *before;
	uint32_t ttl = first_ttl(pic, from);
	if (picture_now(pic, from->project->domain, RR_MX, &before, e) != 0)
		return -1;
	if (before == NULL || ttl <= before->ttl)
		return 0;
	picture_change(pic, before, rrset_with_ttl(pic->a, before, ttl),
		       "the move is over: caches may keep the MX as long as before it");
	return 0;
}

static bool is_planned_mx(struct picture *pic, const struct rrset *mx, const char *host)
{
	for (size_t i = 0; mx != NULL && i < mx->n; i++) {
		struct mx one;
		if (mx_parse(pic->a, mx->rdata[i], &one) && dname_equal(one.host, host))
			return true;
	}
	return false;
}

/* Until the drain is over senders with the old MX in their cache still look at them. */
static int remove_old_tlsa(struct picture *pic, const struct project *p, struct err *e)
{
	for (size_t i = 0; p->source_mx != NULL && p->source_mx[i] != NULL; i++) {
		const struct rrset *before;
		const char *name = asking_tlsa_name(pic->a, p->source_mx[i], p->domain);
		if (name == NULL || !picture_asked(pic, name, RR_TLSA) ||
		    is_planned_mx(pic, p->target_mx, p->source_mx[i]))
			continue;
		if (picture_now(pic, name, RR_TLSA, &before, e) != 0)
			return -1;
		picture_change(pic, before, NULL,
			       "it vouches for an MX host that is none any more");
	}
	return 0;
}

int plan_cleanup(struct picture *pic, const struct plan_from *from, struct err *e)
{
	const struct project *p = from->project;
	if (clean_txt(pic, p, e) != 0 || clean_token_elsewhere(pic, p, e) != 0 ||
	    raise_mx_ttl(pic, from, e) != 0)
		return -1;
	return remove_old_tlsa(pic, p, e);
}
