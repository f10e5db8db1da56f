/*
 * The MAC covers (RFC 8945 §4.3): the MAC of the message before with its length, the
 * message as it was without its TSIG record, then the record's variables — from the
 * second answer of a stream on only the two timers.
 */
#include "registrars/rfc2136/tsig.h"

#include <ldns/ldns.h>
#include <string.h>

#include "zone/dname.h"

enum {
	TYPE_TSIG = 250,
	CLASS_ANY = 255,
	FUDGE_S = 300,     /* §10: recommended */
	UNSIGNED_MAX = 99, /* §5.3.1 */
	ERROR_BADSIG = 16,
	ERROR_BADKEY = 17,
	ERROR_BADTIME = 18,
	COUNT_AT = 10, /* ARCOUNT in the header */
};

struct algorithm {
	const char *name;
	enum hmac_hash hash;
};

static const struct algorithm algorithms[] = {
	{ "hmac-sha256.", HMAC_SHA256 },
	{ "hmac-sha384.", HMAC_SHA384 },
	{ "hmac-sha512.", HMAC_SHA512 },
	{ "hmac-sha1.", HMAC_SHA1 },
};

/* Lower case and uncompressed, as the MAC covers it (§4.3.3). */
static int name_wire(struct arena *a, const char *name, struct slice *wire_r, struct err *e)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	if (rdf == NULL)
		return err_set(e, ERR_USAGE, "\"%.80s\" is no name of a key", name);
	wire_r->len = ldns_rdf_size(rdf);
	wire_r->ptr = arena_memdup(a, ldns_rdf_data(rdf), wire_r->len);
	ldns_rdf_deep_free(rdf);
	return 0;
}

/* hmac-md5 is left out: RFC 8945 §6 forbids its use. */
static const struct algorithm *find_algorithm(const char *canon)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (str_eq(canon, algorithms[i].name))
			return &algorithms[i];
	}
	return NULL;
}

int tsig_key_init(struct arena *a, const char *name, const char *algorithm, struct tsig_key *key_r,
		  struct err *e)
{
	const char *canon = dname_canon(a, algorithm, e);
	const struct algorithm *alg = canon != NULL ? find_algorithm(canon) : NULL;
	if (alg == NULL) {
		(void)err_set(e, ERR_USAGE, "key_algorithm \"%.40s\" is not known", algorithm);
		return err_hint(e, "hmac-sha256, hmac-sha384, hmac-sha512 or hmac-sha1, as the "
				   "server's key says");
	}
	*key_r = (struct tsig_key){ .algorithm = alg->name, .hash = alg->hash };
	key_r->name = dname_canon(a, name, e);
	if (key_r->name == NULL || name_wire(a, key_r->name, &key_r->name_wire, e) != 0 ||
	    name_wire(a, alg->name, &key_r->algorithm_wire, e) != 0) {
		e->kind = ERR_USAGE;
		return err_wrap(e, "option \"key_name\"");
	}
	return 0;
}

void tsig_init(struct tsig_state *s, const struct tsig_key *key, const struct clock *clock)
{
	*s = (struct tsig_state){ .key = key, .clock = clock, .first = true };
	buf_init(&s->mac);
	buf_init(&s->waiting);
}

void tsig_release(struct tsig_state *s)
{
	buf_release(&s->mac);
	buf_release(&s->waiting);
}

static void add_u16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8 & 0xff));
	buf_addc(b, (char)(v & 0xff));
}

static void add_u48(struct buf *b, uint64_t v)
{
	add_u16(b, (unsigned)(v >> 32 & 0xffff));
	add_u16(b, (unsigned)(v >> 16 & 0xffff));
	add_u16(b, (unsigned)(v & 0xffff));
}

static void put_u16(struct buf *b, size_t at, unsigned v)
{
	b->at[at] = (char)(v >> 8 & 0xff);
	b->at[at + 1] = (char)(v & 0xff);
}

static unsigned get_u16(struct slice s, size_t at)
{
	return (unsigned)(unsigned char)s.ptr[at] << 8 | (unsigned char)s.ptr[at + 1];
}

/* The fields of a TSIG record (§4.2). */
struct fields {
	uint64_t time_s;
	unsigned fudge_s, original_id, error;
	struct slice mac, other;
};

/* In the order of RFC 8945 §4.3.3; names uncompressed, the TTL is always 0. */
static void add_variables(struct buf *b, const struct tsig_key *key, const struct fields *f)
{
	buf_add(b, key->name_wire.ptr, key->name_wire.len);
	add_u16(b, CLASS_ANY);
	add_u16(b, 0); /* TTL, two halves */
	add_u16(b, 0);
	buf_add(b, key->algorithm_wire.ptr, key->algorithm_wire.len);
	add_u48(b, f->time_s);
	add_u16(b, f->fudge_s);
	add_u16(b, f->error);
	add_u16(b, (unsigned)f->other.len);
	buf_add(b, f->other.ptr, f->other.len);
}

