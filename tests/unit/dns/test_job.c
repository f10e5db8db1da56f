#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "io/dial.h"
#include "io/http.h"
#include "job_world.h"
#include "tcp_site.h"

static int setup(void **state)
{
	*state = job_world_new();
	return 0;
}

static int teardown(void **state)
{
	walk_world_free(*state);
	return 0;
}

static const struct snapshot *take(struct walk_world *w, const struct snapshot_opts *opts)
{
	return job_world_finish(w, snapshot_begin(w->a, opts));
}

static const struct seen *need(const struct snapshot *s, const char *name, uint16_t type)
{
	const struct seen *seen = snapshot_lookup(s, name, type);
	if (seen == NULL)
		fail_msg("%s type %u was not looked up", name, (unsigned)type);
	return seen;
}

/* Who gave the answer. */
static const char *address_of(const struct snapshot *s, const char *name, uint16_t type)
{
	for (size_t i = 0; i < s->lookup_n; i++) {
		if (&s->lookups[i].seen == need(s, name, type))
			return s->lookups[i].address;
	}
	return NULL;
}

static void what_lies_around_the_domain_is_looked_up(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	static const struct dns_question extra[] = { { "s1._domainkey.x.net.", RR_CNAME } };
	static const struct dns_question single[] = { { "own.x.net.", RR_MX } };
	opts.extra = extra;
	opts.extra_n = 1;
	opts.single = single;
	opts.single_n = 1;
	const struct snapshot *s = take(w, &opts);
	assert_false(s->out_of_time);
	assert_int_equal(need(s, "_25._tcp.mail.x.net.", RR_TLSA)->state, SEEN_DATA);
	assert_int_equal(need(s, "99.0.0.127.in-addr.arpa.", RR_PTR)->state, SEEN_NXDOMAIN);
	const struct seen *key = need(s, "s1._domainkey.x.net.", RR_TXT);
	assert_int_equal(key->state, SEEN_DATA);
	assert_string_equal(key->alias, "key.dns.org.");
	assert_int_equal(need(s, "news.x.net.", RR_MX)->state, SEEN_DATA);
	assert_non_null(address_of(s, "news.x.net.", RR_MX));
	assert_string_equal(address_of(s, "s1._domainkey.x.net.", RR_TXT), JOB_TWO);
	assert_string_equal(address_of(s, "x.net._report._dmarc.other.org.", RR_TXT), JOB_NET);
	assert_int_equal(need(s, "own.x.net.", RR_MX)->state, SEEN_NXDOMAIN);
	assert_int_equal(need(s, "www.x.net.", RR_TXT)->state, SEEN_DATA);
	assert_int_equal(need(s, "x.net.x.net.", RR_TXT)->state, SEEN_NXDOMAIN);
	assert_int_equal(need(s, "_domainkey.x.net.", RR_TXT)->state, SEEN_NODATA);
	assert_int_equal(need(s, "_imaps._tcp.x.net.", RR_SRV)->state, SEEN_NXDOMAIN);
	assert_int_equal(need(s, "x.net.", RR_CAA)->state, SEEN_NODATA);
	assert_int_equal(need(s, "mta-sts.x.net.", RR_CAA)->state, SEEN_NODATA);
	const char *nobody = arena_printf(w->a, "%s.x.net.", s->random_label);
	assert_int_equal(need(s, nobody, RR_MX)->state, SEEN_NXDOMAIN);
	/* Its own record is there, so nothing above it counts; reports go to strangers. */
	assert_null(snapshot_lookup(s, "_dmarc.net.", RR_TXT));
	assert_int_equal(need(s, "x.net._report._dmarc.other.org.", RR_TXT)->state, SEEN_DATA);
}

/* In a crowd: a name that does not exist has no types, and nothing between that anybody would miss.
 */
