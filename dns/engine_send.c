/*
 * A job's packets. Every one has an ID of its own: so it is known which one was answered, and
 * a late answer still counts. All have the same question in the same mixture of case.
 */
#include <string.h>

#include "dns/engine_priv.h"

enum { IDS = 65536, HEADER_LEN = 12, COUNTS_AT = 4 };

void job_leave_flights(struct job *j)
{
	while (j->flights != NULL) {
		struct flight *f = j->flights;
		j->flights = f->next;
		f->job = NULL;
	}
}

/* The sum of the header's four counts (RFC 1035 §4.1.1): who lies in them sends no message. */
static size_t record_count(struct slice wire)
{
	const unsigned char *p = (const unsigned char *)wire.ptr;
	size_t sum = 0;
	for (size_t i = COUNTS_AT; i < HEADER_LEN && wire.len >= HEADER_LEN; i += 2)
		sum += (size_t)p[i] << 8 | p[i + 1];
	return sum;
}

/* Takes the message off what may be read; false when it is too much, and from then on. */
static bool is_allowed(struct dns_allowance *left, struct slice wire)
{
	if (left == NULL)
		return true;
	size_t records = record_count(wire);
	left->spent = left->spent || wire.len > left->octets || records > left->records;
	if (left->spent)
		return false;
	left->octets -= wire.len;
	left->records -= records;
	return true;
}

/* Only kept: what follows from it is done outside of the callback. */
static void on_result(void *ctx, const struct channel_got *got)
{
	struct flight *f = ctx;
	struct dns_engine *en = f->en;
	struct err e;
	err_clear(&e);
	if (f->job == NULL) {
		free(f);
		return;
	}
	if (en->arrival_n == en->arrival_cap) {
		en->arrival_cap = en->arrival_cap > 0 ? 2 * en->arrival_cap : 64;
		en->arrivals = mem_grow(en->arrivals, en->arrival_cap * sizeof(struct arrival));
	}
	struct arrival *a = &en->arrivals[en->arrival_n++];
	*a = (struct arrival){ .flight = f,
			       .result = got->result,
			       .case_changed = got->case_changed,
			       .at_ms = clock_mono_ms(en->opts.clock) };
	a->unread = got->result == CHANNEL_BYTES && !is_allowed(f->job->ask->allowance, got->bytes);
	if (got->result == CHANNEL_BYTES && !a->unread)
		a->answer = dns_answer_parse(f->job->a, got->bytes, &e);
}

/* By the injected generator, so that a replay asks the same. A few hundred of 65536 are in
 * use. */
static uint16_t fresh_id(const struct dns_engine *en, const struct dns_channel *ch)
{
	uint16_t id = 0;
	for (int i = 0; i < IDS; i++) {
		id = (uint16_t)rng_u64(&en->random.rng);
		if (!dns_channel_has_id(ch, id))
			break;
	}
	return id;
}

/* The OPT is the packet's end: without it, it is the plain question. */
static void send_packet(struct job *j, struct dns_channel *ch, bool plain)
{
	char packet[PACKET_MAX];
	size_t len = j->packet_len - (plain ? OPT_LEN : 0);
	int64_t now = clock_mono_ms(j->en->opts.clock);
	uint16_t id = fresh_id(j->en, ch);
	memcpy(packet, j->packet, len);
	packet[0] = (char)(id >> 8);
	packet[1] = (char)(id & 0xff);
	packet[11] = plain ? 0 : 1; /* ARCOUNT */
	struct flight *f = mem_alloc(sizeof(*f));
	*f = (struct flight){ .en = j->en, .job = j, .plain = plain, .sent_ms = now };
	f->tcp = j->over_tcp;
	f->next = j->flights;
	j->flights = f;
	pace_take(&j->en->pace, now);
	pace_take(&j->server->pace, now);
	dns_channel_send(ch, (struct slice){ packet, len }, on_result, f);
}

/* Case is mixed for datagrams only, where it makes guessing harder. */
bool job_build_packet(struct job *j)
{
	const struct dns_ask *ask = j->ask;
	struct dns_query_opts opts = { .rd = ask->rd, .edns = true, .dnssec = ask->dnssec };
	struct buf *b = &j->en->query;
	struct err e;
	err_clear(&e);
	opts.mixed_case = ask->tcp_only ? NULL : &j->en->random.rng;
	buf_clear(b);
	bool ok = dns_query_build(&ask->question, &opts, b, &e) == 0 && b->len <= PACKET_MAX;
	if (ok) {
		memcpy(j->packet, b->at, b->len);
		j->packet_len = b->len;
	}
	return ok;
}

bool job_is_plain_only(const struct job *j)
{
	return j->no_opt || j->server->edns == DNS_EDNS_DROPPED ||
	       j->server->edns == DNS_EDNS_REFUSED;
}

void job_send_plain(struct job *j)
{
	j->sent_plain = true;
	send_packet(j, j->server->udp, true);
}

void job_send_opt(struct job *j)
{
	send_packet(j, j->server->udp, false);
}

void job_send_tcp(struct job *j)
{
	struct dns_channel *ch = server_tcp(j->server);
	j->tcp_n++;
	if (ch == NULL)
		job_finish(j, j->tc ? DNS_TRUNCATED : DNS_NO_ROUTE);
	else
		send_packet(j, ch, job_is_plain_only(j));
}
