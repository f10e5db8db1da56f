/*
 * Does the data validate, and will it still do so through the cutover? The arithmetic is
 * dns/dnssec's. One cause is one finding: what follows from a missing DNSKEY or from an
 * expired signature is not told again as "bogus".
 */
#include "dns/check/dnssec_rows.h"
#include "zone/dname.h"

enum { RSA_BITS_GOOD = 2048 };

/* The domain's own zone; NULL when DNSSEC was not judged or there is no chain to it. */
static const struct secure_zone *own_zone(const struct checking *c)
{
	const struct dnssec_view *v = c->in->dnssec;
	for (size_t i = 0; v != NULL && c->s->zone != NULL && i < v->zone_n; i++) {
		if (dname_equal(v->zones[i].zone, c->s->zone))
			return &v->zones[i];
	}
	return NULL;
}

enum bogus_why dnssec_zone_why(const struct checking *c)
{
	const struct dnssec_view *v = c->in->dnssec;
	return v != NULL && v->zone.state == SECURE_BOGUS ? v->zone.why : BOGUS_NOT;
}

const char *dnssec_zone_text(struct checking *c)
{
	return check_show(c, c->s->zone);
}

const char *dnssec_detail(const struct secure *s)
{
	return s->detail != NULL ? s->detail : secure_state_name(s->state);
}

/* What each server says about the zone's keys. */
static void saw_keys_everywhere(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, c->s->zone, RR_DNSKEY);
		if (seen != NULL)
			check_saw_seen(c, v, seen);
	}
}

void dnssec_saw_zone(struct checking *c)
{
	*vec_push(c->a, &c->saw) = (struct evidence){ .server = "our own validation",
						      .address = "",
						      .at_ms = c->s->ended_ms,
						      .saw = dnssec_detail(&c->in->dnssec->zone) };
}

static const char *ds_subject(struct checking *c)
{
	return check_subject(c, c->s->zone, RR_DS);
}

static void ds_orphan(struct checking *c)
{
	if (dnssec_zone_why(c) != BOGUS_UNSIGNED_CHILD)
		return;
	saw_keys_everywhere(c);
	check_report(c, (struct check_report){
				check_level(c), ds_subject(c),
				arena_printf(c->a,
					     "the registry has a DS record for %s, but the zone is "
					     "not signed: resolvers that validate give no answer "
					     "for it, and mail from there fails",
					     dnssec_zone_text(c)),
				"have the DS record removed at the registrar, or sign the zone "
				"with the key that the DS names" });
}

bool dnssec_has_strange_keys(const struct checking *c, size_t server)
{
	const struct secure *key = dnssec_answer(c->in->dnssec, c->s, server, c->s->zone,
						 RR_DNSKEY);
	return key != NULL && key->state == SECURE_BOGUS && key->why == BOGUS_NO_KEY_FOR_DS;
}

static size_t count_strange_keys(struct checking *c)
{
	size_t n = 0;
	for (size_t i = 0; c->in->dnssec != NULL && i < c->s->server_n; i++) {
		if (!dnssec_has_strange_keys(c, i))
			continue;
		n++;
		check_saw_server(c, &c->s->servers[i],
				 dnssec_detail(dnssec_answer(c->in->dnssec, c->s, i, c->s->zone,
							     RR_DNSKEY)));
	}
	return n;
}

static void ds_mismatch(struct checking *c)
{
	bool all = dnssec_zone_why(c) == BOGUS_NO_KEY_FOR_DS;
	size_t n = all ? 0 : count_strange_keys(c);
	if (!all && n == 0)
		return;
	if (all)
		saw_keys_everywhere(c);
	const char *who = all ? "the zone" : check_show_share(c, n, c->s->server_n);
	check_report(
		c,
		(struct check_report){
			check_level(c), ds_subject(c),
			arena_printf(c->a,
				     "the DS record of %s fits no key that signs %s%s: resolvers "
				     "that validate give no answer, and mail from there fails",
				     dnssec_zone_text(c), all ? "" : "on ", who),
			"enter the DS of the zone's present key at the registrar, or bring back "
			"the key that the DS names on every server" });
}

/* --- the zone's way of signing --- */

static void island(struct checking *c)
{
	const struct secure_zone *z = own_zone(c);
	if (z == NULL || z->has_ds || !z->has_dnskey || z->secure.state != SECURE_INSECURE)
		return;
	saw_keys_everywhere(c);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, c->s->zone, RR_DNSKEY),
			     arena_printf(c->a,
					  "%s is signed, but its parent has no DS record: nobody "
					  "checks the signatures",
					  dnssec_zone_text(c)),
			     "enter the DS of the zone's key at the registrar when the cutover "
			     "is over, or leave it so" });
}

