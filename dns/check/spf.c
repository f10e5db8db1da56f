/*
 * SPF (RFC 7208): there, once, and with the new provider in it.
 */
#include <string.h>

#include "dns/check/rows.h"
#include "dns/spf_terms.h"
#include "zone/dname.h"

/* The domain's own SPF; NULL when its TXT could not be read. */
static const struct spf_view *own_spf(const struct checking *c)
{
	const struct snapshot *s = c->s;
	bool readable = s->spf_n > 0 &&
			(s->spf[0].state == SEEN_DATA || s->spf[0].state == SEEN_NODATA ||
			 s->spf[0].state == SEEN_NXDOMAIN);
	return readable ? &s->spf[0] : NULL;
}

/* All TXT records, for a second v=spf1 is found among them. */
static void saw_txt_everywhere(struct checking *c, const char *name)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], name, RR_TXT);
		if (check_is_readable(seen))
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

/* Warns only: without SPF mail is delivered, if less trusted. */
static void spf_missing(struct checking *c)
{
	const struct spf_view *own = own_spf(c);
	if (own == NULL || own->n > 0)
		return;
	saw_txt_everywhere(c, c->s->domain);
	check_report(c,
		     (struct check_report){
			     SEVERITY_WARNING, check_subject(c, c->s->domain, RR_TXT),
			     arena_printf(c->a,
					  "%s has no SPF record: receivers cannot tell its "
					  "mail from forgeries",
					  check_show(c, c->s->domain)),
			     c->in->target_spf != NULL
				     ? arena_printf(c->a, "add a TXT record at %s: v=spf1 %s -all",
						    check_show(c, c->s->domain), c->in->target_spf)
				     : "add a TXT record that names the servers that send "
				       "for the domain" });
}

/* RFC 7208 §4.5: more than one is "permerror", the same as a wrong one. */
static void spf_multiple(struct checking *c)
{
	const struct spf_view *own = own_spf(c);
	if (own == NULL || own->n < 2)
		return;
	saw_txt_everywhere(c, c->s->domain);
	check_report(
		c,
		(struct check_report){
			SEVERITY_BLOCKER, check_subject(c, c->s->domain, RR_TXT),
			arena_printf(c->a,
				     "%s has %zu SPF records; receivers then ignore all of them",
				     check_show(c, c->s->domain), own->n),
			"merge them: one v=spf1 record with the terms of all, one \"all\" at its "
			"end" });
}

/* A word of the text, qualifier left out: "~include:x" has "include:x". */
static bool has_term(const char *text, const char *term)
{
	struct slice rest = slice_str(text);
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		if (word.len > 0 && strchr("+-~?", word.ptr[0]) != NULL)
			word = (struct slice){ word.ptr + 1, word.len - 1 };
		if (slice_eq_nocase(word, slice_str(term)))
			return true;
	}
	return false;
}

/* Reachable through the tree counts: an include of an include is evaluated as well. */
static bool term_is_reachable(const struct checking *c, const char *term)
{
	for (size_t i = 0; i < c->s->spf_n; i++) {
		for (size_t k = 0; k < c->s->spf[i].n; k++) {
			if (has_term(c->s->spf[i].texts[k], term))
				return true;
		}
	}
	return false;
}

/* Every term of the wish ("include:a include:b") must be reachable. */
static bool target_is_covered(const struct checking *c)
{
	struct slice rest = slice_str(c->in->target_spf);
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		if (word.len > 0 && !term_is_reachable(c, arena_slice(c->a, word)))
			return false;
	}
	return true;
}

/* An include that could not be read may hold the term: then nothing is claimed. */
static bool tree_is_readable(const struct checking *c)
{
	for (size_t i = 0; i < c->s->spf_n; i++) {
		enum seen_state state = c->s->spf[i].state;
		if (state == SEEN_UNREADABLE || state == SEEN_LAME || state == SEEN_REFERRAL)
			return false;
	}
	return true;
}

/* p=reject of the domain's own DMARC record (RFC 7489 §6.3). */
static bool dmarc_rejects(struct checking *c)
{
	struct err e = { 0 };
	const struct rrset *txt = NULL;
	const char *name = dname_in_zone(c->a, "_dmarc", c->s->domain, &e);
	if (name == NULL || !snapshot_rrset(c->s, name, RR_TXT, &txt, NULL))
		return false;
	for (size_t i = 0; i < txt->n; i++) {
		struct slice rest = txt_join(c->a, txt->rdata[i]);
		if (!slice_starts_nocase(rest, SLICE_LIT("v=DMARC1")))
			continue;
		while (rest.len > 0) {
			struct slice tag = slice_until(&rest, ';');
			struct slice key = slice_trim(slice_until(&tag, '='));
			if (slice_eq_nocase(key, SLICE_LIT("p")) &&
			    slice_eq_nocase(slice_trim(tag), SLICE_LIT("reject")))
				return true;
		}
	}
	return false;
}

/* Until the switch is near, the new provider need not be there. */
static enum severity severity_now(struct checking *c)
{
	if (c->in->phase == PHASE_AUDIT || c->in->phase == PHASE_VERIFY)
		return SEVERITY_INFO;
	return dmarc_rejects(c) ? SEVERITY_BLOCKER : SEVERITY_WARNING;
}

/* Silent when a part of the tree is unreadable: it may be in there. */
static void spf_target_missing(struct checking *c)
{
	const struct spf_view *own = own_spf(c);
	if (c->in->target_spf == NULL || own == NULL || own->n == 0 || target_is_covered(c) ||
	    !tree_is_readable(c))
		return;
	saw_txt_everywhere(c, c->s->domain);
	check_report(
		c,
		(struct check_report){
			severity_now(c), check_subject(c, c->s->domain, RR_TXT),
			arena_printf(c->a, "the SPF of %s does not cover the new provider (%s)%s",
				     check_show(c, c->s->domain), c->in->target_spf,
				     dmarc_rejects(c) ? "; its DMARC policy has such mail rejected"
						      : ""),
			arena_printf(c->a,
				     "put %s into the v=spf1 record, before its \"all\", and keep "
				     "the old "
				     "provider in it until the old system sends no more",
				     c->in->target_spf) });
}

const struct check spf_checks[] = {
	{ .info = { .id = "spf-missing",
		    .what = "the domain has no SPF record",
		    .rfc = "RFC 7208 §3" },
	  .run = spf_missing },
	{ .info = { .id = "spf-multiple",
		    .what = "the domain has more than one SPF record",
		    .rfc = "RFC 7208 §4.5" },
	  .run = spf_multiple },
	{ .info = { .id = "spf-target-missing",
		    .what = "the SPF does not cover the new provider",
		    .rfc = "RFC 7208 §5.2" },
	  .run = spf_target_missing },
	{ .run = NULL },
};
