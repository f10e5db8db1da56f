/*
 * Reads are questions to the zone's own primary, writes one UPDATE. The only trap of
 * reading by question is a wildcard: its answer looks like a record that is not there
 * (RFC 4592), so a positive answer is compared with the wildcards above it.
 */
#include "registrars/rfc2136/rfc2136.h"

#include <stdlib.h>

#include "base/buf.h"
#include "registrars/rfc2136/request.h"
#include "registrars/rfc2136/session.h"
#include "zone/dname.h"

static const struct registrar_option options[] = {
	{ .name = "server",
	  .required = true,
	  .help = "address of the zone's primary server: ADDR or ADDR#PORT" },
	{ .name = "zone", .help = "the zone's apex at that server; default: the domain" },
	{ .name = "key_name", .help = "name of the TSIG key" },
	{ .name = "key_algorithm",
	  .help = "hmac-sha256 (default), hmac-sha384, hmac-sha512 or hmac-sha1" },
	{ .name = "secret", .secret = true, .help = "the TSIG key's secret, base64" },
	{ .name = NULL },
};

/* The key's octets; the base64 text stays where it was. NULL when it is none. */
static struct secret *decode(const struct secret *base64)
{
	struct buf b;
	struct secret *bytes = NULL;
	buf_init(&b);
	if (base64_decode(&b, slice_trim(secret_expose(base64))) && b.len > 0)
		bytes = secret_new(buf_slice(&b));
	secret_wipe(b.at, b.len);
	buf_release(&b);
	return bytes;
}

static int open_key(struct session *s, const struct registrar_config *config, struct err *e)
{
	const char *name = registrar_text(config, "key_name", NULL);
	const struct secret *secret = registrar_secret(config, "secret");
	if (name == NULL && secret == NULL)
		return 0; /* a server may trust addresses */
	if (name == NULL || secret == NULL) {
		(void)err_set(e, ERR_USAGE, "%s is given without %s",
			      name != NULL ? "key_name" : "a secret",
			      name != NULL ? "a secret" : "key_name");
		return err_hint(e, "a TSIG key is both: key_name under dns, secret under "
				   "dns.credentials");
	}
	if (tsig_key_init(s->arena, name, registrar_text(config, "key_algorithm", "hmac-sha256"),
			  &s->key, e) != 0)
		return -1;
	s->bytes = decode(secret);
	if (s->bytes == NULL) {
		(void)err_set(e, ERR_USAGE, "the secret of the key %s is not base64", s->key.name);
		return err_hint(e, "it is the text behind `secret` in the server's key");
	}
	s->key.bytes = s->bytes;
	s->has_key = true;
	return 0;
}

/* The server by address only: a name would have to be looked up in the very DNS that is
 * changed. */
static int open_zone(struct session *s, const struct registrar_config *config, struct err *e)
{
	s->server = arena_strdup(s->arena, registrar_text(config, "server", ""));
	if (registrar_server_check(s->server, e) != 0)
		return -1;
	s->zone = dname_canon(s->arena, registrar_text(config, "zone", config->zone), e);
	if (s->zone == NULL) {
		e->kind = ERR_USAGE;
		return err_wrap(e, "option \"zone\"");
	}
	return 0;
}

static void rfc2136_close(void *session)
{
	struct session *s = session;
	secret_free(s->bytes);
	arena_free(s->arena);
	free(s);
}

static int rfc2136_open(const struct registrar *self, const struct registrar_host *host,
			const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	struct session *s = mem_alloc(sizeof(*s));
	s->host = host;
	s->arena = arena_new();
	if (open_zone(s, config, e) != 0 || open_key(s, config, e) != 0) {
		rfc2136_close(s);
		return -1;
	}
	*session_r = s;
	return 0;
}

/* From the host's rng, so that a test can foresee it. */
uint16_t session_id(const struct session *s)
{
	return (uint16_t)(rng_u64(s->host->rng) & 0xffff);
}

