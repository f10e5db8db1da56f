/*
 * All deletions come first, so that a CNAME can take the place of something else. A deletion has to
 * repeat what is there, TTL and every value, and a creation fails where something is: that is the
 * comparison, made by Route 53 itself at the moment of the write.
 */
#include "registrars/route53/batch.h"

#include <string.h>

#include "base/xml_out.h"
#include "registrars/route53/exchange.h"
#include "zone/dname.h"

enum {
	RECORDS_MAX = 1000, /* of one batch: "Quotas", Route 53 Developer Guide */
	CHARACTERS_MAX = 32000,
	FIRST_ASK_MS = 250,
	LONGEST_ASK_MS = 5000,
	IN_SYNC_MS = 3 * 60 * 1000,
	CHANGE_ID_MAX = 64,
};

struct batch {
	struct session *s;
	struct arena *a;
	struct buf *body;
	size_t records, characters;
};

/* As Route 53 spells it; else as we do, which is the same nearly always. */
static struct record as_it_is_there(const struct batch *b, const struct rrset *set)
{
	struct record ours = record_of(b->a, set);
	for (size_t i = 0; i < b->s->spellings.n; i++) {
		struct record known = b->s->spellings.at[i];
		if (known.type == set->type && dname_equal(known.name, set->name)) {
			known.ttl = set->ttl;
			return known;
		}
	}
	return ours;
}

static void add_change(struct batch *b, const char *action, const struct record *r)
{
	xml_out_open(b->body, "Change");
	xml_out_text(b->body, "Action", action);
	record_write(b->a, r, b->body);
	xml_out_close(b->body, "Change");
	b->records += r->n;
	for (size_t i = 0; i < r->n; i++)
		b->characters += strlen(r->values[i]);
}

static void add_changes(struct batch *b, const struct change_set *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->changes[i].before == NULL)
			continue;
		struct record r = as_it_is_there(b, cs->changes[i].before);
		add_change(b, "DELETE", &r);
	}
	for (size_t i = 0; i < cs->n; i++) {
		if (cs->changes[i].after == NULL)
			continue;
		struct record r = record_of(b->a, cs->changes[i].after);
		add_change(b, "CREATE", &r);
	}
}

static void write_body(struct batch *b, const struct change_set *cs)
{
	static const char request[] = "ChangeResourceRecordSetsRequest";
	xml_out_declaration(b->body);
	xml_out_open_ns(b->body, request, "https://route53.amazonaws.com/doc/2013-04-01/");
	xml_out_open(b->body, "ChangeBatch");
	xml_out_text(b->body, "Comment", arena_printf(b->a, "cutover: %.200s", cs->id));
	xml_out_open(b->body, "Changes");
	add_changes(b, cs);
	xml_out_close(b->body, "Changes");
	xml_out_close(b->body, "ChangeBatch");
	xml_out_close(b->body, request);
}

/* In two batches it would not be all or nothing any more. */
static int check_limits(const struct batch *b, struct err *e)
{
	if (b->records <= RECORDS_MAX && b->characters <= CHARACTERS_MAX)
		return 0;
	(void)err_set(e, ERR_REFUSED,
		      "the change is too large for Route 53: %zu records of %d, %zu characters of "
		      "%d, old and new ones together",
		      b->records, RECORDS_MAX, b->characters, CHARACTERS_MAX);
	return err_hint(e, "make a part of it in the console first; nothing was sent");
}

/* -- until its servers have it -- */

/* "/change/C2682N5HXP0BZ4"; NULL when it is no such thing. */
static const char *change_path(struct arena *a, const struct xml *root)
{
	const char *id = xml_text(root, "ChangeInfo/Id");
	static const char prefix[] = "/change/";
	if (!str_starts(id, prefix))
		return NULL;
	const char *bare = id + sizeof(prefix) - 1;
	size_t len = strspn(bare, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (len == 0 || len > CHANGE_ID_MAX || bare[len] != '\0')
		return NULL;
	return arena_printf(a, "/2013-04-01%s", id);
}

static bool is_in_sync(const struct xml *root)
{
	return str_eq(xml_text(root, "ChangeInfo/Status"), "INSYNC");
}

/* -1 only when it was cancelled. */
static int await_sync(const struct batch *b, const struct xml *root, struct err *e)
{
	const struct registrar_host *host = b->s->host;
	const char *path = change_path(b->a, root);
	int64_t until_ms = clock_mono_ms(host->clock) + IN_SYNC_MS;
	int64_t wait_ms = FIRST_ASK_MS;
	while (path != NULL && !is_in_sync(root) && clock_mono_ms(host->clock) < until_ms) {
		const struct exchange x = {
			.method = "GET", .path = path, .query = "", .wants = "GetChangeResponse"
		};
		if (host->wait(host->ctx, wait_ms, "Route 53 tells its servers", e) != 0)
			return -1;
		if (route53_exchange(b->s, b->a, &x, &root, e) != EXCHANGE_OK)
			return e->kind == ERR_CANCELLED ? -1 : 0;
		wait_ms = wait_ms * 2 < LONGEST_ASK_MS ? wait_ms * 2 : LONGEST_ASK_MS;
	}
	return 0;
}

/* -- the whole -- */

static int send_batch(const struct batch *b, enum registrar_applied *applied_r, struct err *e)
{
	const struct xml *root;
	const struct exchange x = {
		.method = "POST",
		.path = arena_printf(b->a, "/2013-04-01/hostedzone/%s/rrset/", b->s->zone_id),
		.query = "",
		.body = buf_slice(b->body),
		.wants = "ChangeResourceRecordSetsResponse",
		.writes = true,
	};
	enum exchange_end end = route53_exchange(b->s, b->a, &x, &root, e);
	if (end == EXCHANGE_REFUSED)
		return -1;
	*applied_r = APPLIED_UNKNOWN;
	if (end == EXCHANGE_UNKNOWN || await_sync(b, root, e) != 0)
		return -1;
	*applied_r = APPLIED_ALL;
	return 0;
}

int batch_apply(struct session *s, const struct change_set *changes,
		enum registrar_applied *applied_r, struct err *e)
{
	struct buf body;
	struct batch b = { .s = s, .a = arena_new(), .body = &body };
	*applied_r = APPLIED_NONE;
	buf_init(&body);
	write_body(&b, changes);
	int rc = check_limits(&b, e);
	if (rc == 0)
		rc = send_batch(&b, applied_r, e);
	buf_release(&body);
	arena_free(b.a);
	return rc;
}
