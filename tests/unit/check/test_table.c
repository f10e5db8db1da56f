/*
 * The table as a whole: every check that was promised is in it, once, and each row says all
 * that docs/checks.md tells of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/check/check.h"

/* Ids are for ever: they stand in --ignore, in project files and in pipelines. */
static const char *const promised[] = {
	"delegation-missing",
	"delegation-broken",
	"ns-lame",
	"ns-unreachable",
	"ns-no-tcp",
	"ns-truncation-no-tcp",
	"ns-edns-broken",
	"ns-parent-child-mismatch",
	"ns-single",
	"ns-name-unresolvable",
	"ns-is-cname",
	"ns-glue-mismatch",
	"ns-slow",
	"ns-same-subnet",
	"ns-recursive",
	"ns-axfr-open",
	"ns-case-mangling",
	"ns-spoof-suspect",
	"ns-wrong-source",
	"ent-nxdomain",
	"negative-without-soa",
	"soa-serial-mismatch",
	"rrset-mismatch",
	"mx-ttl-differs",
	"soa-timers",
	"soa-negative-ttl-high",
	"dns-hosted-elsewhere",
	"ns-change-in-progress",
	"record-occluded",
	"split-horizon",
	"dnssec-bogus",
	"dnssec-rrsig-expired",
	"dnssec-rrsig-expiring",
	"dnssec-ds-orphan",
	"dnssec-ds-mismatch",
	"dnssec-island",
	"dnssec-rrset-unsigned",
	"dnssec-new-host-unsigned",
	"dnssec-algorithm",
	"dnssec-unsigned",
	"apex-cname",
	"apex-flattened",
	"wildcard-shadow",
	"mx-missing",
	"mx-null",
	"mx-null-mixed",
	"mx-target-cname",
	"mx-target-unresolvable",
	"mx-target-ip",
	"mx-target-bogon",
	"mx-single",
	"mx-ttl-high",
	"ttl-lowering-not-effective",
	"cache-not-expired",
	"mx-old-remains",
	"mx-not-target",
	"mx-priority-conflict",
	"mx-target-unprovisioned",
	"mx-tenant-key",
	"mx-subdomain-old",
	"mx-ptr-missing",
	"resolver-stale",
	"resolver-serve-stale",
	"resolver-ttl-raised",
	"resolver-broken",
	"verify-txt-missing",
	"verify-txt-partial",
	"verify-txt-wrong-name",
	"verify-txt-wrong-value",
	"txt-quoted-literally",
	"verify-txt-conflict",
	"verify-cname-occluded",
	"verify-resolver-lag",
	"txt-split-short",
	"spf-missing",
	"spf-multiple",
	"spf-syntax",
	"spf-split-no-space",
	"spf-lookups",
	"spf-void-lookups",
	"spf-include-broken",
	"spf-include-loop",
	"spf-plus-all",
	"spf-ptr",
	"spf-type99",
	"spf-size",
	"spf-target-missing",
	"spf-old-remains",
	"dkim-target-missing",
	"dkim-cname-broken",
	"dkim-old-removed-early",
	"dkim-key-invalid",
	"dmarc-missing",
	"dmarc-multiple",
	"dmarc-syntax",
	"dmarc-rua-unauthorized",
	"dmarc-reject-before-auth",
	"mta-sts-policy-stale",
	"mta-sts-id-unchanged",
	"mta-sts-cached",
	"mta-sts-policy-unreachable",
	"mta-sts-record-invalid",
	"tlsrpt",
	"dane-tlsa-missing-new-mx",
	"dane-domain-unsigned",
	"dane-tlsa-malformed",
	"dane-tlsa-unsigned",
	"autodiscover-old",
	"client-srv-old",
	"caa-mta-sts",
	"plan-drift",
	"unknown-record-delete",
};

enum { PROMISED = sizeof(promised) / sizeof(promised[0]), WORDS_MIN = 60 };

/* The names of all that lack something, for one message. */
struct lacking {
	char text[4096];
	size_t n;
};

static void add_lacking(struct lacking *l, const char *id)
{
	size_t at = strlen(l->text);
	str_copy(l->text + at, sizeof(l->text) - at, " ");
	str_copy(l->text + strlen(l->text), sizeof(l->text) - strlen(l->text), id);
	l->n++;
}

static size_t count_rows(const char *id)
{
	size_t n = 0;
	for (size_t i = 0; i < check_count(); i++)
		n += str_eq(check_info_at(i).id, id);
	return n;
}

static void every_promised_check_is_there_once(void **state)
{
	(void)state;
	struct lacking l = { 0 };
	for (size_t i = 0; i < PROMISED; i++) {
		if (count_rows(promised[i]) != 1)
			add_lacking(&l, promised[i]);
	}
	if (l.n > 0)
		fail_msg("%zu checks are not in the table, or twice:%s", l.n, l.text);
}

/* A new id must be promised here too, so that nobody takes it away later. */
static void every_row_is_promised(void **state)
{
	(void)state;
	struct lacking l = { 0 };
	for (size_t i = 0; i < check_count(); i++) {
		bool known = false;
		for (size_t k = 0; k < PROMISED; k++)
			known = known || str_eq(promised[k], check_info_at(i).id);
		if (!known)
			add_lacking(&l, check_info_at(i).id);
	}
	if (l.n > 0)
		fail_msg("%zu rows are not in the list of this test:%s", l.n, l.text);
}

/* A letter a phase. */
static bool has_levels(const struct check_info *info)
{
	return info->levels != NULL && strlen(info->levels) == PHASE_POST + 1 &&
	       strspn(info->levels, "bwi-") == PHASE_POST + 1;
}

static bool is_explained(const struct check_info *info)
{
	return has_levels(info) && info->what != NULL && info->rfc != NULL &&
	       info->example != NULL && strlen(info->example) >= WORDS_MIN;
}

static void every_row_is_explained(void **state)
{
	(void)state;
	struct lacking l = { 0 };
	for (size_t i = 0; i < check_count(); i++) {
		struct check_info info = check_info_at(i);
		if (!is_explained(&info))
			add_lacking(&l, info.id);
	}
	if (l.n > 0)
		fail_msg("%zu rows lack levels, example or source:%s", l.n, l.text);
}

static void every_row_has_a_family(void **state)
{
	(void)state;
	for (size_t i = 0; i < check_count(); i++)
		assert_non_null(check_family_at(i));
	assert_null(check_family_at(check_count()));
	assert_null(check_info_at(check_count()).id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_promised_check_is_there_once),
		cmocka_unit_test(every_row_is_promised),
		cmocka_unit_test(every_row_is_explained),
		cmocka_unit_test(every_row_has_a_family),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
