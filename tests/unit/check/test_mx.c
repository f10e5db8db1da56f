#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "dns/check/address.h"
#include "dns/check/mx.h"
#include "scenes.h"

enum { DAY_S = 86400 };

static void healthy(struct sample *x)
{
	(void)x;
}

static void no_mx(struct sample *x)
{
	sample_state_all(x, Q_MX, SEEN_NODATA);
}

static void mx_unreadable(struct sample *x)
{
	sample_state_all(x, Q_MX, SEEN_UNREADABLE);
}

static void one_without_mx(struct sample *x)
{
	sample_state(x, 1, Q_MX, SEEN_NODATA);
}

static void only_a_marker(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("32767 ms1.msv1.invalid."));
}

static void null_mx(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 ."));
}

static void null_mx_without_a_plan(struct sample *x)
{
	null_mx(x);
	x->in.target_mx = NULL;
}

static void null_mx_planned(struct sample *x)
{
	null_mx(x);
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("0 ."));
}

static void null_mx_mixed(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 .", "10 mx.old.org."));
}

static void null_mx_at_one_server(struct sample *x)
{
	sample_data(x, 1, Q_MX, 300, RDATA("0 ."));
}

static void mx_is_alias(struct sample *x)
{
	x->hosts[0].alias = "real.old.org.";
}

static void planned_host_is_alias(struct sample *x)
{
	x->hosts[1].alias = "real.new.org.";
}

static void host_without(struct sample *x, size_t host, enum seen_state state)
{
	x->hosts[host].state = state;
	x->hosts[host].n = 0;
}

static void mx_host_gone(struct sample *x)
{
	host_without(x, 0, SEEN_NXDOMAIN);
}

static void one_of_two_gone(struct sample *x)
{
	mx_host_gone(x);
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.old.org.", "20 mx.new.org."));
}

static void mx_host_unreadable(struct sample *x)
{
	host_without(x, 0, SEEN_UNREADABLE);
}

/* Servers that take seconds: nothing is known, which is no absence. */
static void mx_host_late(struct sample *x)
{
	host_without(x, 0, SEEN_UNREADABLE);
	x->s.out_of_time = true;
}

static void planned_host_gone(struct sample *x)
{
	host_without(x, 1, SEEN_NXDOMAIN);
}

static void planned_host_bare(struct sample *x)
{
	host_without(x, 1, SEEN_NODATA);
}

static void marker_beside(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.old.org.", "32767 ms1.msv1.invalid."));
	host_without(x, 3, SEEN_NXDOMAIN);
	x->hosts[3].name = "ms1.msv1.invalid.";
}

static void mx_names_an_address(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 198.51.100.7."));
	host_without(x, 0, SEEN_NXDOMAIN);
	x->hosts[0].name = "198.51.100.7.";
}

static void mx_names_an_address_in_the_zone(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 198.51.100.7.x.net."));
}

static void host_with_numbers(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 1.100.51.x.net."));
}

static void host_at(struct sample *x, size_t host, const char *address)
{
	const char **list = ARENA_ARRAY(x->a, 1, const char *);
	list[0] = address;
	x->hosts[host].addresses = list;
	x->hosts[host].n = 1;
}

static void mx_is_private(struct sample *x)
{
	host_at(x, 0, "192.168.1.10");
}

static void planned_is_unique_local(struct sample *x)
{
	host_at(x, 1, "fd00::25");
}

static void mx_is_public(struct sample *x)
{
	host_at(x, 0, "8.8.8.8");
	host_at(x, 1, "2606:4700::25");
}

static void lab_counts_as_the_world(struct sample *x)
{
	x->in.treat_as_public = NULL; /* then 127/8 is what it is */
}

static void one_mx_one_address(struct sample *x)
{
	host_at(x, 0, "127.0.0.9");
}

static void one_mx_two_kinds_of_address(struct sample *x)
{
	static const char *const both[] = { "127.0.0.9", "2606:4700::9" };
	x->hosts[0].addresses = both;
}

