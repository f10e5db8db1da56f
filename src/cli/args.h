/*
 * args.h - the command line: one table of options, parsed into plain values.
 *
 * The parser, the help, the man page and the shell completion read the same table.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/arena.h"
#include "base/err.h"

enum option_id {
	/* for every command */
	OPT_FILE,
	OPT_JSON,
	OPT_VERBOSE,
	OPT_QUIET,
	OPT_HELP,
	OPT_VERSION,
	OPT_RESOLVER,
	/* for every command, too: another world to ask than the Internet */
	OPT_ROOT_HINTS,
	OPT_TRUST_ANCHOR,
	OPT_PORT,
	OPT_TREAT_AS_PUBLIC,
	OPT_CA_FILE,
	OPT_HTTPS_PORT,
	/* of some commands */
	OPT_NO_WAIT,
	OPT_WAIT,
	OPT_DRY_RUN,
	OPT_PHASE,
	OPT_FAIL_ON,
	OPT_JSONL,
	OPT_PILOT,
	OPT_ONLY,
	OPT_VERIFY,
	OPT_NO_VERIFY,
	OPT_CHECK_LOGINS,
	OPT_ONCE,
	OPT_WATCH,
	OPT_HTML,
	OPT_JUNIT,
	OPT_CSV,
	OPT_SARIF,
	OPT_GITHUB,
	OPT_IGNORE,
	OPT_AT_ONCE,
	OPT_QPS,
	OPT_QPS_PER_SERVER,
	OPT_RESUME,
	OPT_TARGET,
	OPT_REASON,
	OPT_FORMAT,
	OPT_CHECK,
	OPT_CONFIRM,
	OPT_EVERY,
	OPT_NEWEST_FIRST,
	OPT_SINCE,
	OPT_BEFORE,
	OPT_FOLDER,
	OPT_NOT_FOLDER,
	OPT_MAX_SIZE,
	OPT_MIRROR,
	OPT_MIRROR_LIMIT,
	OPT_OUT,
	OPT_PLAN,
	OPT_ALLOW_CHANGES,
	OPT_BY_HAND,
	OPT_SNAPSHOT,
	OPT_N
};

enum option_value {
	VALUE_NONE,
	VALUE_TEXT,
	VALUE_COUNT,
	VALUE_PERCENT,
	VALUE_LIMIT,
	VALUE_DURATION,
	VALUE_LIST,
	VALUE_WORD
};

struct option {
	enum option_id id;
	const char *name; /* without the dashes */
	char letter;      /* '\0': none */
	enum option_value value;
	const char *value_name; /* "FILE" */
	const char *words;      /* VALUE_WORD: "info|warning|blocker" */
	const char *help;
};

struct option_given {
	bool given;
	unsigned times;      /* -vv */
	const char *text;    /* as written */
	uint64_t count;      /* VALUE_COUNT and VALUE_PERCENT (from 1), VALUE_LIMIT (0: none) */
	int64_t duration_ms; /* VALUE_DURATION */
	const char **list;   /* VALUE_LIST, NULL-terminated */
};

struct command;

struct args {
	const struct command *command; /* NULL: only --help or --version */
	struct option_given options[OPT_N];
	size_t n;
	const char *const *operands;
};

/* Its row of the table; for every id below OPT_N. */
const struct option *option_row(enum option_id id);
/* Those that every command takes. */
bool option_is_global(enum option_id id);
/* Of these, the ones that only a closed lab or an internal root needs: told on a page of their own
 * (`cutover help lab`), for they would be half of each command's. */
bool option_is_lab(enum option_id id);

/* ERR_USAGE names the word, and the nearest right one in the hint. */
int args_parse(struct arena *a, int argc, const char *const *argv, struct args *args_r,
	       struct err *e);

/* True when it stood on the command line. */
bool args_has(const struct args *args, enum option_id id);

#endif
