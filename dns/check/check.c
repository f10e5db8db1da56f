/*
 * The table is the families one behind the other. A row that needs the zone is not run
 * when the zone cannot be read: then only the delegation is worth a word.
 */
#include "dns/check/check.h"

#include <string.h>

#include "dns/check/rows.h"
#include "dns/spf_tree.h"

/* The names are the headings of docs/checks.md. */
static const struct family {
	const char *name;
	const struct check *rows;
} families[] = {
	{ "Delegation", delegation_checks },
	{ "Where the zone is hosted", hosting_checks },
	{ "The set of name servers", name_server_checks },
	{ "Each name server", server_checks },
	{ "Habits of name servers", habit_checks },
	{ "Do the servers agree", agreement_checks },
	{ "Times and negative answers", answer_checks },
	{ "What hides or shadows a record", hidden_checks },
	{ "What hides or shadows a record", wildcard_checks },
	{ "What hides or shadows a record", horizon_checks },
	{ "DNSSEC", dnssec_checks },
	{ "MX", mx_checks },
	{ "Clocks", timing_checks },
	{ "Resolvers", resolver_checks },
	{ "Proof of ownership", ownership_checks },
	{ "SPF", spf_checks },
	{ "DKIM", dkim_checks },
	{ "DMARC", dmarc_checks },
	{ "MTA-STS and reports", sts_checks },
	{ "DANE", dane_checks },
	{ "Mail programs", client_checks },
	{ "The plan", plan_checks },
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

const char *severity_name(enum severity s)
{
	static const char *const names[] = { "info", "warning", "blocker" };
	return names[s];
}

static const char *const phase_names[] = { "audit", "verify", "ready", "post" };

const char *phase_name(enum phase p)
{
	return phase_names[p];
}

bool phase_parse(const char *text, enum phase *phase_r)
{
	for (unsigned i = 0; i <= PHASE_POST; i++) {
		if (str_eq(text, phase_names[i])) {
			*phase_r = (enum phase)i;
			return true;
		}
	}
	return false;
}

/* Linear, over a hundred rows: the families need no common array for it. */
static const struct check *row_at(size_t at, const struct family **family_r)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		*family_r = &families[f];
		for (const struct check *row = families[f].rows; row->run != NULL; row++) {
			if (at-- == 0)
				return row;
		}
	}
	return NULL;
}

size_t check_count(void)
{
	const struct family *f;
	size_t n = 0;
	while (row_at(n, &f) != NULL)
		n++;
	return n;
}

struct check_info check_info_at(size_t i)
{
	const struct family *f;
	const struct check *row = row_at(i, &f);
	return row != NULL ? row->info : (struct check_info){ 0 };
}

const char *check_family_at(size_t i)
{
	const struct family *f;
	return row_at(i, &f) != NULL ? f->name : NULL;
}

/* A row without levels speaks in every phase, and says itself how loud. */
static char letter(const struct check *row, enum phase phase)
{
	const char *levels = row->info.levels != NULL ? row->info.levels : "iiii";
	return levels[phase];
}

enum severity check_level(const struct checking *c)
{
	switch (letter(c->row, c->in->phase)) {
	case 'b': return SEVERITY_BLOCKER;
	case 'w': return SEVERITY_WARNING;
	default: return SEVERITY_INFO;
	}
}

/* For these two there is a zone with at least one server that speaks for it. */
static bool is_readable_zone(const struct snapshot *s)
{
	return s->delegation == DELEGATION_OK || s->delegation == DELEGATION_IN_PARENT_ZONE;
}

/* Worst first; equals keep their order, which is that of the table. */
static void sort_findings(struct arena *a, struct findings *out)
{
	size_t n = out->list.n;
	struct finding *sorted = ARENA_ARRAY(a, n, struct finding);
	size_t k = 0;
	for (int severity = SEVERITY_BLOCKER; severity >= SEVERITY_INFO; severity--) {
		for (size_t i = 0; i < n; i++) {
			if ((int)out->list.at[i].severity == severity)
				sorted[k++] = out->list.at[i];
		}
	}
	if (n > 0)
		memcpy(out->list.at, sorted, n * sizeof(*sorted));
}

void check_run(struct arena *a, const struct check_input *in, struct findings *out)
{
	bool readable = is_readable_zone(in->snap);
	const struct spf_tree *spf = spf_tree_build(a, in->snap);
	for (size_t f = 0; f < FAMILIES; f++) {
		for (const struct check *row = families[f].rows; row->run != NULL; row++) {
			struct checking c = {
				.a = a, .in = in, .s = in->snap, .spf = spf, .row = row, .out = out
			};
			if ((readable || row->says_alone) && letter(row, in->phase) != '-')
				row->run(&c);
		}
	}
	sort_findings(a, out);
}

size_t findings_count(const struct findings *f, enum severity s)
{
	size_t n = 0;
	for (size_t i = 0; i < f->list.n; i++)
		n += f->list.at[i].severity == s;
	return n;
}

bool findings_ready(const struct findings *f)
{
	return findings_count(f, SEVERITY_BLOCKER) == 0;
}
