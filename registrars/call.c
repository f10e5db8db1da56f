/*
 * A call is a provider's session with the guard (and, unless a test brings its own, the
 * world) behind it. The rules that keep a zone safe are here and not in the providers:
 * before-images are read again right before the write, and what a provider says of a
 * failed write is believed only as far as the guard's own count allows.
 */
#include "registrars/call.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/host.h"
#include "registrars/options.h"
#include "zone/dname.h"

struct registrar_call {
	const struct registrar *provider;
	char *zone, *base_url; /* owned */
	struct host_world world;
	struct host_guard guard;
	void *session; /* the provider's */
	size_t secret_n;
	struct secret **secrets; /* owned: what no error may tell */
	bool would_apply;
};

static void keep_secrets(struct registrar_call *c, const struct registrar_config *config)
{
	c->secrets = mem_alloc((config->n + 1) * sizeof(*c->secrets));
	for (size_t i = 0; i < config->n; i++) {
		if (config->values[i].secret != NULL)
			c->secrets[c->secret_n++] = secret_new(
				secret_expose(config->values[i].secret));
	}
}

/* A provider's own words may repeat what they refuse, and go into the journal and reports. -1. */
static int failed(const struct registrar_call *c, struct err *e)
{
	for (size_t i = 0; i < c->secret_n; i++) {
		secret_redact(c->secrets[i], e->text);
		secret_redact(c->secrets[i], e->hint);
	}
	return -1;
}

/* Host and world are in the call itself and are borrowed from there: a call does not move. */
static void set_world(struct registrar_call *c, const struct registrar_call_opts *opts)
{
	struct registrar_host real;
	c->world = (struct host_world){
		.clock = opts->clock,
		.rng = opts->rng,
		.cancel = opts->cancel,
		.timeout_ms = opts->timeout_ms,
		.ca_file = opts->ca_file,
		.routes = opts->routes,
		.route_n = opts->route_n,
		.log = opts->log,
	};
	real = host_world_functions(&c->world);
	host_guard_init(&c->guard, opts->host != NULL ? opts->host : &real, opts->dry_run,
			opts->log);
	c->base_url = mem_strdup(registrar_text(opts->config, "base_url", ""));
	c->guard.base_url = c->base_url;
	c->guard.hosts = c->provider->hosts;
	c->guard.secret_n = c->secret_n;
	c->guard.secrets = (const struct secret *const *)c->secrets;
}

static void free_call(struct registrar_call *c)
{
	host_world_release(&c->world);
	for (size_t i = 0; i < c->secret_n; i++)
		secret_free(c->secrets[i]);
	free(c->secrets);
	free(c->base_url);
	free(c->zone);
	free(c);
}

/* Names first, then the values by the provider itself; nothing is sent before the first read. */
int registrar_open(const struct registrar_call_opts *opts, struct registrar_call **call_r,
		   struct err *e)
{
	const struct registrar *r = options_find(opts->table, opts->provider, e);
	if (r == NULL)
		return -1;
	if (r->abi != REGISTRAR_ABI)
		return err_set(e, ERR_BUG, "provider \"%s\" is built for contract %d, not %d",
			       r->name, r->abi, REGISTRAR_ABI);
	if (options_check(r, opts->config, e) != 0)
		return -1;
	struct registrar_call *c = mem_alloc(sizeof(*c));
	c->provider = r;
	c->zone = mem_strdup(opts->config->zone);
	keep_secrets(c, opts->config);
	set_world(c, opts);
	if (r->open(r, &c->guard.host, opts->config, &c->session, e) != 0) {
		(void)err_wrap(e, "DNS provider \"%s\"", r->name);
		(void)failed(c, e);
		free_call(c);
		return -1;
	}
	if (r->as_opened != NULL)
		c->provider = r->as_opened(c->session);
	*call_r = c;
	return 0;
}

void registrar_close(struct registrar_call *c)
{
	if (c == NULL)
		return;
	c->provider->close(c->session);
	free_call(c);
}

const struct registrar *registrar_of(const struct registrar_call *c)
{
	return c->provider;
}

bool registrar_would_apply(const struct registrar_call *c)
{
	return c->would_apply;
}

/* A panel cannot be read: then only the DNS tells. */
static bool can_read(const struct registrar_call *c)
{
	return c->provider->read != NULL || c->provider->list != NULL || c->provider->pick != NULL;
}

static int refuse_read(const struct registrar_call *c, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "the zone %s cannot be read through provider \"%s\"", c->zone,
		      c->provider->name);
	return err_hint(e, "its state is observed at the zone's own DNS servers instead");
}