static void what_is_denied_is_not_asked_for_again(void **state)
{
	struct walk_world *w = *state;
	struct walk_cache *cache = walk_cache_new(1000, &w->clock);
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	opts.cache = cache;
	static const struct dns_question extra[] = { { "no.x.net.", RR_CNAME },
						     { "no.x.net.", RR_A },
						     { "news.x.net.", RR_CNAME },
						     { "news.x.net.", RR_MX } };
	opts.extra = extra;
	opts.extra_n = 4;
	const struct snapshot *s = take(w, &opts);
	const char *nobody = arena_printf(w->a, "%s.x.net.", s->random_label);
	assert_null(snapshot_lookup(s, nobody, RR_MX));
	assert_null(snapshot_lookup(s, "_tcp.x.net.", RR_TXT));
	assert_int_equal(need(s, "_imaps._tcp.x.net.", RR_SRV)->state, SEEN_NXDOMAIN);
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *denied = server_seen(&s->servers[i], "no.x.net.", RR_A);
		assert_int_equal(denied->state, SEEN_NXDOMAIN);
		assert_int_equal(denied->question.type, RR_A);
		assert_int_equal(server_seen(&s->servers[i], "news.x.net.", RR_MX)->state,
				 SEEN_DATA);
	}
	walk_cache_free(cache);
}

static void each_lookup_stands_once_and_in_order(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	const struct snapshot *s = take(w, &opts);
	for (size_t i = 1; i < s->lookup_n; i++) {
		const struct dns_question *a = &s->lookups[i - 1].seen.question;
		const struct dns_question *b = &s->lookups[i].seen.question;
		int names = strcmp(a->name, b->name);
		assert_true(names < 0 || (names == 0 && a->type < b->type));
	}
	for (size_t i = 0; i < s->host_n; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s->hosts[i].name, s->hosts[k].name);
	}
}

static void the_spf_tree_and_its_terms(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(s->spf_n, 3);
	assert_null(s->spf[0].via);
	assert_string_equal(s->spf[1].name, "spf.dns.org.");
	assert_string_equal(s->spf[2].via, "redirect");
	assert_int_equal(s->spf[2].n, 1);
	assert_int_equal(need(s, "mail.x.net.", RR_A)->state, SEEN_DATA);
	assert_int_equal(need(s, "mail.x.net.", RR_AAAA)->state, SEEN_NODATA);
	assert_int_equal(need(s, "some.dns.org.", RR_A)->state, SEEN_NXDOMAIN);
	assert_int_equal(need(s, "x.net.", RR_MX)->state, SEEN_DATA);
	assert_int_equal(snapshot_host(s, "mail.x.net.")->n, 1);
}

static void a_missing_dmarc_record_is_looked_for_above(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(need(s, "_dmarc.net.", RR_TXT)->state, SEEN_NXDOMAIN);
	assert_int_equal(s->sts.fetch, STS_NOT_ASKED);
	assert_null(snapshot_host(s, "mta-sts.plain.net."));
}

/* The permission is for the owner of the record, not for who inherits it. */
static void an_inherited_record_asks_for_its_owner(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "news.x.net.");
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(need(s, "_dmarc.x.net.", RR_TXT)->state, SEEN_DATA);
	assert_int_equal(need(s, "x.net._report._dmarc.other.org.", RR_TXT)->state, SEEN_DATA);
	assert_null(snapshot_lookup(s, "news.x.net._report._dmarc.other.org.", RR_TXT));
}

static void servers_that_others_name_are_asked_the_same(void **state)
{
	struct walk_world *w = *state;
	static const char *const panel[] = { "ns.panel.org.", "ns1.x.net.", NULL };
	static const char *const previous[] = { "ns.panel.org.", "ns.nobody.org.", NULL };
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	opts.panel_ns = panel;
	opts.previous_ns = previous;
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(s->server_n, 2);
	assert_int_equal(s->other_n, 3); /* the delegated one is none of them */
	assert_int_equal(s->others[0].role, OTHER_PANEL);
	assert_string_equal(s->others[0].server.address, JOB_PANEL);
	assert_int_equal(s->others[0].server.state, SERVER_OK);
	assert_int_equal(s->others[0].server.habits.tcp, PROBE_NOT_TRIED);
	assert_int_equal(s->others[1].role, OTHER_PREVIOUS);
	const struct server_view *lost = &s->others[2].server;
	assert_string_equal(lost->address, "");
	assert_string_equal(lost->note, "its name has no address");
}

