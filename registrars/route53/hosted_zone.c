/*
 * Names are not unique: a private zone may have the name of a public one, and so may a second
 * public one, which nobody is delegated to. Which is meant then only a person knows.
 */
#include "registrars/route53/hosted_zone.h"

#include "registrars/route53/exchange.h"
#include "registrars/route53/octal.h"
#include "registrars/route53/sigv4.h"
#include "zone/dname.h"

enum { ID_MAX = 32, PAGES_MAX = 100 };

const char *hosted_zone_id(struct arena *a, const char *text)
{
	static const char prefix[] = "/hostedzone/";
	struct slice s = slice_str(text);
	if (str_starts(text, prefix))
		s = slice_str(text + sizeof(prefix) - 1);
	bool good = s.len > 0 && s.len <= ID_MAX;
	for (size_t i = 0; good && i < s.len; i++)
		good = str_has("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", s.ptr[i]);
	return good ? arena_slice(a, s) : NULL;
}

static bool is_private(const struct xml *zone)
{
	return !str_eq(xml_text(zone, "Config/PrivateZone"), "false");
}

static bool has_our_name(const struct session *s, struct arena *a, const struct xml *zone)
{
	struct err ignored;
	const char *name = octal_read(a, xml_text(zone, "Name"), &ignored);
	const char *canon = name != NULL ? dname_canon(a, name, &ignored) : NULL;
	return canon != NULL && dname_equal(canon, s->zone);
}

/* -- by id -- */

static int check_given(struct session *s, struct arena *a, struct err *e)
{
	const struct xml *root;
	const struct exchange x = {
		.method = "GET",
		.path = arena_printf(a, "/2013-04-01/hostedzone/%s", s->zone_id),
		.query = "",
		.wants = "GetHostedZoneResponse",
	};
	if (route53_exchange(s, a, &x, &root, e) != EXCHANGE_OK)
		return err_wrap(e, "looking at the hosted zone %s", s->zone_id);
	const struct xml *zone = xml_child(root, "HostedZone");
	if (has_our_name(s, a, zone) && !is_private(zone))
		return 0;
	(void)err_set(e, ERR_REFUSED, "the hosted zone %s is %s, not the public zone %s",
		      s->zone_id, xml_text(zone, "Name"), dname_show(a, s->zone));
	return err_hint(e, "give the right `zone_id`, or none: then it is looked for by name");
}

/* -- by name -- */

struct search {
	struct session *s;
	struct arena *a;
	unsigned found;   /* public zones of our name */
	bool saw_private; /* one of our name */
};

/* Sorted by name: false when the zones of our name are over. */
static bool look_at_page(struct search *k, const struct xml *root)
{
	const struct xml *zone = xml_at(root, "HostedZones/HostedZone");
	for (; zone != NULL; zone = xml_next(zone)) {
		const char *id = hosted_zone_id(k->s->arena, xml_text(zone, "Id"));
		if (!has_our_name(k->s, k->a, zone))
			return false;
		if (is_private(zone)) {
			k->saw_private = true;
		} else if (id != NULL) {
			k->s->zone_id = id;
			k->found++;
		}
	}
	return str_eq(xml_text(root, "IsTruncated"), "true");
}

static const char *query_of(struct arena *a, const char *name, const char *id)
{
	struct buf q;
	buf_init(&q);
	buf_adds(&q, "dnsname=");
	sigv4_encode(name, &q);
	if (id != NULL) {
		buf_adds(&q, "&hostedzoneid=");
		sigv4_encode(id, &q);
	}
	const char *text = arena_slice(a, buf_slice(&q));
	buf_release(&q);
	return text;
}

static int search_pages(struct search *k, struct err *e)
{
	const struct xml *root = NULL;
	const char *name = octal_write(k->a, k->s->zone);
	const char *id = NULL;
	for (unsigned page = 0; page < PAGES_MAX; page++) {
		const struct exchange x = {
			.method = "GET",
			.path = "/2013-04-01/hostedzonesbyname",
			.query = query_of(k->a, name, id),
			.wants = "ListHostedZonesByNameResponse",
		};
		if (route53_exchange(k->s, k->a, &x, &root, e) != EXCHANGE_OK)
			return -1;
		if (!look_at_page(k, root))
			return 0;
		name = xml_text(root, "NextDNSName");
		id = xml_text(root, "NextHostedZoneId");
	}
	return err_set(e, ERR_WORLD, "the list of hosted zones has no end");
}

static int judge(const struct search *k, struct err *e)
{
	const char *zone = dname_show(k->a, k->s->zone);
	if (k->found == 1)
		return 0;
	k->s->zone_id = NULL;
	if (k->found > 1) {
		(void)err_set(e, ERR_REFUSED, "this account has %u public hosted zones %s",
			      k->found, zone);
		return err_hint(e, "say which by `zone_id` under `dns`: the one whose name servers "
				   "the domain is delegated to");
	}
	(void)err_set(e, ERR_REFUSED, "this account has no public hosted zone %s%s", zone,
		      k->saw_private ? ", only a private one" : "");
	return err_hint(e, "is it the right account, and the right key? The zone may also be "
			   "hosted elsewhere");
}

static int search_by_name(struct session *s, struct arena *a, struct err *e)
{
	struct search k = { .s = s, .a = a };
	if (search_pages(&k, e) == 0)
		return judge(&k, e);
	s->zone_id = NULL;
	return err_wrap(e, "looking for the hosted zone %s", dname_show(a, s->zone));
}

int hosted_zone_find(struct session *s, struct err *e)
{
	if (s->zone_checked)
		return 0;
	struct arena *a = arena_new();
	int rc = s->zone_id != NULL ? check_given(s, a, e) : search_by_name(s, a, e);
	s->zone_checked = rc == 0;
	arena_free(a);
	return rc;
}
