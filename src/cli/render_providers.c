/*
 * The providers' own tables, the ones that the configuration is checked against.
 */
#include "cli/render_providers.h"

#include "base/json.h"

static const char *kind_of(const struct registrar *r)
{
	if ((r->capabilities & REGISTRAR_BY_HAND) != 0)
		return "by hand";
	return (r->capabilities & REGISTRAR_ATOMIC) != 0 ? "atomic" : "record by record";
}

static struct js *texts_to_js(const char *const *list)
{
	struct js *v = js_array();
	for (; list != NULL && *list != NULL; list++)
		js_push(v, js_string(*list));
	return v;
}

static const char *trust_word(enum provider_trust trust)
{
	static const char *const words[] = {
		[PROVIDER_BUILT_IN] = "built-in",
		[PROVIDER_CONFIRMED] = "confirmed",
		[PROVIDER_UNCONFIRMED] = "unconfirmed",
		[PROVIDER_CHANGED] = "changed",
	};
	return words[trust];
}

static void origin_to_js(const struct provider_set *set, const struct registrar *r, struct js *v)
{
	struct arena *a = arena_new();
	const struct provider_origin *o = provider_set_origin(set, r);
	struct provider_powers p = provider_set_powers(set, r, a);
	js_set(v, "sends", texts_to_js(p.sends));
	js_set(v, "writes", texts_to_js(p.writes));
	js_set_str(v, "trust", trust_word(o->trust));
	js_set_str(v, "file", o->file);
	js_set_str(v, "sha256", o->sha256);
	arena_free(a);
}

static struct js *options_to_js(const struct registrar *r)
{
	struct js *options = js_array();
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		struct js *option = js_object();
		js_set_str(option, "name", o->name);
		js_set_bool(option, "secret", o->secret);
		js_set_bool(option, "required", o->required);
		js_set_str(option, "help", o->help);
		js_push(options, option);
	}
	return options;
}

static struct js *provider_to_js(const struct provider_set *set, const struct registrar *r)
{
	struct js *v = js_object();
	js_set_str(v, "provider", r->name);
	js_set_str(v, "title", r->title);
	js_set_bool(v, "lists", (r->capabilities & REGISTRAR_LIST) != 0);
	js_set_bool(v, "atomic", (r->capabilities & REGISTRAR_ATOMIC) != 0);
	js_set_bool(v, "compare_and_set", (r->capabilities & REGISTRAR_COMPARE_AND_SET) != 0);
	js_set_bool(v, "by_hand", (r->capabilities & REGISTRAR_BY_HAND) != 0);
	js_set(v, "options", options_to_js(r));
	js_set(v, "hosts", texts_to_js(r->hosts));
	js_set(v, "notes", texts_to_js(r->notes));
	js_set_str(v, "verified", r->verified);
	origin_to_js(set, r, v);
	return v;
}

static struct js *refused_to_js(const struct provider_set *set)
{
	struct js *list = js_array();
	size_t n;
	const struct provider_refused *refused = provider_set_refused(set, &n);
	for (size_t i = 0; i < n; i++) {
		struct js *v = js_object();
		js_set_str(v, "file", refused[i].file);
		js_set_str(v, "why", refused[i].why);
		js_set_str(v, "remedy", refused[i].hint);
		js_push(list, v);
	}
	return list;
}

void providers_put_json(const struct term *t, const struct provider_set *set,
			const struct registrar *only)
{
	struct buf text;
	struct js *doc = js_object();
	struct js *list = js_array();
	for (const struct registrar *const *r = provider_set_table(set); *r != NULL; r++)
		if (only == NULL || only == *r)
			js_push(list, provider_to_js(set, *r));
	js_set_int(doc, "version", 1);
	js_set(doc, "providers", list);
	js_set(doc, "refused", refused_to_js(set));
	buf_init(&text);
	js_write(doc, 2, &text);
	term_print(t, "%s\n", text.at);
	buf_release(&text);
	js_free(doc);
}