static void one_mx_of_google(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("1 smtp.google.com."));
	host_at(x, 0, "127.0.0.9");
	x->hosts[0].name = "smtp.google.com.";
}

static void mx_ttl_day(struct sample *x)
{
	sample_data(x, 1, Q_MX, DAY_S, RDATA("10 mx.old.org.")); /* one server is enough */
}

static void mx_ttl_at_the_limit(struct sample *x)
{
	sample_data_all(x, Q_MX, 3600, RDATA("10 mx.old.org."));
}

static void old_is_backup(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org.", "10 mx.old.org."));
}

static void old_sibling_is_backup(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org.", "10 mx2.old.org."));
}

static void old_is_preferred(struct sample *x)
{
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("10 mx.new.org."));
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.new.org.", "5 mx.old.org."));
}

static void old_is_as_preferred(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org.", "0 mx.old.org."));
}

static void stranger_is_as_preferred(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org.", "0 mail.example.com."));
}

static void stranger_is_backup(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("0 mx.new.org.", "10 mail.example.com."));
}

static void two_planned(struct sample *x)
{
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("5 mx.new.org.", "10 mx2.new.org."));
	sample_data_all(x, Q_MX, 300, RDATA("5 mx.new.org.", "10 mx2.new.org."));
}

static void not_switched(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.old.org."));
}

static void switched_at_one(struct sample *x)
{
	sample_switch(x);
	sample_data(x, 1, Q_MX, 300, RDATA("10 mx.old.org."));
}

static void wrong_preference(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 mx.new.org."));
}

static void plan_microsoft(struct sample *x)
{
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("0 x-net.mail.protection.outlook.com."));
	x->hosts[1].name = "x-net.mail.protection.outlook.com.";
}

static void switched_to_microsoft(struct sample *x)
{
	plan_microsoft(x);
	sample_data_all(x, Q_MX, 300, RDATA("0 x-net.mail.protection.outlook.com."));
}

static void microsoft_not_provisioned(struct sample *x)
{
	plan_microsoft(x);
	planned_host_gone(x);
}

static void another_tenants_host(struct sample *x)
{
	plan_microsoft(x);
	sample_data_all(x, Q_MX, 300, RDATA("0 x-org.mail.protection.outlook.com."));
}

static void another_form_of_host(struct sample *x)
{
	plan_microsoft(x);
	sample_data_all(x, Q_MX, 300, RDATA("0 x-net.r-v1.mx.microsoft."));
}

static void plan_unusual_key(struct sample *x)
{
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("0 y-org.mail.protection.outlook.com."));
}

static void no_plan_unusual_key(struct sample *x)
{
	x->in.target_mx = NULL;
	sample_data_all(x, Q_MX, 300, RDATA("0 y-org.mail.protection.outlook.com."));
}

static void plan_key_with_suffix(struct sample *x)
{
	x->in.target_mx = sample_set(x, Q_MX, 300, RDATA("0 xnet0c.mail.protection.outlook.com."));
}

static void lists_at_old(struct sample *x)
{
	sample_lookup(x, "lists.x.net.", RR_MX, SEEN_DATA, RDATA("10 mx.old.org."));
	sample_lookup(x, "news.x.net.", RR_MX, SEEN_NXDOMAIN, NULL);
}

static void lists_elsewhere(struct sample *x)
{
	sample_lookup(x, "lists.x.net.", RR_MX, SEEN_DATA, RDATA("10 mx.mailman.example."));
	sample_lookup(x, "y.net.", RR_MX, SEEN_DATA, RDATA("10 mx.old.org."));
}

static void wildcard_at_old(struct sample *x)
{
	sample_lookup(x, "cutover-probe-7f3a.x.net.", RR_MX, SEEN_DATA, RDATA("10 mx.old.org."));
	sample_lookup(x, "lists.x.net.", RR_MX, SEEN_DATA, RDATA("10 mx.old.org."));
}

