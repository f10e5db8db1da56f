/*
 * Each record is parsed once and its lookups are counted once, however often it is included:
 * a tree that doubles at each level costs no more than its records. Records on the way down
 * are marked, so that one that leads back is a loop.
 */
#include "dns/spf_tree.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/vec.h"
#include "dns/spf_terms.h"
#include "zone/dname.h"

enum {
	DEPTH_MAX = 64,      /* a snapshot from elsewhere may be any chain */
	COUNT_MAX = 1000000, /* beyond it the number says nothing more */
	TERMS_LOOKED_AT_MAX = 64,
};

struct building {
	struct arena *a;
	struct spf_tree *t;
	VEC(const char *) voids;
};

static bool is_certain(enum seen_state state)
{
	return state == SEEN_DATA || state == SEEN_NODATA || state == SEEN_NXDOMAIN;
}

static bool is_negative(enum seen_state state)
{
	return state == SEEN_NODATA || state == SEEN_NXDOMAIN;
}

static struct spf_node *find_node(const struct spf_tree *t, const char *name)
{
	for (size_t i = 0; name != NULL && i < t->n; i++) {
		if (dname_equal(t->nodes[i].view->name, name))
			return &t->nodes[i];
	}
	return NULL;
}

/* The target of an include or redirect that a receiver gets to; NULL for other terms. */
static struct spf_node *target_of(const struct spf_tree *t, const struct spf_record *r, size_t i)
{
	const struct spf_directive *d = &r->directives[i];
	bool leads = d->kind == SPF_INCLUDE || d->kind == SPF_REDIRECT;
	return leads && spf_is_live(r, i) ? find_node(t, d->name) : NULL;
}

/* A term that costs a lookup (§4.6.4); exp is asked for after the result and costs none. */
static bool costs(enum spf_kind kind)
{
	return kind == SPF_INCLUDE || kind == SPF_A || kind == SPF_MX || kind == SPF_PTR ||
	       kind == SPF_EXISTS || kind == SPF_REDIRECT;
}

static size_t count_from(struct building *b, struct spf_node *node, unsigned depth);

/* The records below one include or redirect. */
static size_t count_target(struct building *b, const struct spf_node *from, size_t i,
			   unsigned depth)
{
	const struct spf_directive *d = &from->record->directives[i];
	struct spf_node *to = target_of(b->t, from->record, i);
	if (to == NULL) {
		/* Names with macros, and those beyond the snapshot's limit, may be anything. */
		if (d->kind == SPF_INCLUDE || d->kind == SPF_REDIRECT)
			b->t->complete = false;
		return 0;
	}
	if (!to->reached)
		to->from = from->view->name;
	return count_from(b, to, depth + 1);
}

static size_t count_from(struct building *b, struct spf_node *node, unsigned depth)
{
	if (node->counting && b->t->loop == NULL)
		b->t->loop = node->view->name;
	if (node->counting || node->counted)
		return node->lookups;
	node->reached = node->counting = true;
	b->t->complete = b->t->complete && is_certain(node->view->state) && depth < DEPTH_MAX;
	size_t n = 0;
	for (size_t i = 0; node->record != NULL && depth < DEPTH_MAX && i < node->record->n; i++) {
		if (!spf_is_live(node->record, i) || !costs(node->record->directives[i].kind))
			continue;
		n += 1 + count_target(b, node, i, depth);
		n = n < COUNT_MAX ? n : COUNT_MAX;
	}
	node->lookups = n;
	node->counting = false;
	node->counted = true;
	return n;
}

/* §5.2: an include matches only on a pass; with another sign than "+" that is no pass of the
 * whole. Each record once. */
static void mark_passes(struct spf_tree *t, struct spf_node *node, unsigned depth)
{
	node->passes = true;
	for (size_t i = 0; node->record != NULL && depth < DEPTH_MAX && i < node->record->n; i++) {
		struct spf_node *to = target_of(t, node->record, i);
		if (to != NULL && !to->passes && node->record->directives[i].qualifier == '+')
			mark_passes(t, to, depth + 1);
	}
}