/* The record itself, as the last of the additional section (§4.2). */
static void add_record(struct buf *b, const struct tsig_key *key, const struct fields *f)
{
	size_t len = key->algorithm_wire.len + 16 + f->mac.len + f->other.len;
	buf_add(b, key->name_wire.ptr, key->name_wire.len);
	add_u16(b, TYPE_TSIG);
	add_u16(b, CLASS_ANY);
	add_u16(b, 0);
	add_u16(b, 0);
	add_u16(b, (unsigned)len);
	buf_add(b, key->algorithm_wire.ptr, key->algorithm_wire.len);
	add_u48(b, f->time_s);
	add_u16(b, f->fudge_s);
	add_u16(b, (unsigned)f->mac.len);
	buf_add(b, f->mac.ptr, f->mac.len);
	add_u16(b, f->original_id);
	add_u16(b, f->error);
	add_u16(b, (unsigned)f->other.len);
	buf_add(b, f->other.ptr, f->other.len);
}

/* The MAC covers the message as it is without the record, so ARCOUNT is raised afterwards. */
void tsig_sign(struct tsig_state *s, struct buf *message)
{
	unsigned char mac[HMAC_MAX];
	struct slice whole = buf_slice(message);
	struct fields f = {
		.time_s = (uint64_t)(clock_now_ms(s->clock) / 1000),
		.fudge_s = FUDGE_S,
		.original_id = get_u16(whole, 0),
		.mac = { (const char *)mac, hmac_len(s->key->hash) },
	};
	struct buf covered;
	buf_init(&covered);
	buf_add(&covered, whole.ptr, whole.len);
	add_variables(&covered, s->key, &f);
	hmac_of(s->key->hash, secret_expose(s->key->bytes), buf_slice(&covered), mac);
	buf_release(&covered);
	unsigned additional = get_u16(whole, COUNT_AT);
	add_record(message, s->key, &f);
	put_u16(message, COUNT_AT, additional + 1);
	buf_clear(&s->mac);
	buf_add(&s->mac, mac, f.mac.len);
}

/* A reader of bounded bytes: what is not there reads as zero and is remembered. */
struct bytes {
	struct slice rest;
	bool bad;
};

static struct slice take(struct bytes *b, size_t len)
{
	if (b->bad || b->rest.len < len) {
		b->bad = true;
		return (struct slice){ "", 0 };
	}
	struct slice s = { b->rest.ptr, len };
	b->rest.ptr += len;
	b->rest.len -= len;
	return s;
}

static unsigned take_u16(struct bytes *b)
{
	struct slice s = take(b, 2);
	return s.len == 2 ? get_u16(s, 0) : 0;
}

static uint64_t take_u48(struct bytes *b)
{
	uint64_t high = take_u16(b);
	uint64_t middle = take_u16(b);
	return high << 32 | middle << 16 | take_u16(b);
}

/* The algorithm must be ours: a name in lower case, as ldns gave it back uncompressed. */
static bool same_name(struct slice wire, struct slice ours)
{
	return slice_eq_nocase(wire, ours);
}

/* False when a field is cut, something follows, or the algorithm is another. */
static bool read_fields(const struct tsig_key *key, struct slice rdata, struct fields *f)
{
	struct bytes b = { .rest = rdata };
	struct slice algorithm = take(&b, key->algorithm_wire.len);
	f->time_s = take_u48(&b);
	f->fudge_s = take_u16(&b);
	f->mac = take(&b, take_u16(&b));
	f->original_id = take_u16(&b);
	f->error = take_u16(&b);
	f->other = take(&b, take_u16(&b));
	return !b.bad && b.rest.len == 0 && same_name(algorithm, key->algorithm_wire);
}

/* Only the last record of the message may be one (§5.1). */
static const struct message_record *find_record(const struct message *m)
{
	const struct message_record *last = m->n > 0 ? &m->records[m->n - 1] : NULL;
	if (last == NULL || last->type != TYPE_TSIG || last->section != SECTION_ADDITIONAL)
		return NULL;
	return last;
}

/* These two answers cannot be signed: the server does not share our key (§5.3.2). */
static int explain_refusal(const struct tsig_key *key, unsigned error, struct err *e)
{
	if (error == ERROR_BADKEY) {
		(void)err_set(e, ERR_ACCOUNT, "the server does not know the key %s for %s (BADKEY)",
			      key->name, key->algorithm);
		return err_hint(e, "compare key_name and key_algorithm with the server's key");
	}
	(void)err_set(e, ERR_ACCOUNT, "the server has another secret for the key %s (BADSIG)",
		      key->name);
	return err_hint(e, "compare the secret (base64) with the one of the server's key");
}