static void own_host_without_ptr(struct sample *x)
{
	sample_data_all(x, Q_MX, 300, RDATA("10 mail.x.net."));
	host_at(x, 0, "127.0.0.9");
	x->hosts[0].name = "mail.x.net.";
	sample_lookup(x, "9.0.0.127.in-addr.arpa.", RR_PTR, SEEN_NXDOMAIN, NULL);
}

static void own_host_with_ptr(struct sample *x)
{
	own_host_without_ptr(x);
	x->lookups[0].seen.state = SEEN_DATA;
}

static void own_host_ptr_unreadable(struct sample *x)
{
	own_host_without_ptr(x);
	x->lookups[0].seen.state = SEEN_UNREADABLE;
}

static void foreign_host_without_ptr(struct sample *x)
{
	host_at(x, 0, "127.0.0.9");
	sample_lookup(x, "9.0.0.127.in-addr.arpa.", RR_PTR, SEEN_NXDOMAIN, NULL);
}

#define MX "x.net MX"
static const struct scene scenes[] = {
	{ no_mx, PHASE_AUDIT, "mx-missing", SEVERITY_WARNING, MX, "no MX record", "0 mx.new.org." },
	{ no_mx, PHASE_POST, "mx-missing", SEVERITY_BLOCKER, MX, NULL, "0 mx.new.org." },
	{ only_a_marker, PHASE_AUDIT, "mx-missing", SEVERITY_WARNING, MX, "marker", NULL },
	{ mx_unreadable, PHASE_AUDIT, "mx-missing", SILENT, NULL, NULL, NULL },
	{ one_without_mx, PHASE_AUDIT, "mx-missing", SILENT, NULL, NULL, NULL },
	{ null_mx, PHASE_AUDIT, "mx-null", SEVERITY_INFO, MX, NULL, "0 mx.new.org." },
	{ null_mx, PHASE_POST, "mx-null", SEVERITY_BLOCKER, MX, NULL, NULL },
	{ null_mx_planned, PHASE_POST, "mx-null", SEVERITY_INFO, MX, NULL, NULL },
	{ null_mx_without_a_plan, PHASE_POST, "mx-null", SEVERITY_INFO, MX, NULL, "nothing" },
	{ no_mx, PHASE_AUDIT, "mx-null", SILENT, NULL, NULL, NULL },
	{ null_mx_mixed, PHASE_AUDIT, "mx-null", SILENT, NULL, NULL, NULL },
	{ null_mx_mixed, PHASE_AUDIT, "mx-null-mixed", SEVERITY_BLOCKER, MX, NULL, "\".\"" },
	{ null_mx, PHASE_AUDIT, "mx-null-mixed", SILENT, NULL, NULL, NULL },
	{ null_mx_at_one_server, PHASE_AUDIT, "mx-null-mixed", SILENT, NULL, NULL, NULL },
	{ mx_is_alias, PHASE_AUDIT, "mx-target-cname", SEVERITY_WARNING, MX, "mx.old.org is an",
	  "real.old.org" },
	{ planned_host_is_alias, PHASE_AUDIT, "mx-target-cname", SILENT, NULL, NULL, NULL },
	{ mx_host_gone, PHASE_AUDIT, "mx-target-unresolvable", SEVERITY_BLOCKER, MX,
	  "the name does not exist", "mx.old.org" },
	{ one_of_two_gone, PHASE_AUDIT, "mx-target-unresolvable", SEVERITY_WARNING, MX, NULL,
	  NULL },
	{ mx_host_unreadable, PHASE_AUDIT, "mx-target-unresolvable", SEVERITY_WARNING, MX,
	  "no usable answer", "again" },
	{ mx_host_late, PHASE_AUDIT, "mx-target-unresolvable", SEVERITY_WARNING, MX,
	  "could not be told in time", "again" },
	{ planned_host_bare, PHASE_AUDIT, "mx-target-unresolvable", SEVERITY_WARNING, MX,
	  "the planned MX host mx.new.org", NULL },
	{ planned_host_bare, PHASE_READY, "mx-target-unresolvable", SEVERITY_BLOCKER, MX,
	  "neither A nor AAAA", NULL },
	{ planned_host_gone, PHASE_READY, "mx-target-unresolvable", SILENT, NULL, NULL, NULL },
	{ null_mx, PHASE_AUDIT, "mx-target-unresolvable", SILENT, NULL, NULL, NULL },
	{ marker_beside, PHASE_READY, "mx-target-unresolvable", SEVERITY_INFO, MX,
	  "only Microsoft's marker", "remove it once" },
	{ only_a_marker, PHASE_AUDIT, "mx-target-unresolvable", SILENT, NULL, NULL, NULL },
	{ mx_names_an_address, PHASE_AUDIT, "mx-target-unresolvable", SILENT, NULL, NULL, NULL },
	{ mx_names_an_address, PHASE_AUDIT, "mx-target-ip", SEVERITY_BLOCKER, MX, "198.51.100.7",
	  "A or AAAA" },
	{ mx_names_an_address_in_the_zone, PHASE_AUDIT, "mx-target-ip", SEVERITY_BLOCKER, MX,
	  "198.51.100.7", NULL },
	{ host_with_numbers, PHASE_AUDIT, "mx-target-ip", SILENT, NULL, NULL, NULL },
	{ mx_is_private, PHASE_AUDIT, "mx-target-bogon", SEVERITY_BLOCKER, MX,
	  "192.168.1.10, a private address", "mx.old.org" },
	{ planned_is_unique_local, PHASE_AUDIT, "mx-target-bogon", SEVERITY_BLOCKER, MX,
	  "mx.new.org", NULL },
	{ lab_counts_as_the_world, PHASE_AUDIT, "mx-target-bogon", SEVERITY_BLOCKER, MX, "loopback",
	  NULL },
	{ mx_is_public, PHASE_AUDIT, "mx-target-bogon", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "mx-target-bogon", SILENT, NULL, NULL, NULL },
	{ one_mx_one_address, PHASE_AUDIT, "mx-single", SEVERITY_INFO, MX, "mx.old.org", NULL },
	{ one_mx_two_kinds_of_address, PHASE_AUDIT, "mx-single", SEVERITY_INFO, MX, NULL, NULL },
	{ one_mx_of_google, PHASE_AUDIT, "mx-single", SILENT, NULL, NULL, NULL },
	{ healthy, PHASE_AUDIT, "mx-single", SILENT, NULL, NULL, NULL },
	{ null_mx, PHASE_AUDIT, "mx-single", SILENT, NULL, NULL, NULL },
	{ mx_ttl_day, PHASE_AUDIT, "mx-ttl-high", SEVERITY_INFO, MX, "86400", "3600" },
	{ mx_ttl_day, PHASE_VERIFY, "mx-ttl-high", SEVERITY_WARNING, MX, NULL, NULL },
	{ mx_ttl_day, PHASE_READY, "mx-ttl-high", SEVERITY_BLOCKER, MX, NULL, NULL },
	{ mx_ttl_day, PHASE_POST, "mx-ttl-high", SILENT, NULL, NULL, NULL },
	{ mx_ttl_at_the_limit, PHASE_READY, "mx-ttl-high", SILENT, NULL, NULL, NULL },
	{ old_is_backup, PHASE_POST, "mx-old-remains", SEVERITY_WARNING, MX, "mx.old.org",
	  "remove the MX record 10 mx.old.org" },
	{ old_sibling_is_backup, PHASE_POST, "mx-old-remains", SEVERITY_WARNING, MX, "mx2.old.org",
	  NULL },
	{ old_is_preferred, PHASE_POST, "mx-old-remains", SEVERITY_BLOCKER, MX, "is preferred",
	  "5 mx.old.org" },
	{ old_is_preferred, PHASE_POST, "mx-priority-conflict", SILENT, NULL, NULL, NULL },
	{ old_is_preferred, PHASE_POST, "mx-not-target", SILENT, NULL, NULL, NULL },
	{ old_is_as_preferred, PHASE_POST, "mx-old-remains", SILENT, NULL, NULL, NULL },
	{ old_is_as_preferred, PHASE_POST, "mx-priority-conflict", SEVERITY_BLOCKER, MX,
	  "mx.old.org is as preferred", "0 mx.old.org" },
	{ old_is_backup, PHASE_READY, "mx-old-remains", SILENT, NULL, NULL, NULL },
	{ not_switched, PHASE_POST, "mx-old-remains", SILENT, NULL, NULL, NULL },
	{ stranger_is_as_preferred, PHASE_POST, "mx-priority-conflict", SEVERITY_BLOCKER, MX,
	  "mail.example.com", NULL },
	{ stranger_is_backup, PHASE_POST, "mx-priority-conflict", SILENT, NULL, NULL, NULL },
	{ two_planned, PHASE_POST, "mx-priority-conflict", SILENT, NULL, NULL, NULL },
	{ two_planned, PHASE_POST, "mx-not-target", SILENT, NULL, NULL, NULL },
	{ not_switched, PHASE_POST, "mx-not-target", SEVERITY_BLOCKER, MX, "all 2 servers",
	  "0 mx.new.org." },
	{ switched_at_one, PHASE_POST, "mx-not-target", SEVERITY_BLOCKER, MX, "1 of 2 servers",
	  NULL },
	{ wrong_preference, PHASE_POST, "mx-not-target", SEVERITY_BLOCKER, MX,
	  "mx.new.org must have the preference 0", NULL },
	{ mx_unreadable, PHASE_POST, "mx-not-target", SILENT, NULL, NULL, NULL },
	{ not_switched, PHASE_READY, "mx-not-target", SILENT, NULL, NULL, NULL },
	{ planned_host_gone, PHASE_AUDIT, "mx-target-unprovisioned", SEVERITY_WARNING, MX,
	  "mx.new.org does not exist yet", NULL },
	{ planned_host_gone, PHASE_READY, "mx-target-unprovisioned", SEVERITY_BLOCKER, MX, NULL,
	  NULL },
	{ microsoft_not_provisioned, PHASE_READY, "mx-target-unprovisioned", SEVERITY_BLOCKER, MX,
	  "the tenant has not accepted", "admin centre" },
	{ planned_host_bare, PHASE_READY, "mx-target-unprovisioned", SILENT, NULL, NULL, NULL },
	{ mx_host_gone, PHASE_READY, "mx-target-unprovisioned", SILENT, NULL, NULL, NULL },
	{ another_tenants_host, PHASE_POST, "mx-tenant-key", SEVERITY_BLOCKER, MX, "x-org",
	  "0 x-net.mail.protection.outlook.com." },
	{ another_tenants_host, PHASE_POST, "mx-not-target", SILENT, NULL, NULL, NULL },
	{ another_form_of_host, PHASE_POST, "mx-tenant-key", SEVERITY_BLOCKER, MX, NULL, NULL },
	{ another_tenants_host, PHASE_READY, "mx-tenant-key", SILENT, NULL, NULL, NULL },
	{ switched_to_microsoft, PHASE_POST, "mx-tenant-key", SILENT, NULL, NULL, NULL },
	{ plan_unusual_key, PHASE_READY, "mx-tenant-key", SEVERITY_INFO, MX, "the planned",
	  "admin centre" },
	{ no_plan_unusual_key, PHASE_AUDIT, "mx-tenant-key", SEVERITY_INFO, MX, NULL, NULL },
	{ plan_key_with_suffix, PHASE_READY, "mx-tenant-key", SILENT, NULL, NULL, NULL },
	{ lists_at_old, PHASE_AUDIT, "mx-subdomain-old", SEVERITY_WARNING, "lists.x.net MX",
	  "mx.old.org", "lists.x.net" },
	{ lists_elsewhere, PHASE_AUDIT, "mx-subdomain-old", SILENT, NULL, NULL, NULL },
	{ wildcard_at_old, PHASE_AUDIT, "mx-subdomain-old", SEVERITY_WARNING, "*.x.net MX", NULL,
	  NULL },
	{ own_host_without_ptr, PHASE_AUDIT, "mx-ptr-missing", SEVERITY_INFO,
	  "mail.x.net 127.0.0.9", NULL, "mail.x.net" },
	{ own_host_with_ptr, PHASE_AUDIT, "mx-ptr-missing", SILENT, NULL, NULL, NULL },
	{ own_host_ptr_unreadable, PHASE_AUDIT, "mx-ptr-missing", SILENT, NULL, NULL, NULL },
	{ foreign_host_without_ptr, PHASE_AUDIT, "mx-ptr-missing", SILENT, NULL, NULL, NULL },
};

enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static void every_scene_gets_its_finding(void **state)
{
	(void)state;
	scenes_run(scenes, SCENES);
}

static void every_check_has_both_scenes(void **state)
{
	(void)state;
	scenes_cover(mx_checks, scenes, SCENES);
}

static void a_wildcard_is_said_once(void **state)
{
	(void)state;
	struct sample x;
	sample_init(&x);
	wildcard_at_old(&x);
	assert_int_equal(sample_run(&x, "mx-subdomain-old", NULL), 1);
	sample_lookup(&x, "news.x.net.", RR_MX, SEEN_DATA, RDATA("5 mx2.old.org."));
	assert_int_equal(sample_run(&x, "mx-subdomain-old", NULL), 2); /* a record of its own */
	sample_release(&x);
}

/* Then the provider's name tells nothing, but the host's does. */
static void one_provider_on_both_sides(void **state)
{
	(void)state;
	static const char *const source[] = { "x-net.mail.protection.outlook.com.", NULL };
	struct sample x;
	sample_init(&x);
	sample_switch(&x);
	x.in.source_mx = source;
	x.in.target_mx = sample_set(&x, Q_MX, 300, RDATA("0 x-net.r-v1.mx.microsoft."));
	sample_data_all(&x, Q_MX, 300,
			RDATA("0 x-net.r-v1.mx.microsoft.", "9 y-net.r-v1.mx.microsoft."));
	assert_int_equal(sample_run(&x, "mx-old-remains", NULL), 0);
	sample_data_all(
		&x, Q_MX, 300,
		RDATA("0 x-net.r-v1.mx.microsoft.", "9 x-net.mail.protection.outlook.com."));
	assert_int_equal(sample_run(&x, "mx-old-remains", NULL), 1);
	sample_release(&x);
}