/* What a name's MX or address answer was: by a lookup, by the domain's own servers, or as one
 * of the hosts that were resolved. UNREADABLE when it was not asked. */
static enum seen_state state_of(const struct snapshot *s, const char *name, uint16_t type)
{
	const struct seen *seen = snapshot_lookup(s, name, type);
	for (size_t i = 0; seen == NULL && i < s->server_n; i++) {
		if (s->servers[i].state == SERVER_OK)
			seen = server_seen(&s->servers[i], name, type);
	}
	return seen != NULL ? seen->state : SEEN_UNREADABLE;
}

/* A receiver asks for A or AAAA by the sender's address; only a name that has neither is void
 * for all. */
static bool is_void(const struct snapshot *s, const struct spf_directive *d, const char *name)
{
	const struct host_view *host = snapshot_host(s, name);
	switch (d->kind) {
	case SPF_A:
		return host != NULL ? is_negative(host->state)
				    : is_negative(state_of(s, name, RR_A)) &&
					      is_negative(state_of(s, name, RR_AAAA));
	case SPF_EXISTS: return is_negative(state_of(s, name, RR_A));
	case SPF_MX: return is_negative(state_of(s, name, RR_MX));
	default: return false;
	}
}

static bool is_crowded(const struct snapshot *s, const char *name)
{
	const struct rrset *mx = NULL;
	const struct seen *seen = snapshot_lookup(s, name, RR_MX);
	if (seen != NULL)
		mx = seen->rrset;
	else
		(void)snapshot_rrset(s, name, RR_MX, &mx, NULL);
	return mx != NULL && mx->n > SPF_MX_HOSTS_MAX;
}

/* The voids of one record. Past the limit nothing changes: work on a hostile record ends. */
static void find_voids(struct building *b, const struct spf_node *node)
{
	for (size_t i = 0; i < node->record->n && i < TERMS_LOOKED_AT_MAX; i++) {
		const struct spf_directive *d = &node->record->directives[i];
		const char *name = spf_directive_name(d, node->view->name);
		if (name == NULL || !costs(d->kind) || !spf_is_live(node->record, i))
			continue;
		if (is_void(b->t->snap, d, name))
			*vec_push(b->a, &b->voids) = arena_slice(b->a, d->text);
		if (d->kind == SPF_MX && is_crowded(b->t->snap, name))
			b->t->crowded_mx = name;
	}
}

const struct spf_tree *spf_tree_build(struct arena *a, const struct snapshot *s)
{
	struct spf_tree *t = ARENA_NEW(a, struct spf_tree);
	struct building b = { .a = a, .t = t };
	*t = (struct spf_tree){ .snap = s, .n = s->spf_n };
	t->nodes = ARENA_ARRAY(a, s->spf_n, struct spf_node);
	for (size_t i = 0; i < t->n; i++) {
		const struct spf_view *v = &s->spf[i];
		t->nodes[i].view = v;
		if (v->n == 1)
			t->nodes[i].record = spf_parse(a, slice_str(v->texts[0]));
	}
	if (t->n == 0 || t->nodes[0].record == NULL)
		return t;
	t->complete = true;
	t->lookups = count_from(&b, &t->nodes[0], 0);
	mark_passes(t, &t->nodes[0], 0);
	for (size_t i = 0; i < t->n; i++) {
		if (t->nodes[i].reached && t->nodes[i].record != NULL)
			find_voids(&b, &t->nodes[i]);
	}
	t->voids = b.voids.at;
	t->void_n = b.voids.n;
	return t;
}

const struct spf_tree *spf_tree_with(struct arena *a, const struct snapshot *s,
				     const struct rrset *txt)
{
	struct snapshot *with = arena_memdup(a, s, sizeof(*s));
	struct spf_view *views = ARENA_ARRAY(a, s->spf_n + 1, struct spf_view);
	for (size_t i = 1; i < s->spf_n; i++)
		views[i] = s->spf[i];
	views[0] = (struct spf_view){ .name = s->domain, .state = SEEN_DATA };
	views[0].n = spf_records(a, txt, &views[0].texts);
	with->spf = views;
	with->spf_n = s->spf_n > 0 ? s->spf_n : 1;
	return spf_tree_build(a, with);
}

