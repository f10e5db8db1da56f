/*
 * TLSA records of the old and the new MX hosts (RFC 7672). A TLSA counts only when it
 * validates: what an insecure zone says binds nobody.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

static const char port[] = "_25._tcp.";

/* SMTP takes usage 2 and 3 only (RFC 7672 §3.1). */
enum { USAGE_MIN = 2, USAGE_MAX = 3, SELECTOR_MAX = 1, MATCHING_MAX = 2 };

static const struct lookup *tlsa_of(const struct checking *c, const char *host)
{
	const char *name = arena_printf(c->a, "%s%s", port, host);
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct dns_question *q = &c->s->lookups[i].seen.question;
		if (q->type == RR_TLSA && dname_equal(q->name, name))
			return &c->s->lookups[i];
	}
	return NULL;
}

static enum secure_state trust_in(const struct checking *c, const struct lookup *l)
{
	const struct secure *s = c->in->dnssec != NULL
					 ? dnssec_lookup(c->in->dnssec, c->s, l->seen.question.name,
							 RR_TLSA)
					 : NULL;
	return s != NULL ? s->state : SECURE_UNKNOWN;
}

/* Senders with DANE insist on it. */
static bool has_dane(const struct checking *c, const struct lookup *l)
{
	return l != NULL && l->seen.state == SEEN_DATA && trust_in(c, l) == SECURE_YES;
}

/* Certain: there is none, or nobody will believe it. */
static bool lacks_dane(const struct checking *c, const struct lookup *l)
{
	if (l == NULL || !check_is_readable(&l->seen))
		return false;
	return l->seen.state != SEEN_DATA || trust_in(c, l) == SECURE_INSECURE;
}

static bool is_target(const struct checking *c, const char *host)
{
	struct mx mx;
	for (size_t i = 0; c->in->target_mx != NULL && i < c->in->target_mx->n; i++) {
		if (mx_parse(c->a, c->in->target_mx->rdata[i], &mx) && dname_equal(mx.host, host))
			return true;
	}
	return false;
}

/* Hosts, each once. */
struct hosts {
	VEC(const char *) list;
};

static void add_host(struct checking *c, struct hosts *hosts, const char *host)
{
	for (size_t i = 0; i < hosts->list.n; i++) {
		if (dname_equal(hosts->list.at[i], host))
			return;
	}
	*vec_push(c->a, &hosts->list) = host;
}

static void add_mx(struct checking *c, struct hosts *hosts, const struct rrset *mx)
{
	struct mx one;
	for (size_t i = 0; mx != NULL && i < mx->n; i++) {
		if (mx_parse(c->a, mx->rdata[i], &one) && !str_eq(one.host, "."))
			add_host(c, hosts, one.host);
	}
}

/* What takes mail now, and what the plan says took it before. */
static struct hosts old_hosts(struct checking *c)
{
	struct hosts hosts = { 0 };
	const struct seen *seen = check_first_readable(c, c->s->domain, RR_MX);
	add_mx(c, &hosts, seen != NULL ? seen->rrset : NULL);
	for (size_t i = 0; c->in->source_mx != NULL && c->in->source_mx[i] != NULL; i++)
		add_host(c, &hosts, c->in->source_mx[i]);
	return hosts;
}

/* The first old host with DANE that the plan leaves. */
static const char *old_host_with_dane(struct checking *c)
{
	struct hosts hosts = old_hosts(c);
	for (size_t i = 0; i < hosts.list.n; i++) {
		const struct lookup *l = tlsa_of(c, hosts.list.at[i]);
		if (is_target(c, hosts.list.at[i]) || !has_dane(c, l))
			continue;
		check_saw_lookup(c, l);
		return hosts.list.at[i];
	}
	return NULL;
}

static const char *new_host_without_dane(struct checking *c)
{
	struct hosts hosts = { 0 };
	add_mx(c, &hosts, c->in->target_mx);
	for (size_t i = 0; i < hosts.list.n; i++) {
		const struct lookup *l = tlsa_of(c, hosts.list.at[i]);
		if (!lacks_dane(c, l))
			continue;
		check_saw_lookup(c, l);
		return hosts.list.at[i];
	}
	return NULL;
}

