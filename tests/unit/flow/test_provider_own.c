/* The user's own descriptions: what is taken, what is refused, and what a word is given for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "flow/provider.h"

#define DESCRIPTION(id, host)                                                                      \
	"{\"schema\":1,\"id\":\"" id "\",\"title\":\"X\",\"base_url\":\"https://" host "\","       \
	"\"hosts\":[\"" host                                                                       \
	"\"],\"options\":[{\"name\":\"token\",\"secret\":true,\"help\":\"t\"}],"                   \
	"\"headers\":{\"Authorization\":\"Bearer {token}\"},"                                      \
	"\"list\":{\"request\":{\"path\":\"/r\"}},"                                                \
	"\"record\":{\"id\":\"id\",\"type\":\"type\",\"name\":\"name\",\"data\":{\"*\":[\"d\"]}}," \
	"\"write\":{\"unit\":\"record\",\"create\":{\"method\":\"POST\",\"path\":\"/r\"},"         \
	"\"delete\":{\"method\":\"DELETE\",\"path\":\"/r/{id}\"}}}"

struct world {
	struct arena *a;
	const char *home, *dir;
	struct provider_set *set;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	char home[] = "/tmp/cutover-own-XXXXXX";
	w->a = arena_new();
	assert_non_null(mkdtemp(home));
	w->home = arena_strdup(w->a, home);
	w->dir = arena_printf(w->a, "%s/c/cutover/providers", home);
	assert_int_equal(dir_make(w->dir, &w->e), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", arena_printf(w->a, "%s/c", home), 1), 0);
	assert_int_equal(setenv("XDG_STATE_HOME", arena_printf(w->a, "%s/s", home), 1), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	static const char *const places[] = {
		"c/cutover/providers/a.json",
		"c/cutover/providers/b.json",
		"c/cutover/providers",
		"c/cutover",
		"c",
		"s/cutover/providers.json",
		"s/cutover",
		"s",
		"",
	};
	provider_set_free(w->set);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		(void)remove(arena_printf(w->a, "%s/%s", w->home, places[i]));
	int rc = file_exists(w->home) ? -1 : 0;
	arena_free(w->a);
	free(w);
	return rc;
}

static void put(struct world *w, const char *name, const char *text, mode_t mode)
{
	const char *path = arena_printf(w->a, "%s/%s", w->dir, name);
	assert_int_equal(file_replace(path, slice_str(text), 0600, &w->e), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* As the next command would see it. */
static void load(struct world *w)
{
	provider_set_free(w->set);
	w->set = provider_set_new(&w->e);
	assert_non_null(w->set);
}

static const struct registrar *found(struct world *w, const char *name)
{
	const struct registrar *r = provider_set_find(w->set, name);
	assert_non_null(r);
	return r;
}

static void refused_because(struct world *w, const char *words)
{
	size_t n;
	const struct provider_refused *list = provider_set_refused(w->set, &n);
	assert_int_equal(n, 1);
	assert_non_null(strstr(list[0].why, words));
	assert_non_null(provider_set_find(w->set, "gandi")); /* the others go on */
}

static void a_description_works_only_when_it_is_confirmed(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	load(w);
	const struct registrar *r = found(w, "example");
	assert_int_equal(provider_set_origin(w->set, r)->trust, PROVIDER_UNCONFIRMED);
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), -1);
	assert_int_equal(w->e.kind, ERR_REFUSED);
	assert_non_null(strstr(w->e.hint, "cutover providers example --confirm"));
	assert_int_equal(provider_set_confirm(w->set, r, 1790000000000, &w->e), 0);
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), 0);
	load(w);
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), 0);
	assert_int_equal(provider_set_may_use(w->set, "gandi", &w->e), 0);
}

static void a_change_voids_the_word(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	load(w);
	assert_int_equal(provider_set_confirm(w->set, found(w, "example"), 1, &w->e), 0);
	put(w, "a.json", DESCRIPTION("example", "evil.example.org"), 0600);
	load(w);
	const struct provider_origin *o = provider_set_origin(w->set, found(w, "example"));
	assert_int_equal(o->trust, PROVIDER_CHANGED);
	assert_string_equal(o->hosts_before[0], "api.example.org");
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), -1);
	assert_non_null(strstr(w->e.text, "has changed"));
}

