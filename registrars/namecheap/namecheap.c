/*
 * Every write replaces the whole domain, so it is made of what was read a moment ago, and only if
 * a second reading right before it shows the very same: an answer that was cut, or somebody who is
 * editing, differs. After it everything is read again, the rows that nobody planned included.
 */
#include "registrars/namecheap/namecheap.h"

#include <stdlib.h>

#include "registrars/form.h"
#include "registrars/namecheap/domains.h"
#include "registrars/namecheap/rewrite.h"
#include "zone/dname.h"

enum {
	TTL_MIN = 60,
	TTL_MAX = 60000,
	FRESH_MS = 3000, /* one reading serves several questions; a write never trusts it alone */
};

static const struct registrar_option options[] = {
	{ .name = "api_user", .required = true, .help = "the account that has API access" },
	{ .name = "user_name", .help = "the account that has the domain; default: api_user" },
	{ .name = "client_ip",
	  .required = true,
	  .help = "this machine's public IPv4 address, allowed under Profile > Tools > API "
		  "Access" },
	{ .name = "mail_setting",
	  .help = "the domain's mail setting before the cutover where that is not Custom MX: FWD, "
		  "OX or GMAIL; a switch of the MX replaces it, a rollback puts it back" },
	{ .name = "base_url",
	  .help = "another address of the API: https://api.sandbox.namecheap.com" },
	{ .name = "key", .secret = true, .required = true, .help = "the API key" },
	{ .name = NULL },
};

static const char *const hosts[] = { "api.namecheap.com", NULL };

static const char *const notes[] = {
	"every write replaces the whole domain: do not edit it in the panel at the same time",
	"SRV records that were entered in the panel are not shown by this API; look at them there "
	"after the first write",
	"the API takes 20 requests a minute; a longer wait is told",
	NULL,
};

struct session {
	struct xmlapi api;
	struct arena *arena; /* owned */
	const char *zone;
	enum mail_setting home; /* MAIL_UNKNOWN: not given */
	struct secret *key;     /* owned */
	struct domain domain;
	bool found;             /* `domain` is known */
	struct arena *hosts_in; /* owned: where `hosts` is; NULL: nothing was read, or it is old */
	struct hosts hosts;
	int64_t read_ms; /* monotonic */
};

static void forget(struct session *s)
{
	arena_free(s->hosts_in);
	s->hosts_in = NULL;
}

static void namecheap_close(void *session)
{
	struct session *s = session;
	forget(s);
	secret_free(s->key);
	arena_free(s->arena);
	free(s);
}

/* -- the values of the project -- */

/* "192.0.2.1"; the API knows nothing else. */
static bool is_ipv4(const char *text)
{
	struct slice rest = slice_str(text);
	for (int i = 0; i < 4; i++) {
		uint64_t v;
		struct slice part = slice_until(&rest, '.');
		if (part.len > 3 || !slice_to_u64(part, &v) || v > 255)
			return false;
	}
	return rest.len == 0 && text[0] != '\0' && !str_ends(text, ".");
}

static int check_values(struct session *s, const char *setting, struct err *e)
{
	if (!is_ipv4(s->api.client_ip)) {
		(void)err_set(e, ERR_USAGE, "option \"client_ip\" is no IPv4 address");
		return err_hint(e,
				"write the address that Namecheap sees and allows, as 192.0.2.1");
	}
	s->home = mail_setting_of(setting);
	if (setting[0] == '\0' || mail_is_own(s->home) || s->home == MAIL_MX ||
	    s->home == MAIL_NONE)
		return 0;
	(void)err_set(e, ERR_USAGE, "option \"mail_setting\" is none of FWD, OX and GMAIL");
	return err_hint(e, "FWD is Email Forwarding, OX Private Email; leave it out for Custom MX");
}

static const char *url_of(struct arena *a, const char *base)
{
	struct slice s = slice_str(base);
	while (s.len > 0 && s.ptr[s.len - 1] == '/')
		s.len--;
	const char *url = arena_slice(a, s);
	return str_ends(url, "/xml.response") ? url : arena_printf(a, "%s/xml.response", url);
}

static int set_values(struct session *s, const struct registrar_config *config, struct err *e)
{
	struct arena *a = s->arena;
	const char *user = registrar_text(config, "api_user", "");
	s->key = secret_new(secret_expose(registrar_secret(config, "key")));
	s->api.key = s->key;
	s->api.api_user = arena_strdup(a, user);
	s->api.user_name = arena_strdup(a, registrar_text(config, "user_name", user));
	s->api.client_ip = arena_strdup(a, registrar_text(config, "client_ip", ""));
	s->api.url = url_of(a, registrar_text(config, "base_url", "https://api.namecheap.com"));
	s->zone = dname_canon(a, config->zone, e);
	if (s->zone == NULL)
		return -1;
	return check_values(s, registrar_text(config, "mail_setting", ""), e);
}

