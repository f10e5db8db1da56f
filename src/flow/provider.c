/*
 * Secrets live exactly as long as the session: resolved from the project's references
 * (env:, file:, cmd:) when it opens, wiped when it closes. The texts that the session
 * borrows are in an arena of its own.
 */
#include "flow/provider.h"

#include <stdlib.h>

#include "base/vec.h"
#include "flow/flow_priv.h"

enum { CALL_TIMEOUT_MS = 30 * 1000 };

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

static int open_session(struct flow *f, const char *zone, struct provider *p, struct err *e)
{
	const struct project *project = f->opts.project;
	size_t n = project->dns_credential_n + project->dns_option_n;
	struct registrar_value *values = ARENA_ARRAY(p->arena, n + 1, struct registrar_value);
	if (resolve_credentials(f, p, values, e) != 0)
		return -1;
	for (size_t i = 0; i < project->dns_option_n; i++)
		values[project->dns_credential_n + i] = (struct registrar_value){
			.name = project->dns_options[i].name,
			.text = project->dns_options[i].text,
		};
	struct registrar_config *config = ARENA_NEW(p->arena, struct registrar_config);
	*config = (struct registrar_config){ arena_strdup(p->arena, zone), n, values };
	return registrar_open(
		&(struct registrar_call_opts){
			.table = provider_set_table(p->set),
			.provider = project->dns_provider,
			.config = config,
			.dry_run = f->opts.dry_run,
			.timeout_ms = CALL_TIMEOUT_MS,
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

int provider_open(struct flow *f, const char *zone, struct provider **p_r, struct err *e)
{
	const struct project *project = f->opts.project;
	if (project->dns_provider == NULL) {
		err_set(e, ERR_USAGE, "%s: dns.provider is not given", project->path);
		return err_hint(e, "name who serves the zone (see `cutover providers`); without an "
				   "API write `provider: manual`");
	}
	struct provider *p = mem_alloc(sizeof(*p));
	p->arena = arena_new();
	p->set = provider_set_new(e);
	/* Order is important: nothing is asked for a secret before its way is confirmed. */
	if (p->set == NULL || provider_set_may_use(p->set, project->dns_provider, e) != 0 ||
	    open_session(f, zone, p, e) != 0) {
		provider_close(p);
		return err_wrap(e, "opening the DNS provider '%s'", project->dns_provider);
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