static uint16_t id_of(struct slice request)
{
	const unsigned char *p = (const unsigned char *)request.ptr;
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Signed anew for each exchange: a server refuses a signed message that it gets a second time,
 * for id and time are in the MAC. */
const struct message *session_exchange(const struct session *s, struct arena *a,
				       const struct exchange *x, bool *sent_r, struct err *e)
{
	struct tsig_state tsig;
	struct buf request;
	struct buf reply;
	const struct message *m = NULL;
	tsig_init(&tsig, &s->key, s->host->clock);
	buf_init(&request);
	buf_init(&reply);
	buf_add(&request, x->request.ptr, x->request.len);
	if (s->has_key)
		tsig_sign(&tsig, &request);
	struct reply_ask ask = { id_of(x->request), x->opcode, s->has_key ? &tsig : NULL };
	int rc = s->host->dns_exchange(s->host->ctx, s->server, buf_slice(&request), x->writes,
				       &reply, e);
	/* Not sent is what the host promises with these kinds; the last is the dry run. */
	*sent_r = rc == 0 ||
		  (e->kind != ERR_WORLD && e->kind != ERR_USAGE && e->kind != ERR_REFUSED);
	if (rc == 0)
		m = reply_check(a, &ask, buf_slice(&reply), e);
	buf_release(&request);
	buf_release(&reply);
	tsig_release(&tsig);
	return m;
}

/* Asks for one name and type. Only an authoritative and whole answer counts: from a cache
 * or a referral nothing can be planned. */
static const struct message *ask(const struct session *s, struct arena *a, const char *name,
				 uint16_t type, struct err *e)
{
	struct buf request;
	bool sent;
	const struct message *m = NULL;
	buf_init(&request);
	if (request_query(session_id(s), name, type, &request, e) == 0)
		m = session_exchange(s, a,
				     &(struct exchange){ buf_slice(&request), OPCODE_QUERY, false },
				     &sent, e);
	buf_release(&request);
	if (m == NULL)
		return NULL;
	if (m->rcode != RCODE_NOERROR && m->rcode != RCODE_NXDOMAIN) {
		(void)reply_explain(m, s->zone, e);
		return NULL;
	}
	if (m->aa && !m->tc)
		return m;
	(void)err_set(e, ERR_REFUSED, "the server %s is not authoritative for %s", s->server, name);
	(void)err_hint(e,
		       "the name is below a delegation, or \"server\" is not the zone's primary");
	return NULL;
}

struct head_of {
	const char *zone, *name;
	uint16_t type;
};

/* The answer's records of that name and type as one set; NULL in *set_r when none. */
static int collect(struct arena *a, const struct message *m, const struct head_of *h,
		   const struct rrset **set_r, struct err *e)
{
	size_t n = 0;
	const struct rrset **sets = ARENA_ARRAY(a, m->n + 1, const struct rrset *);
	for (size_t i = 0; i < m->n; i++) {
		const struct message_record *r = &m->records[i];
		if (r->section != SECTION_ANSWER || r->type != h->type || r->klass != 1 ||
		    !dname_equal(r->name, h->name))
			continue;
		sets[n] = message_rrset(a, r, e);
		if (sets[n++] == NULL)
			return -1;
	}
	*set_r = zone_find(zone_make(a, h->zone, n, sets), h->name, h->type);
	return 0;
}

static int lookup(const struct session *s, struct arena *a, const char *name, uint16_t type,
		  const struct rrset **set_r, struct err *e)
{
	const struct message *m = ask(s, a, name, type, e);
	if (m == NULL)
		return -1;
	return collect(a, m, &(struct head_of){ s->zone, name, type }, set_r, e);
}

/* The wildcard's set, moved to the name. */
static bool same_values(const struct rrset *a, const struct rrset *b)
{
	struct rrset moved = *b;
	moved.name = a->name;
	return rrset_same(a, &moved);
}

/* 1 when a wildcard above `live` would have given the same answer. */
static int is_doubtful(const struct session *s, struct arena *a, const struct rrset *live,
		       struct err *e)
{
	const char *name = live->name;
	while (!dname_equal(name, s->zone) && !str_starts(name, "*.")) {
		const struct rrset *wild = NULL;
		name = dname_parent(name);
		if (lookup(s, a, arena_printf(a, "*.%s", name), live->type, &wild, e) != 0)
			return -1;
		if (wild != NULL && same_values(live, wild))
			return 1;
	}
	return 0;
}

/* The dear way, for the one case in which a question cannot tell. */
static int read_by_transfer(const struct session *s, struct arena *a, const struct rrset **rrset_r,
			    struct err *e)
{
	const struct zone *z = NULL;
	const struct rrset *live = *rrset_r;
	if (transfer_zone(s, a, &(struct registrar_names){ 1, &live->name }, &z, e) == 0) {
		*rrset_r = zone_find(z, live->name, live->type);
		return 0;
	}
	(void)err_wrap(e, "%s may come from a wildcard, and only a transfer tells", live->name);
	return err_hint(e, "allow the key to transfer the zone (AXFR)");
}

/* Outside the zone the server would answer from elsewhere, or refuse. */
static int rfc2136_read(void *session, struct arena *a, const char *name, uint16_t type,
			const struct rrset **rrset_r, struct err *e)
{
	const struct session *s = session;
	*rrset_r = NULL;
	if (!dname_is_within(name, s->zone))
		return err_set(e, ERR_REFUSED, "%s is not within the zone %s", name, s->zone);
	if (lookup(s, a, name, type, rrset_r, e) != 0)
		return -1;
	if (*rrset_r == NULL)
		return 0;
	int doubtful = is_doubtful(s, a, *rrset_r, e);
	return doubtful == 1 ? read_by_transfer(s, a, rrset_r, e) : doubtful;
}

/* A question names its type: what else is at a name only a transfer tells. */
static int rfc2136_pick(void *session, struct arena *a, const struct registrar_names *names,
			const struct zone **zone_r, struct err *e)
{
	if (transfer_zone(session, a, names, zone_r, e) == 0)
		return 0;
	if (e->kind == ERR_ACCOUNT)
		(void)err_hint(e, "allow the key to transfer the zone (AXFR): nothing else tells "
				  "all types at a name");
	return -1;
}

static int rfc2136_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	return transfer_zone(session, a, NULL, zone_r, e);
}