static void not_signed(struct checking *c)
{
	const struct secure_zone *z = own_zone(c);
	if (z == NULL || z->has_ds || z->has_dnskey || z->secure.state != SECURE_INSECURE)
		return;
	check_report(
		c, (struct check_report){
			   check_level(c), arena_printf(c->a, "%s DNSSEC", dnssec_zone_text(c)),
			   arena_printf(c->a, "%s is not signed with DNSSEC", dnssec_zone_text(c)),
			   "nothing to do for the cutover; DANE needs a signed zone" });
}

/* RFC 8624 §3.1: what must not, or should no longer, be used to sign. */
static const char *weak_algorithm(struct checking *c, const struct secure_zone *z)
{
	static const struct {
		unsigned number;
		const char *name;
	} weak[] = { { 1, "RSA/MD5" },           { 3, "DSA" },
		     { 5, "RSA/SHA-1" },         { 6, "DSA (NSEC3)" },
		     { 7, "RSA/SHA-1 (NSEC3)" }, { 12, "GOST R 34.10-2001" } };
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		if ((z->algorithms >> weak[i].number & 1) != 0)
			return arena_printf(c->a, "%s uses the deprecated algorithm %s (%u)",
					    dnssec_zone_text(c), weak[i].name, weak[i].number);
	}
	if (z->rsa_bits > 0 && z->rsa_bits < RSA_BITS_GOOD)
		return arena_printf(c->a, "%s has an RSA key of only %u bits", dnssec_zone_text(c),
				    z->rsa_bits);
	return NULL;
}

/* §3.3: SHA-1 alone; beside a better digest it is not looked at. */
static const char *weak_chain(struct checking *c, const struct secure_zone *z)
{
	enum { SHA1 = 1 << 1, GOST = 1 << 3 };
	if (z->has_ds && z->secure.state == SECURE_INSECURE)
		return arena_printf(
			c->a,
			"the DS of %s names only algorithms that resolvers do not know: "
			"they treat the zone as unsigned",
			dnssec_zone_text(c));
	if (z->has_ds && (z->ds_digests & ~(uint32_t)(SHA1 | GOST)) == 0)
		return arena_printf(c->a, "the DS of %s has no better digest than SHA-1",
				    dnssec_zone_text(c));
	return NULL;
}

static void algorithm(struct checking *c)
{
	const struct secure_zone *z = own_zone(c);
	if (z == NULL || z->secure.state == SECURE_UNKNOWN || (!z->has_ds && !z->has_dnskey))
		return;
	const char *what = weak_algorithm(c, z);
	what = what != NULL ? what : weak_chain(c, z);
	if (what == NULL)
		return;
	saw_keys_everywhere(c);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, c->s->zone, RR_DNSKEY), what,
			     "roll over to ECDSA P-256 (algorithm 13) with a SHA-256 DS when the "
			     "cutover is over, not during it" });
}

/* --- the new host --- */

static bool is_delegated(const struct checking *c, const struct server_view *v)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		if (str_eq(c->s->servers[i].address, v->address))
			return true;
	}
	return false;
}

/* True for a planned server that speaks for the zone and has no keys for it. */
static bool does_not_sign(const struct checking *c, const struct other_view *o)
{
	const struct seen *seen = server_seen(&o->server, c->s->zone, RR_DNSKEY);
	return o->role == OTHER_PANEL && o->server.state == SERVER_OK &&
	       !is_delegated(c, &o->server) && seen != NULL &&
	       (seen->state == SEEN_NODATA || seen->state == SEEN_NXDOMAIN);
}

static void new_host_unsigned(struct checking *c)
{
	const struct secure_zone *z = own_zone(c);
	if (z == NULL || !z->has_ds || z->secure.state == SECURE_INSECURE)
		return;
	for (size_t i = 0; i < c->s->other_n; i++) {
		const struct server_view *v = &c->s->others[i].server;
		if (does_not_sign(c, &c->s->others[i]))
			check_saw_seen(c, v, server_seen(v, c->s->zone, RR_DNSKEY));
	}
	if (c->saw.n == 0)
		return;
	check_report(c,
		     (struct check_report){
			     check_level(c), ds_subject(c),
			     arena_printf(c->a,
					  "the registry has a DS record for %s, but the new name "
					  "server %s does not sign the zone: after the change of "
					  "name servers, resolvers that validate give no answer",
					  dnssec_zone_text(c), c->saw.at[0].server),
			     "have the new DNS host sign the zone and enter its DS first; or "
			     "remove the DS and wait for its TTL before the name servers change" });
}