static void servers_stand_in_the_order_of_their_names(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	const struct snapshot *s = take(w, &opts);
	assert_string_equal(s->servers[0].name, "ns.dns.org.");
	assert_string_equal(s->servers[1].name, "ns1.x.net.");
	assert_int_equal(s->glue_n, 1);
	assert_string_equal(s->glue[0].host, "ns1.x.net.");
	assert_string_equal(s->glue[0].address, JOB_ONE);
	/* Nothing listens on TCP there, and nobody recurses. */
	const struct server_habits *h = &s->servers[1].habits;
	assert_int_equal(h->tcp, PROBE_NO);
	assert_string_equal(h->tcp_note, "connection refused");
	assert_int_equal(h->recursive, PROBE_NO);
	assert_int_equal(h->axfr, PROBE_NOT_TRIED);
}

static const char given_zone[] = "plain.net. 60 SOA ns h 1 600 120 86400 300\n"
				 "far.plain.net. 60 MX 5 ns.plain.net.\n"
				 "plain.net. 60 MX 5 ns.plain.net.\n"
				 "strange.org. 60 MX 5 ns.plain.net.\n"
				 "further.plain.net. 60 MX 5 ns.plain.net.\n";

static const struct snapshot *take_with_site(struct walk_world *w, enum tcp_site_way way,
					     const struct snapshot_opts *opts)
{
	struct tcp_site *site = tcp_site_start(
		&(struct tcp_site_opts){ .address = JOB_ONE,
					 .port = internet_port(w->net),
					 .text = given_zone,
					 .per_message = 2,
					 .way = way });
	const struct snapshot *s = take(w, opts);
	tcp_site_stop(site);
	return s;
}

/* In several messages. */
static void an_open_transfer_tells_names(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	const struct snapshot *s = take_with_site(w, SITE_WHOLE, &opts);
	assert_int_equal(s->servers[0].habits.tcp, PROBE_YES);
	assert_int_equal(s->servers[0].habits.axfr, PROBE_YES);
	assert_false(s->axfr_cut);
	assert_int_equal(s->axfr_n, 2);
	assert_string_equal(s->axfr_mx[0], "far.plain.net.");
	assert_string_equal(s->axfr_mx[1], "further.plain.net.");
	(void)need(s, "far.plain.net.", RR_MX);
	(void)need(s, "further.plain.net.", RR_MX);
}

/* What was given before that counts. */
static void a_transfer_that_goes_wrong_is_cut(void **state)
{
	struct walk_world *w = *state;
	static const enum tcp_site_way ways[] = { SITE_STOPS, SITE_ENDLESS, SITE_RUBBISH };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct snapshot_opts opts = job_world_opts(w, "plain.net.");
		const struct snapshot *s = take_with_site(w, ways[i], &opts);
		assert_int_equal(s->servers[0].habits.axfr, PROBE_YES);
		assert_true(s->axfr_cut);
		assert_false(s->out_of_time);
		assert_int_equal(s->axfr_n, 2);
	}
}

static void a_refused_transfer_is_closed(void **state)
{
	struct walk_world *w = *state;
	static const enum tcp_site_way ways[] = { SITE_REFUSES, SITE_STRANGE };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct snapshot_opts opts = job_world_opts(w, "plain.net.");
		const struct snapshot *s = take_with_site(w, ways[i], &opts);
		assert_int_equal(s->servers[0].habits.tcp, PROBE_YES);
		assert_int_equal(s->servers[0].habits.axfr, PROBE_NO);
		assert_false(s->axfr_cut);
		assert_int_equal(s->axfr_n, 0);
	}
}

