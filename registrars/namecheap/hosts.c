/*
 * Names are relative with '@' for the domain itself, targets absolute with or without the final
 * dot, texts bare. What a row says as a record is worked out once, when it is read.
 */
#include "registrars/namecheap/hosts.h"

#include <string.h>

#include "zone/dname.h"

/* Ten times what Namecheap lets a domain have; rows are compared each with each. */
enum { HOSTS_MAX = 2000 };

/* -- a row as a record -- */

static bool has_target(uint16_t type)
{
	return type == RR_CNAME || type == RR_NS || type == RR_MX;
}

/* The presentation form of what stands in the row; NULL with *e. */
static const char *data_of(struct arena *a, const struct host *h, struct err *e)
{
	if (h->rr_type == RR_TXT)
		return txt_quote(a, slice_str(h->address));
	if (!has_target(h->rr_type))
		return h->address;
	const char *target = dname_canon(a, h->address, e);
	if (target == NULL || h->rr_type != RR_MX)
		return target;
	return arena_printf(a, "%u %s", (unsigned)h->mx_pref, target);
}

/* Namecheap's own kinds of rows (URL301, ALIAS, MXE …) are no records. */
static void interpret(struct arena *a, const char *zone, struct host *h)
{
	struct err e;
	const char *data;
	h->rr_type = rr_type_from_name(h->type);
	h->owner = dname_in_zone(a, h->name, zone, &e);
	if (h->owner == NULL) {
		h->trouble = arena_strdup(a, e.text);
		return;
	}
	if (h->rr_type == 0)
		return;
	data = data_of(a, h, &e);
	const struct rrset *one = data != NULL
					  ? rrset_make(a, h->owner, h->rr_type, 0, 1, &data, &e)
					  : NULL;
	if (one != NULL)
		h->rdata = one->rdata[0];
	else
		h->trouble = arena_strdup(a, e.text);
}

/* -- the answer -- */

static bool is_true(const struct xml *of, const char *name)
{
	return str_eq_nocase(xml_attribute(of, name), "true");
}

static bool number_of(const struct xml *of, const char *name, uint32_t *value_r)
{
	uint64_t v = 0;
	if (!slice_to_u64(slice_str(xml_attribute(of, name)), &v) || v > INT32_MAX)
		return false;
	*value_r = (uint32_t)v;
	return true;
}

static int add_host(struct arena *a, const struct xml *row, struct hosts *h, struct err *e)
{
	struct host host = {
		.name = xml_attribute(row, "Name"),
		.type = xml_attribute(row, "Type"),
		.address = xml_attribute(row, "Address"),
		.inactive = str_eq_nocase(xml_attribute(row, "IsActive"), "false"),
		.dynamic = is_true(row, "IsDDNSEnabled"),
	};
	if (!str_eq_nocase(row->name, "host") || host.name[0] == '\0' || host.type[0] == '\0' ||
	    !number_of(row, "TTL", &host.ttl))
		return err_set(e, ERR_WORLD,
			       "the answer has a row that is not of the known shape: "
			       "%.40s %.80s %.20s",
			       row->name, host.name, host.type);
	if (!number_of(row, "MXPref", &host.mx_pref) && str_eq_nocase(host.type, "MX"))
		return err_set(e, ERR_WORLD, "the answer has an MX row without a preference");
	if (h->list.n == HOSTS_MAX)
		return err_set(e, ERR_WORLD, "the answer has over %d rows", HOSTS_MAX);
	interpret(a, h->zone, &host);
	*vec_push(a, &h->list) = host;
	return 0;
}

static int refuse_elsewhere(const char *zone, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "%s does not use Namecheap's own name servers: its rows there "
		      "are not served",
		      zone);
	return err_hint(e, "change the zone where its name servers are (`cutover audit` says who "
			   "they belong to)");
}

static int check_result(const struct xml *result, const char *zone, struct err *e)
{
	struct arena *a = arena_new();
	bool same = str_eq_nocase(xml_attribute(result, "Domain"), dname_show(a, zone));
	arena_free(a);
	if (!xml_is(result, "DomainDNSGetHostsResult") || !same)
		return err_set(e, ERR_WORLD, "the answer holds no rows of %s", zone);
	return is_true(result, "IsUsingOurDNS") ? 0 : refuse_elsewhere(zone, e);
}