bool registrar_names_have(const struct registrar_names *names, const char *name)
{
	for (size_t i = 0; names != NULL && i < names->n; i++) {
		if (dname_equal(names->at[i], name))
			return true;
	}
	return names == NULL;
}

struct registrar_names registrar_names_of(struct arena *a, const struct change_set *cs)
{
	const char **names = ARENA_ARRAY(a, cs->n, const char *);
	for (size_t i = 0; i < cs->n; i++)
		names[i] = cs->changes[i].name;
	return (struct registrar_names){ cs->n, names };
}

/* At least what is at these names; the whole zone where the provider cannot choose. */
static int pick(struct registrar_call *c, struct arena *a, const struct registrar_names *names,
		const struct zone **zone_r, struct err *e)
{
	if (c->provider->pick == NULL)
		return registrar_list(c, a, zone_r, e);
	if (c->provider->pick(c->session, a, names, zone_r, e) == 0)
		return 0;
	(void)err_wrap(e, "reading %s by %s", c->zone, c->provider->name);
	return failed(c, e);
}

/* A provider that can only list is read by listing: dear, but the same answer. */
int registrar_read(struct registrar_call *c, struct arena *a, const char *name, uint16_t type,
		   const struct rrset **rrset_r, struct err *e)
{
	const struct zone *z = NULL;
	*rrset_r = NULL;
	if (!can_read(c))
		return refuse_read(c, e);
	if (c->provider->read == NULL) {
		if (pick(c, a, &(struct registrar_names){ 1, &name }, &z, e) != 0)
			return -1;
		*rrset_r = zone_find(z, name, type);
		return 0;
	}
	if (c->provider->read(c->session, a, name, type, rrset_r, e) == 0)
		return 0;
	(void)err_wrap(e, "reading %s %s by %s", name, rr_type_name(a, type), c->provider->name);
	return failed(c, e);
}

uint32_t registrar_ttl(const struct registrar *r, uint32_t wanted)
{
	return r->ttl != NULL ? r->ttl(r, wanted) : wanted;
}

int registrar_list(struct registrar_call *c, struct arena *a, const struct zone **zone_r,
		   struct err *e)
{
	if (c->provider->list == NULL)
		return refuse_read(c, e);
	if (c->provider->list(c->session, a, zone_r, e) == 0)
		return 0;
	(void)err_wrap(e, "listing %s by %s", c->zone, c->provider->name);
	return failed(c, e);
}

/* "10 mx1.nwtraders.com. (TTL 3600)", or "nothing". */
static const char *describe(struct arena *a, const struct rrset *s)
{
	struct buf b;
	if (s == NULL)
		return "nothing";
	buf_init(&b);
	for (size_t i = 0; i < s->n; i++)
		buf_addf(&b, "%s%.200s", i > 0 ? ", " : "", s->rdata[i]);
	buf_addf(&b, " (TTL %u)", (unsigned)s->ttl);
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* Names the record and both values: the person must see what somebody else did. */
static int refuse_drift(struct arena *a, const struct change *c, const struct rrset *live,
			struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "%s %s is not what the plan was made from: planned from %s, found %s",
		      c->name, rr_type_name(a, c->type), describe(a, c->before), describe(a, live));
	if (rrset_alike(live, c->after))
		return err_hint(e, "it already is as planned: nothing is left to do for it; "
				   "run `cutover plan` again");
	return err_hint(e, "somebody changed it since; nothing was written; "
			   "run `cutover plan` again and look at the difference");
}

/* Whether the set itself takes away what is there now. */
static bool is_removed(const struct change_set *cs, const char *name, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		if (c->type == type && dname_equal(c->name, name))
			return c->after == NULL;
	}
	return false;
}

struct comparison {
	struct registrar_call *call;
	struct arena *arena; /* for one comparison */
	const struct change_set *changes;
	const struct zone *zone; /* all that is at the names, read once for all; NULL: it was not */
};

static int read_live(const struct comparison *k, const char *name, uint16_t type,
		     const struct rrset **live_r, struct err *e)
{
	if (k->zone == NULL)
		return registrar_read(k->call, k->arena, name, type, live_r, e);
	*live_r = zone_find(k->zone, name, type);
	return 0;
}

/* One type that may stand in the way at the name of a new record. */
static int refuse_beside(const struct comparison *k, const struct change *c, uint16_t other,
			 struct err *e)
{
	const struct rrset *live = NULL;
	if (c->type == other || is_removed(k->changes, c->name, other))
		return 0;
	if (read_live(k, c->name, other, &live, e) != 0)
		return -1;
	if (live == NULL)
		return 0;
	(void)err_set(e, ERR_REFUSED, "%s %s cannot stand beside %s %s that is there", c->name,
		      rr_type_name(k->arena, c->type), rr_type_name(k->arena, other),
		      describe(k->arena, live));
	return err_hint(e, "a CNAME must be alone at its name (RFC 1034 §3.6.2); remove one of "
			   "them and run `cutover plan` again");
}

