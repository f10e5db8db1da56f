/* What only several options together tell. */
#include "config/imap_url.h"
#include "config/load.h"
#include "zone/dname.h"

/* By the option's path, so that the message has the line that the user wrote it in. */
static int refuse_at(struct loader *l, const char *path, const char *text, const char *remedy)
{
	return load_refuse(l, load_line(l, path), text, remedy);
}

/* A name that is written relative to the domain, "@" for the domain itself. */
static const char *own_name(struct loader *l, const char *path, const char *text)
{
	struct err e;
	const char *name = dname_in_zone(l->arena, text, l->p->domain, &e);
	if (name != NULL && dname_is_within(name, l->p->domain))
		return name;
	refuse_at(l, path,
		  arena_printf(l->arena, "%s: '%.60s' is no name within %s", path, text,
			       dname_show(l->arena, l->p->domain)),
		  arena_printf(l->arena,
			       "write it relative to the domain, such as 'lists', or in "
			       "full with the final dot, such as 'lists.%s'",
			       l->p->domain));
	return NULL;
}

/* Needs the domain, so it cannot be done value by value. */
static int check_names(struct loader *l)
{
	struct project *p = l->p;
	size_t n = 0;
	p->ownership_name = own_name(l, "ownership.name", p->ownership_name);
	if (p->ownership_name == NULL)
		return -1;
	while (p->subdomains[n] != NULL)
		n++;
	const char **names = ARENA_ARRAY(l->arena, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		names[i] = own_name(l, "subdomains", p->subdomains[i]);
		if (names[i] == NULL)
			return -1;
		if (dname_equal(names[i], p->domain))
			return refuse_at(l, "subdomains", "subdomains names the domain itself",
					 "leave it out; it is always part of the move");
	}
	p->subdomains = names;
	return 0;
}

/* Kept as a URL's host is kept, so that the two can be compared. */
static int check_hosts(struct loader *l)
{
	size_t n = 0;
	while (l->p->network.allow_plaintext[n] != NULL)
		n++;
	const char **hosts = ARENA_ARRAY(l->arena, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		struct err e;
		const char *host = l->p->network.allow_plaintext[i];
		if (!is_address(host) && dname_canon(l->arena, host, &e) == NULL)
			return refuse_at(
				l, "network.allow_plaintext",
				arena_printf(l->arena,
					     "network.allow_plaintext: '%.60s' is no host", host),
				"for example: allow_plaintext: [ old-imap.nwtraders.com ]");
		hosts[i] = host_plain(l->arena, host);
	}
	l->p->network.allow_plaintext = hosts;
	return 0;
}

/* A window is whole or absent: the table needs both its ends. */
static int check_window(struct loader *l)
{
	if (l->p->window_opens_ms < l->p->window_ends_ms || l->p->window_ends_ms == 0)
		return 0;
	return refuse_at(l, "window.ends", "window.ends is not after window.opens",
			 "give the end of the window a later time");
}

/* Else the gate mx-ttl-low could never open, and one would learn it two days later. */
static int check_ttls(struct loader *l)
{
	const struct project *p = l->p;
	if (p->policy.staged_mx_ttl <= p->policy.max_mx_ttl)
		return 0;
	return refuse_at(l, "policy.staged_mx_ttl",
			 arena_printf(l->arena,
				      "policy.staged_mx_ttl (%u s) is above policy.max_mx_ttl "
				      "(%u s): the switch could never happen",
				      p->policy.staged_mx_ttl, p->policy.max_mx_ttl),
			 "lower staged_mx_ttl, for example: staged_mx_ttl: 300");
}

/* Resolvers, windows and the rest have been judged one by one; here they meet. */
int project_check(struct loader *l)
{
	if (check_names(l) != 0 || check_hosts(l) != 0)
		return -1;
	return check_window(l) != 0 || check_ttls(l) != 0 ? -1 : 0;
}