/* The name stays and the machine behind it changes: its certificate is another then. */
static void report_kept_names(struct checking *c)
{
	for (size_t i = 0; c->in->source_mx != NULL && c->in->source_mx[i] != NULL; i++) {
		const char *host = c->in->source_mx[i];
		const struct lookup *l = tlsa_of(c, host);
		if (!is_target(c, host) || !has_dane(c, l))
			continue;
		check_saw_lookup(c, l);
		check_report(
			c,
			(struct check_report){
				check_level(c), check_subject(c, l->seen.question.name, RR_TLSA),
				arena_printf(
					c->a,
					"the MX name %s is kept, and its TLSA record names the "
					"old server's certificate: senders with DANE refuse the "
					"new server unless it shows the same key",
					check_show(c, host)),
				"publish the new server's TLSA beside the old one at least one TTL "
				"before the switch" });
	}
}

static void tlsa_missing_new_mx(struct checking *c)
{
	report_kept_names(c);
	const char *old = old_host_with_dane(c);
	const char *new = old != NULL ? new_host_without_dane(c) : NULL;
	if (new == NULL) {
		c->saw.n = 0;
		return;
	}
	check_report(
		c,
		(struct check_report){
			check_level(c), arena_printf(c->a, "%s TLSA", check_show(c, new)),
			arena_printf(c->a,
				     "the old MX %s has DANE, the new one %s has not: after the "
				     "switch mail comes without that protection",
				     check_show(c, old), check_show(c, new)),
			arena_printf(c->a,
				     "ask the new provider for TLSA records of %s%s, or accept the "
				     "loss and use MTA-STS",
				     port, check_show(c, new)) });
}

/* Microsoft's host with DANE is of no use to a zone that nobody can validate. */
static void domain_unsigned(struct checking *c)
{
	struct hosts hosts = { 0 };
	if (c->in->dnssec == NULL || c->in->dnssec->zone.state != SECURE_INSECURE)
		return;
	add_mx(c, &hosts, c->in->target_mx);
	for (size_t i = 0; i < hosts.list.n; i++) {
		const char *host = hosts.list.at[i];
		if (!dname_is_within(host, "mx.microsoft."))
			continue;
		check_report(
			c,
			(struct check_report){
				check_level(c), check_subject(c, c->s->domain, RR_MX),
				arena_printf(c->a,
					     "the new MX %s offers DANE, but %s is not signed: no "
					     "sender can use it",
					     check_show(c, host), check_show(c, c->s->zone)),
				arena_printf(c->a,
					     "sign %s and enter its DS at the registrar before or "
					     "after the cutover, not during it; or use MTA-STS",
					     check_show(c, c->s->zone)) });
		return;
	}
}

static bool is_hex(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char ch = s.ptr[i];
		if ((ch < '0' || ch > '9') && (ch < 'a' || ch > 'f') && (ch < 'A' || ch > 'F'))
			return false;
	}
	return true;
}

/* RFC 6698 §2.1: "3 1 1 hex"; NULL when it is as it must be. */
static const char *what_is_wrong(struct checking *c, const char *rdata)
{
	static const size_t digits[] = { 0, 64, 128 };
	struct slice rest = slice_str(rdata);
	uint64_t n[3] = { 0 };
	for (size_t i = 0; i < 3; i++) {
		if (!slice_to_u64(slice_until(&rest, ' '), &n[i]))
			return "it is no TLSA record";
	}
	rest = slice_trim(rest);
	if (n[0] < USAGE_MIN || n[0] > USAGE_MAX)
		return arena_printf(c->a, "usage %u is not for mail: senders ignore it",
				    (unsigned)n[0]);
	if (n[1] > SELECTOR_MAX)
		return arena_printf(c->a, "there is no selector %u", (unsigned)n[1]);
	if (n[2] > MATCHING_MAX)
		return arena_printf(c->a, "there is no matching type %u", (unsigned)n[2]);
	if (rest.len == 0 || !is_hex(rest))
		return "its data is empty or no hex";
	if (n[2] > 0 && rest.len != digits[n[2]])
		return arena_printf(c->a, "its digest has %zu hex digits instead of %zu", rest.len,
				    digits[n[2]]);
	return NULL;
}

