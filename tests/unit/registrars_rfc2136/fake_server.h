/*
 * fake_server.h - a DNS server in memory, made of ldns alone: it reads our packets, checks
 * our signatures and signs its answers with code that is not ours.
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include "tests/unit/registrars/fake_host.h"

#include <ldns/ldns.h>
#include <string.h>

#define ZONE   "treyresearch.com."
#define SECRET "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI="

enum server_mood {
	MOOD_GOOD,
	MOOD_UNSIGNED, /* answers without TSIG */
	MOOD_FORGED,   /* signs with another secret */
	MOOD_OTHER_ID, /* answers another question */
	MOOD_GARBAGE,
	MOOD_CUT, /* takes the message and cuts */
	MOOD_UNREACHED,
	MOOD_NO_AUTHORITY,
};

struct server {
	enum server_mood read_mood, update_mood;
	ldns_pkt_rcode update_rcode;
	ldns_rr_list *zone;
	ldns_pkt *update; /* the last one */
	size_t update_len;
	const char *algorithm;
};

static inline void server_add(struct server *s, const char *line)
{
	ldns_rr *rr = NULL;
	assert_int_equal(ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL), LDNS_STATUS_OK);
	ldns_rr_list_push_rr(s->zone, rr);
}

static inline void server_init(struct server *s)
{
	*s = (struct server){ .zone = ldns_rr_list_new(), .algorithm = "hmac-sha256." };
	server_add(s, ZONE " 86400 IN SOA ns1." ZONE " h." ZONE " 7 3600 600 604800 300");
	server_add(s, ZONE " 86400 IN NS ns1." ZONE);
	server_add(s, ZONE " 86400 IN MX 10 mx1.nwtraders.com.");
	server_add(s, ZONE " 3600 IN TXT \"v=spf1 include:nwtraders.com -all\"");
	server_add(s, "www." ZONE " 300 IN A 192.0.2.1");
}

static inline void server_release(struct server *s)
{
	ldns_rr_list_deep_free(s->zone);
	ldns_pkt_free(s->update);
}

static inline void server_find(const struct server *s, const ldns_rr *q, ldns_pkt *reply)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(s->zone); i++) {
		ldns_rr *rr = ldns_rr_list_rr(s->zone, i);
		if (ldns_rr_get_type(rr) == ldns_rr_get_type(q) &&
		    ldns_dname_compare(ldns_rr_owner(rr), ldns_rr_owner(q)) == 0)
			ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, ldns_rr_clone(rr));
	}
}

static inline void server_write(ldns_pkt *reply, struct buf *out)
{
	uint8_t *wire = NULL;
	size_t len = 0;
	assert_int_equal(ldns_pkt2wire(&wire, reply, &len), LDNS_STATUS_OK);
	buf_add(out, wire, len);
	LDNS_FREE(wire);
}

static inline ldns_pkt *server_reply(const struct server *s, const ldns_pkt *q)
{
	bool update = ldns_pkt_get_opcode(q) == LDNS_PACKET_UPDATE;
	ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(q), 0);
	ldns_pkt *reply = ldns_pkt_new();
	ldns_pkt_set_id(reply, ldns_pkt_id(q));
	ldns_pkt_set_qr(reply, true);
	ldns_pkt_set_aa(reply, !update && s->read_mood != MOOD_NO_AUTHORITY);
	ldns_pkt_set_opcode(reply, ldns_pkt_get_opcode(q));
	ldns_pkt_push_rr(reply, LDNS_SECTION_QUESTION, ldns_rr_clone(question));
	if (update)
		ldns_pkt_set_rcode(reply, (uint8_t)s->update_rcode);
	else
		server_find(s, question, reply);
	return reply;
}

static inline int server_answer(struct server *s, const ldns_pkt *q, enum server_mood mood,
				struct buf *out, struct err *e)
{
	if (mood == MOOD_CUT)
		return err_set(e, ERR_RETRY, "cut");
	if (mood == MOOD_UNREACHED)
		return err_set(e, ERR_WORLD, "unreached");
	if (mood == MOOD_GARBAGE) {
		buf_adds(out, "this is no DNS message at all");
		return 0;
	}
	ldns_pkt *reply = server_reply(s, q);
	if (mood == MOOD_OTHER_ID)
		ldns_pkt_set_id(reply, (uint16_t)(ldns_pkt_id(q) + 1));
	if (mood != MOOD_UNSIGNED) {
		const char *secret = mood == MOOD_FORGED ? "AAAAAAAA" : SECRET;
		ldns_status st = ldns_pkt_tsig_sign(reply, "editor.", secret, 300, s->algorithm,
						    ldns_rr_rdf(ldns_pkt_tsig(q), 3));
		assert_int_equal(st, LDNS_STATUS_OK);
	}
	server_write(reply, out);
	ldns_pkt_free(reply);
	return 0;
}

/* The request must be a packet that ldns reads, signed as ldns would sign it. */
static inline ldns_pkt *server_take(struct slice request)
{
	ldns_pkt *q = NULL;
	const uint8_t *wire = (const uint8_t *)request.ptr;
	assert_int_equal(ldns_wire2pkt(&q, wire, request.len), LDNS_STATUS_OK);
	assert_non_null(ldns_pkt_tsig(q));
	assert_true(ldns_pkt_tsig_verify(q, wire, request.len, "editor.", SECRET, NULL));
	return q;
}

static inline int server_serve(void *ctx, struct slice request, struct buf *reply, struct err *e)
{
	struct server *s = ctx;
	ldns_pkt *q = server_take(request);
	bool update = ldns_pkt_get_opcode(q) == LDNS_PACKET_UPDATE;
	int rc = server_answer(s, q, update ? s->update_mood : s->read_mood, reply, e);
	if (!update) {
		ldns_pkt_free(q);
		return rc;
	}
	ldns_pkt_free(s->update);
	s->update = q;
	s->update_len = request.len;
	return rc;
}

#endif
