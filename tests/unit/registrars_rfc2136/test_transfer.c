/*
 * Zone transfers: whole or an error, in one message or in many, signed by ldns.
 */
#include "tests/unit/registrars_rfc2136/fake_server.h"

#include "registrars/rfc2136/rfc2136.h"

enum stream_fault {
	FAULT_NONE,
	FAULT_ENDS_EARLY, /* the connection ends before the second SOA */
	FAULT_NO_SOA_FIRST,
	FAULT_OTHER_SERIAL, /* the last SOA is another */
	FAULT_FOREIGN_NAME,
	FAULT_FORGED_SECOND, /* the second message is signed by somebody else */
	FAULT_REFUSED,
	FAULT_BEHIND_END,
	FAULT_EMPTY, /* all messages behind the first one */
};

struct stream {
	struct fake_world *world;
	struct server server;
	struct secret *secret;
	enum stream_fault fault;
	size_t per_message;
	size_t sign_every; /* 1: each message; else some in the middle have no signature */
	bool unsigned_end;
};

static ldns_rr *rr_of(const char *line)
{
	ldns_rr *rr = NULL;
	assert_int_equal(ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL), LDNS_STATUS_OK);
	return rr;
}

/* The zone's records with the SOA at both ends, and what the fault does to them. */
static ldns_rr_list *all_records(const struct stream *t)
{
	ldns_rr_list *list = ldns_rr_list_clone(t->server.zone);
	if (t->fault == FAULT_NO_SOA_FIRST)
		ldns_rr_free(ldns_rr_list_set_rr(list, rr_of("x." ZONE " 1 IN A 192.0.2.5"), 0));
	if (t->fault == FAULT_FOREIGN_NAME)
		ldns_rr_list_push_rr(list, rr_of("www.other.example. 1 IN A 192.0.2.5"));
	if (t->fault == FAULT_OTHER_SERIAL)
		ldns_rr_list_push_rr(list, rr_of(ZONE " 86400 IN SOA ns1." ZONE " h." ZONE
						      " 8 3600 600 604800 300"));
	else if (t->fault != FAULT_ENDS_EARLY)
		ldns_rr_list_push_rr(list, ldns_rr_clone(ldns_rr_list_rr(t->server.zone, 0)));
	if (t->fault == FAULT_BEHIND_END)
		ldns_rr_list_push_rr(list, rr_of("y." ZONE " 1 IN A 192.0.2.5"));
	return list;
}

static ldns_pkt *stream_message(const struct stream *t, const ldns_pkt *q,
				const ldns_rr_list *records, size_t from)
{
	ldns_pkt *m = ldns_pkt_new();
	ldns_pkt_set_id(m, ldns_pkt_id(q));
	ldns_pkt_set_qr(m, true);
	ldns_pkt_set_aa(m, true);
	if (t->fault == FAULT_REFUSED)
		ldns_pkt_set_rcode(m, LDNS_RCODE_REFUSED);
	size_t end = t->fault == FAULT_EMPTY && from > 0 ? from : from + t->per_message;
	for (size_t i = from; i < end && i < ldns_rr_list_rr_count(records); i++)
		ldns_pkt_push_rr(m, LDNS_SECTION_ANSWER,
				 ldns_rr_clone(ldns_rr_list_rr(records, i)));
	return m;
}

static int send_stream(struct stream *t, const ldns_pkt *q, const struct registrar_sink *sink,
		       struct err *e)
{
	ldns_rr_list *records = all_records(t);
	ldns_rdf *mac = ldns_rdf_clone(ldns_rr_rdf(ldns_pkt_tsig(q), 3));
	int more = 1;
	for (size_t from = 0; more == 1 && from < ldns_rr_list_rr_count(records);
	     from += t->per_message) {
		struct buf b;
		ldns_pkt *m = stream_message(t, q, records, from);
		bool forged = t->fault == FAULT_FORGED_SECOND && from > 0;
		assert_int_equal(ldns_pkt_tsig_sign_next(m, "editor.", forged ? "AAAA" : SECRET,
							 300, "hmac-sha256.", mac, from > 0),
				 LDNS_STATUS_OK);
		ldns_rdf_deep_free(mac);
		mac = ldns_rdf_clone(ldns_rr_rdf(ldns_pkt_tsig(m), 3));
		buf_init(&b);
		server_write(m, &b);
		more = sink->each(sink->ctx, buf_slice(&b), e);
		buf_release(&b);
		ldns_pkt_free(m);
	}
	ldns_rdf_deep_free(mac);
	ldns_rr_list_deep_free(records);
	return more == 1 ? err_set(e, ERR_RETRY, "the connection was cut") : more;
}

