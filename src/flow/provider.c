/*
 * Secrets live exactly as long as the session: resolved from the project's references
 * (env:, file:, cmd:) when it opens, wiped when it closes. The texts that the session
 * borrows are in an arena of its own.
 */
#include "flow/provider.h"

#include <stdlib.h>

#include "base/vec.h"
#include "dns/who.h"
#include "flow/flow_priv.h"
#include "registrars/manual/manual.h"

struct provider {
	struct provider_set *set;    /* owned */
	struct registrar_call *call; /* owned */
	struct secret **secrets;     /* owned, secret_n of them */
	size_t secret_n;
	struct arena *arena; /* owned: what the session borrows */
};

static int resolve_credentials(struct flow *f, struct provider *p, struct registrar_value *values,
			       struct err *e)
{
	const struct project *project = f->opts.project;
	p->secrets = ARENA_ARRAY(p->arena, project->dns_credential_n + 1, struct secret *);
	for (size_t i = 0; i < project->dns_credential_n; i++) {
		const struct project_value *c = &project->dns_credentials[i];
		const char *what = arena_printf(p->arena, "dns.credentials.%s", c->name);
		if (secret_resolve(project, c->text, what, &p->secrets[i], e) != 0)
			return -1;
		p->secret_n = i + 1;
		values[i] = (struct registrar_value){ .name = c->name, .secret = p->secrets[i] };
	}
	return 0;
}

/* network.connect_to, as the HTTP client wants it. */
static const struct http_route *routes_of(const struct project *project, struct arena *a)
{
	size_t n = project->network.connect_to_n;
	struct http_route *routes = ARENA_ARRAY(a, n, struct http_route);
	for (size_t i = 0; i < n; i++)
		routes[i] = (struct http_route){ project->network.connect_to[i].host,
						 project->network.connect_to[i].address };
	return routes;
}

/* ---- by hand: whose panel is it? ----------------------------------------------------- */

static const char *const manual = "manual";

static bool is_manual(const struct project *p)
{
	return p->dns_provider != NULL && str_eq(p->dns_provider, manual);
}

bool provider_of_project_is_by_hand(const struct flow *f)
{
	return f->opts.by_hand || is_manual(f->opts.project);
}

static const char *panel_of_server(const char *host)
{
	const struct who *who = who_is(WHO_DNS, host);
	return who != NULL ? manual_panel_of(who->id) : NULL;
}

/* By the delegation as it was last seen. That nothing can be told is no failure: there are words
 * for any panel. */
static const char *panel_of_delegation(struct flow *f, struct arena *a)
{
	struct js *doc = NULL;
	struct err ignored;
	const char *panel = NULL;
	if (flow_get(f, DOC_SNAPSHOT, &doc, NULL, &ignored) != 0 || doc == NULL)
		return NULL;
	const struct snapshot *snap = snapshot_from_js(a, doc, &ignored);
	const struct rrset *ns = snap != NULL ? snap->parent_ns : NULL;
	for (size_t i = 0; ns != NULL && i < ns->n && panel == NULL; i++)
		panel = panel_of_server(ns->rdata[i]);
	js_free(doc);
	return panel;
}

static const char *panel_of(struct flow *f, struct arena *a)
{
	const struct project *p = f->opts.project;
	const char *panel = p->dns_provider != NULL ? manual_panel_of(p->dns_provider) : NULL;
	for (size_t i = 0; panel == NULL && p->dns_nameservers != NULL && p->dns_nameservers[i];
	     i++)
		panel = panel_of_server(p->dns_nameservers[i]);
	return panel != NULL ? panel : panel_of_delegation(f, a);
}

/* The project's own word for the panel stands over what can be found out. */
static size_t values_by_hand(struct flow *f, struct arena *a, struct registrar_value *values)
{
	const struct project *project = f->opts.project;
	size_t n = 0;
	for (size_t i = 0; is_manual(project) && i < project->dns_option_n; i++)
		values[n++] = (struct registrar_value){ .name = project->dns_options[i].name,
							.text = project->dns_options[i].text };
	const char *panel = n == 0 ? panel_of(f, a) : NULL;
	if (panel != NULL)
		values[n++] = (struct registrar_value){ .name = "panel", .text = panel };
	return n;
}

