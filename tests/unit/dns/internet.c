#include "internet.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ldns/ldns.h>

#include "zone/dname.h"
#include "zone/wire.h"
#include "zone/zone.h"

enum {
	SERVERS_MAX = 64,
	ZONES_MAX = 64,
	REFUSED = 5,
	NXDOMAIN = 3,
	TYPE_DNAME = 39,
	ONCE_MAX = 1024
};

const char internet_silent[] = "; silent";

struct site {
	const char *address;
	int fd;
	bool silent;
	atomic_uint asked;
};

struct internet {
	struct arena *a;
	uint16_t port;
	int stop[2];
	size_t site_n, zone_n;
	struct site sites[SERVERS_MAX];
	struct hosted hosted[ZONES_MAX];
	const struct zone *zones[ZONES_MAX]; /* NULL: refused */
	atomic_uint asked;
	atomic_uint once_n;
	uint64_t once[ONCE_MAX]; /* hashes; the server's thread's own */
	pthread_t thread;
};

/* FNV-1a, over the text and its end. */
static uint64_t hash_text(uint64_t h, const char *text)
{
	do
		h = (h ^ (unsigned char)*text) * 0x100000001b3U;
	while (*text++ != '\0');
	return h;
}

static void note_question(struct internet *net, const struct site *site,
			  const struct dns_question *q)
{
	uint64_t h = hash_text(hash_text(q->type, site->address), q->name);
	unsigned n = atomic_load(&net->once_n);
	for (unsigned i = 0; i < n; i++) {
		if (net->once[i] == h)
			return;
	}
	if (n == ONCE_MAX)
		return;
	net->once[n] = h;
	atomic_store(&net->once_n, n + 1);
}

static void push_set(ldns_pkt *p, ldns_pkt_section section, const struct rrset *s)
{
	struct arena *a = arena_new();
	for (size_t i = 0; s != NULL && i < s->n; i++) {
		ldns_rr *rr = NULL;
		const char *line = arena_printf(a, "%s %u IN %s %s", s->name, (unsigned)s->ttl,
						rr_type_name(a, s->type), s->rdata[i]);
		if (ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) != LDNS_STATUS_OK)
			abort();
		(void)ldns_pkt_push_rr(p, section, rr);
	}
	arena_free(a);
}

/* Addresses that the zone file itself holds for the servers of a delegation. */
static void push_glue(ldns_pkt *p, const struct zone *z, const struct rrset *ns)
{
	for (size_t i = 0; i < ns->n; i++) {
		push_set(p, LDNS_SECTION_ADDITIONAL, zone_find(z, ns->rdata[i], RR_A));
		push_set(p, LDNS_SECTION_ADDITIONAL, zone_find(z, ns->rdata[i], RR_AAAA));
	}
}

/* The delegation between the zone's apex and the name; NULL when there is none. */
static const struct rrset *cut_above(const struct zone *z, const char *name)
{
	const struct rrset *cut = NULL;
	for (; !dname_equal(name, z->origin); name = dname_parent(name)) {
		const struct rrset *ns = zone_find(z, name, RR_NS);
		cut = ns != NULL ? ns : cut;
	}
	return cut;
}

static bool name_exists(const struct zone *z, const char *name)
{
	for (size_t i = 0; i < z->n; i++) {
		if (dname_is_within(z->rrsets[i]->name, name))
			return true;
	}
	return false;
}

static void push_signed(ldns_pkt *p, ldns_pkt_section section, const struct zone *z,
			const struct rrset *set)
{
	push_set(p, section, set);
	if (set != NULL)
		push_set(p, section, zone_find(z, set->name, RR_RRSIG));
}

/* RFC 4035 §3.1.4: DS, or the proof that there is none. */
static void refer(ldns_pkt *p, const struct zone *z, const struct rrset *cut)
{
	const struct rrset *ds = zone_find(z, cut->name, RR_DS);
	push_set(p, LDNS_SECTION_AUTHORITY, cut);
	push_signed(p, LDNS_SECTION_AUTHORITY, z,
		    ds != NULL ? ds : zone_find(z, cut->name, RR_NSEC));
	push_glue(p, z, cut);
}

