/*
 * The domain's own SPF record as it stands, and the records that it includes, each by itself.
 */
#include "dns/check/spf.h"

#include <string.h>

#include "zone/dname.h"

static const struct slice version = SLICE_LIT("v=spf1");

/* "v=spf1include:x": meant as a record, and none. The first such text; else empty. */
static struct slice glued_version(struct checking *c)
{
	const struct rrset *txt = NULL;
	(void)snapshot_rrset(c->s, c->s->domain, RR_TXT, &txt, NULL);
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(c->a, txt->rdata[i]);
		if (slice_starts_nocase(text, version) && !spf_is_record(text) &&
		    !str_has("0123456789.", text.ptr[version.len]))
			return text;
	}
	return (struct slice){ NULL, 0 };
}

void spf_missing(struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	if (own == NULL || own->n > 0 || glued_version(c).len > 0)
		return;
	const char *shown = check_show(c, c->s->domain);
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a,
				"%s has no SPF record: receivers cannot tell its mail from "
				"forgeries",
				shown),
		   c->in->target_spf != NULL
			   ? arena_printf(c->a, "add a TXT record at %s: v=spf1 %s -all", shown,
					  c->in->target_spf)
			   : "add a TXT record that names the servers that send for the domain, or "
			     "\"v=spf1 -all\" when none does");
}

void spf_multiple(struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	if (own == NULL || own->n < 2)
		return;
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a, "%s has %zu SPF records; receivers then ignore all of them",
				check_show(c, c->s->domain), own->n),
		   "merge them: one v=spf1 record with the terms of all, one \"all\" at its end");
}

/* Calls fn for each record that a receiver gets to. */
static void each_record(struct checking *c, void (*fn)(struct checking *, const struct spf_node *))
{
	const struct spf_tree *t = c->spf;
	for (size_t i = 0; i < t->n; i++) {
		if (t->nodes[i].reached && t->nodes[i].record != NULL)
			fn(c, &t->nodes[i]);
	}
}

/* Whom to ask, for a record of somebody else. */
static const char *who_mends(struct checking *c, const struct spf_node *node)
{
	if (node->from == NULL)
		return "";
	return arena_printf(c->a, " (it belongs to %s: tell them, or take the include out)",
			    check_show(c, node->view->name));
}

/* Terms may be long; a finding is for people. */
static const char *show_term(struct checking *c, struct slice term)
{
	enum { SHOWN_MAX = 60 };
	char *text = arena_slice(
		c->a, (struct slice){ term.ptr, term.len < SHOWN_MAX ? term.len : SHOWN_MAX });
	str_make_printable(text);
	return term.len < SHOWN_MAX ? text : arena_printf(c->a, "%s…", text);
}

/* The first mistake of each kind is enough: with it mended, the next audit names the next. */
static const struct spf_mistake *first_mistake(const struct spf_record *r, bool glued)
{
	for (size_t i = 0; i < r->mistake_n && i < SPF_MISTAKES_MAX; i++) {
		if (r->mistakes[i].glued == glued)
			return &r->mistakes[i];
	}
	return NULL;
}

static void report_syntax(struct checking *c, const struct spf_node *node)
{
	const struct spf_mistake *m = first_mistake(node->record, false);
	if (m == NULL)
		return;
	spf_saw_record(c, node->view);
	spf_report(c, check_subject(c, node->view->name, RR_TXT),
		   arena_printf(c->a,
				"the SPF of %s has a wrong term at character %zu, \"%s\" (%s); "
				"receivers then ignore the whole record",
				check_show(c, node->view->name), m->at + 1, show_term(c, m->term),
				m->why),
		   arena_printf(c->a, "correct or delete \"%s\" in the v=spf1 record of %s%s",
				show_term(c, m->term), check_show(c, node->view->name),
				who_mends(c, node)));
}

void spf_syntax(struct checking *c)
{
	each_record(c, report_syntax);
}

static void report_glued(struct checking *c, const struct spf_node *node)
{
	const struct spf_mistake *m = first_mistake(node->record, true);
	if (m == NULL)
		return;
	spf_saw_record(c, node->view);
	spf_report(c, check_subject(c, node->view->name, RR_TXT),
		   arena_printf(c->a,
				"in the SPF of %s two terms are joined to one, \"%s\": a blank is "
				"missing, and receivers ignore the whole record",
				check_show(c, node->view->name), show_term(c, m->term)),
		   arena_printf(c->a,
				"put a blank between the terms of \"%s\"; where the record is "
				"entered as several strings, end each but the last with a blank%s",
				show_term(c, m->term), who_mends(c, node)));
}

