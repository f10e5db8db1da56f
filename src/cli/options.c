/* The one table of command-line options. */
#include "cli/args.h"

static const struct option table[OPT_N] = {
	{ OPT_FILE, "file", 'f', VALUE_TEXT, "FILE", NULL, "the project file (cutover.yaml)" },
	{ OPT_JSON, "json", 0, VALUE_NONE, NULL, NULL, "the answer as one JSON document" },
	{ OPT_VERBOSE, "verbose", 'v', VALUE_NONE, NULL, NULL, "tell more; twice: every exchange" },
	{ OPT_QUIET, "quiet", 'q', VALUE_NONE, NULL, NULL, "only the answer and errors" },
	{ OPT_HELP, "help", 'h', VALUE_NONE, NULL, NULL, "this help" },
	{ OPT_VERSION, "version", 0, VALUE_NONE, NULL, NULL, "the version" },
	{ OPT_RESOLVER, "resolver", 0, VALUE_LIST, "ADDR[:PORT]", NULL,
	  "a resolver of the panel; may be given again" },
	{ OPT_ROOT_HINTS, "root-hints", 0, VALUE_TEXT, "FILE", NULL,
	  "start from these root servers" },
	{ OPT_TRUST_ANCHOR, "trust-anchor", 0, VALUE_TEXT, "FILE", NULL,
	  "the root's DNSSEC key (DS or DNSKEY records)" },
	{ OPT_PORT, "port", 0, VALUE_COUNT, "N", NULL, "ask DNS servers on this port" },
	{ OPT_TREAT_AS_PUBLIC, "treat-as-public", 0, VALUE_LIST, "NETWORK", NULL,
	  "a private network that everyone reaches, in a closed lab; may be given again" },
	{ OPT_CA_FILE, "ca-file", 0, VALUE_TEXT, "FILE", NULL,
	  "trust these certificates instead of the system's" },
	{ OPT_HTTPS_PORT, "https-port", 0, VALUE_COUNT, "N", NULL,
	  "fetch MTA-STS policies from this port" },
	{ OPT_NO_WAIT, "no-wait", 0, VALUE_NONE, NULL, NULL,
	  "where a clock still runs, say so and exit 4" },
	{ OPT_WAIT, "wait", 0, VALUE_DURATION, "DURATION", NULL,
	  "wait at most this long (90s, 15m, 24h)" },
	{ OPT_DRY_RUN, "dry-run", 'n', VALUE_NONE, NULL, NULL,
	  "do everything but the change itself: nothing is written" },
	{ OPT_PHASE, "phase", 0, VALUE_WORD, "PHASE", "audit|verify|ready|post",

	  "judge for this phase, not for the one that the cutover is in" },
	{ OPT_FAIL_ON, "fail-on", 0, VALUE_WORD, "SEVERITY", "info|warning|blocker",

	  "exit 1 when a finding is at least that bad; blocker when not given" },
	{ OPT_JSONL, "jsonl", 0, VALUE_NONE, NULL, NULL, "one JSON object a line and domain" },
	{ OPT_PILOT, "pilot", 0, VALUE_COUNT, "N", NULL, "only the first N mailboxes of the CSV" },
	{ OPT_ONLY, "only", 0, VALUE_LIST, "ADDRESS", NULL,
	  "only this mailbox; may be given again" },
	{ OPT_VERIFY, "verify", 0, VALUE_NONE, NULL, NULL,
	  "read both sides of every mailbox again and compare" },
	{ OPT_NO_VERIFY, "no-verify", 0, VALUE_NONE, NULL, NULL,
	  "do not compare mailboxes that were copied for the first time" },
	{ OPT_CHECK_LOGINS, "check-logins", 0, VALUE_NONE, NULL, NULL,
	  "try every login of both sides first; copies nothing" },
	{ OPT_ONCE, "once", 0, VALUE_NONE, NULL, NULL, "one pass, then stop" },
	{ OPT_WATCH, "watch", 0, VALUE_NONE, NULL, NULL,
	  "show it again whenever it may have changed" },
	{ OPT_HTML, "html", 0, VALUE_TEXT, "FILE", NULL, "write one self-contained page" },
	{ OPT_JUNIT, "junit", 0, VALUE_TEXT, "FILE", NULL, "write JUnit XML for a pipeline" },
	{ OPT_CSV, "csv", 0, VALUE_TEXT, "FILE", NULL, "write a line for each mailbox" },
	{ OPT_SARIF, "sarif", 0, VALUE_TEXT, "FILE", NULL, "write SARIF 2.1.0 for a code scanner" },
	{ OPT_GITHUB, "github", 0, VALUE_NONE, NULL, NULL,
	  "print findings as annotations of a GitHub workflow" },
	{ OPT_IGNORE, "ignore", 0, VALUE_LIST, "CHECK[:SUBJECT]", NULL,
	  "leave this finding out of the verdict, but list it; may be given again" },
	{ OPT_AT_ONCE, "at-once", 0, VALUE_COUNT, "N", NULL, "with -: domains side by side (256)" },
	{ OPT_QPS, "qps", 0, VALUE_LIMIT, "N", NULL,
	  "with -: questions a second over all, 0 for no limit (2000)" },
	{ OPT_QPS_PER_SERVER, "qps-per-server", 0, VALUE_LIMIT, "N", NULL,
	  "with -: questions a second to each address, 0 for no limit (200)" },
	{ OPT_RESUME, "resume", 0, VALUE_TEXT, "FILE", NULL,
	  "with -: leave out the domains that FILE (--jsonl output) has already" },
	{ OPT_TARGET, "target", 0, VALUE_WORD, "PROVIDER", "microsoft365|google|generic",
	  "the new mail provider: its preset goes into the project file" },
	{ OPT_REASON, "reason", 0, VALUE_TEXT, "TEXT", NULL,
	  "why it is safe; every report shows it" },
	{ OPT_FORMAT, "format", 0, VALUE_WORD, "FORMAT", "text|man|bash", "what kind of help" },
	{ OPT_CHECK, "check", 0, VALUE_NONE, NULL, NULL,
	  "try the project's provider: credentials, zone, delegation; writes nothing" },
	{ OPT_CONFIRM, "confirm", 0, VALUE_NONE, NULL, NULL,
	  "let a provider that you described have credentials: shows where they go" },
	{ OPT_EVERY, "every", 0, VALUE_DURATION, "DURATION", NULL,
	  "one pass after the other, so far apart, until Ctrl-C" },
	{ OPT_NEWEST_FIRST, "newest-first", 0, VALUE_DURATION, "DURATION", NULL,
	  "first what is at most so old, of every mailbox; then the rest" },
	{ OPT_SINCE, "since", 0, VALUE_TEXT, "DATE", NULL,
	  "only mail that came then or later (2026-01-31, or with a time and its zone)" },
	{ OPT_BEFORE, "before", 0, VALUE_TEXT, "DATE", NULL, "only mail that came before" },
	{ OPT_FOLDER, "folder", 0, VALUE_LIST, "PATTERN", NULL,
	  "only this folder and those below it; * stands for anything; may be given again" },
	{ OPT_NOT_FOLDER, "not-folder", 0, VALUE_LIST, "PATTERN", NULL,
	  "not this folder; may be given again" },
	{ OPT_MAX_SIZE, "max-size", 0, VALUE_TEXT, "SIZE", NULL,
	  "only messages up to this size (35MB)" },
	{ OPT_MIRROR, "mirror", 0, VALUE_NONE, NULL, NULL,
	  "put aside at the target what was copied and is gone at the source; not after the "
	  "switch" },
	{ OPT_MIRROR_LIMIT, "mirror-limit", 0, VALUE_PERCENT, "PERCENT", NULL,
	  "with --mirror: leave a mailbox alone of which more was deleted (10)" },
	{ OPT_OUT, "out", 0, VALUE_TEXT, "FILE", NULL,
	  "write the plan for a review; stage and switch take it with --plan" },
	{ OPT_PLAN, "plan", 0, VALUE_TEXT, "FILE", NULL, "exactly this reviewed plan, or nothing" },
	{ OPT_ALLOW_CHANGES, "allow-changes", 0, VALUE_COUNT, "N", NULL,
	  "a change set may have so many RRsets, whatever the policy says" },
	{ OPT_BY_HAND, "by-hand", 0, VALUE_NONE, NULL, NULL,
	  "print what to enter in the DNS host's panel, and watch the DNS for it" },
	{ OPT_SNAPSHOT, "snapshot", 0, VALUE_TEXT, "ID", NULL,
	  "first put the whole zone back as the provider kept it, with later edits lost" },
};

const struct option *option_row(enum option_id id)
{
	return &table[id];
}

bool option_is_global(enum option_id id)
{
	return id <= OPT_HTTPS_PORT;
}

bool option_is_lab(enum option_id id)
{
	return id >= OPT_ROOT_HINTS && id <= OPT_HTTPS_PORT;
}