void provider_offer_by_hand(const struct flow *f, const char *step, struct err *e)
{
	char hint[ERR_HINT_MAX];
	if (e->kind != ERR_ACCOUNT || provider_of_project_is_by_hand(f))
		return;
	str_copy(hint, sizeof(hint), e->hint);
	err_hint(e, "%s%s`cutover %s --by-hand` makes the same changes by a sheet for its panel",
		 hint, hint[0] != '\0' ? "; or: " : "", step);
}

/* ---- the session ----------------------------------------------------------------------- */

/* Credentials are resolved only for who gets them. */
static int values_of_project(struct flow *f, struct provider *p, struct registrar_value *values,
			     size_t *n_r, struct err *e)
{
	const struct project *project = f->opts.project;
	if (resolve_credentials(f, p, values, e) != 0)
		return -1;
	for (size_t i = 0; i < project->dns_option_n; i++)
		values[project->dns_credential_n + i] = (struct registrar_value){
			.name = project->dns_options[i].name,
			.text = project->dns_options[i].text,
		};
	*n_r = project->dns_credential_n + project->dns_option_n;
	return 0;
}

static int open_session(struct flow *f, const char *zone, struct provider *p, struct err *e)
{
	const struct project *project = f->opts.project;
	bool by_hand = provider_of_project_is_by_hand(f);
	size_t n = project->dns_credential_n + project->dns_option_n;
	struct registrar_value *values = ARENA_ARRAY(p->arena, n + 1, struct registrar_value);
	if (by_hand)
		n = values_by_hand(f, p->arena, values);
	else if (values_of_project(f, p, values, &n, e) != 0)
		return -1;
	struct registrar_config *config = ARENA_NEW(p->arena, struct registrar_config);
	*config = (struct registrar_config){ arena_strdup(p->arena, zone), n, values };
	return registrar_open(
		&(struct registrar_call_opts){
			.table = provider_set_table(p->set),
			.provider = by_hand ? manual : project->dns_provider,
			.config = config,
			.dry_run = f->opts.dry_run,
			.timeout_ms = project->network.provider_timeout_ms,
			.ca_file = project->network.ca_file,
			.routes = routes_of(project, p->arena),
			.route_n = project->network.connect_to_n,
			.clock = f->opts.clock,
			.rng = f->opts.rng,
			.cancel = f->cancel,
			.log = f->opts.log,
		},
		&p->call, e);
}

/* The one provider that is a program. */
static int may_run(const struct project *project, const char *name, struct err *e)
{
	return str_eq(name, "process") ? project_may_run(project, "dns.command", e) : 0;
}

int provider_open(struct flow *f, const char *zone, struct provider **p_r, struct err *e)
{
	const struct project *project = f->opts.project;
	if (project->dns_provider == NULL && !f->opts.by_hand) {
		err_set(e, ERR_USAGE, "%s: dns.provider is not given", project->path);
		return err_hint(e, "name who serves the zone (see `cutover providers`); without an "
				   "API write `provider: manual`");
	}
	struct provider *p = mem_alloc(sizeof(*p));
	p->arena = arena_new();
	p->set = provider_set_new(e);
	/* Order is important: nothing is asked for a secret before its way is confirmed. */
	const char *name = provider_of_project_is_by_hand(f) ? manual : project->dns_provider;
	if (p->set == NULL || may_run(project, name, e) != 0 ||
	    provider_set_may_use(p->set, name, e) != 0 || open_session(f, zone, p, e) != 0) {
		provider_close(p);
		return err_wrap(e, "opening the DNS provider '%s'", name);
	}
	*p_r = p;
	return 0;
}

void provider_close(struct provider *p)
{
	if (p == NULL)
		return;
	registrar_close(p->call);
	provider_set_free(p->set);
	for (size_t i = 0; i < p->secret_n; i++)
		secret_free(p->secrets[i]);
	arena_free(p->arena);
	free(p);
}

struct registrar_call *provider_call(const struct provider *p)
{
	return p->call;
}

bool provider_is_by_hand(const struct provider *p)
{
	return (registrar_of(p->call)->capabilities & REGISTRAR_BY_HAND) != 0;
}

bool provider_is_atomic(const struct provider *p)
{
	return (registrar_of(p->call)->capabilities & REGISTRAR_ATOMIC) != 0;
}
