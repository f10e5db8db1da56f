/*
 * Replies of a DNS server: parsed, their signature looked at, their records turned into
 * sets. The first octet chooses whether a key is used.
 */
#include <stdint.h>

#include "registrars/rfc2136/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *a, const struct message *m)
{
	struct err e = { 0 };
	for (size_t i = 0; i < m->n; i++) {
		if (m->records[i].klass == 1 && m->records[i].section != SECTION_QUESTION)
			(void)message_rrset(a, &m->records[i], &e);
	}
	(void)reply_explain(m, "treyresearch.com.", &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_clock clock;
	struct tsig_state tsig;
	struct tsig_key key;
	struct err e = { 0 };
	if (size < 3)
		return 0;
	struct arena *a = arena_new();
	struct secret *secret = secret_new(SLICE_LIT("secretsecretsecretsecret"));
	struct slice wire = { (const char *)data + 1, size - 1 };
	fake_clock_init(&clock, 1795773600000);
	(void)tsig_key_init(a, "editor", "hmac-sha256", &key, &e);
	key.bytes = secret;
	tsig_init(&tsig, &key, &clock.clock);
	tsig.first = (data[0] & 2) == 0;
	struct reply_ask ask = { (uint16_t)(data[1] << 8 | data[2]), (data[0] & 4) != 0 ? 5 : 0,
				 (data[0] & 1) != 0 ? &tsig : NULL };
	const struct message *m = reply_check(a, &ask, wire, &e);
	if (m != NULL)
		use(a, m);
	tsig_release(&tsig);
	secret_free(secret);
	arena_free(a);
	return 0;
}