/* All that is at the name in what was read at once: no list of types is ever complete. */
static int refuse_all_beside(const struct comparison *k, const struct change *c, struct err *e)
{
	for (size_t i = 0; i < k->zone->n; i++) {
		const struct rrset *live = k->zone->rrsets[i];
		if (dname_equal(live->name, c->name) && !rr_type_is_made(live->type) &&
		    refuse_beside(k, c, live->type, e) != 0)
			return -1;
	}
	return 0;
}

/* BIND and Knot skip such a record silently and answer NOERROR; so it is refused here. */
static int check_cname(const struct comparison *k, const struct change *c, struct err *e)
{
	static const uint16_t beside[] = { RR_A, RR_AAAA, RR_MX, RR_TXT, RR_NS, RR_SRV, RR_CAA };
	if (c->before != NULL || c->after == NULL)
		return 0;
	if (c->type != RR_CNAME)
		return refuse_beside(k, c, RR_CNAME, e);
	if (k->zone != NULL)
		return refuse_all_beside(k, c, e);
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		if (refuse_beside(k, c, beside[i], e) != 0)
			return -1;
	}
	return 0;
}

/* First what is there, then what would stand beside it. */
static int compare_one(const struct comparison *k, const struct change *c, struct err *e)
{
	const struct rrset *live = NULL;
	if (read_live(k, c->name, c->type, &live, e) != 0)
		return -1;
	if (!rrset_alike(live, c->before))
		return refuse_drift(k->arena, c, live, e);
	return check_cname(k, c, e);
}

/* An arena for each change: a provider may read much to answer little. */
static int compare_each(struct registrar_call *c, const struct change_set *cs,
			const struct zone *zone, struct err *e)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < cs->n; i++) {
		struct comparison k = { c, arena_new(), cs, zone };
		rc = compare_one(&k, &cs->changes[i], e);
		arena_free(k.arena);
	}
	return rc;
}

static bool reads_one(const struct registrar *r)
{
	return r->read != NULL && (r->pick == NULL || (r->capabilities & REGISTRAR_READS_ONE) != 0);
}

int registrar_look(struct registrar_call *c, struct arena *a, const struct change_set *changes,
		   const struct zone **zone_r, struct err *e)
{
	*zone_r = NULL;
	if (reads_one(c->provider) || changes->n == 0 || !can_read(c))
		return 0;
	struct registrar_names names = registrar_names_of(a, changes);
	return pick(c, a, &names, zone_r, e);
}

int registrar_standing(struct registrar_call *c, struct arena *a,
		       const struct registrar_names *names, const struct zone **zone_r,
		       struct err *e)
{
	*zone_r = NULL;
	if (!can_read(c))
		return refuse_read(c, e);
	if (c->provider->pick == NULL && c->provider->list == NULL)
		return 0;
	return pick(c, a, names, zone_r, e);
}

/* A CNAME in the place of what the same set removes: the provider may delete the name whole. */
static bool takes_over(const struct change_set *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		for (size_t j = 0; c->type == RR_CNAME && c->after != NULL && j < cs->n; j++)
			if (j != i && dname_equal(cs->changes[j].name, c->name))
				return true;
	}
	return false;
}

/* All that is at the names where a CNAME takes the place of something; else what is read at once
 * anyway. */
static int look_for(struct registrar_call *c, struct arena *a, const struct change_set *cs,
		    const struct zone **zone_r, struct err *e)
{
	if (!takes_over(cs))
		return registrar_look(c, a, cs, zone_r, e);
	struct registrar_names names = registrar_names_of(a, cs);
	if (registrar_standing(c, a, &names, zone_r, e) == 0)
		return 0;
	(void)err_wrap(e, "finding out what else is where a CNAME takes the place of records");
	return -1;
}

static int compare_all(struct registrar_call *c, const struct change_set *cs, struct err *e)
{
	const struct zone *zone = NULL;
	struct arena *a = arena_new();
	int rc = look_for(c, a, cs, &zone, e);
	if (rc == 0)
		rc = compare_each(c, cs, zone, e);
	arena_free(a);
	return rc;
}

static int refuse_by_hand(const struct registrar_call *c, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "with provider \"%s\" the change is made by a person",
		      c->provider->name);
	return err_hint(e, "follow the change sheet; `cutover verify --wait` sees when it is done");
}

/* All that can be refused before a write: in this order, for the plan costs nothing, a
 * person needs no comparison, and reading is the dearest. */
