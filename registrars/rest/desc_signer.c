/*
 * What a signer needs is known here, so a description that would fail at its first request is
 * refused when it is read.
 */
#include "registrars/rest/desc_read.h"
#include "registrars/rest/signer.h"

enum { SIGNERS_MAX = 15 };

static int read_name(const struct place *p, const struct signer **kind_r)
{
	const char *names[SIGNERS_MAX + 1] = { NULL };
	const char *name;
	unsigned i = 0;
	for (unsigned n = 0; n < SIGNERS_MAX && signer_at(n) != NULL; n++)
		names[n] = signer_at(n)->name;
	if (place_need_text(p, "name", &name) != 0 || place_word(p, "name", names, &i) != 0)
		return -1;
	*kind_r = signer_at(i);
	return 0;
}

/* A template may name the provider's options, and nothing else is known so early. */
static int check_template(const struct place *p, const char *name, const char *text,
			  const struct desc *d)
{
	struct vars options = { .up = NULL };
	struct place m = place_member(p, name);
	struct buf ignored;
	struct err e;
	buf_init(&ignored);
	for (const struct registrar_option *o = d->options; o->name != NULL; o++)
		vars_set(&options, p->a, o->name, "");
	int rc = vars_expand(&options, text, VARS_PLAIN, &ignored, &e);
	buf_release(&ignored);
	return rc == 0 ? 0 : place_refuse(&m, e.text);
}

static int read_params(const struct place *p, const struct desc *d, struct desc_signer *s)
{
	struct desc_field *at = ARENA_ARRAY(p->a, SIGNER_PARAMS_MAX, struct desc_field);
	for (const char *const *name = s->kind->params; *name != NULL; name++) {
		struct desc_field *f = &at[s->params.n++];
		f->name = *name;
		if (place_need_text(p, *name, &f->text) != 0 ||
		    check_template(p, *name, f->text, d) != 0)
			return -1;
	}
	s->params.at = at;
	return 0;
}

int place_signer(const struct place *p, struct desc *d)
{
	struct desc_signer *s = &d->signer;
	const char *known[SIGNER_PARAMS_MAX + 3] = { "name" };
	struct place time = place_member(p, "time");
	size_t n = 1;
	if (!js_is_object(p->v))
		return place_refuse(p, "is to be an object");
	if (read_name(p, &s->kind) != 0)
		return -1;
	for (const char *const *name = s->kind->params; *name != NULL; name++)
		known[n++] = *name;
	if (s->kind->needs_time)
		known[n++] = "time";
	if (place_object(p, known) != 0 || read_params(p, d, s) != 0)
		return -1;
	if (s->kind->needs_login && !d->has_login)
		return place_refuse(p, "signs a login, and the description has none");
	return s->kind->needs_time ? place_request(&time, &s->time) : 0;
}