/* It would hold the job for three seconds; the budget is shorter. */
static void a_transfer_that_hangs_ends_with_the_time(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	opts.budget_ms = 700;
	const struct snapshot *s = take_with_site(w, SITE_HANGS, &opts);
	assert_true(s->out_of_time);
	assert_int_equal(s->servers[0].habits.axfr, PROBE_YES);
	assert_true(s->axfr_cut);
	assert_int_equal(s->axfr_n, 2);
}

/* Nobody asks ten thousand times for whole zones. */
static void a_bulk_audit_asks_for_no_transfer(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	opts.cache = walk_cache_new(1000, &w->clock);
	const struct snapshot *s = take_with_site(w, SITE_WHOLE, &opts);
	assert_int_equal(s->servers[0].habits.tcp, PROBE_YES);
	assert_int_equal(s->servers[0].habits.axfr, PROBE_NOT_TRIED);
	assert_int_equal(s->axfr_n, 0);
	walk_cache_free(opts.cache);
}

static const struct zone_link *link_of(const struct snapshot *s, const char *zone)
{
	for (size_t i = 0; i < s->link_n; i++) {
		if (strcmp(s->links[i].zone, zone) == 0)
			return &s->links[i];
	}
	fail_msg("no link for %s", zone);
	return NULL;
}

static void a_signed_domain_has_its_whole_chain(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "signed.net.");
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(s->link_n, 3);
	assert_string_equal(s->links[0].zone, ".");
	assert_null(s->links[0].parent);
	assert_int_equal(s->links[0].ds.state, SEEN_UNREADABLE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(s->links[i].dnskey.state, SEEN_DATA);
		assert_true(i == 0 || s->links[i].ds.state == SEEN_DATA);
	}
	assert_string_equal(s->links[2].parent, "net.");
}

/* No referral led there, and its answers have no signature: they are not the upper zone's. */
static void an_answer_is_of_the_zone_below(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "signed.net.");
	const struct snapshot *s = take(w, &opts);
	const struct lookup *shop = NULL;
	for (size_t i = 0; i < s->lookup_n; i++) {
		const struct dns_question *q = &s->lookups[i].seen.question;
		if (q->type == RR_MX && strcmp(q->name, "shop.signed.net.") == 0)
			shop = &s->lookups[i];
	}
	assert_non_null(shop);
	assert_int_equal(shop->seen.state, SEEN_DATA);
	assert_null(shop->seen.proof);
	assert_string_equal(shop->zone, "shop.signed.net.");
}

static void an_unsigned_domain_costs_no_keys(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(link_of(s, "net.")->ds.state, SEEN_DATA);
	assert_int_equal(link_of(s, "plain.net.")->ds.state, SEEN_NODATA);
	assert_int_equal(link_of(s, "net.")->dnskey.state, SEEN_UNREADABLE);
	assert_string_equal(link_of(s, ".")->dnskey.note, "not asked");
}

static void a_zone_of_keys_has_its_chain_too(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	static const struct dns_question extra[] = { { "s1._domainkey.x.net.", RR_CNAME } };
	opts.extra = extra;
	opts.extra_n = 1;
	const struct snapshot *s = take(w, &opts);
	assert_string_equal(link_of(s, "dns.org.")->parent, "org.");
}

static void the_panel_is_asked_after_its_control(void **state)
{
	struct walk_world *w = *state;
	/* The root itself answers for ".", but never with recursion; one refuses; one is mute. */
	static const char *const panel[] = { WORLD_ROOT, JOB_ONE, JOB_SILENT, NULL };
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	opts.resolvers = panel;
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(s->resolver_n, 3);
	assert_true(s->resolvers[0].works);
	assert_non_null(resolver_seen(&s->resolvers[0], "x.net.", RR_MX));
	assert_string_equal(resolver_seen(&s->resolvers[0], "x.net.", RR_SOA)->note, "not asked");
	assert_false(s->resolvers[1].works);
	assert_string_equal(s->resolvers[1].note, "REFUSED");
	assert_string_equal(resolver_seen(&s->resolvers[1], "x.net.", RR_MX)->note, "not asked");
	assert_false(s->resolvers[2].works);
}

