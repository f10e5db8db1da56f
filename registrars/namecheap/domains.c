/*
 * A domain that was registered is one label below a public suffix, whatever that suffix looks like:
 * once it is found in the list, the first dot is the cut, and no list of suffixes is needed.
 */
#include "registrars/namecheap/domains.h"

#include <string.h>

#include "registrars/form.h"
#include "zone/dname.h"

enum { PAGE = 100, PAGES_MAX = 100 };

static bool is_listed(const struct xml *result, const char *name)
{
	for (const struct xml *d = xml_child(result, "Domain"); d != NULL; d = xml_next(d)) {
		if (str_eq_nocase(xml_attribute(d, "Name"), name))
			return true;
	}
	return false;
}

struct search {
	const struct xmlapi *x;
	struct arena *a;
	const char *name;
	bool by_name;
};

/* 1: it is there; 0: not on this page, *more_r says whether there is another. */
static int look_at_page(const struct search *k, unsigned page, bool *more_r, struct err *e)
{
	const struct xml *response;
	struct buf form;
	uint64_t total = 0;
	buf_init(&form);
	if (k->by_name)
		form_add(&form, "SearchTerm", slice_str(k->name));
	form_add(&form, "PageSize", slice_str(arena_printf(k->a, "%u", (unsigned)PAGE)));
	form_add(&form, "Page", slice_str(arena_printf(k->a, "%u", page)));
	const struct xmlapi_command command = { "domains.getList", buf_slice(&form), false };
	int rc = xmlapi_read(k->x, k->a, &command, &response, e);
	buf_release(&form);
	if (rc != 0)
		return -1;
	const struct xml *result = xml_child(response, "DomainGetListResult");
	const char *items = xml_text(response, "Paging/TotalItems");
	if (result == NULL || !slice_to_u64(slice_trim(slice_str(items)), &total))
		return err_set(e, ERR_WORLD,
			       "Namecheap's list of domains is not of the known shape");
	*more_r = total > (uint64_t)page * PAGE;
	return is_listed(result, k->name) ? 1 : 0;
}

static int refuse_missing(const struct xmlapi *x, const char *name, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "%s is not among the domains of the Namecheap account %s",
		      name, x->user_name);
	return err_hint(
		e, "a domain of another account needs that account's user_name; a zone that is "
		   "no registered domain cannot be changed through the API");
}

/* 1: it is there; 0: it is not. */
static int find(const struct search *k, struct err *e)
{
	bool more = true;
	int found = 0;
	for (unsigned page = 1; found == 0 && more; page++) {
		if (page > PAGES_MAX)
			return err_set(e, ERR_WORLD, "Namecheap's list of domains has no end");
		found = look_at_page(k, page, &more, e);
	}
	return found;
}

/* What the search takes for a match is not told, so the whole list has the last word. */
static int must_find(const struct xmlapi *x, struct arena *a, const char *name, struct err *e)
{
	struct search k = { x, a, name, true };
	int found = find(&k, e);
	k.by_name = false;
	if (found == 0)
		found = find(&k, e);
	if (found == 0)
		return refuse_missing(x, name, e);
	return found > 0 ? 0 : -1;
}

int domains_find(const struct xmlapi *x, struct arena *a, const char *zone, struct domain *domain_r,
		 struct err *e)
{
	const char *name = dname_show(a, zone);
	const char *dot = strchr(name, '.');
	if (must_find(x, a, name, e) != 0)
		return -1;
	if (dot == NULL)
		return refuse_missing(x, name, e);
	domain_r->sld = arena_slice(a, (struct slice){ name, (size_t)(dot - name) });
	domain_r->tld = dot + 1;
	return 0;
}