static int namecheap_open(const struct registrar *self, const struct registrar_host *host,
			  const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	struct session *s = mem_alloc(sizeof(*s));
	s->arena = arena_new();
	s->api.host = host;
	if (set_values(s, config, e) != 0) {
		namecheap_close(s);
		return -1;
	}
	*session_r = s;
	return 0;
}

/* -- reading -- */

static int find_domain(struct session *s, struct err *e)
{
	if (s->found)
		return 0;
	if (domains_find(&s->api, s->arena, s->zone, &s->domain, e) != 0)
		return err_wrap(e, "looking for %s at Namecheap", s->zone);
	s->found = true;
	return 0;
}

static void add_domain(const struct session *s, struct buf *form)
{
	form_add(form, "SLD", slice_str(s->domain.sld));
	form_add(form, "TLD", slice_str(s->domain.tld));
}

/* All rows, in an arena of their own. */
static int get_hosts(struct session *s, struct arena *a, struct hosts *hosts_r, struct err *e)
{
	const struct xml *response;
	struct buf form;
	if (find_domain(s, e) != 0)
		return -1;
	buf_init(&form);
	add_domain(s, &form);
	const struct xmlapi_command command = { "domains.dns.getHosts", buf_slice(&form), false };
	int rc = xmlapi_read(&s->api, a, &command, &response, e);
	buf_release(&form);
	if (rc == 0)
		rc = hosts_parse(a, s->zone, xml_child(response, "DomainDNSGetHostsResult"),
				 hosts_r, e);
	return rc == 0 ? 0 : err_wrap(e, "reading the rows of %s", s->zone);
}

/* That reading is the last one now. */
static void adopt(struct session *s, struct arena *a, const struct hosts *h)
{
	forget(s);
	s->hosts_in = a;
	s->hosts = *h;
	s->read_ms = clock_mono_ms(s->api.host->clock);
}

static int fetch(struct session *s, struct err *e)
{
	struct arena *a = arena_new();
	struct hosts h = { .zone = NULL };
	if (get_hosts(s, a, &h, e) != 0) {
		arena_free(a);
		return -1;
	}
	adopt(s, a, &h);
	return 0;
}

static int need_hosts(struct session *s, struct err *e)
{
	bool fresh = s->hosts_in != NULL &&
		     clock_mono_ms(s->api.host->clock) - s->read_ms < FRESH_MS;
	return fresh ? 0 : fetch(s, e);
}

static int namecheap_read(void *session, struct arena *a, const char *name, uint16_t type,
			  const struct rrset **rrset_r, struct err *e)
{
	struct session *s = session;
	*rrset_r = NULL;
	if (need_hosts(s, e) != 0)
		return -1;
	/* Whoever reads the MX is about to change it: better told now than in the middle. */
	if (type == RR_MX && dname_equal(name, s->zone) &&
	    rewrite_check_home(&s->hosts, s->home, e) != 0)
		return -1;
	return hosts_rrset(a, &s->hosts, name, type, rrset_r, e);
}

static int namecheap_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	struct session *s = session;
	return need_hosts(s, e) == 0 ? hosts_zone(a, &s->hosts, zone_r, e) : -1;
}

/* -- writing -- */

/* One apply. */
struct writing {
	struct session *s;
	struct arena *then_in; /* owned: the reading that the write is made of */
	struct hosts then;
	const struct change_set *cs;
	struct rewrite rewrite;
};

static int read_rows(void *ctx, struct arena *a, struct whole_rows *rows_r, struct err *e)
{
	struct writing *w = ctx;
	if (fetch(w->s, e) != 0)
		return -1;
	hosts_rows(a, &w->s->hosts, rows_r);
	return 0;
}

static int find_rrset(void *ctx, struct arena *a, const char *name, uint16_t type,
		      const struct rrset **rrset_r, struct err *e)
{
	const struct writing *w = ctx;
	const struct hosts *last = w->s->hosts_in != NULL ? &w->s->hosts : &w->then;
	return hosts_rrset(a, last, name, type, rrset_r, e);
}

static int check_ttl(const struct writing *w, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < w->cs->n; i++) {
		const struct change *c = &w->cs->changes[i];
		if (c->after == NULL || (c->after->ttl >= TTL_MIN && c->after->ttl <= TTL_MAX))
			continue;
		(void)err_set(e, ERR_REFUSED, "%s %s: Namecheap has no TTL of %u s", c->name,
			      rr_type_name(a, c->type), (unsigned)c->after->ttl);
		return err_hint(e, "it can be %d to %d seconds; run `cutover plan` again", TTL_MIN,
				TTL_MAX);
	}
	return 0;
}