static void evidence_is_what_each_server_said(void **state)
{
	(void)state;
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	sample_switch(&x);
	switched_at_one(&x);
	assert_int_equal(sample_run(&x, "mx-not-target", &f), 1);
	assert_int_equal(f->evidence_n, 2);
	assert_non_null(strstr(f->evidence[0].saw, "mx.new.org"));
	assert_non_null(strstr(f->evidence[1].saw, "mx.old.org"));
	sample_release(&x);
}

static const struct {
	const char *address, *what; /* what NULL: an address like any other */
} addresses[] = {
	{ "0.1.2.3", "this network" },
	{ "10.255.0.1", "private" },
	{ "100.64.0.1", "NAT" },
	{ "100.128.0.1", NULL },
	{ "127.255.255.255", "loopback" },
	{ "169.254.1.1", "link-local" },
	{ "172.15.255.255", NULL },
	{ "172.16.0.0", "private" },
	{ "172.31.255.255", "private" },
	{ "172.32.0.0", NULL },
	{ "192.0.2.1", "documentation" },
	{ "192.168.0.1", "private" },
	{ "198.17.255.255", NULL },
	{ "198.19.0.1", "benchmarks" },
	{ "203.0.113.5", "documentation" },
	{ "224.0.0.1", "multicast" },
	{ "255.255.255.255", "reserved" },
	{ "::", "unspecified" },
	{ "::1", "loopback" },
	{ "::2", NULL },
	{ "::ffff:8.8.8.8", "mapped" },
	{ "2001:db8::1", "documentation" },
	{ "2001:db9::1", NULL },
	{ "3fff:fff::1", "documentation" },
	{ "fdff::1", "private" },
	{ "fe80::1", "link-local" },
	{ "fec0::1", NULL },
	{ "ff02::1", "multicast" },
	{ "mail.x.net", NULL },
};

