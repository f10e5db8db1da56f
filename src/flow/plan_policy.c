/*
 * What senders hold an MX host against, as far as records can change it. The order is that of the
 * RFCs: first the policy file lists both sides' hosts, then its new id tells senders to fetch it;
 * TLSA of the new hosts stands before the MX leads there. The waits are gates (gates_mailpolicy.c).
 */
#include "flow/plan_priv.h"

#include "dns/spf_tree.h"
#include "dns/sts_policy.h"
#include "dns/sts_record.h"
#include "zone/dname.h"

/* ---- MTA-STS -------------------------------------------------------------------------- */

static bool policy_of(struct picture *pic, struct sts_policy *p)
{
	const struct sts_view *v = &pic->snap->sts;
	return v->fetch == STS_FETCHED && sts_fetch_wrong(v->status, v->content_type) == NULL &&
	       sts_policy_wrong(pic->a, slice_str(v->body), p) == NULL && p->mode != STS_MODE_NONE;
}

/* The first planned host that the policy does not allow; NULL: it allows them all. */
static const char *unlisted(struct picture *pic, const struct rrset *mx, const struct sts_policy *p)
{
	for (size_t i = 0; mx != NULL && i < mx->n; i++) {
		struct mx one;
		if (mx_parse(pic->a, mx->rdata[i], &one) && !str_eq(one.host, ".") &&
		    !sts_mx_matches(p->mx, p->mx_n, one.host))
			return one.host;
	}
	return NULL;
}

/* The policy in force has other hosts than the one before it, and still its id. */
static bool needs_new_id(const struct plan_from *from, const struct sts_policy *p, struct slice id)
{
	const struct observed_sts *before = &from->sts_before;
	size_t n = 0;
	if (before->id == NULL || !slice_eq(id, slice_str(before->id)))
		return false;
	for (; before->mx != NULL && before->mx[n] != NULL; n++)
		if (!sts_mx_matches(p->mx, p->mx_n, before->mx[n]))
			return true;
	return n != p->mx_n;
}

/* The moment as the id: it is new, and a person can read it. */
static const char *new_id(struct picture *pic, int64_t now_ms)
{
	char text[TIME_TEXT_MAX];
	char *id = arena_strdup(pic->a, time_format(now_ms, text));
	size_t n = 0;
	for (const char *c = id; *c != '\0'; c++)
		if (*c != '-' && *c != ':')
			id[n++] = *c;
	id[n] = '\0';
	return id;
}

/* The one record of a set that tells of a policy; its id in *id_r. */
static const char *sts_rdata(struct picture *pic, const struct rrset *txt, struct slice *id_r)
{
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(pic->a, txt->rdata[i]);
		if (sts_is_record(text) && sts_record_wrong(text, id_r) == NULL)
			return txt->rdata[i];
	}
	return NULL;
}

/* A service has the record, behind an alias or a delegation: its id is the service's to change. */
static bool is_served_elsewhere(const struct picture *pic, const char *name)
{
	for (size_t i = 0; i < pic->snap->server_n; i++) {
		const struct seen *seen = server_seen(&pic->snap->servers[i], name, RR_TXT);
		if (seen != NULL && seen_is_away(seen))
			return true;
	}
	return false;
}

static int write_new_id(struct picture *pic, const struct plan_from *from, struct err *e)
{
	const struct rrset *before;
	struct sts_policy p;
	struct slice id;
	const char *name = dname_in_zone(pic->a, "_mta-sts", from->project->domain, e);
	if (name == NULL)
		return -1;
	if (!picture_asked(pic, name, RR_TXT) || is_served_elsewhere(pic, name) ||
	    !policy_of(pic, &p) || unlisted(pic, from->project->target_mx, &p) != NULL)
		return 0;
	if (picture_now(pic, name, RR_TXT, &before, e) != 0)
		return -1;
	const char *old = sts_rdata(pic, before, &id);
	if (old == NULL || !needs_new_id(from, &p, id))
		return 0;
	const char *text = arena_printf(pic->a, "v=STSv1; id=%s;", new_id(pic, from->now_ms));
	const char *rdata = txt_quote(pic->a, slice_str(text));
	const struct rrset *rest = rrset_without(pic->a, before, old);
	const struct rrset *after = rest != NULL ? rrset_with(pic->a, rest, rdata, e)
						 : picture_single(pic, name, RR_TXT, before->ttl,
								  rdata, e);
	if (after == NULL)
		return -1;
	picture_change(pic, before, after,
		       "tells senders that the MTA-STS policy has changed: it lists the new MX");
	return 0;
}

/* ---- TLSA ------------------------------------------------------------------------------ */

/* Added to what is there: a host that keeps its name answers with the old key until it moves. */
static int publish_at(struct picture *pic, const struct project *p, const char *name, struct err *e)
{
	const struct rrset *before;
	if (picture_now(pic, name, RR_TLSA, &before, e) != 0)
		return -1;
	const struct rrset *after = before;
	for (const char *const *rdata = p->target_tlsa; *rdata != NULL; rdata++) {
		const struct rrset *one = picture_single(pic, name, RR_TLSA, NEW_RECORD_TTL, *rdata,
							 e);
		if (one == NULL)
			return err_wrap(e, "planning target.tlsa");
		if (after == NULL)
			after = one;
		else if (!rrset_has(after, one->rdata[0]))
			after = rrset_with(pic->a, after, one->rdata[0], e);
		if (after == NULL)
			return -1;
	}
	if (!rrset_equal(before, after))
		picture_change(
			pic, before, after,
			"lets senders with DANE prove the new MX host before mail goes there");
	return 0;
}