/* The MAC of a message that comes after some without (RFC 8945 §5.3.1), which ldns cannot
 * make: it covers them too. Returns the message with it. */
static void sign_by_hand(ldns_pkt *m, const struct buf *before, struct buf *mac, struct buf *out)
{
	unsigned char sum[HMAC_MAX];
	struct buf covered;
	struct buf key;
	buf_init(&covered);
	buf_init(&key);
	assert_true(base64_decode(&key, slice_str(SECRET)));
	buf_addc(&covered, 0);
	buf_addc(&covered, (char)mac->len);
	buf_add(&covered, mac->at, mac->len);
	buf_add(&covered, before->at, before->len);
	server_write(m, &covered);
	assert_int_equal(
		ldns_pkt_tsig_sign_next(m, "editor.", SECRET, 300, "hmac-sha256.", NULL, 1),
		LDNS_STATUS_OK);
	ldns_rr *tsig = ldns_pkt_tsig(m);
	for (size_t i = 1; i <= 2; i++) /* time and fudge */
		buf_add(&covered, ldns_rdf_data(ldns_rr_rdf(tsig, i)),
			ldns_rdf_size(ldns_rr_rdf(tsig, i)));
	hmac_of(HMAC_SHA256, buf_slice(&key), buf_slice(&covered), sum);
	memcpy(ldns_rdf_data(ldns_rr_rdf(tsig, 3)) + 2, sum, 32); /* behind its length */
	buf_clear(mac);
	buf_add(mac, sum, 32);
	server_write(m, out);
	buf_release(&key);
	buf_release(&covered);
}

/* A stream whose first message is signed by ldns and then every n-th by hand. */
static int send_sparse(struct stream *t, const ldns_pkt *q, const struct registrar_sink *sink,
		       struct err *e)
{
	ldns_rr_list *records = all_records(t);
	size_t total = ldns_rr_list_rr_count(records);
	struct buf mac;
	struct buf waiting;
	int more = 1;
	buf_init(&mac);
	buf_init(&waiting);
	for (size_t from = 0; more == 1 && from < total; from += t->per_message) {
		struct buf b;
		ldns_pkt *m = stream_message(t, q, records, from);
		bool last = from + t->per_message >= total;
		size_t number = from / t->per_message;
		buf_init(&b);
		if (number == 0) {
			assert_int_equal(ldns_pkt_tsig_sign(m, "editor.", SECRET, 300,
							    "hmac-sha256.",
							    ldns_rr_rdf(ldns_pkt_tsig(q), 3)),
					 LDNS_STATUS_OK);
			buf_add(&mac, ldns_rdf_data(ldns_rr_rdf(ldns_pkt_tsig(m), 3)) + 2, 32);
			server_write(m, &b);
		} else if (last ? !t->unsigned_end : number % t->sign_every == 0) {
			sign_by_hand(m, &waiting, &mac, &b);
			buf_clear(&waiting);
		} else {
			server_write(m, &b);
			buf_add(&waiting, b.at, b.len);
		}
		more = sink->each(sink->ctx, buf_slice(&b), e);
		buf_release(&b);
		ldns_pkt_free(m);
	}
	buf_release(&mac);
	buf_release(&waiting);
	ldns_rr_list_deep_free(records);
	return more;
}

static struct stream *current; /* the test's own, for the host has one context */

static int transfer(void *ctx, const char *server, struct slice request,
		    const struct registrar_sink *sink, struct err *e)
{
	(void)ctx;
	(void)server;
	ldns_pkt *q = server_take(request);
	int rc = current->sign_every > 1 ? send_sparse(current, q, sink, e)
					 : send_stream(current, q, sink, e);
	ldns_pkt_free(q);
	return rc;
}