static void its_time_ends(void **state)
{
	struct walk_world *w = *state;
	static const char *const panel[] = { JOB_SILENT, NULL };
	struct snapshot_opts opts = job_world_opts(w, "silent.net.");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.resolvers = panel;
	opts.engine = walk_world_patient(w);
	struct snapshot_job *job = snapshot_begin(w->a, &opts);
	/* Until its servers are asked; they never answer. */
	while (internet_asked_at(w->net, JOB_SILENT) < 4) {
		assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_ASKING);
		(void)dns_engine_turn(opts.engine, 1);
	}
	w->ahead_ms = 5500;
	assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_DONE);
	assert_int_equal(dns_engine_open(opts.engine), 0);
	dns_engine_free(opts.engine);
	assert_true(s->out_of_time);
	assert_int_equal(s->delegation, DELEGATION_BROKEN);
	assert_int_equal(s->servers[0].state, SERVER_SILENT);
	assert_string_equal(s->servers[0].note, "not answered within 5.5 s");
	assert_int_equal(s->servers[0].seen[2].state, SEEN_UNREADABLE);
	assert_string_equal(s->resolvers[0].note, "no answer");
}

/* The zone's servers are slow, and its mail host lies in it: what a resolver remembers begins the
 * asking for the address. When that is too late even so, nothing is said to be missing. */
static void a_slow_zones_hosts_are_asked_for_early(void **state)
{
	struct walk_world *w = *state;
	static const char *const panel[] = { JOB_RESOLVER, NULL };
	struct snapshot_opts opts = job_world_opts(w, "silent.net.");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.resolvers = panel;
	opts.engine = walk_world_patient(w);
	struct snapshot_job *job = snapshot_begin(w->a, &opts);
	/* The nine questions, recursion, two for the name server, two for the host. */
	while (internet_asked_at(w->net, JOB_SILENT) < 14) {
		assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_ASKING);
		(void)dns_engine_turn(opts.engine, 1);
	}
	w->ahead_ms = 5500;
	assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_DONE);
	dns_engine_free(opts.engine);
	assert_true(s->out_of_time);
	assert_int_equal(resolver_seen(&s->resolvers[0], "silent.net.", RR_MX)->state, SEEN_DATA);
	const struct host_view *mail = snapshot_host(s, "mail.silent.net.");
	assert_non_null(mail);
	assert_int_equal(mail->state, SEEN_UNREADABLE);
	assert_null(snapshot_lookup(s, "_25._tcp.mail.silent.net.", RR_TLSA));
	assert_null(snapshot_host(s, "."));
}

/* A wall clock that is set, forwards or back, while the job waits. */
static void a_clock_that_is_set_changes_nothing(void **state)
{
	struct walk_world *w = *state;
	static const int64_t steps[] = { 86400000, -86400000 };
	for (size_t i = 0; i < 2; i++) {
		struct snapshot_opts opts = job_world_opts(w, "silent.net.");
		const struct snapshot *s = NULL;
		struct err e = { 0 };
		opts.engine = walk_world_patient(w);
		w->ahead_ms = w->set_ms = 0;
		struct snapshot_job *job = snapshot_begin(w->a, &opts);
		unsigned before = internet_asked_at(w->net, JOB_SILENT);
		while (internet_asked_at(w->net, JOB_SILENT) < before + 4) {
			assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_ASKING);
			(void)dns_engine_turn(opts.engine, 1);
		}
		w->set_ms = steps[i];
		assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_ASKING);
		assert_true(snapshot_wait_ms(job, 5500) <= 5500);
		w->ahead_ms = 5500;
		assert_int_equal(snapshot_wait_ms(job, 5500), 0);
		assert_int_equal(snapshot_poll(job, &s, &e), SNAPSHOT_DONE);
		dns_engine_free(opts.engine);
		assert_true(s->out_of_time);
	}
}

