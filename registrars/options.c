/*
 * Names are looked up in the provider's own table; a name that is not there gets the
 * nearest one as a hint, for most wrong names are typing errors.
 */
#include "registrars/options.h"

#include "base/buf.h"

enum { NEAR = 3 }; /* at most so many typing errors */

static const struct registrar_option *find_option(const struct registrar *r, const char *name)
{
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		if (str_eq(o->name, name))
			return o;
	}
	return NULL;
}

/* Keeps the nearest word so far. */
static void nearer(const char *word, const char *candidate, const char **best, size_t *distance)
{
	size_t d = str_distance(word, candidate);
	if (d < *distance) {
		*distance = d;
		*best = candidate;
	}
}

static int hint_provider(const struct registrar *const *table, const char *name, struct err *e)
{
	const char *best = NULL;
	size_t distance = NEAR + 1;
	struct buf names;
	buf_init(&names);
	for (size_t i = 0; table[i] != NULL; i++) {
		nearer(name, table[i]->name, &best, &distance);
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", table[i]->name);
	}
	if (best != NULL)
		(void)err_hint(e, "did you mean \"%s\"?", best);
	else
		(void)err_hint(e, "known are: %s", names.at);
	buf_release(&names);
	return -1;
}

const struct registrar *options_find(const struct registrar *const *table, const char *name,
				     struct err *e)
{
	for (size_t i = 0; table[i] != NULL; i++) {
		if (str_eq(table[i]->name, name))
			return table[i];
	}
	(void)err_set(e, ERR_USAGE, "there is no DNS provider \"%.40s\"", name);
	(void)hint_provider(table, name, e);
	return NULL;
}

/* What only opening it could tell, no other command lists. */
static int hint_options(const struct registrar *r, struct err *e)
{
	struct buf names;
	buf_init(&names);
	for (const struct registrar_option *o = r->options; o->name != NULL; o++)
		buf_addf(&names, "%s%s%s", names.len > 0 ? ", " : "",
			 o->secret ? "credentials." : "", o->name);
	(void)err_hint(e, "its options are: %s", names.at);
	buf_release(&names);
	return -1;
}

static int refuse_unknown(const struct registrar *r, const char *name, struct err *e)
{
	const char *best = NULL;
	size_t distance = NEAR + 1;
	for (const struct registrar_option *o = r->options; o->name != NULL; o++)
		nearer(name, o->name, &best, &distance);
	(void)err_set(e, ERR_USAGE, "provider \"%s\" has no option \"%.40s\"", r->name, name);
	if (best != NULL)
		return err_hint(e, "did you mean \"%s\"?", best);
	if (r->as_opened != NULL)
		return hint_options(r, e);
	return err_hint(e, "`cutover providers %s` lists its options", r->name);
}

/* A secret in the open would be printed with the project file, and an option among the
 * credentials would be hidden from it: both are put right, not taken. */
static int check_value(const struct registrar *r, const struct registrar_value *v, struct err *e)
{
	const struct registrar_option *o = find_option(r, v->name);
	if (o == NULL)
		return refuse_unknown(r, v->name, e);
	if (o->secret && v->secret == NULL) {
		(void)err_set(e, ERR_USAGE, "option \"%s\" of provider \"%s\" is a secret", o->name,
			      r->name);
		return err_hint(e, "write it under dns.credentials as env:NAME, file:PATH or "
				   "cmd:PROGRAM");
	}
	if (!o->secret && v->text == NULL) {
		(void)err_set(e, ERR_USAGE, "option \"%s\" of provider \"%s\" is no credential",
			      o->name, r->name);
		return err_hint(e, "write it under dns, beside provider");
	}
	return 0;
}

static size_t count_of(const struct registrar_config *config, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < config->n; i++)
		n += str_eq(config->values[i].name, name) ? 1 : 0;
	return n;
}

static int check_option(const struct registrar *r, const struct registrar_option *o,
			const struct registrar_config *config, struct err *e)
{
	size_t n = count_of(config, o->name);
	if (n > 1)
		return err_set(e, ERR_USAGE, "option \"%s\" of provider \"%s\" is given %zu times",
			       o->name, r->name, n);
	if (n == 1 || !o->required)
		return 0;
	(void)err_set(e, ERR_USAGE, "provider \"%s\" needs the option \"%s\"", r->name, o->name);
	return err_hint(e, "%s: %s", o->name, o->help);
}

int options_check(const struct registrar *r, const struct registrar_config *config, struct err *e)
{
	bool more = (r->capabilities & REGISTRAR_MORE_OPTIONS) != 0;
	for (size_t i = 0; i < config->n; i++) {
		if (more && find_option(r, config->values[i].name) == NULL)
			continue;
		if (check_value(r, &config->values[i], e) != 0)
			return -1;
	}
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		if (check_option(r, o, config, e) != 0)
			return -1;
	}
	return 0;
}

const char *registrar_text(const struct registrar_config *c, const char *name,
			   const char *otherwise)
{
	for (size_t i = 0; i < c->n; i++) {
		if (str_eq(c->values[i].name, name))
			return c->values[i].text;
	}
	return otherwise;
}

const struct secret *registrar_secret(const struct registrar_config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++) {
		if (str_eq(c->values[i].name, name))
			return c->values[i].secret;
	}
	return NULL;
}
