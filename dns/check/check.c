/*
 * The table is the families one behind the other. A row that needs the zone is not run
 * when the zone cannot be read: then only the delegation is worth a word.
 */
#include "dns/check/check.h"

#include <string.h>

#include "dns/check/rows.h"

static const struct check *const families[] = {
	delegation_checks, server_checks,   answer_checks,    dnssec_checks, mx_checks,
	timing_checks,     resolver_checks, ownership_checks, spf_checks,    dkim_checks,
	dmarc_checks,      sts_checks,      dane_checks,      client_checks, plan_checks,
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

/* Linear, over a few dozen rows: the families need no common array for it. */
static const struct check *row_at(size_t at)
{
	for (size_t f = 0; f < FAMILIES; f++) {
		for (const struct check *row = families[f]; row->run != NULL; row++) {
			if (at-- == 0)
				return row;
		}
	}
	return NULL;
}

size_t check_count(void)
{
	size_t n = 0;
	while (row_at(n) != NULL)
		n++;
	return n;
}

struct check_info check_info_at(size_t i)
{
	const struct check *row = row_at(i);
	return row != NULL ? row->info : (struct check_info){ 0 };
}

/* A row without levels speaks in every phase, and says itself how loud. */
static char letter(const struct check *row, enum phase phase)
{
	return row->info.levels != NULL ? row->info.levels[phase] : 'i';
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
	for (size_t f = 0; f < FAMILIES; f++) {
		for (const struct check *row = families[f]; row->run != NULL; row++) {
			struct checking c = {
				.a = a, .in = in, .s = in->snap, .row = row, .out = out
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
