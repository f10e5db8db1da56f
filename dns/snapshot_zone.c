/*
 * Which zone holds the domain, what its parent says about it, and what every
 * server is asked.
 */
#include "dns/taking.h"
#include "zone/dname.h"

/* So long a zone whose servers are all silent is not looked at more closely: a slow one gets its
 * chance, and a dead one is not asked for everything. */
enum { PATIENCE_MS = 1000 };

/* The project's own wishes may repeat the built-in ones. Those about the apex are not compared:
 * its name is not known at the beginning. */
static void add_question(struct snapshot_job *j, const char *name, uint16_t type)
{
	for (size_t i = j->panel_from; i < j->questions.n; i++) {
		const struct dns_question *q = &j->questions.at[i];
		if (q->type == type && dname_equal(q->name, name))
			return;
	}
	*vec_push(j->a, &j->questions) = (struct dns_question){ name, type };
}

const char *taking_below(struct snapshot_job *j, const char *label)
{
	struct err e;
	err_clear(&e);
	return dname_in_zone(j->a, label, j->opts.domain, &e);
}

/* Left out where the name would be too long. */
static void add_below(struct snapshot_job *j, const char *label, uint16_t type)
{
	const char *name = taking_below(j, label);
	if (name != NULL)
		add_question(j, name, type);
}

const char *taking_apex(const struct snapshot_job *j)
{
	return j->zone != NULL ? j->zone->name : j->opts.domain;
}

/* SOA first: a server is judged by its first question. The apex's own come before those that
 * resolvers are asked too. */
static void build_questions(struct snapshot_job *j)
{
	const struct snapshot_opts *o = &j->opts;
	static const uint16_t apex[] = { RR_SOA, RR_NS, RR_DNSKEY };
	for (size_t i = 0; i < sizeof(apex) / sizeof(apex[0]); i++)
		*vec_push(j->a, &j->questions) = (struct dns_question){ o->domain, apex[i] };
	j->panel_from = j->questions.n;
	add_question(j, o->domain, RR_MX);
	add_question(j, o->domain, RR_TXT);
	add_below(j, "_dmarc", RR_TXT);
	add_below(j, "autodiscover", RR_CNAME);
	add_below(j, "_mta-sts", RR_TXT);
	add_below(j, "_smtp._tls", RR_TXT);
	for (size_t i = 0; i < o->extra_n; i++)
		add_question(j, o->extra[i].name, o->extra[i].type);
	j->s->question_n = j->questions.n;
	j->s->questions = j->questions.at;
}

/* What the walk to the domain found out. */
static void judge_delegation(struct snapshot_job *j, const struct walk_task *w)
{
	struct snapshot *s = j->s;
	bool at_registry = w->cut != NULL && dname_labels(w->cut->name) <= 1;
	s->delegation_note = w->note;
	j->zone = w->cut;
	if (w->states[0] == SEEN_DATA)
		s->delegation = DELEGATION_OK;
	else if (w->states[0] == SEEN_UNREADABLE)
		s->delegation = DELEGATION_UNREACHABLE;
	else if (w->states[0] == SEEN_NXDOMAIN || at_registry)
		s->delegation = DELEGATION_MISSING; /* in a TLD, a name without NS is nobody's */
	else
		s->delegation = DELEGATION_IN_PARENT_ZONE;
	if (s->delegation == DELEGATION_UNREACHABLE)
		j->zone = NULL;
	if (s->delegation == DELEGATION_MISSING && j->zone != NULL) {
		s->parent = j->zone->name;
		j->zone = NULL;
	}
}

/* Only now: what the walk finds out later about its servers is not the parent's word. */
static void take_glue(struct snapshot_job *j)
{
	const struct cut *z = j->zone;
	struct glue *glue = ARENA_ARRAY(j->a, z->addresses.n, struct glue);
	size_t n = 0;
	for (size_t i = 0; i < z->addresses.n && z->parent != NULL; i++) {
		const struct cut_address *at = &z->addresses.at[i];
		if (at->host[0] != '\0' && dname_is_within(at->host, z->parent->name))
			glue[n++] = (struct glue){ at->host, at->address };
	}
	j->s->glue_n = n;
	j->s->glue = glue;
}

static void zone_done(void *ctx, struct walk_task *w)
{
	struct snapshot_job *j = ctx;
	judge_delegation(j, w);
	for (size_t i = 0; i < j->panel_from; i++)
		j->questions.at[i].name = taking_apex(j);
	if (j->zone != NULL) {
		j->s->zone = j->zone->name;
		j->s->parent = j->zone->parent != NULL ? j->zone->parent->name : NULL;
		j->s->parent_ns = j->zone->ns_by_child ? NULL : j->zone->ns;
		take_glue(j);
	}
	if (j->over)
		return;
	if (j->zone != NULL) {
		j->patience_ms = dns_engine_mono_ms(j->en) + PATIENCE_MS;
		taking_servers_of(j, j->zone->ns);
		taking_chain_want(j, j->zone);
	}
	taking_others_begin(j);
	for (size_t i = 0; i < j->opts.single_n; i++)
		(void)taking_lookup(j, j->opts.single[i].name, j->opts.single[i].type);
}

/* When the time ends first, the walk says so, and the zone is unreachable. */
void taking_zone_begin(struct snapshot_job *j)
{
	build_questions(j);
	j->dmarc_name = taking_below(j, "_dmarc");
	j->sts_name = taking_below(j, "_mta-sts");
	j->tls_name = taking_below(j, "_smtp._tls");
	j->keys_name = taking_below(j, "_domainkey");
	walk_on_done(j->walk, walk_want_cut(j->walk, j->opts.domain), zone_done, j);
}