static void report_malformed(struct checking *c, const struct lookup *l)
{
	const char *why = NULL;
	for (size_t i = 0; why == NULL && i < l->seen.rrset->n; i++)
		why = what_is_wrong(c, l->seen.rrset->rdata[i]);
	if (why == NULL)
		return;
	check_saw_lookup(c, l);
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, l->seen.question.name, RR_TLSA),
				arena_printf(c->a, "a TLSA record of %s cannot be used: %s",
					     check_show(c, l->seen.question.name), why),
				arena_printf(c->a,
					     "make the TLSA record at %s anew from the server's "
					     "certificate, best as 3 1 1 with a SHA-256 digest of "
					     "the public key",
					     check_show(c, l->seen.question.name)) });
}

static void report_insecure(struct checking *c, const struct lookup *l)
{
	if (trust_in(c, l) != SECURE_INSECURE)
		return;
	const char *name = check_show(c, l->seen.question.name);
	check_saw_lookup(c, l);
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, l->seen.question.name, RR_TLSA),
				arena_printf(c->a,
					     "%s has TLSA records in a zone that is not signed: "
					     "senders ignore them",
					     name),
				arena_printf(c->a,
					     "sign the zone of the MX host and enter its DS at the "
					     "registrar, or delete the TLSA records at %s",
					     name) });
}

static void each_tlsa(struct checking *c, void (*fn)(struct checking *, const struct lookup *))
{
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct lookup *l = &c->s->lookups[i];
		if (l->seen.question.type == RR_TLSA && str_starts(l->seen.question.name, port) &&
		    l->seen.state == SEEN_DATA && l->seen.rrset != NULL &&
		    l->seen.rrset->type == RR_TLSA)
			fn(c, l);
	}
}

static void tlsa_malformed(struct checking *c)
{
	each_tlsa(c, report_malformed);
}

static void tlsa_unsigned(struct checking *c)
{
	each_tlsa(c, report_insecure);
}

const struct check dane_checks[] = {
	{ .info = { .id = "dane-tlsa-missing-new-mx",
		    .what = "the old MX has DANE, the new one has not",
		    .rfc = "RFC 7672 §2.2",
		    .levels = "www-",
		    .example = "mail.example.org has TLSA records, the provider's host has none. "
			       "Mail keeps flowing, but an attacker between can read it again. "
			       "When the MX name itself is kept, its old TLSA shuts DANE senders "
			       "out: publish the new key's TLSA first." },
	  .run = tlsa_missing_new_mx },
	{ .info = { .id = "dane-domain-unsigned",
		    .what = "the new MX offers DANE, but the domain is not signed",
		    .rfc = "RFC 7672 §2.2",
		    .levels = "wwww",
		    .example = "The plan names a host below mx.microsoft, whose point is DANE. "
			       "Senders look at it only when the domain's own MX record "
			       "validates, and the domain is not signed. Sign it, or rely on "
			       "MTA-STS." },
	  .run = domain_unsigned },
	{ .info = { .id = "dane-tlsa-malformed",
		    .what = "a TLSA record cannot be used for mail",
		    .rfc = "RFC 6698 §2.1, RFC 7672 §3.1",
		    .levels = "wwww",
		    .example = "The record says 3 1 1, but its digest has 60 hex digits instead of "
			       "64: four digits were lost when it was pasted. When no record of "
			       "the set can be used, senders give up authentication. Make it "
			       "anew from the certificate." },
	  .run = tlsa_malformed },
	{ .info = { .id = "dane-tlsa-unsigned",
		    .what = "TLSA records in a zone that is not signed",
		    .rfc = "RFC 7672 §2.2",
		    .levels = "iiii",
		    .example = "The MX host has TLSA records, but its zone has no chain of trust, "
			       "so senders ignore them. Sign the zone or delete the records." },
	  .run = tlsa_unsigned },
	{ .run = NULL },
};