static int make_rows(void *ctx, struct arena *a, struct whole_rows *kept_r, struct err *e)
{
	struct writing *w = ctx;
	if (check_ttl(w, a, e) != 0 ||
	    rewrite_make(a, &w->then, w->cs, w->s->home, &w->rewrite, e) != 0)
		return -1;
	hosts_rows(a, &w->rewrite.kept, kept_r);
	return 0;
}

static enum whole_sent sent_as(enum xmlapi_verdict v)
{
	switch (v) {
	case XMLAPI_OK: return WHOLE_DONE;
	case XMLAPI_REFUSED: return WHOLE_REFUSED;
	case XMLAPI_LIMIT: return WHOLE_LIMIT;
	case XMLAPI_UNKNOWN: break;
	}
	return WHOLE_UNKNOWN;
}

static enum whole_sent set_hosts(void *ctx, struct arena *a, struct err *e)
{
	const struct writing *w = ctx;
	const struct xml *response;
	struct buf form;
	buf_init(&form);
	add_domain(w->s, &form);
	rewrite_form(a, &w->rewrite.rows, &form);
	const struct xmlapi_command command = { "domains.dns.setHosts", buf_slice(&form), true };
	enum xmlapi_verdict v = xmlapi_once(&w->s->api, a, &command, &response, e);
	buf_release(&form);
	if (v != XMLAPI_OK)
		return sent_as(v);
	const struct xml *result = xml_child(response, "DomainDNSSetHostsResult");
	if (str_eq_nocase(xml_attribute(result, "IsSuccess"), "true"))
		return WHOLE_DONE;
	(void)err_set(e, ERR_RETRY, "Namecheap's answer does not say that the rows were written");
	(void)err_hint(e, "run the same command again: what was done is read first");
	return WHOLE_UNKNOWN;
}

static int wait_for_limit(void *ctx, unsigned tries, struct err *e)
{
	const struct writing *w = ctx;
	return xmlapi_wait(&w->s->api, tries, e);
}

/* The reading that is taken as the first is held here, for each new one drops the one before. */
static int write_all(struct writing *w, enum registrar_applied *applied_r, struct err *e)
{
	const struct whole_zone zone = {
		.title = "Namecheap",
		.panel = "the panel (Advanced DNS)",
		.ctx = w,
		.read = read_rows,
		.rrset = find_rrset,
		.make = make_rows,
		.send = set_hosts,
		.wait = wait_for_limit,
	};
	struct whole_rows then;
	if (need_hosts(w->s, e) != 0)
		return -1;
	w->then_in = w->s->hosts_in;
	w->then = w->s->hosts;
	w->s->hosts_in = NULL;
	hosts_rows(w->then_in, &w->then, &then);
	return whole_zone_apply(&zone, &then, w->cs, applied_r, e);
}

static int namecheap_apply(void *session, const struct change_set *changes,
			   enum registrar_applied *applied_r, struct err *e)
{
	struct writing w = { .s = session, .cs = changes };
	*applied_r = APPLIED_NONE;
	int rc = write_all(&w, applied_r, e);
	if (rc != 0)
		forget(w.s);
	arena_free(w.then_in);
	return rc;
}

/* Each write sends all rows, so one that cannot be sent again stops every change. */
static int namecheap_writable(void *session, struct err *e)
{
	struct session *s = session;
	struct arena *a = arena_new();
	int rc = need_hosts(s, e) == 0 ? rewrite_check_rows(a, &s->hosts, e) : -1;
	arena_free(a);
	return rc;
}

static uint32_t namecheap_ttl(const struct registrar *self, uint32_t wanted)
{
	(void)self;
	return wanted < TTL_MIN ? TTL_MIN : wanted > TTL_MAX ? TTL_MAX : wanted;
}

const struct registrar registrar_namecheap = {
	.abi = REGISTRAR_ABI,
	.name = "namecheap",
	.title = "Namecheap",
	.capabilities = REGISTRAR_LIST | REGISTRAR_ATOMIC,
	.options = options,
	.hosts = hosts,
	.notes = notes,
	.verified = "2026-11",
	.open = namecheap_open,
	.close = namecheap_close,
	.read = namecheap_read,
	.list = namecheap_list,
	.apply = namecheap_apply,
	.writable = namecheap_writable,
	.ttl = namecheap_ttl,
};