static int publish_tlsa(struct picture *pic, const struct project *p, struct err *e)
{
	bool any = p->target_tlsa != NULL && p->target_tlsa[0] != NULL;
	for (size_t i = 0; any && p->target_mx != NULL && i < p->target_mx->n; i++) {
		struct mx mx;
		const char *name = mx_parse(pic->a, p->target_mx->rdata[i], &mx)
					   ? asking_tlsa_name(pic->a, mx.host, p->domain)
					   : NULL;
		if (name != NULL && publish_at(pic, p, name, e) != 0)
			return -1;
	}
	return 0;
}

int plan_policy(struct picture *pic, const struct plan_from *from, struct err *e)
{
	if (from->switched)
		return 0;
	return write_new_id(pic, from, e) == 0 ? publish_tlsa(pic, from->project, e) : -1;
}

/* ---- what no record can do -------------------------------------------------------------- */

/* NULL: every host of the new MX is listed, or there is no policy. */
static const char *list_the_new_mx(struct picture *pic, const struct plan_from *from)
{
	struct sts_policy p;
	if (from->switched || !policy_of(pic, &p))
		return NULL;
	const char *host = unlisted(pic, from->project->target_mx, &p);
	if (host == NULL)
		return NULL;
	return arena_printf(pic->a,
			    "before the switch, list the new MX (%s) in "
			    "https://mta-sts.%s/.well-known/mta-sts.txt beside the "
			    "present hosts; then run "
			    "`cutover plan` again: it writes the new id, and the gate "
			    "waits %u s (max_age) "
			    "from there",
			    dname_show(pic->a, host), dname_show(pic->a, from->project->domain),
			    (unsigned)p.max_age_s);
}

/* The longest that a cache may hold what a planned key takes the place of, seconds; 0: nothing. */
static uint32_t replaced_key_ttl(const struct picture *pic, const char *name)
{
	uint32_t ttl = 0;
	for (size_t i = 0; i < pic->earlier.n; i++) {
		const struct change *c = &pic->earlier.at[i];
		if (c->before != NULL && dname_equal(c->name, name) && c->before->ttl > ttl)
			ttl = c->before->ttl;
	}
	return ttl;
}

/* Mail that is signed before would be held against the key that was there. */
static const char *sign_later(struct picture *pic, const char *name)
{
	uint32_t ttl = replaced_key_ttl(pic, name);
	if (ttl == 0)
		return NULL;
	return arena_printf(pic->a,
			    "let the new provider sign with the key of %s only %u s after the "
			    "switch: another key stands there until then, and caches keep it for "
			    "so long",
			    dname_show(pic->a, name), (unsigned)ttl);
}

typedef VEC(const char *) sentences;

/* NULL: there is nothing to say. */
static void add_sentence(struct picture *pic, sentences *list, const char *text)
{
	if (text != NULL)
		*vec_push(pic->a, list) = text;
}

const char *const *plan_by_hand(struct picture *pic, const struct plan_from *from)
{
	const struct project *p = from->project;
	const char *autodiscover = arena_printf(pic->a, "autodiscover.%s", p->domain);
	sentences list = { 0 };
	add_sentence(pic, &list, from->warning);
	add_sentence(pic, &list, from->standing_unknown);
	add_sentence(pic, &list, list_the_new_mx(pic, from));
	if (p->target_autodiscover != NULL)
		add_sentence(pic, &list, plan_made_note(pic, from, autodiscover, RR_CNAME));
	for (size_t i = 0; i < p->dkim_n; i++) {
		const struct project_record *d = &p->dkim[i];
		add_sentence(pic, &list, plan_made_note(pic, from, d->name, d->type));
		add_sentence(pic, &list, sign_later(pic, d->name));
	}
	*vec_push(pic->a, &list) = NULL;
	return list.at;
}

/* ---- SPF: how much a receiver has to look up --------------------------------------------- */

/* The audit's own count, over the snapshot with the record as it would be. */
int plan_check_spf(struct picture *pic, const struct rrset *txt, struct err *e)
{
	const struct spf_tree *t = spf_tree_with(pic->a, pic->snap, txt);
	if (t->lookups <= SPF_LOOKUPS_MAX)
		return 0;
	err_set(e, ERR_REFUSED,
		"planning the SPF record of %s: with both senders it needs %zu DNS look-ups, and "
		"receivers give up at %d (RFC 7208 §4.6.4)",
		dname_show(pic->a, txt->name), t->lookups, SPF_LOOKUPS_MAX);
	return err_hint(e, "take an include out that sends no more, or replace it by its ip4: and "
			   "ip6: terms; then plan again");
}

/* By what a receiver reaches, not by the words: what an include of the record's own leads to is
 * there already, and a second time costs one of the ten look-ups. What could not be read is not
 * there. */
bool plan_spf_covers(struct picture *pic, const struct rrset *txt, const char *term)
{
	return spf_tree_covers(spf_tree_with(pic->a, pic->snap, txt), pic->a, term);
}