static void a_broken_domain_delays_no_other(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts broken = job_world_opts(w, "silent.net.");
	struct snapshot_opts fine = job_world_opts(w, "x.net.");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	broken.engine = fine.engine = walk_world_patient(w);
	broken.budget_ms = 3600000;
	struct snapshot_job *a = snapshot_begin(w->a, &broken);
	struct snapshot_job *b = snapshot_begin(w->a, &fine);
	enum snapshot_progress progress = SNAPSHOT_ASKING;
	while (progress == SNAPSHOT_ASKING) {
		assert_int_equal(snapshot_poll(a, &s, &e), SNAPSHOT_ASKING);
		progress = snapshot_poll(b, &s, &e);
		assert_int_equal(snapshot_turn(fine.engine, NULL, 10, &e), 0);
	}
	assert_int_equal(progress, SNAPSHOT_DONE);
	assert_int_equal(s->server_n, 2);
	snapshot_drop(a);
	assert_int_equal(dns_engine_open(fine.engine), 0);
	dns_engine_free(fine.engine);
}

static void of_one_host_only_some_addresses_count(void **state)
{
	struct walk_world *w = *state;
	static const char *const panel[] = { "ns.wide.org.", NULL };
	static const char *const hosts[] = { "ns.wide.org." };
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	opts.panel_ns = panel;
	opts.hosts = hosts;
	opts.host_n = 1;
	const struct snapshot *s = take(w, &opts);
	assert_int_equal(snapshot_host(s, "ns.wide.org.")->n, HOST_ADDRESSES_MAX);
	assert_int_equal(s->other_n, HOST_ADDRESSES_MAX);
}

/* The budget would be long enough for all of it. */
static void who_sends_too_much_is_not_read_to_the_end(void **state)
{
	struct walk_world *w = *state;
	static const char *const panel[] = { WORLD_ROOT, NULL };
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	opts.resolvers = panel;
	opts.octets_max = 1500;
	const struct snapshot *s = take(w, &opts);
	size_t unread = 0;
	assert_true(s->too_much);
	assert_false(s->out_of_time);
	for (size_t i = 0; i < s->server_n; i++) {
		for (size_t k = 0; k < s->servers[i].n; k++) {
			const struct seen *seen = &s->servers[i].seen[k];
			unread += seen->state == SEEN_UNREADABLE ? 1 : 0;
			if (seen->state == SEEN_UNREADABLE)
				assert_string_equal(seen->note, walk_too_much);
		}
	}
	assert_true(unread > 0);
	opts.octets_max = 0;
	assert_false(take(w, &opts)->too_much);
}

/* After any number of turns; the sanitizer finds what is left behind. */
static void it_can_be_dropped_at_any_time(void **state)
{
	struct walk_world *w = *state;
	for (unsigned turns = 0; turns < 12; turns++) {
		struct arena *a = arena_new();
		struct snapshot_opts opts = job_world_opts(w, "x.net.");
		const struct snapshot *s = NULL;
		struct err e = { 0 };
		struct snapshot_job *job = snapshot_begin(a, &opts);
		enum snapshot_progress p = SNAPSHOT_ASKING;
		for (unsigned i = 0; i < turns && p == SNAPSHOT_ASKING; i++) {
			(void)dns_engine_turn(w->en, 10);
			p = snapshot_poll(job, &s, &e);
		}
		if (p == SNAPSHOT_ASKING)
			snapshot_drop(job);
		assert_int_equal(dns_engine_open(w->en), 0);
		arena_free(a);
	}
}

