/*
 * Options may stand before and behind the command and its operands; "--" ends them.
 * Every word is either known or refused by name: a typo never becomes a domain.
 */
#include "cli/args.h"

#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "cli/command.h"
#include "config/project.h"

enum { LIMIT_MAX = 1000000 };

struct parser {
	struct arena *a;
	const char *const *argv;
	int argc, at;
	struct args *args;
	VEC(const char *) operands;
	struct err *e;
};

static const char *const *option_names(struct arena *a)
{
	const char **names = ARENA_ARRAY(a, OPT_N + 1, const char *);
	for (int i = 0; i < OPT_N; i++)
		names[i] = option_row((enum option_id)i)->name;
	return names;
}

/* Exact words only: an abbreviation that works today would change its meaning with the next
 * option. */
static const struct option *find_long(struct slice name)
{
	for (int i = 0; i < OPT_N; i++)
		if (slice_eq(slice_str(option_row((enum option_id)i)->name), name))
			return option_row((enum option_id)i);
	return NULL;
}

static const struct option *find_letter(char letter)
{
	for (int i = 0; i < OPT_N; i++)
		if (option_row((enum option_id)i)->letter == letter)
			return option_row((enum option_id)i);
	return NULL;
}

/* The hint is looked for in the same table, so it never names what does not exist. */
static int unknown_option(struct parser *p, const char *word, struct slice name)
{
	const char *near = nearest_word(arena_slice(p->a, name), option_names(p->a));
	err_set(p->e, ERR_USAGE, "unknown option '%s'", word);
	if (near != NULL)
		return err_hint(p->e, "did you mean '--%s'?", near);
	if (p->args->command != NULL)
		return err_hint(p->e, "`cutover help %s` lists its options",
				p->args->command->name);
	return err_hint(p->e, "see `cutover help`");
}

static bool word_is_one_of(const char *word, const char *words)
{
	struct slice rest = slice_str(words);
	while (rest.len > 0)
		if (slice_eq(slice_until(&rest, '|'), slice_str(word)))
			return true;
	return false;
}

/* What was wrong first, then what is right: two sentences, the second is the hint. */
static int bad_value(struct parser *p, const struct option *o, const char *text, const char *want)
{
	err_set(p->e, ERR_USAGE, "option --%s: '%s' is no %s", o->name, text, o->value_name);
	return err_hint(p->e, "%s", want);
}

static int bad_number(struct parser *p, const struct option *o, const char *want)
{
	const struct option_given *g = &p->args->options[o->id];
	uint64_t n;
	err_set(p->e, ERR_USAGE, "option --%s: '%s' is %s", o->name, g->text,
		slice_to_u64(slice_str(g->text), &n) ? "out of range" : "no number");
	return err_hint(p->e, "give a whole number %s", want);
}

static void add_to_list(struct parser *p, struct option_given *g, const char *text)
{
	size_t n = 0;
	while (g->list != NULL && g->list[n] != NULL)
		n++;
	const char **list = ARENA_ARRAY(p->a, n + 2, const char *);
	for (size_t i = 0; i < n; i++)
		list[i] = g->list[i];
	list[n] = text;
	g->list = list;
}

/* Checked while parsing: a command never sees a value out of range. */
static int take_value(struct parser *p, const struct option *o, const char *text)
{
	struct option_given *g = &p->args->options[o->id];
	g->text = text;
	switch (o->value) {
	case VALUE_COUNT:
		if (!slice_to_u64(slice_str(text), &g->count) || g->count == 0 || g->count > 65535)
			return bad_number(p, o, "from 1 to 65535");
		return 0;
	case VALUE_PERCENT:
		if (!slice_to_u64(slice_str(text), &g->count) || g->count == 0 || g->count > 100)
			return bad_number(p, o, "from 1 to 100");
		return 0;
	case VALUE_LIMIT:
		if (!slice_to_u64(slice_str(text), &g->count) || g->count > LIMIT_MAX)
			return bad_number(p, o, "up to 1000000, 0 for none");
		return 0;
	case VALUE_DURATION:
		if (!duration_parse(slice_str(text), &g->duration_ms))
			return bad_value(p, o, text, "write it as 90s, 15m, 24h or 2d");
		return 0;
	case VALUE_WORD:
		if (!word_is_one_of(text, o->words))
			return bad_value(p, o, text, arena_printf(p->a, "one of: %s", o->words));
		return 0;
	case VALUE_LIST: add_to_list(p, g, text); return 0;
	case VALUE_TEXT: return text[0] != '\0' ? 0 : bad_value(p, o, text, "it may not be empty");
	case VALUE_NONE: break;
	}
	return 0;
}

/* Given twice is refused, not overridden: in a script the first may be somebody else's. */
static int take_option(struct parser *p, const struct option *o, const char *inline_value)
{
	struct option_given *g = &p->args->options[o->id];
	bool again = g->given && o->value != VALUE_LIST && o->value != VALUE_NONE;
	if (again) {
		err_set(p->e, ERR_USAGE, "option --%s is given twice", o->name);
		return err_hint(p->e, "give it once");
	}
	g->given = true;
	g->times++;
	if (o->value == VALUE_NONE) {
		if (inline_value == NULL)
			return 0;
		err_set(p->e, ERR_USAGE, "option --%s takes no value", o->name);
		return err_hint(p->e, "write --%s alone", o->name);
	}
	if (inline_value == NULL && p->at < p->argc)
		inline_value = p->argv[p->at++];
	if (inline_value != NULL)
		return take_value(p, o, inline_value);
	err_set(p->e, ERR_USAGE, "option --%s needs a value", o->name);
	return err_hint(p->e, "write --%s %s", o->name, o->value_name);
}