/* RFC 6672 §3.1: the DNAME and the CNAME made of it; its target, or NULL. */
static const char *push_dname(struct arena *a, ldns_pkt *p, const struct zone *z, const char *name)
{
	const char *owner = dname_parent(name);
	while (dname_is_within(owner, z->origin) && !dname_equal(owner, z->origin) &&
	       zone_find(z, owner, TYPE_DNAME) == NULL)
		owner = dname_parent(owner);
	const struct rrset *set = zone_find(z, owner, TYPE_DNAME);
	if (set == NULL)
		return NULL;
	struct slice front = { name, strlen(name) - strlen(owner) };
	const char *target = arena_printf(a, "%s%s", arena_slice(a, front), set->rdata[0]);
	struct rrset made = { name, RR_CNAME, set->ttl, 1, &target, false, false };
	push_signed(p, LDNS_SECTION_ANSWER, z, set);
	push_set(p, LDNS_SECTION_ANSWER, &made);
	return target;
}

/* A CNAME's target where the name is an alias, else NULL. */
static const char *push_alias(struct arena *a, ldns_pkt *p, const struct zone *z, const char *name)
{
	const struct rrset *set = zone_find(z, name, RR_CNAME);
	push_signed(p, LDNS_SECTION_ANSWER, z, set);
	return set != NULL ? set->rdata[0] : push_dname(a, p, z, name);
}

/* Aliases are followed within the zone, as servers do; a few steps, for there are circles. */
static void answer_from(struct arena *a, ldns_pkt *p, const struct zone *z,
			const struct dns_question *q)
{
	const char *name = q->name;
	for (unsigned steps = 0; name != NULL && dname_is_within(name, z->origin) && steps < 4;
	     steps++) {
		const struct rrset *cut = cut_above(z, name);
		bool at_parent = q->type == RR_DS && cut != NULL && dname_equal(cut->name, name);
		if (cut != NULL && !at_parent) {
			if (steps == 0)
				refer(p, z, cut);
			return;
		}
		const struct rrset *set = zone_find(z, name, q->type);
		ldns_pkt_set_aa(p, true);
		push_signed(p, LDNS_SECTION_ANSWER, z, set);
		const char *target = set == NULL ? push_alias(a, p, z, name) : NULL;
		if (set == NULL && target == NULL) {
			push_signed(p, LDNS_SECTION_AUTHORITY, z, zone_find(z, z->origin, RR_SOA));
			if (!name_exists(z, name))
				ldns_pkt_set_rcode(p, NXDOMAIN);
		}
		name = target;
	}
}

/* DS is the parent's, where one server has both (RFC 4035 §3.1.4.1). */
static bool may_speak(const struct zone *z, const struct dns_question *q)
{
	return dname_is_within(q->name, z->origin) &&
	       (q->type != RR_DS || !dname_equal(q->name, z->origin));
}

static const struct zone *best_zone(const struct internet *net, const char *address,
				    const struct dns_question *q)
{
	const struct zone *best = NULL;
	for (size_t i = 0; i < net->zone_n; i++) {
		const struct zone *z = net->zones[i];
		if (z != NULL && str_eq(net->hosted[i].address, address) && may_speak(z, q) &&
		    (best == NULL || dname_labels(z->origin) > dname_labels(best->origin)))
			best = z;
	}
	return best;
}

static void serve_one(struct internet *net, struct site *site)
{
	unsigned char in[2048];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t got = recvfrom(site->fd, in, sizeof(in), 0, (struct sockaddr *)&from, &from_len);
	ldns_pkt *p = NULL;
	atomic_fetch_add(&site->asked, 1);
	if (site->silent || got <= 0 || ldns_wire2pkt(&p, in, (size_t)got) != LDNS_STATUS_OK)
		return;
	struct arena *a = arena_new();
	struct err e = { 0 };
	const struct dns_answer *q = dns_answer_parse(
		a, (struct slice){ (const char *)in, (size_t)got }, &e);
	struct dns_question question = { dname_canon(a, q->question.name, &e), q->question.type };
	const struct zone *z = best_zone(net, site->address, &question);
	atomic_fetch_add(&net->asked, 1);
	note_question(net, site, &question);
	ldns_pkt_set_qr(p, true);
	if (z != NULL)
		answer_from(a, p, z, &question);
	else
		ldns_pkt_set_rcode(p, REFUSED);
	uint8_t *out = NULL;
	size_t out_len = 0;
	if (ldns_pkt2wire(&out, p, &out_len) == LDNS_STATUS_OK)
		(void)sendto(site->fd, out, out_len, 0, (struct sockaddr *)&from, from_len);
	LDNS_FREE(out);
	ldns_pkt_free(p);
	arena_free(a);
}

