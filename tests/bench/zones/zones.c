/*
 * One change of a big zone in a process of its own: what it costs in requests and memory.
 *
 *   zones paged|single|reads|zonefile|axfr RECORDS
 *
 * Prints: case, records, reading requests, writes, peak RSS in KiB, seconds, and of the processor.
 * The API, the file and the server are in this process: each makes its records when they are asked
 * for, and keeps none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>

#include "registrars/rfc2136/rfc2136.h"
#include "registrars/zonefile/zonefile.h"
#include "tests/unit/registrars_rest/big_zone.h"

static int fail(const struct err *e)
{
	(void)fprintf(stderr, "%s\n", e->text);
	return 1;
}

static long peak_kib(void)
{
	struct rusage u;
	return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss : 0;
}

/* What a busy machine does not change. */
static double processor_s(void)
{
	struct rusage u;
	return getrusage(RUSAGE_SELF, &u) != 0
		       ? 0
		       : (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
				 (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000000;
}

/* -- a zone file -- */

static int give_file(void *ctx, const char *path, struct buf *out, struct err *e)
{
	struct big_zone *z = ctx;
	(void)path;
	(void)e;
	z->reads++;
	buf_adds(out, "$TTL 3600\n@ IN SOA ns1 host 1 2 3 4 300\n@ IN NS ns1\n"
		      "@ IN MX 10 mx1.old.example.\n@ IN TXT \"v=spf1 -all\"\n");
	for (size_t i = 5; i < z->records; i++)
		buf_addf(out, "host-%zu IN A 192.0.2.1\n", i);
	return 0;
}

static int take_file(void *ctx, const char *path, struct slice bytes, struct err *e)
{
	struct big_zone *z = ctx;
	(void)path;
	(void)bytes;
	(void)e;
	z->writes++;
	return 0;
}

/* -- a server that is transferred from -- */

static void put16(struct buf *b, size_t v)
{
	buf_addc(b, (char)(v >> 8 & 0xff));
	buf_addc(b, (char)(v & 0xff));
}

static void put_label(struct buf *b, const char *text)
{
	buf_addc(b, (char)strlen(text));
	buf_adds(b, text);
}

static void put_record(struct buf *b, const char *label, uint16_t type, struct slice rdata)
{
	if (label != NULL)
		put_label(b, label);
	put_label(b, "example");
	put_label(b, "org");
	buf_addc(b, 0);
	put16(b, type);
	put16(b, 1);
	put16(b, 0);
	put16(b, 3600);
	put16(b, rdata.len);
	buf_add(b, rdata.ptr, rdata.len);
}

static void put_soa(struct buf *b)
{
	static const char rdata[] = "\3ns1\7example\3org\0\4host\7example\3org\0"
				    "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\1\54";
	put_record(b, NULL, RR_SOA, (struct slice){ rdata, sizeof(rdata) - 1 });
}

enum { PER_MESSAGE = 400 };

/* The header of an answer (RFC 1035 §4.1.1) with the request's id and no question. */
static void put_head(struct buf *b, struct slice request, size_t n)
{
	buf_clear(b);
	buf_add(b, request.ptr, 2);
	put16(b, 0x8400);
	put16(b, 0);
	put16(b, n);
	put16(b, 0);
	put16(b, 0);
}

static void put_hosts(struct buf *b, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		char label[32];
		(void)snprintf(label, sizeof(label), "host-%zu", i);
		put_record(b, label, RR_A, (struct slice){ "\300\0\2\1", 4 });
	}
}

static int transfer(void *ctx, const char *server, struct slice request,
		    const struct registrar_sink *sink, struct err *e)
{
	struct big_zone *z = ctx;
	struct buf b;
	int rc = 1;
	(void)server;
	z->reads++;
	buf_init(&b);
	put_head(&b, request, 1);
	put_soa(&b);
	rc = sink->each(sink->ctx, buf_slice(&b), e);
	for (size_t i = 0; rc == 1 && i < z->records; i += PER_MESSAGE) {
		put_head(&b, request, PER_MESSAGE);
		put_hosts(&b, i, PER_MESSAGE);
		rc = sink->each(sink->ctx, buf_slice(&b), e);
	}
	put_head(&b, request, 1);
	put_soa(&b);
	rc = rc == 1 ? sink->each(sink->ctx, buf_slice(&b), e) : rc;
	buf_release(&b);
	return rc;
}

/* -- the cases -- */

static int open_coded(struct big_zone *z, const struct registrar *r,
		      const struct registrar_value *value, struct err *e)
{
	const struct registrar *const table[] = { r, NULL };
	const struct registrar_config config = { "example.org.", 1, value };
	fake_clock_init(&z->clock, INT64_C(1795773600000));
	seeded_rng_init(&z->rng, 7);
	z->host = (struct registrar_host){ .clock = &z->clock.clock,
					   .rng = &z->rng.rng,
					   .dns_transfer = transfer,
					   .file_read = give_file,
					   .file_write = take_file,
					   .ctx = z };
	return registrar_open(&(struct registrar_call_opts){ .table = table,
							     .provider = r->name,
							     .config = &config,
							     .timeout_ms = 1000,
							     .clock = &z->clock.clock,
							     .rng = &z->rng.rng,
							     .host = &z->host },
			      &z->call, e);
}

static int open_case(struct big_zone *z, const char *what, size_t records, struct err *e)
{
	static const struct registrar_value path = { "path", "zone", NULL };
	static const struct registrar_value server = { "server", "127.0.0.1", NULL };
	*z = (struct big_zone){ .records = records };
	if (str_eq(what, "zonefile"))
		return open_coded(z, &registrar_zonefile, &path, e);
	if (str_eq(what, "axfr"))
		return open_coded(z, &registrar_rfc2136, &server, e);
	return big_open(z,
			str_eq(what, "reads")    ? BIG_READS
			: str_eq(what, "single") ? BIG_SINGLE
						 : BIG_PAGED,
			records, e);
}

static int work(struct big_zone *z, bool lists, struct err *e)
{
	struct arena *a = arena_new();
	enum registrar_applied applied;
	const struct zone *zone;
	int rc = lists ? registrar_list(z->call, a, &zone, e)
		       : registrar_apply(z->call, big_changes(a), &applied, e);
	arena_free(a);
	return rc;
}

int main(int argc, char **argv)
{
	struct big_zone z;
	struct err e = { 0 };
	uint64_t records = 0;
	if (argc != 3 || !slice_to_u64(slice_str(argv[2]), &records))
		return 2;
	int64_t began_ms = clock_mono_ms(clock_system());
	if (open_case(&z, argv[1], (size_t)records, &e) != 0 ||
	    work(&z, str_eq(argv[1], "axfr"), &e) != 0)
		return fail(&e);
	printf("%-9s %8zu records  %5u reads  %2u writes  %8ld KiB  %6.2f s  %6.2f s of CPU\n",
	       argv[1], z.records, z.reads, z.writes, peak_kib(),
	       (double)(clock_mono_ms(clock_system()) - began_ms) / 1000, processor_s());
	registrar_close(z.call);
	described_free(z.described);
	return 0;
}
