/*
 * The zone's servers, each address by itself: who they are, what they are
 * asked, and what comes of it at once. An address is asked as soon as it is
 * known: glue without waiting, the others when the walk has found them.
 */
#include "dns/judge.h"
#include "dns/taking.h"
#include "zone/dname.h"

/* The addresses of one host, wanted by one party. */
struct wanted {
	struct snapshot_job *job;
	const char *host;
	bool delegated;
	unsigned roles;
};

struct seen taking_unheard(const struct dns_question *q, const char *note)
{
	return (struct seen){
		.question = *q, .state = SEEN_UNREADABLE, .outcome = DNS_CANCELLED, .note = note
	};
}

/* By name and address: one host may have many, and one address many names. */
static struct server_work *find_server(const struct snapshot_job *j, const char *name,
				       const char *address)
{
	for (size_t i = 0; i < j->servers.n; i++) {
		struct server_work *w = j->servers.at[i];
		if (dname_equal(w->view.name, name) && str_eq(w->view.address, address))
			return w;
	}
	return NULL;
}

/* Lookups then go to one server each instead of two. */
static void tell_walk(const struct server_work *w, const struct seen *seen)
{
	struct snapshot_job *j = w->job;
	if (seen->state == SEEN_DATA && seen->question.type == RR_SOA && j->zone != NULL)
		walk_heard(j->zone, w->view.address);
}

/* One answer of a server, its own or what follows from one. */
static void take_seen(struct server_work *w, size_t i)
{
	if (!w->delegated)
		return;
	tell_walk(w, &w->seen[i]);
	taking_heard(w->job, &w->seen[i]);
}

/* Further types of a name, held until the first has been answered. */
struct held_types {
	struct hold hold; /* first member */
	struct server_work *w;
	size_t first;
	struct held_types *next; /* of the same server */
};

static bool is_same_name(const struct snapshot_job *j, size_t a, size_t b)
{
	return dname_equal(j->questions.at[a].name, j->questions.at[b].name);
}

static void ask_held(struct hold *h)
{
	const struct held_types *x = (const struct held_types *)(const void *)h;
	struct snapshot_job *j = x->w->job;
	for (size_t i = x->first + 1; i < j->questions.n; i++) {
		if (is_same_name(j, i, x->first))
			taking_put(j, &x->w->inquiries[i]);
	}
}

/* A name that does not exist has no type: the denial speaks of all of them. */
static void deny_held(struct held_types *x)
{
	struct server_work *w = x->w;
	struct snapshot_job *j = w->job;
	taking_spare(&x->hold);
	for (size_t i = x->first + 1; i < j->questions.n; i++) {
		if (!is_same_name(j, i, x->first))
			continue;
		w->seen[i] = w->seen[x->first];
		w->seen[i].question.type = j->questions.at[i].type;
		take_seen(w, i);
	}
}

static void settle_held(struct server_work *w, size_t first)
{
	const struct seen *seen = &w->seen[first];
	for (struct held_types *x = w->held; x != NULL; x = x->next) {
		if (x->first != first || x->hold.job == NULL)
			continue;
		if (seen->state == SEEN_NXDOMAIN && seen->alias == NULL)
			deny_held(x);
		else
			taking_let_go(&x->hold);
	}
}

static void server_heard(struct inquiry *q)
{
	struct server_work *w = q->who;
	struct snapshot_job *j = q->job;
	const struct dns_reply *r = &q->ask.reply;
	w->seen[q->i] = judge_seen(j->a, taking_apex(j), &q->ask);
	w->no_route = w->no_route || r->outcome == DNS_NO_ROUTE;
	taking_habits_note(w, r);
	if (r->outcome == DNS_ANSWERED)
		w->rtt_ms[w->rtt_n++] = r->rtt_ms;
	settle_held(w, q->i);
	take_seen(w, q->i);
}

/* The first question about that name, which its others wait for in a crowd; the domain surely
 * exists. In an audit of one domain none waits: there are servers that deny a name by one type and
 * have data of another (RFC 4074 §4.2). */
static size_t first_about(const struct snapshot_job *j, size_t i)
{
	const char *name = j->questions.at[i].name;
	size_t k = 0;
	if (!taking_is_crowd(j) || dname_equal(name, j->opts.domain) ||
	    dname_equal(name, taking_apex(j)))
		return i;
	while (!is_same_name(j, k, i))
		k++;
	return k;
}

static void hold_types(struct server_work *w, size_t first)
{
	for (const struct held_types *x = w->held; x != NULL; x = x->next) {
		if (x->first == first)
			return;
	}
	struct held_types *x = ARENA_NEW(w->job->a, struct held_types);
	*x = (struct held_types){ .hold.go = ask_held, .w = w, .first = first, .next = w->held };
	w->held = x;
	taking_hold(w->job, &x->hold);
}

