#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/file.h"
#include "dns/who.h"

enum { TABLE_MAX = 1 << 20, COLUMNS = 7 };

static const struct known {
	enum who_kind kind;
	const char *host, *id; /* NULL: nobody */
} names[] = {
	{ WHO_MAIL, "treyresearch-com.mail.protection.outlook.com.", "microsoft365" },
	{ WHO_MAIL, "treyresearch-com.r-v1.mx.microsoft.", "microsoft365" },
	{ WHO_MAIL, "hotmail-com.olc.protection.outlook.com.", "outlook" },
	{ WHO_MAIL, "smtp.google.com.", "google" },
	{ WHO_MAIL, "aspmx.l.google.com.", "google" },
	{ WHO_MAIL, "alt4.aspmx.l.google.com.", "google" },
	{ WHO_MAIL, "aspmx3.googlemail.com.", "google" },
	{ WHO_MAIL, "alt1.gmail-smtp-in.l.google.com.", "gmail" },
	{ WHO_MAIL, "mailstore1.europe.secureserver.net.", "godaddy" },
	{ WHO_MAIL, "mx2.emailsrvr.com.", "rackspace" },
	{ WHO_MAIL, "mx00.ionos.co.uk.", "ionos" },
	{ WHO_MAIL, "mx01.kundenserver.de.", "ionos" },
	{ WHO_MAIL, "smtpin.rzone.de.", "strato" },
	{ WHO_MAIL, "mx2.zoho.eu.", "zoho" },
	{ WHO_MAIL, "in1-smtp.messagingengine.com.", "fastmail" },
	{ WHO_MAIL, "mailsec.protonmail.ch.", "proton" },
	{ WHO_MAIL, "mx01.mail.icloud.com.", "icloud" },
	{ WHO_MAIL, "mx.yandex.net.", "yandex" },
	{ WHO_MAIL, "eu-smtp-inbound-1.mimecast.com.", "mimecast" },
	{ WHO_MAIL, "mx1.mail.ovh.net.", "ovh" },
	{ WHO_MAIL, "spool.mail.gandi.net.", "gandi" },
	{ WHO_MAIL, "mxext2.mailbox.org.", "mailbox.org" },
	{ WHO_MAIL, "inbound-smtp.eu-west-1.amazonaws.com.", "ses" },
	{ WHO_DNS, "ns51.domaincontrol.com.", "godaddy" },
	{ WHO_DNS, "ns1036.ui-dns.de.", "ionos" },
	{ WHO_DNS, "ada.ns.cloudflare.com.", "cloudflare" },
	{ WHO_DNS, "ns-1234.awsdns-56.co.uk.", "route53" },
	{ WHO_DNS, "ns4-03.azure-dns.info.", "azure" },
	{ WHO_DNS, "ns-cloud-a1.googledomains.com.", "google-cloud" },
	{ WHO_DNS, "helium.ns.hetzner.de.", "hetzner" },
	{ WHO_DNS, "dns1.registrar-servers.com.", "namecheap" },
	{ WHO_DNS, "root-dns.netcup.net.", "netcup" },
	{ WHO_DNS, "ns1.transip.nl.", "transip" },
	/* Names that only look like these. */
	{ WHO_MAIL, "smtp.notgoogle.com.", NULL },
	{ WHO_MAIL, "x.mail.protection.outlook.com.evil.org.", NULL },
	{ WHO_MAIL, "mail.protection.outlook.com.", NULL },
	{ WHO_MAIL, "a.b.mail.protection.outlook.com.", NULL },
	{ WHO_MAIL, "a\\.mail.protection.outlook.com.", NULL },
	{ WHO_MAIL, "aspmx.evil.googlemail.com.", NULL },
	{ WHO_MAIL, "xemailsrvr.com.", NULL },
	{ WHO_MAIL, "www.ionos.de.evil.org.", NULL },
	{ WHO_MAIL, "ns51.domaincontrol.com.", NULL }, /* right name, wrong kind */
	{ WHO_DNS, "ns-1.awsdns-56.evil.com.", NULL },
	{ WHO_DNS, "ns.awsdnsx.com.", NULL },
	{ WHO_DNS, "com.", NULL },
	{ WHO_DNS, ".", NULL },
};

static void names_are_known_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct who *who = who_is(names[i].kind, names[i].host);
		const char *id = who != NULL ? who->id : "nobody";
		if (!str_eq(id, names[i].id != NULL ? names[i].id : "nobody"))
			fail_msg("%s: got %s", names[i].host, id);
	}
}

static void the_longest_name_wins(void **state)
{
	(void)state;
	assert_string_equal(who_is(WHO_MAIL, "alt1.gmail-smtp-in.l.google.com.")->id, "gmail");
	assert_true(who_is(WHO_MAIL, "x.j-v1.mx.microsoft.")->own_sts);
	assert_true(who_is(WHO_MAIL, "smtp.google.com.")->one_name);
	assert_false(who_is(WHO_MAIL, "aspmx.l.google.com.")->one_name);
	assert_null(who_is(WHO_MAIL, "mx.migadu.com.")->note);
}

/* What a line of the file promises, with every star as some text. */
static void check_line(struct arena *a, struct slice line)
{
	struct slice column[COLUMNS];
	size_t n = 0;
	for (; n < COLUMNS && line.len > 0; n++)
		column[n] = slice_until(&line, '\t');
	assert_int_equal(n, COLUMNS);
	assert_int_equal(line.len, 0);
	assert_true(column[6].len > 5); /* its source */
	struct buf host;
	buf_init(&host);
	for (size_t i = 0; i < column[1].len; i++)
		if (column[1].ptr[i] == '*')
			buf_adds(&host, "z9");
		else
			buf_add(&host, column[1].ptr + i, 1);
	buf_adds(&host, ".");
	enum who_kind kind = slice_eq(column[0], SLICE_LIT("dns")) ? WHO_DNS : WHO_MAIL;
	const struct who *who = who_is(kind, arena_slice(a, buf_slice(&host)));
	if (who == NULL || !slice_eq(slice_str(who->id), column[2]))
		fail_msg("%s is not found", arena_slice(a, buf_slice(&host)));
	buf_release(&host);
}

static void every_line_of_the_file_is_found(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct buf text;
	size_t lines = 0;
	buf_init(&text);
	if (file_read("../../../dns/who.tsv", TABLE_MAX, &text, &e) != 0)
		fail_msg("%s", e.text);
	struct slice rest = buf_slice(&text);
	while (rest.len > 0) {
		struct slice line = slice_until(&rest, '\n');
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		check_line(a, line);
		lines++;
	}
	assert_true(lines > 100);
	buf_release(&text);
	arena_free(a);
}

static void a_verification_marker_is_no_mail_host(void **state)
{
	(void)state;
	assert_true(who_is_verification_mx("ms87257449.msv1.invalid."));
	assert_false(who_is_verification_mx("msv1.invalid."));
	assert_false(who_is_verification_mx("ms1.msv1.invalid.com."));
	assert_false(who_is_verification_mx("ms1.xmsv1.invalid."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_known_or_not),
		cmocka_unit_test(the_longest_name_wins),
		cmocka_unit_test(every_line_of_the_file_is_found),
		cmocka_unit_test(a_verification_marker_is_no_mail_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
