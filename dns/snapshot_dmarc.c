/*
 * What stands around a DMARC record: the ones above it when the domain has none
 * (the tree walk of RFC 9989 §4.10), and whether strangers named in it take its
 * reports (RFC 9990 §4).
 */
#include <string.h>

#include "dns/taking.h"
#include "zone/dname.h"

enum {
	ANCESTORS_MAX = 8, /* RFC 9989 §4.10: more are not asked for */
	REPORTERS_MAX = 10,
};

/* The domain of one address of a list: "mailto:a@b.net!10m"; NULL when there is none. */
static const char *mailto_domain(struct arena *a, struct slice uri)
{
	static const struct slice scheme = SLICE_LIT("mailto:");
	struct err e = { 0 };
	uri = slice_trim(uri);
	if (!slice_starts_nocase(uri, scheme))
		return NULL;
	(void)slice_until(&uri, '@');
	struct slice host = slice_trim(slice_until(&uri, '!'));
	return host.len > 0 ? dname_canon(a, arena_slice(a, host), &e) : NULL;
}

/* Within one tree nobody needs a permission. Whoever takes the reports permits them for the domain
 * whose record it is, even where another one has inherited it (RFC 7489 §7.1, RFC 9990 §4). */
static void ask_reporter(struct snapshot_job *j, const char *owner, const char *host)
{
	struct err e = { 0 };
	if (dname_is_within(host, owner) || dname_is_within(owner, host) ||
	    j->reporters >= REPORTERS_MAX)
		return;
	j->reporters++;
	const char *name = dname_canon(j->a, arena_printf(j->a, "%s_report._dmarc.%s", owner, host),
				       &e);
	if (name != NULL)
		(void)taking_lookup(j, name, RR_TXT);
}

/* One "rua=…" or "ruf=…"; other tags are passed over. */
static void take_tag(struct snapshot_job *j, const char *owner, struct slice tag)
{
	struct slice name = slice_trim(slice_until(&tag, '='));
	if (!slice_eq_nocase(name, SLICE_LIT("rua")) && !slice_eq_nocase(name, SLICE_LIT("ruf")))
		return;
	while (tag.len > 0) {
		const char *host = mailto_domain(j->a, slice_until(&tag, ','));
		if (host != NULL)
			ask_reporter(j, owner, host);
	}
}

static bool is_record(struct slice text)
{
	return slice_starts_nocase(slice_trim(text), SLICE_LIT("v=DMARC1"));
}

/* True when the set has a record, whose reporters are asked. */
static bool take_records(struct snapshot_job *j, const char *owner, const struct rrset *txt)
{
	bool found = false;
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(j->a, txt->rdata[i]);
		if (!is_record(text))
			continue;
		found = true;
		while (text.len > 0)
			take_tag(j, owner, slice_until(&text, ';'));
	}
	return found;
}

/* The task's name is _dmarc.OWNER. */
static void ancestor_done(void *ctx, struct walk_task *t)
{
	struct snapshot_job *j = ctx;
	if (!j->over && t->sets[0] != NULL)
		(void)take_records(j, dname_parent(t->name), t->sets[0]);
}

/* The record above is asked about at every ancestor at once: they are few. */
static void ask_ancestors(struct snapshot_job *j)
{
	struct err e = { 0 };
	const char *name = dname_parent(j->opts.domain);
	j->ancestors_wanted = true;
	for (size_t i = 0; i < ANCESTORS_MAX && dname_labels(name) > 0; i++) {
		const char *at = dname_in_zone(j->a, "_dmarc", name, &e);
		struct walk_task *t = at != NULL ? taking_lookup(j, at, RR_TXT) : NULL;
		if (t != NULL)
			walk_on_done(j->walk, t, ancestor_done, j);
		name = dname_parent(name);
	}
}

void taking_dmarc_heard(struct snapshot_job *j, const struct seen *seen)
{
	bool readable = seen->state == SEEN_DATA || seen->state == SEEN_NODATA ||
			seen->state == SEEN_NXDOMAIN;
	if (!readable || seen_is_away(seen) || seen->question.type != RR_TXT ||
	    j->dmarc_name == NULL || !dname_equal(seen->question.name, j->dmarc_name))
		return;
	if (!take_records(j, j->opts.domain, seen->rrset) && !j->ancestors_wanted)
		ask_ancestors(j);
}