/* All questions to one address. Signatures are wanted: without any they cost nothing. */
static void ask_server(struct server_work *w)
{
	struct snapshot_job *j = w->job;
	struct inquiry *q = ARENA_ARRAY(j->a, j->questions.n, struct inquiry);
	w->rtt_ms = ARENA_ARRAY(j->a, j->questions.n, int);
	w->inquiries = q;
	for (size_t i = 0; i < j->questions.n; i++) {
		size_t k = first_about(j, i);
		q[i] = (struct inquiry){ .heard = server_heard, .who = w, .i = i };
		q[i].ask = (struct dns_ask){ .address = w->view.address,
					     .question = j->questions.at[i],
					     .dnssec = true };
		if (k == i)
			taking_put(j, &q[i]);
		else
			hold_types(w, k);
	}
}

static size_t addresses_of(const struct snapshot_job *j, const char *host)
{
	size_t n = 0;
	for (size_t i = 0; i < j->servers.n; i++)
		n += dname_equal(j->servers.at[i]->view.name, host) ? 1 : 0;
	return n;
}

static bool has_address(const struct snapshot_job *j, const char *host)
{
	return addresses_of(j, host) > 0;
}

/* Over a limit, of the zone or of one host, the rest is left out: no honest zone has that many. An
 * empty address is a server whose name has none. */
static void add_server(const struct wanted *x, const char *address)
{
	struct snapshot_job *j = x->job;
	struct server_work *w = find_server(j, x->host, address);
	bool full = j->servers.n >= SERVERS_MAX || addresses_of(j, x->host) >= HOST_ADDRESSES_MAX;
	if (w == NULL && full)
		return;
	if (w != NULL) {
		if (x->delegated && !w->delegated && address[0] != '\0')
			taking_habits_begin(w);
		w->delegated = w->delegated || x->delegated;
		w->roles |= x->roles;
		return;
	}
	w = ARENA_NEW(j->a, struct server_work);
	*w = (struct server_work){ .job = j, .delegated = x->delegated, .roles = x->roles };
	w->view.name = x->host;
	w->view.address = address;
	w->view.n = j->questions.n;
	w->view.seen = w->seen = ARENA_ARRAY(j->a, j->questions.n, struct seen);
	bool mute = address[0] == '\0';
	const char *why = j->allowance.spent ? walk_too_much : "its name has no address";
	for (size_t i = 0; i < j->questions.n; i++)
		w->seen[i] = taking_unheard(&j->questions.at[i], mute ? why : j->late);
	*vec_push(j->a, &j->servers) = w;
	if (!mute)
		ask_server(w);
	if (!mute && w->delegated)
		taking_habits_begin(w);
}

/* What its name resolves to, beside the parent's glue. */
static void host_done(void *ctx, struct walk_task *t)
{
	const struct wanted *x = ctx;
	for (size_t k = 0; k < t->type_n; k++) {
		for (size_t i = 0; t->sets[k] != NULL && i < t->sets[k]->n; i++)
			add_server(x, t->sets[k]->rdata[i]);
	}
	if (!has_address(x->job, x->host))
		add_server(x, "");
}

static void want_server(const struct wanted *like)
{
	struct snapshot_job *j = like->job;
	struct wanted *x = arena_memdup(j->a, like, sizeof(*like));
	for (size_t i = 0; x->delegated && i < j->zone->addresses.n; i++) {
		const struct cut_address *at = &j->zone->addresses.at[i];
		if (dname_equal(at->host, x->host))
			add_server(x, at->address);
	}
	if (taking_host(j, x->host, host_done, x) == NULL && !has_address(j, x->host))
		add_server(x, "");
}

static bool is_wanted(const struct snapshot_job *j, const char *host)
{
	for (size_t i = 0; i < j->ns_hosts.n; i++) {
		if (dname_equal(j->ns_hosts.at[i], host))
			return true;
	}
	return false;
}

void taking_servers_of(struct snapshot_job *j, const struct rrset *ns)
{
	for (size_t i = 0; ns != NULL && i < ns->n && j->ns_hosts.n < SERVERS_MAX; i++) {
		const char *host = rdata_host(j->a, RR_NS, ns->rdata[i]);
		if (host == NULL || is_wanted(j, host))
			continue;
		*vec_push(j->a, &j->ns_hosts) = host;
		want_server(&(struct wanted){ .job = j, .host = host, .delegated = true });
	}
}

/* Those that are delegated to are servers already, and no others. */
static void want_others(struct snapshot_job *j, const char *const *hosts, enum other_role role)
{
	for (size_t i = 0; hosts != NULL && hosts[i] != NULL && i < SERVERS_MAX; i++) {
		if (!is_wanted(j, hosts[i]))
			want_server(&(struct wanted){
				.job = j, .host = hosts[i], .roles = 1U << role });
	}
}

void taking_others_begin(struct snapshot_job *j)
{
	want_others(j, j->opts.panel_ns, OTHER_PANEL);
	want_others(j, j->opts.previous_ns, OTHER_PREVIOUS);
}

/* The first life sign begins the lookups; the child's own NS set may name more servers. */
void taking_servers_heard(struct snapshot_job *j, const struct seen *seen)
{
	if (seen->state != SEEN_DATA || !dname_equal(seen->question.name, taking_apex(j)))
		return;
	if (seen->question.type == RR_SOA)
		taking_lookups_begin(j);
	else if (seen->question.type == RR_NS)
		taking_servers_of(j, seen->rrset);
}