void spf_split_no_space(struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	struct slice text = own != NULL && own->n == 0 ? glued_version(c)
						       : (struct slice){ NULL, 0 };
	each_record(c, report_glued);
	if (text.len == 0)
		return;
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a,
				"%s has a text that was meant as SPF, but there is no blank behind "
				"v=spf1 (\"%s\"): for receivers it has no SPF at all",
				check_show(c, c->s->domain), show_term(c, text)),
		   "put a blank behind v=spf1; where the record is entered as several strings, end "
		   "each but the last with a blank");
}

/* A directive that anybody passes, or that is neutral about everybody. */
static bool is_for_all(const struct spf_directive *d)
{
	bool network = (d->kind == SPF_IP4 && d->cidr4 == 0) ||
		       (d->kind == SPF_IP6 && d->cidr6 == 0);
	return (d->kind == SPF_ALL || network) && d->qualifier == '+';
}

/* An include that ends in ?all just does not match; the domain's own, and what it redirects to,
 * is the result. */
static void report_plus_all(struct checking *c, const struct spf_node *node)
{
	const struct spf_record *r = node->record;
	bool is_result = node->from == NULL || str_eq(node->view->via, "redirect");
	const char *what = NULL;
	const struct spf_directive *found = NULL;
	for (size_t i = 0; i < r->n && found == NULL; i++) {
		const struct spf_directive *d = &r->directives[i];
		if (!spf_is_live(r, i))
			continue;
		if (is_for_all(d) && node->passes)
			what = "everybody in the world may send for the domain";
		else if (d->kind == SPF_ALL && d->qualifier == '?' && is_result)
			what = "it says nothing about senders that it does not list";
		found = what != NULL ? d : NULL;
	}
	if (found == NULL)
		return;
	const char *term = show_term(c, found->text);
	spf_saw_record(c, node->view);
	spf_report(c, check_subject(c, node->view->name, RR_TXT),
		   arena_printf(c->a, "the SPF of %s has \"%s\": %s",
				check_show(c, node->view->name), term, what),
		   arena_printf(c->a, "replace \"%s\" by \"~all\", later \"-all\"%s", term,
				who_mends(c, node)));
}

void spf_plus_all(struct checking *c)
{
	each_record(c, report_plus_all);
}

static void report_ptr(struct checking *c, const struct spf_node *node)
{
	const struct spf_record *r = node->record;
	size_t i = 0;
	while (i < r->n && (r->directives[i].kind != SPF_PTR || !spf_is_live(r, i)))
		i++;
	if (i == r->n)
		return;
	spf_saw_record(c, node->view);
	spf_report(
		c, check_subject(c, node->view->name, RR_TXT),
		arena_printf(c->a,
			     "the SPF of %s uses \"ptr\", which is slow and which some receivers "
			     "skip",
			     check_show(c, node->view->name)),
		arena_printf(c->a, "name the senders by a:, mx or ip4: instead of \"%s\"%s",
			     show_term(c, r->directives[i].text), who_mends(c, node)));
}

void spf_ptr(struct checking *c)
{
	each_record(c, report_ptr);
}

void spf_type99(struct checking *c)
{
	const struct lookup *l = check_lookup(c, c->s->domain, RR_SPF);
	if (l == NULL || l->seen.state != SEEN_DATA)
		return;
	check_saw_lookup(c, l);
	spf_report(c, check_subject(c, c->s->domain, RR_SPF),
		   arena_printf(c->a,
				"%s has a record of the type SPF (99), which nobody reads any more",
				check_show(c, c->s->domain)),
		   "delete the record of type SPF; only the TXT record counts");
}

/* §3.4: name and texts of all TXT records together. */
enum { SIZE_MAX_ADVISED = 450 };

void spf_size(struct checking *c)
{
	const struct spf_view *own = spf_own(c);
	const struct rrset *txt = NULL;
	size_t size = strlen(c->s->domain);
	if (own == NULL || own->n == 0 || !snapshot_rrset(c->s, c->s->domain, RR_TXT, &txt, NULL))
		return;
	for (size_t i = 0; i < txt->n; i++)
		size += txt_join(c->a, txt->rdata[i]).len;
	if (size <= SIZE_MAX_ADVISED)
		return;
	spf_report(c, NULL,
		   arena_printf(c->a,
				"the TXT records of %s have %zu bytes together (SPF: %zu); answers "
				"over 512 do not get through everywhere",
				check_show(c, c->s->domain), size, strlen(own->texts[0])),
		   "delete verification tokens that no service needs any more, or shorten the SPF "
		   "record to at most 450 bytes");
}
