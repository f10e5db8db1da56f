/*
 * What the old side looks like can be read from the DNS, so `cutover init` fills it in.
 * The new side cannot: neither the MX host nor the DKIM selectors of a big provider follow
 * from the domain's name any more.
 */
#include "flow/guess.h"

#include "base/vec.h"
#include "zone/dname.h"

static const char *const *mx_hosts(struct arena *a, const struct snapshot *snap)
{
	const struct rrset *mx = NULL;
	uint32_t ttl;
	VEC(const char *) list = { 0 };
	if (snapshot_rrset(snap, snap->domain, RR_MX, &mx, &ttl))
		for (size_t i = 0; i < mx->n; i++) {
			struct mx one;
			if (mx_parse(a, mx->rdata[i], &one) && !str_eq(one.host, "."))
				*vec_push(a, &list) = dname_show(a, one.host);
		}
	*vec_push(a, &list) = NULL;
	return list.at;
}

/* The parent's list is what resolvers follow; the zone's own only where that could not be
 * read. */
static const char *const *name_servers(struct arena *a, const struct snapshot *snap)
{
	VEC(const char *) list = { 0 };
	const struct rrset *ns = snap->parent_ns != NULL ? snap->parent_ns : snap->child_ns;
	for (size_t i = 0; ns != NULL && i < ns->n; i++)
		*vec_push(a, &list) = dname_show(a, ns->rdata[i]);
	*vec_push(a, &list) = NULL;
	return list.at;
}

/* What a line of the project file holds as it stands: visible characters (RFC 7208 §12). */
static bool is_plain(struct slice term)
{
	for (size_t i = 0; i < term.len; i++)
		if (term.ptr[i] <= ' ' || term.ptr[i] > '~')
			return false;
	return true;
}

/* "nwtraders.com" of "mx1.nwtraders.com": whose name it is, mostly. */
static struct slice last_two_labels(struct slice name)
{
	size_t dots = 0;
	for (size_t i = name.len; i-- > 0;) {
		dots += name.ptr[i] == '.';
		if (dots == 2)
			return (struct slice){ name.ptr + i + 1, name.len - i - 1 };
	}
	return name;
}

static bool is_of_a_host(struct slice name, const char *const *hosts)
{
	for (; *hosts != NULL; hosts++)
		if (slice_eq_nocase(last_two_labels(name), last_two_labels(slice_str(*hosts))))
			return true;
	return false;
}

/* The include that has its name from the MX hosts' owner, else the only one. Of several others
 * nobody knows which is the old sender's: a newsletter's term must not be taken for it, for the
 * clean-up takes it away. */
static const char *spf_include(struct arena *a, const struct snapshot *snap,
			       const char *const *hosts)
{
	const char *first = NULL;
	size_t n = 0;
	if (snap->spf_n == 0 || snap->spf[0].n == 0)
		return NULL;
	struct slice rest = slice_str(snap->spf[0].texts[0]);
	while (rest.len > 0) {
		struct slice term = slice_until(&rest, ' ');
		struct slice name = term;
		(void)slice_until(&name, ':');
		if (!slice_starts_nocase(term, SLICE_LIT("include:")) || !is_plain(term))
			continue;
		if (is_of_a_host(name, hosts))
			return arena_slice(a, term);
		first = n++ == 0 ? arena_slice(a, term) : first;
	}
	return n == 1 ? first : NULL;
}

void guess_project(struct arena *a, const struct snapshot *snap, struct template_values *v)
{
	v->source_mx = mx_hosts(a, snap);
	v->dns_nameservers = name_servers(a, snap);
	v->source_spf = spf_include(a, snap, v->source_mx);
}