static void special_addresses_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const char *got = address_special(addresses[i].address);
		bool right = addresses[i].what == NULL
				     ? got == NULL
				     : got != NULL && strstr(got, addresses[i].what) != NULL;
		if (!right)
			fail_msg("%s: %s", addresses[i].address, got != NULL ? got : "public");
	}
	assert_true(address_is_in("127.53.1.1", "127.53.0.0/16"));
	assert_false(address_is_in("127.54.1.1", "127.53.0.0/16"));
	assert_true(address_is_in("1.2.3.4", "0.0.0.0/0"));
	assert_true(address_is_in("1.2.3.4", "1.2.3.4"));
	assert_false(address_is_in("1.2.3.4", "1.2.3.4/33"));
	assert_false(address_is_in("::1", "0.0.0.0/0"));
	assert_false(address_is_in("1.2.3.4", "1.2.3.4/x"));
}

static void literals_and_reverse_names(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	assert_true(address_is_literal("192.0.2.1."));
	assert_true(address_is_literal("[192.0.2.1]"));
	assert_true(address_is_literal("2001:db8::1."));
	assert_false(address_is_literal("192.0.2.1.x.net."));
	assert_false(address_is_literal("192.0.2."));
	assert_false(address_is_literal(""));
	assert_string_equal(address_reverse(a, "192.0.2.1"), "1.2.0.192.in-addr.arpa.");
	assert_string_equal(address_reverse(a, "2001:db8::567:89ab"),
			    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
			    "ip6.arpa.");
	assert_null(address_reverse(a, "x.net"));
	arena_free(a);
}

