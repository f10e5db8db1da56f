/*
 * The first failures are held back while they are alike and nothing went well: without a network
 * every domain of the list would say the same.
 */
#include "cli/bulk_errors.h"

#include <inttypes.h>
#include <string.h>

/* Named once: most errors name their domain themselves. */
static void tell(const struct bulk_errors *b, const char *where, const char *name,
		 const struct err *e)
{
	struct err shown = { .kind = e->kind };
	bool named = strstr(e->text, name) != NULL;
	(void)err_set(&shown, e->kind, "%s%s%s%s", where, named ? "" : name, named ? "" : ": ",
		      e->text);
	(void)err_hint(&shown, "%s", e->hint);
	term_error(b->term, &shown);
}

void bulk_errors_refused(struct bulk_errors *b, uint64_t line_no, const char *name,
			 const struct err *e)
{
	char where[40];
	b->refused++;
	if (b->refused > BULK_REFUSED_TOLD)
		return;
	(void)snprintf(where, sizeof(where), "line %" PRIu64 ": ", line_no);
	tell(b, where, name, e);
	if (b->refused == BULK_REFUSED_TOLD)
		(void)fprintf(b->term->err, "further lines that are no domain are only counted\n");
}

/* What is behind "asking for a.org: ": the same for two domains that fail alike. */
static const char *cause_of(const char *name, const struct err *e)
{
	const char *at = strstr(e->text, name);
	size_t len = strlen(name);
	return at != NULL && str_starts(at + len, ": ") ? at + len + 2 : e->text;
}

void bulk_errors_flush(struct bulk_errors *b)
{
	for (size_t i = 0; i < b->held_n; i++)
		tell(b, "", b->held[i].name, &b->held[i].e);
	b->held_n = 0;
}

static void hold(struct bulk_errors *b, const char *name, const struct err *e)
{
	str_copy(b->held[b->held_n].name, BULK_NAME_MAX, name);
	b->held[b->held_n++].e = *e;
}

static void tell_the_end(struct bulk_errors *b, const char *name, const struct err *e)
{
	struct err shown = { 0 };
	b->held_n = 0;
	(void)err_set(&shown, e->kind, "none of the first %d domains could be looked at: %s",
		      BULK_SAME_ENDS, cause_of(name, e));
	(void)err_hint(&shown, "%s", e->hint);
	term_error(b->term, &shown);
}

bool bulk_errors_failed(struct bulk_errors *b, const char *name, const struct err *e)
{
	bool first = b->failed == b->held_n;
	bool alike = b->held_n == 0 ||
		     str_eq(cause_of(b->held[0].name, &b->held[0].e), cause_of(name, e));
	b->failed++;
	if (b->any_good || !first || !alike) {
		bulk_errors_flush(b);
		tell(b, "", name, e);
		return true;
	}
	if (b->held_n == BULK_SAME_ENDS - 1) {
		tell_the_end(b, name, e);
		return false;
	}
	hold(b, name, e);
	return true;
}