/* "--name=value" and "--name value". */
static int take_long(struct parser *p, const char *word)
{
	struct slice rest = slice_str(word + 2);
	const char *equals = strchr(word, '=');
	struct slice name = slice_until(&rest, '=');
	const struct option *o = find_long(name);
	if (o == NULL)
		return unknown_option(p, word, name);
	return take_option(p, o, equals != NULL ? equals + 1 : NULL);
}

/* "-vv", "-fFILE", "-f FILE". */
static int take_letters(struct parser *p, const char *word)
{
	for (const char *c = word + 1; *c != '\0'; c++) {
		const struct option *o = find_letter(*c);
		if (o == NULL)
			return unknown_option(p, word, slice_str(c));
		bool has_rest = o->value != VALUE_NONE && c[1] != '\0';
		if (take_option(p, o, has_rest ? c + 1 : NULL) != 0)
			return -1;
		if (has_rest)
			return 0;
	}
	return 0;
}

static int take_command(struct parser *p, const char *word)
{
	p->args->command = command_find(word);
	if (p->args->command != NULL)
		return 0;
	const char *near = nearest_word(word, command_names(p->a));
	err_set(p->e, ERR_USAGE, "unknown command '%s'", word);
	return near != NULL ? err_hint(p->e, "did you mean 'cutover %s'?", near)
			    : err_hint(p->e, "see `cutover help`");
}

static int take_word(struct parser *p, const char *word, bool *options_ended)
{
	bool dashed = word[0] == '-' && word[1] != '\0' && !*options_ended;
	if (dashed && str_eq(word, "--")) {
		*options_ended = true;
		return 0;
	}
	if (dashed)
		return word[1] == '-' ? take_long(p, word) : take_letters(p, word);
	if (p->args->command == NULL)
		return take_command(p, word);
	*vec_push(p->a, &p->operands) = word;
	return 0;
}

static bool command_takes(const struct command *c, enum option_id id)
{
	for (const enum option_id *o = c->options; *o != OPT_N; o++)
		if (*o == id)
			return true;
	return option_is_global(id);
}

/* All options are read before the command is known (they may stand before it), so whose they
 * are is checked at the end. */
static int check_options(struct parser *p)
{
	const struct command *c = p->args->command;
	for (int i = 0; i < OPT_N; i++) {
		if (!p->args->options[i].given || command_takes(c, (enum option_id)i))
			continue;
		err_set(p->e, ERR_USAGE, "option --%s does not belong to 'cutover %s'",
			option_row((enum option_id)i)->name, c->name);
		return err_hint(p->e, "see `cutover help %s`", c->name);
	}
	return 0;
}

/* Contradictions are refused: silently preferring one of them would be a guess. */
static int check_conflicts(struct parser *p)
{
	static const enum option_id pairs[][2] = {
		{ OPT_VERBOSE, OPT_QUIET },       { OPT_VERIFY, OPT_NO_VERIFY },
		{ OPT_CHECK_LOGINS, OPT_VERIFY }, { OPT_CHECK_LOGINS, OPT_NO_VERIFY },
		{ OPT_NO_WAIT, OPT_WAIT },        { OPT_JSON, OPT_JSONL },
		{ OPT_PILOT, OPT_ONLY },          { OPT_CHECK_LOGINS, OPT_DRY_RUN },
		{ OPT_CHECK_LOGINS, OPT_EVERY },  { OPT_CHECK_LOGINS, OPT_MIRROR },
		{ OPT_EVERY, OPT_DRY_RUN },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!args_has(p->args, pairs[i][0]) || !args_has(p->args, pairs[i][1]))
			continue;
		err_set(p->e, ERR_USAGE, "options --%s and --%s exclude each other",
			option_row(pairs[i][0])->name, option_row(pairs[i][1])->name);
		return err_hint(p->e, "give one of them");
	}
	return 0;
}

static int check_operands(struct parser *p)
{
	const struct command *c = p->args->command;
	size_t n = p->operands.n;
	if (n > c->most)
		err_set(p->e, ERR_USAGE, "'cutover %s' does not take '%s'", c->name,
			p->operands.at[c->most]);
	else if (n < c->least)
		err_set(p->e, ERR_USAGE, "'cutover %s' needs %s", c->name, c->operands);
	else
		return 0;
	return err_hint(p->e, "usage: %s; `cutover help %s` explains it", command_usage(p->a, c),
			c->name);
}

/* --help and --version win over all that may be missing. */
int args_parse(struct arena *a, int argc, const char *const *argv, struct args *args_r,
	       struct err *e)
{
	struct parser p = { .a = a, .argv = argv, .argc = argc, .at = 1, .args = args_r, .e = e };
	bool options_ended = false;
	*args_r = (struct args){ 0 };
	while (p.at < p.argc)
		if (take_word(&p, p.argv[p.at++], &options_ended) != 0)
			return -1;
	args_r->operands = p.operands.at;
	args_r->n = p.operands.n;
	bool only_help = args_has(args_r, OPT_HELP) || args_has(args_r, OPT_VERSION);
	if (only_help)
		return 0;
	if (args_r->command == NULL) {
		err_set(e, ERR_USAGE, "no command is given");
		return err_hint(
			e, "begin with `cutover audit DOMAIN`, which changes nothing; `cutover "
			   "help COMMAND` explains a command");
	}
	return check_options(&p) == 0 && check_conflicts(&p) == 0 ? check_operands(&p) : -1;
}

bool args_has(const struct args *args, enum option_id id)
{
	return args->options[id].given;
}
