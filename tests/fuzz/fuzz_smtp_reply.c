/* The first byte chooses the split; the rest is what a server says, given once whole and
 * once in pieces: both must be understood alike. Then a probe hears it. */
#include <stdint.h>

#include "migrate/smtp/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int understand(struct slice said, size_t piece, struct buf *out)
{
	struct smtp_parser p;
	struct err e;
	int rc = 0;
	smtp_parser_init(&p);
	while (said.len > 0 && rc >= 0) {
		struct slice part = { said.ptr, piece < said.len ? piece : said.len };
		said.ptr += part.len;
		said.len -= part.len;
		while ((rc = smtp_parser_feed(&p, &part, &e)) == 1)
			buf_addf(out, "%d %d %s\n", p.reply.code, (int)smtp_verdict_of(&p.reply),
				 p.reply.text.at);
	}
	smtp_parser_release(&p);
	return rc;
}

static void converse(struct slice said)
{
	const struct smtp_probe_opts opts = { .helo = "me.example", .mail_from = "" };
	struct smtp_answer answers[] = { { .address = "a@x.example" },
					 { .address = "b@x.example" } };
	struct arena *a = arena_new();
	struct err e;
	struct smtp_probe *p = smtp_probe_new(a, &opts, answers, 2);
	(void)smtp_probe_feed(p, said, &e);
	smtp_probe_free(p);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole;
	struct buf pieces;
	if (size < 2)
		return 0;
	struct slice said = { (const char *)data + 1, size - 1 };
	buf_init(&whole);
	buf_init(&pieces);
	int rc = understand(said, said.len, &whole);
	if (understand(said, 1 + data[0] % 16, &pieces) != rc ||
	    !slice_eq(buf_slice(&whole), buf_slice(&pieces)))
		abort();
	converse(said);
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