static int check_before(struct registrar_call *c, const struct change_set *cs, struct err *e)
{
	if (!dname_equal(cs->zone, c->zone))
		return err_set(e, ERR_BUG, "changes of %s given to a session for %s", cs->zone,
			       c->zone);
	if (change_set_check(cs, e) != 0)
		return -1;
	if ((c->provider->capabilities & REGISTRAR_BY_HAND) != 0 || c->provider->apply == NULL)
		return refuse_by_hand(c, e);
	return can_read(c) ? compare_all(c, cs, e) : 0;
}

/* What is known although a write's outcome is not. */
static enum registrar_applied less_sure(enum registrar_applied said)
{
	return said == APPLIED_PARTIAL || said == APPLIED_BEYOND ? said : APPLIED_UNKNOWN;
}

int registrar_apply(struct registrar_call *c, const struct change_set *changes,
		    enum registrar_applied *applied_r, struct err *e)
{
	*applied_r = APPLIED_NONE;
	c->would_apply = false;
	if (check_before(c, changes, e) != 0)
		return err_wrap(e, "applying the %s changes to %s", changes->id, c->zone);
	if (changes->n == 0) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	unsigned uncertain = c->guard.uncertain;
	unsigned refused = c->guard.refused;
	if (c->provider->apply(c->session, changes, applied_r, e) == 0) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	c->would_apply = c->guard.refused > refused;
	/* Order is important: the provider has spoken, now the count of what really left. */
	if (c->guard.uncertain > uncertain)
		*applied_r = less_sure(*applied_r);
	(void)err_wrap(e, "applying the %s changes to %s by %s", changes->id, c->zone,
		       c->provider->name);
	return failed(c, e);
}

const char *registrar_warning(const struct registrar_call *c)
{
	return c->provider->warning != NULL ? c->provider->warning(c->session) : NULL;
}

int registrar_writable(struct registrar_call *c, struct err *e)
{
	if (c->provider->writable == NULL || c->provider->writable(c->session, e) == 0)
		return 0;
	return failed(c, e);
}

const char *registrar_zone_id(const struct registrar_call *c)
{
	return c->provider->zone_id != NULL ? c->provider->zone_id(c->session) : NULL;
}

int registrar_publish(struct registrar_call *c, struct err *e)
{
	if (c->provider->publish == NULL || c->provider->publish(c->session, e) == 0)
		return 0;
	(void)err_wrap(e, "publishing what was written to %s at %s", c->zone, c->provider->name);
	(void)failed(c, e);
	return err_hint(e, "the records are written there, but its name servers do not have them: "
			   "run the same command again, it publishes them first");
}

bool registrar_keeps_snapshots(const struct registrar_call *c)
{
	return c->provider->snapshot != NULL;
}

static int refuse_snapshots(const struct registrar_call *c, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "provider \"%s\" keeps no snapshots of a zone",
		      c->provider->name);
	return err_hint(e, "`cutover rollback` works from its own before-images");
}

/* The id goes into the journal and onto terminals: what a provider said is made printable. */
int registrar_snapshot(struct registrar_call *c, struct arena *a, const char **id_r, struct err *e)
{
	const char *id = NULL;
	if (c->provider->snapshot == NULL)
		return refuse_snapshots(c, e);
	if (c->provider->snapshot(c->session, a, &id, e) != 0) {
		(void)err_wrap(e, "taking a snapshot of %s at %s", c->zone, c->provider->name);
		return failed(c, e);
	}
	char *text = arena_strdup(a, id);
	str_make_printable(text);
	*id_r = text;
	return 0;
}

/* Like apply: the guard's count decides over what the provider believes. */
int registrar_restore(struct registrar_call *c, const char *id, enum registrar_applied *applied_r,
		      struct err *e)
{
	*applied_r = APPLIED_NONE;
	if (c->provider->restore == NULL)
		return refuse_snapshots(c, e);
	unsigned uncertain = c->guard.uncertain;
	if (c->provider->restore(c->session, id, applied_r, e) == 0) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	if (c->guard.uncertain > uncertain)
		*applied_r = less_sure(*applied_r);
	(void)err_wrap(e, "restoring %s at %s from the snapshot %s", c->zone, c->provider->name,
		       id);
	return failed(c, e);
}

/* A set that an API would refuse is no work for a person either: the same check. */
int registrar_sheet(struct registrar_call *c, struct arena *a, const struct change_set *changes,
		    const char **text_r, struct err *e)
{
	if (c->provider->sheet == NULL)
		return err_set(e, ERR_REFUSED, "provider \"%s\" applies changes itself",
			       c->provider->name);
	if (change_set_check(changes, e) != 0)
		return -1;
	return c->provider->sheet(c->session, a, changes, text_r, e);
}