static void *serve(void *ctx)
{
	struct internet *net = ctx;
	struct pollfd fds[SERVERS_MAX + 1];
	for (;;) {
		for (size_t i = 0; i < net->site_n; i++)
			fds[i] = (struct pollfd){ .fd = net->sites[i].fd, .events = POLLIN };
		fds[net->site_n] = (struct pollfd){ .fd = net->stop[0], .events = POLLIN };
		(void)poll(fds, net->site_n + 1, -1);
		if (fds[net->site_n].revents != 0)
			return NULL;
		for (size_t i = 0; i < net->site_n; i++) {
			if (fds[i].revents != 0)
				serve_one(net, &net->sites[i]);
		}
	}
}

static bool bind_site(struct site *s, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	(void)inet_pton(AF_INET, s->address, &at.sin_addr);
	return bind(s->fd, (struct sockaddr *)&at, sizeof(at)) == 0;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	(void)getsockname(fd, (struct sockaddr *)&at, &len);
	return ntohs(at.sin_port);
}

/* The first address gives the port; when another one has it in use, once more. */
static void bind_all(struct internet *net)
{
	for (bool ok = false; !ok;) {
		ok = true;
		net->port = 0;
		for (size_t i = 0; i < net->site_n; i++) {
			ok = bind_site(&net->sites[i], net->port) && ok;
			net->port = i == 0 ? port_of(net->sites[0].fd) : net->port;
		}
		for (size_t i = 0; !ok && i < net->site_n; i++)
			close(net->sites[i].fd);
	}
}

static struct site *site_at(struct internet *net, const char *address)
{
	for (size_t i = 0; i < net->site_n; i++) {
		if (str_eq(net->sites[i].address, address))
			return &net->sites[i];
	}
	return NULL;
}

static void add_site(struct internet *net, const struct hosted *h)
{
	if (site_at(net, h->address) == NULL)
		net->sites[net->site_n++].address = h->address;
	if (h->text == internet_silent)
		site_at(net, h->address)->silent = true;
}

struct internet *internet_start(const struct hosted *zones)
{
	struct internet *net = mem_alloc(sizeof(*net));
	struct err e = { 0 };
	net->a = arena_new();
	for (size_t i = 0; zones[i].origin != NULL; i++) {
		net->hosted[i] = zones[i];
		net->zones[i] = zones[i].text == NULL ? NULL
						      : zone_parse(net->a, zones[i].origin,
								   slice_str(zones[i].text), &e);
		if (e.kind != ERR_NONE) {
			(void)fprintf(stderr, "%s: %s\n", zones[i].origin, e.text);
			abort();
		}
		net->zone_n++;
		add_site(net, &zones[i]);
	}
	bind_all(net);
	if (pipe(net->stop) != 0 || pthread_create(&net->thread, NULL, serve, net) != 0)
		abort();
	return net;
}

void internet_stop(struct internet *net)
{
	(void)!write(net->stop[1], "x", 1);
	(void)pthread_join(net->thread, NULL);
	for (size_t i = 0; i < net->site_n; i++)
		close(net->sites[i].fd);
	close(net->stop[0]);
	close(net->stop[1]);
	arena_free(net->a);
	free(net);
}

uint16_t internet_port(const struct internet *net)
{
	return net->port;
}

unsigned internet_asked(const struct internet *net)
{
	return atomic_load(&net->asked);
}

unsigned internet_asked_once(const struct internet *net)
{
	return atomic_load(&net->once_n);
}

void internet_count_anew(struct internet *net)
{
	atomic_store(&net->once_n, 0);
}

unsigned internet_asked_at(const struct internet *net, const char *address)
{
	for (size_t i = 0; i < net->site_n; i++) {
		if (str_eq(net->sites[i].address, address))
			return atomic_load(&net->sites[i].asked);
	}
	return 0;
}
