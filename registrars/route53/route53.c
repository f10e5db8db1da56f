/*
 * Opening costs nothing and asks nobody: the zone's id is looked for with the first exchange.
 */
#include "registrars/route53/route53.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/route53/batch.h"
#include "registrars/route53/hosted_zone.h"
#include "registrars/route53/pages.h"
#include "zone/dname.h"

static const struct registrar_option options[] = {
	{ .name = "access_key_id",
	  .secret = true,
	  .required = true,
	  .help = "the access key's id (AKIA… or ASIA…)" },
	{ .name = "secret_access_key",
	  .secret = true,
	  .required = true,
	  .help = "the access key's secret" },
	{ .name = "session_token",
	  .secret = true,
	  .help = "the session's token, with temporary credentials" },
	{ .name = "zone_id",
	  .help = "the hosted zone's id (Z…), when several have the name or the key may not look" },
	{ .name = "region", .help = "the region that signatures are made for; default: us-east-1" },
	{ .name = "base_url", .help = "another address of the API than the vendor's" },
	{ .name = NULL },
};

static const char *const hosts[] = { "route53.amazonaws.com", NULL };

static const char *const notes[] = {
	"An alias and a record with a routing policy have no values of their own that could be put "
	"back: they are left alone, and a plan that wants to change one is refused.",
	"A change set is one batch of at most 1000 records and 32000 characters, old and new ones "
	"together.",
	"All programs of an account share five requests a second.",
	NULL,
};

static struct secret *copy_secret(const struct registrar_config *config, const char *name)
{
	const struct secret *given = registrar_secret(config, name);
	return given != NULL ? secret_new(slice_trim(secret_expose(given))) : NULL;
}

/* What goes into a header must be able to stand there; nothing of it is shown. */
static int check_secret(const struct secret *secret, const char *name, struct err *e)
{
	struct slice s = secret != NULL ? secret_expose(secret) : (struct slice){ "x", 1 };
	bool good = s.len > 0;
	for (size_t i = 0; good && i < s.len; i++)
		good = s.ptr[i] > ' ' && s.ptr[i] < 0x7f;
	if (good)
		return 0;
	(void)err_set(e, ERR_USAGE, "option \"%s\" is empty or holds a blank", name);
	return err_hint(e, "give it as AWS shows it, on one line");
}

static int open_secrets(struct session *s, const struct registrar_config *config, struct err *e)
{
	s->key_id = copy_secret(config, "access_key_id");
	s->key = copy_secret(config, "secret_access_key");
	s->token = copy_secret(config, "session_token");
	if (check_secret(s->key_id, "access_key_id", e) != 0 ||
	    check_secret(s->key, "secret_access_key", e) != 0)
		return -1;
	return check_secret(s->token, "session_token", e);
}

static int open_base_url(struct session *s, const char *url, struct err *e)
{
	struct slice text = slice_str(url);
	while (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;
	char *own = arena_slice(s->arena, text);
	s->base_url = own;
	if (!str_starts(own, "https://") || strpbrk(own, "?#@ ") != NULL) {
		(void)err_set(e, ERR_USAGE, "option \"base_url\" is no address of an API");
		return err_hint(e, "it begins with https:// and has no query");
	}
	/* As it will stand in the Host header, which is signed. */
	own += strlen("https://");
	for (size_t i = 0, n = strcspn(own, "/"); i < n; i++)
		own[i] = (char)(own[i] >= 'A' && own[i] <= 'Z' ? own[i] + ('a' - 'A') : own[i]);
	return 0;
}

static int open_region(struct session *s, const char *region, struct err *e)
{
	s->region = arena_strdup(s->arena, region);
	if (region[0] != '\0' &&
	    region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0')
		return 0;
	(void)err_set(e, ERR_USAGE, "option \"region\" is no region");
	return err_hint(e, "us-east-1 is right for Route 53 unless the account is in China or in "
			   "GovCloud");
}

static int open_zone(struct session *s, const struct registrar_config *config, struct err *e)
{
	const char *id = registrar_text(config, "zone_id", NULL);
	s->zone = dname_canon(s->arena, config->zone, e);
	if (s->zone == NULL)
		return -1;
	s->zone_id = id != NULL ? hosted_zone_id(s->arena, id) : NULL;
	if (id == NULL || s->zone_id != NULL)
		return 0;
	(void)err_set(e, ERR_USAGE, "option \"zone_id\" is no hosted zone's id");
	return err_hint(e, "it looks like Z1D633PJN98FT9; the console shows it beside the zone");
}

static void route53_close(void *session)
{
	struct session *s = session;
	secret_free(s->key_id);
	secret_free(s->key);
	secret_free(s->token);
	arena_free(s->arena);
	free(s);
}

static int route53_open(const struct registrar *self, const struct registrar_host *host,
			const struct registrar_config *config, void **session_r, struct err *e)
{
	static const char vendor[] = "https://route53.amazonaws.com";
	(void)self;
	struct session *s = mem_alloc(sizeof(*s));
	s->host = host;
	s->arena = arena_new();
	if (open_zone(s, config, e) != 0 || open_secrets(s, config, e) != 0 ||
	    open_base_url(s, registrar_text(config, "base_url", vendor), e) != 0 ||
	    open_region(s, registrar_text(config, "region", "us-east-1"), e) != 0) {
		route53_close(s);
		return -1;
	}
	*session_r = s;
	return 0;
}

static int route53_read(void *session, struct arena *a, const char *name, uint16_t type,
			const struct rrset **rrset_r, struct err *e)
{
	struct session *s = session;
	*rrset_r = NULL;
	return hosted_zone_find(s, e) != 0 ? -1 : pages_read(s, a, name, type, rrset_r, e);
}

static int route53_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	struct session *s = session;
	return hosted_zone_find(s, e) != 0 ? -1 : pages_zone(s, a, zone_r, e);
}

/* A request a name: the types that a new CNAME must not stand beside are seven more. */
static int route53_pick(void *session, struct arena *a, const struct registrar_names *names,
			const struct zone **zone_r, struct err *e)
{
	struct session *s = session;
	return hosted_zone_find(s, e) != 0 ? -1 : pages_pick(s, a, names, zone_r, e);
}

static int route53_apply(void *session, const struct change_set *changes,
			 enum registrar_applied *applied_r, struct err *e)
{
	struct session *s = session;
	*applied_r = APPLIED_NONE;
	return hosted_zone_find(s, e) != 0 ? -1 : batch_apply(s, changes, applied_r, e);
}

static const char *route53_zone_id(void *session)
{
	const struct session *s = session;
	return s->zone_id;
}

const struct registrar registrar_route53 = {
	.abi = REGISTRAR_ABI,
	.name = "route53",
	.title = "AWS Route 53",
	.capabilities = REGISTRAR_LIST | REGISTRAR_ATOMIC | REGISTRAR_COMPARE_AND_SET,
	.options = options,
	.hosts = hosts,
	.notes = notes,
	.verified = "2026-11",
	.open = route53_open,
	.close = route53_close,
	.read = route53_read,
	.list = route53_list,
	.pick = route53_pick,
	.apply = route53_apply,
	.zone_id = route53_zone_id,
};