static int setup(void **state)
{
	struct stream *t = mem_alloc(sizeof(*t));
	t->world = fake_world_new();
	server_init(&t->server);
	t->world->host.dns_transfer = transfer;
	t->world->host.clock = clock_system();
	t->world->serve = server_serve;
	t->world->serve_ctx = &t->server;
	t->secret = secret_new(slice_str(SECRET));
	t->per_message = 2;
	current = t;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct stream *t = *state;
	secret_free(t->secret);
	server_release(&t->server);
	fake_world_free(t->world);
	free(t);
	return 0;
}

static struct registrar_call *open_call(struct stream *t)
{
	const struct registrar_value values[] = {
		{ "server", "127.0.0.1", NULL },
		{ "key_name", "editor", NULL },
		{ "secret", NULL, t->secret },
	};
	struct registrar_config config = { ZONE, 3, values };
	return fake_open(t->world, &registrar_rfc2136, &config, false);
}

static void test_whole(void **state)
{
	struct stream *t = *state;
	for (size_t per_message = 1; per_message <= 9; per_message++) {
		struct err e = { 0 };
		const struct zone *z = NULL;
		struct registrar_call *c = open_call(t);
		t->per_message = per_message;
		if (registrar_list(c, t->world->arena, &z, &e) != 0)
			fail_msg("%zu: %s", per_message, e.text);
		assert_int_equal(z->n, 5);
		assert_non_null(zone_find(z, "www." ZONE, RR_A));
		registrar_close(c);
	}
}

struct fault_case {
	enum stream_fault fault;
	size_t per_message;
	const char *says;
};

static void test_faults(void **state)
{
	static const struct fault_case cases[] = {
		{ FAULT_ENDS_EARLY, 2, "cut" },
		{ FAULT_NO_SOA_FIRST, 2, "does not begin with the SOA" },
		{ FAULT_OTHER_SERIAL, 2, "two SOA records differ" },
		{ FAULT_FOREIGN_NAME, 2, "not of the zone" },
		{ FAULT_FORGED_SECOND, 2, "signature of the answer is wrong" },
		{ FAULT_REFUSED, 2, "REFUSED" },
		{ FAULT_BEHIND_END, 9, "behind its end" },
		{ FAULT_EMPTY, 2, "a message without records" },
	};
	struct stream *t = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		const struct zone *z = NULL;
		struct registrar_call *c = open_call(t);
		t->fault = cases[i].fault;
		t->per_message = cases[i].per_message;
		assert_int_equal(registrar_list(c, t->world->arena, &z, &e), -1);
		if (strstr(e.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text, cases[i].says);
		registrar_close(c);
	}
}

static void test_messages_without_signature(void **state)
{
	struct stream *t = *state;
	struct err e = { 0 };
	const struct zone *z = NULL;
	struct registrar_call *c = open_call(t);
	t->per_message = 1;
	for (t->sign_every = 2; t->sign_every < 5; t->sign_every++) {
		if (registrar_list(c, t->world->arena, &z, &e) != 0)
			fail_msg("every %zu: %s", t->sign_every, e.text);
		assert_int_equal(z->n, 5);
	}
	t->unsigned_end = true; /* somebody could have cut and closed it */
	assert_int_equal(registrar_list(c, t->world->arena, &z, &e), -1);
	assert_non_null(strstr(e.text, "last message is not signed"));
	registrar_close(c);
}

/* A wildcard gives the answer for a name that is not there: the transfer tells. */
static void test_wildcard(void **state)
{
	struct stream *t = *state;
	struct err e = { 0 };
	const struct rrset *s = NULL;
	struct registrar_call *c = open_call(t);
	server_add(&t->server, "*." ZONE " 300 IN A 192.0.2.1");
	assert_int_equal(registrar_read(c, t->world->arena, "www." ZONE, RR_A, &s, &e), 0);
	assert_non_null(s); /* the same value, but a record of its own */
	t->fault = FAULT_REFUSED;
	assert_int_equal(registrar_read(c, t->world->arena, "www." ZONE, RR_A, &s, &e), -1);
	assert_non_null(strstr(e.text, "wildcard"));
	registrar_close(c);
}

#define STREAM_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STREAM_TEST(test_whole),
		STREAM_TEST(test_faults),
		STREAM_TEST(test_messages_without_signature),
		STREAM_TEST(test_wildcard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
