/*
 * The word is given for the SHA-256 of the file's bytes, the bytes that are parsed: whatever
 * changes in the file, the word is void. The state is the user's and not the project's, so a
 * project that comes from somebody else cannot bring its own word.
 */
#include "flow/provider_own.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/json.h"

enum { DESCRIPTION_MAX = 1 << 20, FILES_MAX = 256, WORDS_MAX = 4 << 20 };

/* NULL: neither the variable nor HOME tells. A relative one is ignored, as the XDG base directory
 * specification has it. */
static const char *place_of(struct arena *a, const char *variable, const char *below_home,
			    const char *name)
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");
	if (base != NULL && base[0] == '/')
		return arena_printf(a, "%s/%s", base, name);
	if (home == NULL || home[0] != '/')
		return NULL;
	return arena_printf(a, "%s/%s/%s", home, below_home, name);
}

static const char *descriptions_dir(struct arena *a)
{
	return place_of(a, "XDG_CONFIG_HOME", ".config", "cutover/providers");
}

static const char *state_dir(struct arena *a)
{
	return place_of(a, "XDG_STATE_HOME", ".local/state", "cutover");
}

/* -- the words that were given -- */

/* An empty object when nothing was ever confirmed; NULL with *e. */
static struct js *words_read(const char *path, struct err *e)
{
	struct buf text;
	struct js *words = NULL;
	if (path == NULL || !file_exists(path))
		return js_object();
	buf_init(&text);
	if (file_read_trusted(path, WORDS_MAX, &text, e) == 0)
		words = js_parse(buf_slice(&text), e);
	buf_release(&text);
	if (words != NULL && js_is_object(words) && js_get_int(words, "version") == 1)
		return words;
	if (words != NULL)
		(void)err_set(e, ERR_USAGE, "'%s' is not of version 1", path);
	js_free(words);
	e->kind = ERR_USAGE;
	(void)err_wrap(e, "reading what was confirmed");
	(void)err_hint(e, "remove '%s' and confirm your descriptions again", path);
	return NULL;
}

static const char *const *texts_of(struct arena *a, const struct js *list)
{
	const char **texts = ARENA_ARRAY(a, js_len(list) + 1, const char *);
	for (size_t i = 0; i < js_len(list); i++)
		texts[i] = arena_strdup(a, js_str(js_at(list, i)));
	return texts;
}

static void compare(struct arena *a, const struct js *words, const char *name,
		    struct provider_origin *o)
{
	const struct js *word = js_get(js_get(words, "confirmed"), name);
	o->trust = PROVIDER_UNCONFIRMED;
	if (word == NULL)
		return;
	o->hosts_before = texts_of(a, js_get(word, "hosts"));
	o->trust = str_eq(js_get_str(word, "sha256"), o->sha256) ? PROVIDER_CONFIRMED
								 : PROVIDER_CHANGED;
}

static struct js *word_for(const struct provider_origin *o, const struct registrar *r,
			   int64_t now_ms)
{
	struct js *word = js_object();
	struct js *hosts = js_array();
	for (const char *const *host = r->hosts; *host != NULL; host++)
		js_push(hosts, js_string(*host));
	js_set_str(word, "sha256", o->sha256);
	js_set_str(word, "file", o->file);
	js_set(word, "hosts", hosts);
	js_set_time(word, "at", now_ms);
	return word;
}

static int words_write(const char *path, const struct js *words, struct err *e)
{
	struct buf text;
	buf_init(&text);
	js_write(words, 2, &text);
	buf_addc(&text, '\n');
	int rc = file_replace(path, buf_slice(&text), 0600, e);
	buf_release(&text);
	return rc;
}

static int confirm_in(struct arena *a, const char *dir, struct js *word, const char *name,
		      struct err *e)
{
	const char *path = arena_printf(a, "%s/providers.json", dir);
	struct js *words = words_read(path, e);
	if (words == NULL) {
		js_free(word);
		return -1;
	}
	js_set_int(words, "version", 1);
	if (!js_is_object(js_get(words, "confirmed")))
		js_set(words, "confirmed", js_object());
	js_set(js_get(words, "confirmed"), name, word);
	int rc = dir_make(dir, e) != 0 ? -1 : words_write(path, words, e);
	js_free(words);
	return rc;
}

int own_confirm(const struct provider_origin *origin, const struct registrar *r, int64_t now_ms,
		struct err *e)
{
	struct arena *a = arena_new();
	const char *dir = state_dir(a);
	int rc = dir != NULL ? confirm_in(a, dir, word_for(origin, r, now_ms), r->name, e)
			     : err_set(e, ERR_USAGE, "neither XDG_STATE_HOME nor HOME is set");
	arena_free(a);
	return rc == 0 ? 0 : err_wrap(e, "keeping the word for '%s'", r->name);
}

/* -- the files -- */

static struct provider_refused refused_of(struct arena *a, const char *file, const struct err *e)
{
	return (struct provider_refused){
		.file = file,
		.why = arena_strdup(a, e->text),
		.hint = e->hint[0] != '\0' ? arena_strdup(a, e->hint) : NULL,
	};
}

static void load_file(struct arena *a, const char *file, const struct js *words,
		      struct own_description *d)
{
	struct err e = { 0 };
	struct buf text;
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	buf_init(&text);
	if (file_read_trusted(file, DESCRIPTION_MAX, &text, &e) == 0)
		d->described = described_new(file, buf_slice(&text), &e);
	sha256_hex_of(buf_slice(&text), hex);
	buf_release(&text);
	d->origin = (struct provider_origin){ .file = file, .sha256 = hex };
	if (d->described == NULL)
		d->refused = refused_of(a, file, &e);
	else
		compare(a, words, described_registrar(d->described)->name, &d->origin);
}

static void add_refused(struct arena *a, struct own_descriptions *own, const char *file,
			const struct err *e)
{
	own->at[own->n++].refused = refused_of(a, file, e);
}

static void load_dir(struct arena *a, const char *dir, struct own_descriptions *own)
{
	struct dir_names names;
	struct err e = { 0 };
	const char *state = state_dir(a);
	const char *path = state != NULL ? arena_printf(a, "%s/providers.json", state) : NULL;
	int rc = dir_names_trusted(a, dir, ".json", FILES_MAX, &names, &e);
	own->at = ARENA_ARRAY(a, names.n + 2, struct own_description);
	if (rc != 0)
		add_refused(a, own, dir, &e);
	struct js *words = words_read(path, &e);
	if (words == NULL)
		add_refused(a, own, path, &e);
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		load_file(a, arena_printf(a, "%s/%s", dir, names.at[i]), words, &own->at[own->n++]);
	js_free(words);
}

void own_load(struct arena *a, struct own_descriptions *own_r)
{
	const char *dir = descriptions_dir(a);
	*own_r = (struct own_descriptions){ 0, NULL };
	if (dir != NULL)
		load_dir(a, dir, own_r);
}