static void an_interruption_fails_it(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "silent.net.");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	assert_int_equal(write(w->wake[1], "x", 1), 1);
	assert_int_equal(snapshot_take(w->a, &opts, &s, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
}

/* Nothing serves HTTPS there. */
static void a_policy_that_cannot_be_fetched(void **state)
{
	struct walk_world *w = *state;
	struct snapshot_opts opts = job_world_opts(w, "x.net.");
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	opts.http = http_new(&(struct http_opts){ .port = internet_port(w->net) }, &e);
	assert_int_equal(snapshot_take(w->a, &opts, &s, &e), 0);
	assert_int_equal(s->sts.fetch, STS_FAILED);
	assert_string_equal(s->sts.note, "no connection to the web server");
	assert_string_equal(snapshot_host(s, "mta-sts.x.net.")->addresses[0], "127.0.0.90");
	http_free(opts.http);
}

static void everything_goes_there_and_back(void **state)
{
	struct walk_world *w = *state;
	static const char *const names[] = { "ns.panel.org.", NULL };
	static const char *const panel[] = { WORLD_ROOT, JOB_ONE, NULL };
	static const char *const domains[] = { "x.net.", "signed.net.", "silent.net.", "no.net." };
	for (size_t i = 0; i < 4; i++) {
		struct snapshot_opts opts = job_world_opts(w, domains[i]);
		struct err e = { 0 };
		opts.panel_ns = names;
		opts.resolvers = panel;
		const struct snapshot *s = take(w, &opts);
		struct js *v = snapshot_to_js(s);
		const struct snapshot *back = snapshot_from_js(w->a, v, &e);
		if (back == NULL)
			fail_msg("%s: %s", domains[i], e.text);
		struct js *again = snapshot_to_js(back);
		assert_string_equal(js_text(w->a, again), js_text(w->a, v));
		assert_int_equal(back->lookup_n, s->lookup_n);
		assert_int_equal(back->link_n, s->link_n);
		js_free(again);
		js_free(v);
	}
}

static void a_healthy_domain_is_cheap(void **state)
{
	struct walk_world *w = *state;
	struct walk_cache *cache = walk_cache_new(1000, &w->clock);
	struct snapshot_opts opts = job_world_opts(w, "plain.net.");
	opts.cache = cache;
	(void)take(w, &opts);
	internet_count_anew(w->net);
	const struct snapshot *s = take(w, &opts);
	assert_in_range(internet_asked_once(w->net), 20, 50);
	assert_int_equal(s->servers[0].n, 9);
	walk_cache_free(cache);
}

int main(void)
{
	dial_global_init();
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_lies_around_the_domain_is_looked_up),
		WORLD_TEST(what_is_denied_is_not_asked_for_again),
		WORLD_TEST(each_lookup_stands_once_and_in_order),
		WORLD_TEST(the_spf_tree_and_its_terms),
		WORLD_TEST(a_missing_dmarc_record_is_looked_for_above),
		WORLD_TEST(an_inherited_record_asks_for_its_owner),
		WORLD_TEST(servers_that_others_name_are_asked_the_same),
		WORLD_TEST(servers_stand_in_the_order_of_their_names),
		WORLD_TEST(an_open_transfer_tells_names),
		WORLD_TEST(a_transfer_that_goes_wrong_is_cut),
		WORLD_TEST(a_refused_transfer_is_closed),
		WORLD_TEST(a_transfer_that_hangs_ends_with_the_time),
		WORLD_TEST(a_bulk_audit_asks_for_no_transfer),
		WORLD_TEST(a_signed_domain_has_its_whole_chain),
		WORLD_TEST(an_answer_is_of_the_zone_below),
		WORLD_TEST(an_unsigned_domain_costs_no_keys),
		WORLD_TEST(a_zone_of_keys_has_its_chain_too),
		WORLD_TEST(the_panel_is_asked_after_its_control),
		WORLD_TEST(its_time_ends),
		WORLD_TEST(a_slow_zones_hosts_are_asked_for_early),
		WORLD_TEST(a_clock_that_is_set_changes_nothing),
		WORLD_TEST(a_broken_domain_delays_no_other),
		WORLD_TEST(of_one_host_only_some_addresses_count),
		WORLD_TEST(who_sends_too_much_is_not_read_to_the_end),
		WORLD_TEST(it_can_be_dropped_at_any_time),
		WORLD_TEST(an_interruption_fails_it),
		WORLD_TEST(a_policy_that_cannot_be_fetched),
		WORLD_TEST(everything_goes_there_and_back),
		WORLD_TEST(a_healthy_domain_is_cheap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