/* The address part of ip4: and ip6:, for both are in presentation form with an optional
 * prefix. */
static bool read_address(const struct spf_directive *d, unsigned char bytes[16])
{
	char text[INET6_ADDRSTRLEN];
	struct slice rest = d->value;
	struct slice address = slice_until(&rest, '/');
	if (address.len >= sizeof(text))
		return false;
	memcpy(text, address.ptr, address.len);
	text[address.len] = '\0';
	return inet_pton(d->kind == SPF_IP6 ? AF_INET6 : AF_INET, text, bytes) == 1;
}

/* Every address of `want` is one of `have`. */
static bool network_holds(const struct spf_directive *have, const struct spf_directive *want)
{
	unsigned char a[16] = { 0 };
	unsigned char b[16] = { 0 };
	bool v6 = have->kind == SPF_IP6;
	unsigned bits = v6 ? have->cidr6 : have->cidr4;
	if (bits > (v6 ? want->cidr6 : want->cidr4) || !read_address(have, a) ||
	    !read_address(want, b) || memcmp(a, b, bits / 8) != 0)
		return false;
	unsigned char mask = (unsigned char)(0xFF00U >> (bits % 8));
	return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

/* Both are a term each of a record at a name; a wish is one at the domain. */
static bool same_term(const struct spf_directive *have, const char *at,
		      const struct spf_directive *want, const char *domain)
{
	if (have->kind != want->kind || have->qualifier != want->qualifier)
		return false;
	if (have->kind == SPF_IP4 || have->kind == SPF_IP6)
		return network_holds(have, want);
	const char *a = spf_directive_name(have, at);
	const char *b = spf_directive_name(want, domain);
	bool same = a != NULL && b != NULL ? dname_equal(a, b)
					   : slice_eq_nocase(have->value, want->value);
	return same && have->cidr4 <= want->cidr4 && have->cidr6 <= want->cidr6;
}

static bool covers_term(const struct spf_tree *t, const struct spf_directive *want)
{
	const struct spf_node *target = want->kind == SPF_INCLUDE ? find_node(t, want->name) : NULL;
	if (target != NULL && target->passes)
		return true;
	for (size_t i = 0; i < t->n; i++) {
		const struct spf_record *r = t->nodes[i].record;
		for (size_t k = 0; t->nodes[i].passes && r != NULL && k < r->n; k++) {
			if (spf_is_live(r, k) &&
			    same_term(&r->directives[k], t->nodes[i].view->name, want,
				      t->snap->domain))
				return true;
		}
	}
	return false;
}

bool spf_tree_covers(const struct spf_tree *t, struct arena *a, const char *terms)
{
	const struct spf_record *want = spf_parse(a,
						  slice_str(arena_printf(a, "v=spf1 %s", terms)));
	for (size_t i = 0; i < want->n; i++) {
		if (!covers_term(t, &want->directives[i]))
			return false;
	}
	return true;
}

enum spf_cover spf_tree_judge(const struct spf_tree *t, struct arena *a, const char *terms)
{
	/* None, or several: no receiver takes either for a yes (§4.5). */
	if (t->n > 0 && is_certain(t->nodes[0].view->state) && t->nodes[0].view->n != 1)
		return SPF_COVERS_NOT;
	if (!spf_tree_covers(t, a, terms))
		return t->complete ? SPF_COVERS_NOT : SPF_COVER_UNREAD;
	return t->lookups > SPF_LOOKUPS_MAX || t->loop != NULL ? SPF_GIVES_UP : SPF_COVERS;
}

const char *spf_tree_unread(const struct spf_tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->nodes[i].reached && !is_certain(t->nodes[i].view->state))
			return t->nodes[i].view->name;
	}
	return NULL;
}