static void another_word_stays_when_one_is_given(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	put(w, "b.json", DESCRIPTION("other", "api.example.net"), 0600);
	load(w);
	assert_int_equal(provider_set_confirm(w->set, found(w, "example"), 1, &w->e), 0);
	assert_int_equal(provider_set_confirm(w->set, found(w, "other"), 1, &w->e), 0);
	load(w);
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), 0);
	assert_int_equal(provider_set_may_use(w->set, "other", &w->e), 0);
}

static void nothing_replaces_another_provider(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("gandi", "api.example.org"), 0600);
	load(w);
	refused_because(w, "there is a built-in provider 'gandi'");
	assert_string_equal(found(w, "gandi")->hosts[0], "api.gandi.net");
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	put(w, "b.json", DESCRIPTION("example", "api.example.net"), 0600);
	load(w);
	refused_because(w, "a.json' already");
	assert_string_equal(found(w, "example")->hosts[0], "api.example.org");
}

static void a_broken_file_hinders_no_other(void **state)
{
	struct world *w = *state;
	put(w, "a.json", "{", 0600);
	put(w, "b.json", DESCRIPTION("example", "api.example.org"), 0600);
	load(w);
	refused_because(w, "a.json");
	(void)found(w, "example");
	assert_int_equal(provider_set_may_use(w->set, "a", &w->e), -1);
	assert_int_equal(w->e.kind, ERR_USAGE);
	assert_int_equal(provider_set_may_use(w->set, "nobody", &w->e), 0);
}

static void what_others_can_write_is_refused(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0620);
	load(w);
	refused_because(w, "can be written by others");
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0644);
	load(w);
	(void)found(w, "example");
	assert_int_equal(chmod(w->dir, 0777), 0);
	load(w);
	refused_because(w, "can be written by others");
	assert_null(provider_set_find(w->set, "example"));
}

static void a_damaged_memory_is_no_word(void **state)
{
	struct world *w = *state;
	const char *dir = arena_printf(w->a, "%s/s/cutover", w->home);
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	load(w);
	assert_int_equal(provider_set_confirm(w->set, found(w, "example"), 1, &w->e), 0);
	const char *path = arena_printf(w->a, "%s/providers.json", dir);
	assert_int_equal(file_replace(path, SLICE_LIT("{\"version\":2}"), 0600, &w->e), 0);
	load(w);
	refused_because(w, "reading what was confirmed");
	assert_int_equal(provider_set_may_use(w->set, "example", &w->e), -1);
	assert_int_equal(provider_set_confirm(w->set, found(w, "example"), 1, &w->e), -1);
}

static void a_built_in_one_needs_no_word(void **state)
{
	struct world *w = *state;
	load(w);
	assert_int_equal(provider_set_confirm(w->set, found(w, "gandi"), 1, &w->e), -1);
	assert_int_equal(w->e.kind, ERR_USAGE);
}

static void its_powers_are_told(void **state)
{
	struct world *w = *state;
	put(w, "a.json", DESCRIPTION("example", "api.example.org"), 0600);
	load(w);
	struct provider_powers p = provider_set_powers(w->set, found(w, "example"), w->a);
	assert_string_equal(p.sends[0], "every request, header Authorization");
	assert_null(p.sends[1]);
	assert_string_equal(p.writes[0], "POST /r");
	assert_string_equal(p.writes[1], "DELETE /r/{id}");
	assert_null(p.writes[2]);
	p = provider_set_powers(w->set, found(w, "porkbun"), w->a);
	assert_string_equal(p.sends[0], "every request, in the body");
	assert_null(provider_set_powers(w->set, found(w, "manual"), w->a).writes[0]);
}

#define OWN_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_TEST(a_description_works_only_when_it_is_confirmed),
		OWN_TEST(a_change_voids_the_word),
		OWN_TEST(another_word_stays_when_one_is_given),
		OWN_TEST(nothing_replaces_another_provider),
		OWN_TEST(a_broken_file_hinders_no_other),
		OWN_TEST(what_others_can_write_is_refused),
		OWN_TEST(a_damaged_memory_is_no_word),
		OWN_TEST(a_built_in_one_needs_no_word),
		OWN_TEST(its_powers_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