const struct check dnssec_checks[] = {
	{ .info = { .id = "dnssec-bogus",
		    .what = "data of a signed zone does not validate",
		    .rfc = "RFC 4035 §5",
		    .levels = "bbbb",
		    .varies = "a warning when it is another zone's, such as an MX host's",
		    .example = "The MX was changed in a copy of the zone that had been signed "
			       "before: the signature fits the old record. Resolvers that validate "
			       "answer SERVFAIL, so half of the senders see no MX. Sign the zone "
			       "again after every edit." },
	  .run = dnssec_check_bogus },
	{ .info = { .id = "dnssec-rrsig-expired",
		    .what = "signatures have expired",
		    .rfc = "RFC 4034 §3.1.5",
		    .levels = "bbbb",
		    .varies = "a warning when it is another zone's",
		    .example = "ns2 missed the last transfers and serves signatures that ended "
			       "yesterday. Whoever asks it gets SERVFAIL from a validating "
			       "resolver, so mail fails now and then. Bring ns2 up to date." },
	  .run = dnssec_check_expired },
	{ .info = { .id = "dnssec-rrsig-expiring",
		    .what = "signatures end before the cutover is over",
		    .rfc = "RFC 4034 §3.1.5",
		    .levels = "wwww",
		    .varies = "info when the signer evidently renews them by itself",
		    .example = "The signatures end in three days, the cutover's window in five. If "
			       "the signer is not running, the domain goes dark in the middle of "
			       "it. Sign the zone again now." },
	  .run = dnssec_check_expiring },
	{ .info = { .id = "dnssec-ds-orphan",
		    .what = "the parent has a DS, but the zone is not signed",
		    .rfc = "RFC 4035 §5.2",
		    .levels = "bbbb",
		    .example = "The domain moved to a DNS host that does not sign, and the DS "
			       "stayed at the registry. Resolvers that validate treat every answer "
			       "as forged. Have the registrar remove the DS." },
	  .run = ds_orphan },
	{ .info = { .id = "dnssec-ds-mismatch",
		    .what = "no DS fits a key that signs the zone",
		    .rfc = "RFC 4035 §5.2",
		    .levels = "bbbb",
		    .example = "The key was rolled over and the DS still names the old one. "
			       "Resolvers that validate find no trusted key and answer SERVFAIL. "
			       "Enter the new DS at the registrar." },
	  .run = ds_mismatch },
	{ .info = { .id = "dnssec-island",
		    .what = "the zone is signed, but its parent has no DS",
		    .rfc = "RFC 4035 §5.2",
		    .levels = "i---",
		    .example = "The DNS host signs the zone, yet nobody entered the DS at the "
			       "registrar. It does no harm and no good. Leave it so until the "
			       "cutover is over." },
	  .run = island },
	{ .info = { .id = "dnssec-rrset-unsigned",
		    .what = "a record set of a signed zone has no signature",
		    .rfc = "RFC 4035 §2.2",
		    .levels = "bbbb",
		    .example = "A TXT was added by hand to a zone that is signed offline: the new "
			       "set has no RRSIG, and resolvers that validate refuse it. Verifying "
			       "the domain fails with \"record not found\". Sign the zone again." },
	  .run = dnssec_check_unsigned },
	{ .info = { .id = "dnssec-new-host-unsigned",
		    .what = "the parent has a DS, and the new DNS host does not sign",
		    .rfc = "RFC 4035 §5.2",
		    .levels = "bbbb",
		    .example = "The zone will move to a host that has it unsigned, and the DS is "
			       "still there. The moment that the name servers change, resolvers "
			       "that validate lose the domain. Remove the DS and wait for its TTL "
			       "first." },
	  .run = new_host_unsigned },
	{ .info = { .id = "dnssec-algorithm",
		    .what = "the zone is signed with a deprecated or unknown algorithm",
		    .rfc = "RFC 8624 §3",
		    .levels = "i---",
		    .example = "The zone is signed with RSA/SHA-1. Some resolvers already treat it "
			       "as unsigned. Roll over to ECDSA P-256 after the cutover, never "
			       "during it." },
	  .run = algorithm },
	{ .info = { .id = "dnssec-unsigned",
		    .what = "the zone is not signed",
		    .rfc = "RFC 4035 §5.2",
		    .levels = "i---",
		    .example =
			    "The domain has neither DNSKEY nor DS. Mail does not need them; DANE "
			    "does. Nothing to do for the cutover." },
	  .run = not_signed },
	{ .run = NULL },
};
