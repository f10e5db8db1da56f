/*
 * How findings are made and how things are said in them.
 */
#include "dns/check/rows.h"

#include <string.h>

#include "zone/dname.h"

const char *check_show(struct checking *c, const char *name)
{
	return dname_show(c->a, name);
}

const char *check_subject(struct checking *c, const char *name, uint16_t type)
{
	return arena_printf(c->a, "%s %s", check_show(c, name), rr_type_name(c->a, type));
}

/* A person reads a few records, and every server's stand in the evidence. */
enum { RDATA_SHOWN = 64 };

const char *check_show_rdata(struct checking *c, const struct rrset *s)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < s->n && i < RDATA_SHOWN; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", s->rdata[i]);
	if (s->n > RDATA_SHOWN)
		buf_addf(&b, " and %zu more", s->n - RDATA_SHOWN);
	const char *text = arena_slice(c->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

const char *check_show_share(struct checking *c, size_t n, size_t of)
{
	if (of == 1)
		return "the only server";
	return arena_printf(c->a, n == of ? "all %zu servers" : "%zu of %zu servers", n, of);
}

const char *check_show_moment(struct checking *c, int64_t at_ms)
{
	char when[TIME_TEXT_MAX];
	char wait[TIME_TEXT_MAX];
	int64_t left = at_ms - c->in->now_ms;
	return arena_printf(c->a, "%s (in %s)", time_format(at_ms, when),
			    duration_format(left > 0 ? left : 0, wait));
}

const char *check_show_server(struct checking *c, const struct server_view *v)
{
	return arena_printf(c->a, "%s%s%s", check_show(c, v->name),
			    v->address[0] != '\0' ? " " : "", v->address);
}

const char *check_show_list(struct checking *c, size_t n, const char *const *items)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", items[i]);
	const char *text = arena_slice(c->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

bool check_is_readable(const struct seen *seen)
{
	return seen != NULL && (seen->state == SEEN_DATA || seen->state == SEEN_NODATA ||
				seen->state == SEEN_NXDOMAIN);
}

bool check_lacked_socket(const struct server_view *v)
{
	return v->state == SERVER_SILENT && v->n > 0 && v->seen[0].outcome == DNS_NO_SOCKET;
}

const struct seen *check_first_readable(const struct checking *c, const char *name, uint16_t type)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], name, type);
		if (c->s->servers[i].state == SERVER_OK && check_is_readable(seen))
			return seen;
	}
	return NULL;
}

const struct seen *check_first_followed(const struct checking *c, const char *name, uint16_t type)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = snapshot_follow(c->s, server_seen(v, name, type));
		if (v->state == SERVER_OK && check_is_readable(seen))
			return seen;
	}
	return NULL;
}

const struct lookup *check_lookup(const struct checking *c, const char *name, uint16_t type)
{
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct dns_question *q = &c->s->lookups[i].seen.question;
		if (q->type == type && dname_equal(q->name, name))
			return &c->s->lookups[i];
	}
	return NULL;
}

const char *check_below(struct checking *c, const char *label)
{
	struct err e = { 0 };
	return dname_in_zone(c->a, label, c->s->domain, &e);
}

/* A note says more than the state: "timeout", "SERVFAIL". */
static const char *what_was_seen(struct checking *c, const struct seen *seen)
{
	switch (seen->state) {
	case SEEN_DATA:
		return arena_printf(c->a, "%s (TTL %u)", check_show_rdata(c, seen->rrset),
				    (unsigned)seen->rrset->ttl);
	case SEEN_NODATA: return seen->note != NULL ? seen->note : "no such record";
	case SEEN_NXDOMAIN: return "the name does not exist";
	default: return seen->note != NULL ? seen->note : "unreadable";
	}
}

void check_saw_seen(struct checking *c, const struct server_view *v, const struct seen *seen)
{
	*vec_push(c->a, &c->saw) = (struct evidence){ .server = check_show(c, v->name),
						      .address = v->address,
						      .at_ms = seen->at_ms,
						      .saw = what_was_seen(c, seen) };
}

void check_saw_server(struct checking *c, const struct server_view *v, const char *what)
{
	*vec_push(c->a, &c->saw) = (struct evidence){ .server = check_show(c, v->name),
						      .address = v->address,
						      .at_ms = v->n > 0 ? v->seen[0].at_ms
									: c->s->ended_ms,
						      .saw = what };
}

void check_saw_lookup(struct checking *c, const struct lookup *l)
{
	*vec_push(c->a, &c->saw) = (struct evidence){
		.server = l->zone != NULL
				  ? arena_printf(c->a, "a server of %s", check_show(c, l->zone))
				  : "the walk from the root",
		.address = l->address,
		.at_ms = l->seen.at_ms,
		.saw = what_was_seen(c, &l->seen)
	};
}

static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text < 0x7f)
		text++;
	return *text == '\0';
}

/* What is quoted from a record may hold anything: a line end would begin a line of the report that
 * looks like one of ours. Nearly all texts are plain. */
static const char *one_line(struct checking *c, const char *text)
{
	if (text == NULL || is_plain(text))
		return text;
	char *line = arena_strdup(c->a, text);
	str_make_printable(line);
	for (char *p = line; (p = strchr(p, '\n')) != NULL;)
		*p = '?';
	return line;
}

void check_report(struct checking *c, struct check_report r)
{
	for (size_t i = 0; i < c->saw.n; i++) {
		c->saw.at[i].server = one_line(c, c->saw.at[i].server);
		c->saw.at[i].saw = one_line(c, c->saw.at[i].saw);
	}
	*vec_push(c->a, &c->out->list) = (struct finding){
		.check = c->row->info.id,
		.severity = r.severity,
		.subject = one_line(c, r.subject),
		.message = one_line(c, r.message),
		.remedy = one_line(c, r.remedy),
		.evidence_n = c->saw.n,
		.evidence = c->saw.at,
	};
	c->saw.at = NULL; /* the finding has it now */
	c->saw.n = c->saw.cap = 0;
}