/* What the MAC of an answer covers, see above. */
static void cover(struct tsig_state *s, struct slice wire, const struct message_record *record,
		  const struct fields *f, struct buf *b)
{
	add_u16(b, (unsigned)s->mac.len);
	buf_add(b, s->mac.at, s->mac.len);
	buf_add(b, s->waiting.at, s->waiting.len);
	size_t start = b->len;
	buf_add(b, wire.ptr, record->at);
	put_u16(b, start, f->original_id);
	put_u16(b, start + COUNT_AT, get_u16(wire, COUNT_AT) - 1);
	if (s->first) {
		add_variables(b, s->key, f);
		return;
	}
	add_u48(b, f->time_s);
	add_u16(b, f->fudge_s);
}

static bool mac_is_right(struct tsig_state *s, struct slice wire,
			 const struct message_record *record, const struct fields *f)
{
	unsigned char mac[HMAC_MAX];
	struct buf covered;
	size_t len = hmac_len(s->key->hash);
	if (f->mac.len != len) /* truncated ones (§5.2.2.1) are not accepted */
		return false;
	buf_init(&covered);
	cover(s, wire, record, f, &covered);
	hmac_of(s->key->hash, secret_expose(s->key->bytes), buf_slice(&covered), mac);
	buf_release(&covered);
	return digest_equal(mac, f->mac.ptr, len);
}

/* §5.2.3: an old answer may be a replayed one. */
static int check_time(const struct tsig_state *s, const struct fields *f, struct err *e)
{
	int64_t now_s = clock_now_ms(s->clock) / 1000;
	int64_t skew_s = (int64_t)f->time_s - now_s;
	if (skew_s <= (int64_t)f->fudge_s && skew_s >= -(int64_t)f->fudge_s)
		return 0;
	(void)err_set(e, ERR_WORLD, "the answer was signed %lld seconds away from this clock",
		      (long long)skew_s);
	return err_hint(e, "set both clocks by NTP; TSIG allows %u seconds", f->fudge_s);
}

/* An answer without a signature: only in the middle of a stream, and not for long. */
static int keep_waiting(struct tsig_state *s, struct slice wire, struct err *e)
{
	if (s->first || ++s->waiting_n > UNSIGNED_MAX) {
		(void)err_set(e, ERR_WORLD, "the answer is not signed with the key %s",
			      s->key->name);
		return err_hint(e, "is the key allowed at this server, and is nothing between here "
				   "and there that answers in its place?");
	}
	buf_add(&s->waiting, wire.ptr, wire.len);
	return 0;
}

/* The next message of the stream is linked to this one. */
static void remember(struct tsig_state *s, const struct fields *f)
{
	buf_clear(&s->mac);
	buf_add(&s->mac, f->mac.ptr, f->mac.len);
	buf_clear(&s->waiting);
	s->waiting_n = 0;
	s->first = false;
}

/* With BADTIME the other data is the server's clock, 48 bits. */
static int64_t server_time(const struct fields *f)
{
	struct bytes b = { .rest = f->other };
	return (int64_t)take_u48(&b);
}

/* Order is important (RFC 8945 §5.2): key, MAC, time. The time of an answer that is not proved
 * says nothing. */
int tsig_verify(struct tsig_state *s, struct slice wire, const struct message *m,
		struct tsig_verdict *verdict_r, struct err *e)
{
	struct fields f = { 0 };
	const struct message_record *record = find_record(m);
	*verdict_r = (struct tsig_verdict){ 0 };
	if (record == NULL)
		return keep_waiting(s, wire, e);
	if (!dname_equal(record->name, s->key->name) || record->klass != CLASS_ANY ||
	    !read_fields(s->key, record->rdata, &f))
		return err_set(e, ERR_WORLD, "the answer is signed with another key than %s",
			       s->key->name);
	if (f.mac.len == 0 && (f.error == ERROR_BADKEY || f.error == ERROR_BADSIG))
		return explain_refusal(s->key, f.error, e);
	if (!mac_is_right(s, wire, record, &f))
		return err_set(e, ERR_WORLD, "the signature of the answer is wrong (key %s)",
			       s->key->name);
	verdict_r->error = f.error;
	verdict_r->server_s = server_time(&f);
	/* A BADTIME answer repeats our own time (§5.2.3); its caller tells of the skew. */
	if (f.error != ERROR_BADTIME && check_time(s, &f, e) != 0)
		return -1;
	remember(s, &f);
	return 0;
}