static void print_one(const struct term *t, const struct registrar *r)
{
	term_paint(t, COLOUR_BOLD, "%s", r->name);
	term_print(t, "  %s (%s)\n\nIn the project file, under dns:\n", r->title, kind_of(r));
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		struct buf head;
		buf_init(&head);
		buf_addf(&head, "  %s%s%s: ", o->secret ? "credentials." : "", o->name,
			 o->required ? "" : " (optional)");
		term_wrap(t, head.at, o->help);
		buf_release(&head);
	}
}

static void print_notes(const struct term *t, const struct registrar *r)
{
	for (const char *const *note = r->notes; note != NULL && *note != NULL; note++) {
		term_print(t, note == r->notes ? "\n" : "");
		term_wrap(t, "- ", *note);
	}
	if (r->verified != NULL)
		term_print(t, "\nCompared with the vendor's documents in %s.\n", r->verified);
}

static void print_lines(const struct term *t, const char *title, const char *const *lines)
{
	if (lines == NULL || *lines == NULL)
		return;
	term_print(t, "\n%s\n", title);
	for (; *lines != NULL; lines++)
		term_print(t, "  %s\n", *lines);
}

static bool has_base_url(const struct registrar *r)
{
	for (const struct registrar_option *o = r->options; o->name != NULL; o++) {
		if (str_eq(o->name, "base_url"))
			return true;
	}
	return false;
}

void provider_print_powers(const struct term *t, const struct provider_set *set,
			   const struct registrar *r)
{
	struct arena *a = arena_new();
	const struct provider_origin *o = provider_set_origin(set, r);
	struct provider_powers p = provider_set_powers(set, r, a);
	print_lines(t, "It sends what it is given to these hosts, and to no other:", r->hosts);
	if (has_base_url(r))
		term_print(t, "  and that of dns.base_url, where the project file gives one\n");
	if (o->trust == PROVIDER_CHANGED)
		print_lines(t, "When you confirmed it they were:", o->hosts_before);
	print_lines(t, "Credentials go into:", p.sends);
	print_lines(t, "It changes the zone by:", p.writes);
	arena_free(a);
}

static void print_origin(const struct term *t, const struct provider_set *set,
			 const struct registrar *r)
{
	const struct provider_origin *o = provider_set_origin(set, r);
	if (o->trust == PROVIDER_BUILT_IN)
		return;
	term_print(t, "\nYour own description: %s (%s)\n", o->file, trust_word(o->trust));
	provider_print_powers(t, set, r);
	if (o->trust != PROVIDER_CONFIRMED)
		term_print(t, "\nIf that is right, run once: cutover providers %s --confirm\n",
			   r->name);
}

void provider_print(const struct term *t, const struct provider_set *set, const struct registrar *r)
{
	print_one(t, r);
	print_notes(t, r);
	print_origin(t, set, r);
}

static void print_row(const struct term *t, const struct provider_set *set,
		      const struct registrar *r)
{
	const struct provider_origin *o = provider_set_origin(set, r);
	term_print(t, "%-13s %-17s %s", r->name, kind_of(r), r->title);
	if (o->trust != PROVIDER_BUILT_IN)
		term_print(t, " (%s, %s)", o->file, trust_word(o->trust));
	term_print(t, "\n");
}

static void tell_refused(struct term *t, const struct provider_set *set)
{
	size_t n;
	const struct provider_refused *refused = provider_set_refused(set, &n);
	for (size_t i = 0; i < n; i++) {
		struct err e = { 0 };
		(void)err_set(&e, ERR_USAGE, "%s", refused[i].why);
		if (!str_starts(refused[i].why, refused[i].file))
			(void)err_wrap(&e, "%s", refused[i].file);
		(void)err_wrap(&e, "not used");
		if (refused[i].hint != NULL)
			(void)err_hint(&e, "%s", refused[i].hint);
		term_error(t, &e);
	}
}

void providers_print(struct term *t, const struct provider_set *set)
{
	for (const struct registrar *const *r = provider_set_table(set); *r != NULL; r++)
		print_row(t, set, *r);
	term_print(t, "\n`cutover providers NAME` lists a provider's options.\n");
	tell_refused(t, set);
}