int hosts_parse(struct arena *a, const char *zone, const struct xml *result, struct hosts *hosts_r,
		struct err *e)
{
	*hosts_r = (struct hosts){ .zone = zone };
	if (check_result(result, zone, e) != 0)
		return -1;
	const char *word = xml_attribute(result, "EmailType");
	hosts_r->mail = mail_setting_of(word);
	if (hosts_r->mail == MAIL_UNKNOWN) {
		(void)err_set(e, ERR_WORLD, "the answer has the unknown mail setting \"%.20s\"",
			      word);
		return err_hint(e, "without knowing it nothing can be written; use "
				   "`dns.provider: manual`");
	}
	for (const struct xml *row = result->first; row != NULL; row = row->next) {
		if (add_host(a, row, hosts_r, e) != 0)
			return -1;
	}
	return 0;
}

/* -- a new row -- */

static const char *relative(struct arena *a, const char *owner, const char *zone)
{
	if (dname_equal(owner, zone))
		return "@";
	return arena_slice(a, (struct slice){ owner, strlen(owner) - strlen(zone) - 1 });
}

static int refuse_row(const struct rrset *set, const char *why, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "a row for %s: Namecheap's API cannot hold %s", set->name,
		      why);
	return err_hint(e, "nothing was written; enter it in the panel (Advanced DNS) and take it "
			   "out of the plan, or use `dns.provider: manual`");
}

/* A quote is not kept by the API, and other bytes not by XML. */
static const char *odd_text(struct slice text)
{
	if (text.len == 0)
		return "an empty text";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '"')
			return "a text with a double quote";
		if (c < 0x20 || c == 0x7f)
			return "a text with control characters";
	}
	return str_is_utf8(text) ? NULL : "a text that is no UTF-8";
}

static int set_text(struct arena *a, const struct rrset *set, size_t i, struct host *h,
		    struct err *e)
{
	struct slice text = txt_join(a, set->rdata[i]);
	const char *why = odd_text(text);
	if (why != NULL)
		return refuse_row(set, why, e);
	h->address = arena_slice(a, text);
	return 0;
}

static int set_mx(struct arena *a, const struct rrset *set, size_t i, struct host *h, struct err *e)
{
	struct mx mx;
	if (!mx_parse(a, set->rdata[i], &mx))
		return err_set(e, ERR_BUG, "%s is no MX", set->rdata[i]);
	if (str_eq(mx.host, "."))
		return refuse_row(set, "a null MX", e);
	h->mx_pref = mx.preference;
	h->address = mx.host;
	return 0;
}

int host_make(struct arena *a, const char *zone, const struct rrset *set, size_t i,
	      struct host *host_r, struct err *e)
{
	*host_r = (struct host){ .name = relative(a, set->name, zone),
				 .type = rr_type_name(a, set->type),
				 .address = set->rdata[i],
				 .mx_pref = 10,
				 .ttl = set->ttl };
	int rc = 0;
	switch (set->type) {
	case RR_A:
	case RR_AAAA:
	case RR_CNAME:
	case RR_NS:
	case RR_CAA: break;
	case RR_TXT: rc = set_text(a, set, i, host_r, e); break;
	case RR_MX: rc = set_mx(a, set, i, host_r, e); break;
	default:
		return refuse_row(set, arena_printf(a, "a %s record", rr_type_name(a, set->type)),
				  e);
	}
	if (rc == 0)
		interpret(a, zone, host_r);
	return rc;
}

/* -- rows compared -- */

bool host_is_of(const struct host *h, const char *owner, uint16_t type)
{
	return type != 0 && h->rr_type == type && h->owner != NULL && dname_equal(h->owner, owner);
}

const char *host_show(struct arena *a, const struct host *h)
{
	const char *pref = str_eq_nocase(h->type, "MX")
				   ? arena_printf(a, "%u ", (unsigned)h->mx_pref)
				   : "";
	return arena_printf(a, "%.80s %.12s %s%.200s (TTL %u)", h->name, h->type, pref, h->address,
			    (unsigned)h->ttl);
}

static const char *in_lower(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	str_lower(copy);
	return copy;
}

/* A preference means something for an MX only; a target's dot and case mean nothing; what numbers
 * the row is not of it. */
static void add_row(struct arena *a, const struct host *h, struct whole_rows *rows)
{
	const char *says = arena_printf(
		a, "%s %s %u%s%s %s", in_lower(a, h->name), in_lower(a, h->type), (unsigned)h->ttl,
		h->inactive ? " inactive" : "", h->dynamic ? " dynamic" : "",
		h->rdata != NULL ? h->rdata : h->address);
	*vec_push(a, &rows->list) =
		(struct whole_row){ says, says, arena_printf(a, "the row %s", host_show(a, h)) };
}

