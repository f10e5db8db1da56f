/*
 * Several policies share a name's TXT set with each other and with strangers, so each family
 * sorts out its own.
 */
#include "dns/check/txt.h"

struct txt_list txt_list_of(const struct checking *c, const struct seen *seen, txt_is_fn *is_one)
{
	struct txt_list t = { 0 };
	const struct rrset *txt = seen != NULL && seen->state == SEEN_DATA ? seen->rrset : NULL;
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(c->a, txt->rdata[i]);
		if (is_one(text))
			*vec_push(c->a, &t.list) = text;
	}
	return t;
}

void txt_saw_everywhere(struct checking *c, const char *name, uint16_t type)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], name, type);
		if (check_is_readable(seen))
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

bool txt_takes_no_mail(const struct checking *c)
{
	const struct seen *mx = check_first_readable(c, c->s->domain, RR_MX);
	struct mx only;
	return mx != NULL && mx->state == SEEN_DATA && mx->rrset->n == 1 &&
	       mx_parse(c->a, mx->rrset->rdata[0], &only) && str_eq(only.host, ".");
}