/* An answer that is no NOERROR means that nothing was done (RFC 2136 §3), except for a
 * server that failed in the middle of it. */
static int judge(const struct session *s, const struct message *m,
		 enum registrar_applied *applied_r, struct err *e)
{
	if (m->rcode == RCODE_NOERROR) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	*applied_r = m->rcode == RCODE_SERVFAIL ? APPLIED_UNKNOWN : APPLIED_NONE;
	return reply_explain(m, s->zone, e);
}

/* From the moment of sending on the outcome is UNKNOWN until an answer says otherwise. */
static int send_update(const struct session *s, struct slice request,
		       enum registrar_applied *applied_r, struct err *e)
{
	struct arena *a = arena_new();
	bool sent = false;
	int rc = -1;
	const struct message *m = session_exchange(
		s, a, &(struct exchange){ request, OPCODE_UPDATE, true }, &sent, e);
	*applied_r = sent ? APPLIED_UNKNOWN : APPLIED_NONE;
	if (m != NULL)
		rc = judge(s, m, applied_r, e);
	arena_free(a);
	return rc;
}

/* Prerequisites and changes are one message: no other client can get between compare and
 * write. */
static int rfc2136_apply(void *session, const struct change_set *changes,
			 enum registrar_applied *applied_r, struct err *e)
{
	const struct session *s = session;
	struct change_set here = *changes;
	struct buf request;
	*applied_r = APPLIED_NONE;
	here.zone = s->zone; /* the zone cut may lie above the domain */
	buf_init(&request);
	int rc = request_update(session_id(s), &here, &request, e);
	if (rc == 0)
		rc = send_update(s, buf_slice(&request), applied_r, e);
	buf_release(&request);
	return rc;
}

const struct registrar registrar_rfc2136 = {
	.abi = REGISTRAR_ABI,
	.name = "rfc2136",
	.title = "DNS UPDATE (RFC 2136) with TSIG",
	.capabilities = REGISTRAR_LIST | REGISTRAR_ATOMIC | REGISTRAR_COMPARE_AND_SET |
			REGISTRAR_READS_ONE,
	.options = options,
	.open = rfc2136_open,
	.close = rfc2136_close,
	.read = rfc2136_read,
	.list = rfc2136_list,
	.pick = rfc2136_pick,
	.apply = rfc2136_apply,
};