void hosts_rows(struct arena *a, const struct hosts *h, struct whole_rows *rows_r)
{
	const char *mail = arena_printf(a, "the mail setting \"%s\" (%s)", mail_title(h->mail),
					mail_word(h->mail));
	*rows_r = (struct whole_rows){ .list = { 0 } };
	for (size_t i = 0; i < h->list.n; i++)
		add_row(a, &h->list.at[i], rows_r);
	*vec_push(a, &rows_r->list) = (struct whole_row){ mail, mail, mail };
}

/* -- RRsets -- */

static int refuse_unread(struct arena *a, const struct host *h, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "the row %s could not be read: %s", host_show(a, h),
		      h->trouble);
	return err_hint(e, "look at it in the panel (Advanced DNS); what is not understood is not "
			   "changed");
}

static int refuse_hidden(const struct hosts *h, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "the mail setting is \"%s\" (%s): which MX records Namecheap serves with it, "
		      "its API does not say",
		      mail_title(h->mail), mail_word(h->mail));
	return err_hint(
		e, "in the panel (Advanced DNS > Mail Settings) choose Custom MX and enter the "
		   "MX records that are served now, then run the same command again");
}

/* The apex MX while it is Namecheap's own and no row says it. */
static int usual_mx(struct arena *a, const struct hosts *h, const struct rrset **rrset_r,
		    struct err *e)
{
	size_t n;
	const char *const *rdata = mail_usual(h->mail, &n);
	if (n == 0)
		return refuse_hidden(h, e);
	*rrset_r = rrset_make(a, h->zone, RR_MX, MAIL_USUAL_TTL, n, rdata, e);
	return *rrset_r != NULL ? 0 : -1;
}

/* MX rows are there, but not served, when the setting is another one. */
static bool is_served(const struct hosts *h, uint16_t type)
{
	return type != RR_MX || h->mail == MAIL_MX || mail_is_own(h->mail);
}

int hosts_rrset(struct arena *a, const struct hosts *h, const char *owner, uint16_t type,
		const struct rrset **rrset_r, struct err *e)
{
	const char **rdata = ARENA_ARRAY(a, h->list.n + 1, const char *);
	bool apex_mx = type == RR_MX && dname_equal(owner, h->zone);
	uint32_t ttl = UINT32_MAX;
	size_t n = 0;
	*rrset_r = NULL;
	if (apex_mx && h->mail == MAIL_MXE)
		return refuse_hidden(h, e);
	for (size_t i = 0; i < h->list.n && is_served(h, type); i++) {
		const struct host *host = &h->list.at[i];
		if (!host_is_of(host, owner, type) || host->inactive)
			continue;
		if (host->rdata == NULL)
			return refuse_unread(a, host, e);
		rdata[n++] = host->rdata;
		ttl = host->ttl < ttl ? host->ttl : ttl;
	}
	if (n == 0)
		return apex_mx && mail_is_own(h->mail) ? usual_mx(a, h, rrset_r, e) : 0;
	*rrset_r = rrset_make(a, owner, type, ttl, n, rdata, e);
	return *rrset_r != NULL ? 0 : -1;
}

static bool is_first(const struct hosts *h, size_t i)
{
	const struct host *host = &h->list.at[i];
	for (size_t k = 0; k < i; k++) {
		if (host_is_of(&h->list.at[k], host->owner, host->rr_type))
			return false;
	}
	return true;
}

int hosts_zone(struct arena *a, const struct hosts *h, const struct zone **zone_r, struct err *e)
{
	const struct rrset **sets = ARENA_ARRAY(a, h->list.n + 2, const struct rrset *);
	size_t n = 0;
	if (hosts_rrset(a, h, h->zone, RR_MX, &sets[0], e) != 0)
		return -1;
	n += sets[0] != NULL ? 1 : 0;
	for (size_t i = 0; i < h->list.n; i++) {
		const struct host *host = &h->list.at[i];
		if (host->owner == NULL)
			return refuse_unread(a, host, e);
		if (host->rr_type == 0 || !is_first(h, i) ||
		    host_is_of(host, h->zone, RR_MX)) /* that one is there already */
			continue;
		if (hosts_rrset(a, h, host->owner, host->rr_type, &sets[n], e) != 0)
			return -1;
		n += sets[n] != NULL ? 1 : 0;
	}
	*zone_r = zone_make(a, h->zone, n, sets);
	return 0;
}