/* Each server has a thousand hosts of its own: all with all would be millions of comparisons
 * for each row of the table. */
static void a_thousand_hosts_are_not_all_looked_at(void **state)
{
	enum { MANY = 1000 };
	struct sample x;
	const char *rdata[MANY + 1] = { NULL };
	(void)state;
	sample_init(&x);
	for (size_t i = 0; i < SERVERS; i++) {
		for (size_t k = 0; k < MANY; k++)
			rdata[k] = arena_printf(x.a, "10 h%zu.s%zu.x.net.", k, i);
		sample_data(&x, i, Q_MX, 300, rdata);
	}
	struct findings findings = { 0 };
	struct checking c = { .a = x.a, .in = &x.in, .s = &x.s, .out = &findings };
	assert_int_equal(mx_served(&c).n, 128);
	const char *shown = check_show_rdata(&c, x.seen[0][Q_MX].rrset);
	assert_non_null(strstr(shown, " and 936 more"));
	sample_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scene_gets_its_finding),
		cmocka_unit_test(every_check_has_both_scenes),
		cmocka_unit_test(a_wildcard_is_said_once),
		cmocka_unit_test(one_provider_on_both_sides),
		cmocka_unit_test(evidence_is_what_each_server_said),
		cmocka_unit_test(special_addresses_are_known),
		cmocka_unit_test(literals_and_reverse_names),
		cmocka_unit_test(a_thousand_hosts_are_not_all_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
