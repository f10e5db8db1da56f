#include "job_world.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#define SOA    "@ 60 SOA ns h 1 600 120 86400 300\n"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/* 64 octets, which is the size of a P-256 key and of its signatures. */
#define KEY                                                                                        \
	"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="

static const char root_zone[] = SOA "@ 60 NS a.root.\n@ 60 DNSKEY 257 3 13 " KEY "\n"
				    "net. 60 NS ns.net.\nns.net. 60 A " JOB_NET
				    "\nnet. 60 DS 1 13 2 " DIGEST "\n"
				    "org. 60 NS ns.net.\n";
static const char net_zone[] = SOA
	"@ 60 NS ns\nns 60 A " JOB_NET "\n@ 60 DNSKEY 257 3 13 " KEY "\n"
	"x 3600 NS ns1.x\nx 3600 NS ns.dns.org.\nns1.x 60 A " JOB_ONE "\n"
	"plain 60 NS ns.plain\nns.plain 60 A " JOB_ONE "\n"
	"signed 60 NS ns.signed\nns.signed 60 A " JOB_ONE "\nsigned 60 DS 1 13 2 " DIGEST "\n"
	"hosted 60 NS ns.hosted\nns.hosted 60 A " JOB_ONE "\n"
	"silent 60 NS ns.silent\nns.silent 60 A " JOB_SILENT "\n";
/* More addresses than anybody looks at. */
#define FIVE(n)                                                                                    \
	"ns.wide 60 A 127.0.9." n "1\nns.wide 60 A 127.0.9." n "2\nns.wide 60 A 127.0.9." n        \
	"3\nns.wide 60 A 127.0.9." n "4\nns.wide 60 A 127.0.9." n "5\n"
#define WIDE FIVE("1") FIVE("2") FIVE("3") FIVE("4") FIVE("5") FIVE("6") FIVE("7") FIVE("8")

static const char org_zone[] = SOA WIDE "@ 60 NS ns.net.\ndns 60 NS ns.dns\nns.dns 60 A " JOB_TWO
					"\n"
					"ns.panel 60 A " JOB_PANEL "\n"
					"x.net._report._dmarc.other 60 TXT \"v=DMARC1\"\n";
static const char dns_zone[] = SOA
	"@ 60 NS ns\nns 60 A " JOB_TWO "\nkey 60 TXT \"v=DKIM1; p=abcd\"\n"
	"spf 60 TXT \"v=spf1 exists:some.dns.org include:spf.dns.org redirect=deep.dns.org\"\n"
	"deep 60 TXT \"v=spf1 ip4:127.0.0.9 -all\"\n"
	"sts 60 TXT \"v=STSv1; id=7\"\n"
	"dmarc 60 TXT \"v=DMARC1; p=reject; rua=mailto:b@other.org\"\n";
static const char x_zone[] = SOA
	"@ 7200 NS ns1\n@ 7200 NS ns.dns.org.\nns1 60 A " JOB_ONE "\n"
	"@ 300 MX 10 mail\n@ 300 MX 20 alias\n"
	"@ 300 TXT \"v=spf1 a:mail.x.net mx include:spf.dns.org -all\"\n"
	"_dmarc 60 TXT \"v=DMARC1; p=none; rua=mailto:a@x.net, mailto:b@other.org!10m\"\n"
	"mail 60 A 127.0.0.99\nalias 60 CNAME mail\n"
	"_25._tcp.mail 60 TLSA 3 1 1 " DIGEST "\n"
	"s1._domainkey 60 CNAME key.dns.org.\nnews 60 MX 5 mail\nwww 60 TXT \"MS=ms1\"\n"
	"_mta-sts 60 TXT \"v=STSv1; id=1\"\nmta-sts 60 A 127.0.0.90\n"
	"_mta-sts.a@b 60 TXT \"v=STSv1; id=1\"\nmta-sts.a@b 60 A 127.0.0.90\n";
static const char plain_zone[] = SOA "@ 60 NS ns\nns 60 A " JOB_ONE "\n";
static const char signed_zone[] = SOA "@ 60 NS ns\nns 60 A " JOB_ONE "\n"
				      "@ 60 DNSKEY 257 3 13 " KEY "\n";

/* Its policies' texts are another's: behind an alias, and in a zone of its own. */
static const char hosted_zone[] = SOA
	"@ 60 NS ns\nns 60 A " JOB_ONE "\nmta-sts 60 A 127.0.0.90\n"
	"_mta-sts 60 CNAME sts.dns.org.\n_dmarc 60 CNAME dmarc.dns.org.\n"
	"_smtp._tls 60 NS ns.dns.org.\n";
static const char tls_zone[] = SOA
	"@ 60 NS ns.dns.org.\n@ 60 TXT \"v=TLSRPTv1; rua=mailto:a@dns.org\"\n";

/* Without signatures, below a zone that has them and on its server. */
static const char shop_zone[] = SOA "@ 60 NS ns.signed.net.\n@ 60 MX 10 mail.signed.net.\n";

/* What a resolver has of silent.net. */
static const char remembered_zone[] = SOA "@ 60 NS ns\nns 60 A " JOB_SILENT
					  "\n@ 300 MX 10 mail\n@ 300 MX 0 .\n";

static const struct hosted zones[] = {
	{ WORLD_ROOT, ".", root_zone },
	{ JOB_NET, "net.", net_zone },
	{ JOB_NET, "org.", org_zone },
	{ JOB_ONE, "x.net.", x_zone },
	{ JOB_TWO, "x.net.", x_zone },
	{ JOB_PANEL, "x.net.", x_zone },
	{ JOB_TWO, "dns.org.", dns_zone },
	{ JOB_ONE, "plain.net.", plain_zone },
	{ JOB_ONE, "hosted.net.", hosted_zone },
	{ JOB_TWO, "_smtp._tls.hosted.net.", tls_zone },
	{ JOB_ONE, "signed.net.", signed_zone },
	{ JOB_ONE, "shop.signed.net.", shop_zone },
	{ JOB_SILENT, "silent.net.", internet_silent },
	{ JOB_RESOLVER, ".", root_zone },
	{ JOB_RESOLVER, "silent.net.", remembered_zone },
	{ NULL, NULL, NULL },
};

struct walk_world *job_world_new(void)
{
	return walk_world_new(zones);
}

struct snapshot_opts job_world_opts(struct walk_world *w, const char *domain)
{
	return (struct snapshot_opts){ .domain = domain,
				       .root_hints = walk_world_hints,
				       .engine = w->en,
				       .rng = &w->rng.rng,
				       .probe_servers = true };
}

const struct snapshot *job_world_finish(struct walk_world *w, struct snapshot_job *job)
{
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	for (;;) {
		enum snapshot_progress p = snapshot_poll(job, &s, &e);
		if (p == SNAPSHOT_DONE)
			return s;
		if (p == SNAPSHOT_FAILED)
			fail_msg("%s", e.text);
		(void)dns_engine_turn(w->en, snapshot_wait_ms(job, 50));
	}
}
