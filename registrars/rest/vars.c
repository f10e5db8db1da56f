/*
 * A dozen variables a scope: they are simply looked through.
 */
#include "registrars/rest/vars.h"

#include <string.h>

#include "base/secret.h"
#include "registrars/form.h"

static struct var *find_here(const struct vars *v, struct slice name)
{
	for (size_t i = 0; i < v->list.n; i++) {
		if (slice_eq(slice_str(v->list.at[i].name), name))
			return &v->list.at[i];
	}
	return NULL;
}

static const struct var *find(const struct vars *v, struct slice name)
{
	const struct var *found = NULL;
	for (; v != NULL && found == NULL; v = v->up)
		found = find_here(v, name);
	return found;
}

void vars_set(struct vars *v, struct arena *a, const char *name, const char *text)
{
	struct var *var = find_here(v, slice_str(name));
	if (var == NULL)
		var = vec_push(a, &v->list);
	*var = (struct var){ name, text };
}

const char *vars_get(const struct vars *v, const char *name)
{
	const struct var *var = find(v, slice_str(name));
	return var != NULL && var->text != NULL && var->text[0] != '\0' ? var->text : NULL;
}

void vars_encode(struct slice text, struct buf *out)
{
	form_encode(out, text);
}

/* What stands between the braces; the template moves behind them. */
static int expand_one(const struct vars *v, const char **at, enum vars_as how, struct buf *out,
		      struct err *e)
{
	const char *end = strchr(*at, '}');
	if (end == NULL)
		return err_set(e, ERR_USAGE, "a brace is not closed before \"%.40s\"", *at);
	struct slice name = { *at, (size_t)(end - *at) };
	const struct var *var = find(v, name);
	if (var == NULL)
		return err_set(e, ERR_USAGE, "nothing is known of {%.*s}",
			       (int)(name.len < 60 ? name.len : 60), name.ptr);
	if (var->text != NULL && how == VARS_ENCODED)
		vars_encode(slice_str(var->text), out);
	else if (var->text != NULL)
		buf_adds(out, var->text);
	*at = end + 1;
	return 0;
}

int vars_expand(const struct vars *v, const char *template, enum vars_as how, struct buf *out,
		struct err *e)
{
	const char *at = template;
	while (*at != '\0') {
		if (*at != '{' || at[1] == '{') {
			at += *at == '{' ? 1 : 0;
			buf_addc(out, *at++);
			continue;
		}
		at++;
		if (expand_one(v, &at, how, out, e) != 0)
			return err_wrap(e, "the template \"%.60s\"", template);
	}
	return 0;
}

const char *vars_text(const struct vars *v, struct arena *a, const char *template, struct err *e)
{
	struct buf b;
	buf_init(&b);
	const char *text = NULL;
	if (vars_expand(v, template, VARS_PLAIN, &b, e) == 0)
		text = arena_slice(a, buf_slice(&b));
	secret_wipe(b.at, b.len);
	buf_release(&b);
	return text;
}
