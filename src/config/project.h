/*
 * project.h - the project file (cutover.yaml) as checked, plain values.
 *
 * Everything here has passed the table of options: types, ranges, canonical names.
 * What was not given is NULL / 0 / the table's default. Values live in the arena that
 * project_load was given; secrets are resolved only when asked for.
 */
#ifndef CONFIG_PROJECT_H
#define CONFIG_PROJECT_H

#include "base/clock.h"
#include "base/secret.h"
#include "zone/rrset.h"

enum gate_policy { GATE_REQUIRED, GATE_WARN, GATE_OFF };

struct project_gate {
	const char *id;
	enum gate_policy policy;
};
struct project_record {
	const char *name;
	uint16_t type;
	const char *value;
}; /* DKIM … */
struct project_value {
	const char *name, *text;
}; /* a provider's option or credential */
struct project_host {
	const char *host, *address;
}; /* network.connect_to */

struct project {
	const char *path, *dir; /* the file, and where it lies (".cutover" goes there) */
	const char *domain;     /* canonical */

	const char *target_provider;   /* "microsoft365" | "google" | "generic" */
	const struct rrset *target_mx; /* owner = domain; NULL when not given */
	uint32_t target_mx_ttl;
	const char *target_spf;          /* "include:…" */
	const char *target_autodiscover; /* canonical host or NULL */
	const char *target_imap;         /* URL */
	size_t dkim_n;
	const struct project_record *dkim;

	const char *source_imap;
	const char *const *source_mx; /* canonical, NULL-terminated, may be empty */
	const char *source_spf;
	const char *const *source_dkim_selectors;

	const char *ownership_name; /* canonical */
	const char *ownership_txt;  /* the token, unquoted; NULL */

	const char *dns_provider;
	size_t dns_option_n;
	const struct project_value
		*dns_options; /* everything but provider/credentials/nameservers */
	size_t dns_credential_n;
	const struct project_value *dns_credentials; /* references ("env:NAME"), unresolved */
	const char *const *dns_nameservers;          /* what the panel says; canonical */

	const char *mailboxes; /* path of the users CSV; NULL */
	const char *const *subdomains;
	int64_t window_opens_ms, window_ends_ms;

	struct {
		uint32_t max_mx_ttl;             /* 3600 */
		uint32_t staged_mx_ttl;          /* TTL to lower MX to; 300 */
		int64_t max_age_of_last_pass_ms; /* 24 h */
		uint64_t max_skipped;            /* 0 */
		unsigned mailboxes_at_once;      /* 8 */
		int64_t tail_idle_ms; /* how long the old side must be idle to end the tail */
		size_t gate_n;
		const struct project_gate *gates;
	} policy;

	struct { /* done by hand before or beside the tool; 0 = not given */
		int64_t mx_ttl_lowered_ms, mx_changed_ms, txt_created_ms, ns_changed_ms;
		uint32_t mx_old_ttl, txt_old_ttl, ns_old_ttl;
		const char *const *previous_ns;
	} history;

	struct {
		const char *const *resolvers;                    /* empty: the system's */
		const char *root_hints, *trust_anchor, *ca_file; /* paths; NULL */
		const char *const *treat_as_public;
		const char *const *allow_plaintext; /* hosts */
		size_t connect_to_n;
		const struct project_host *connect_to; /* host → address, for labs and split DNS */
		uint16_t dns_port, smtp_port;
		int dns_timeout_ms;  /* first try, ms */
		int mail_timeout_ms; /* silence on a mail connection */
	} network;
};

/* Reads and checks the file. ERR_USAGE with "FILE:LINE: …" and the remedy (nearest
 * right spelling, allowed values, an example) in the hint. */
int project_load(struct arena *a, const char *path, const struct project **project_r,
		 struct err *e);

/* Resolves a reference: env:NAME, file:PATH (relative to the project's directory; refused
 * when group or others can read it), cmd:PROGRAM ARG… (no shell; one trailing newline cut).
 * `what` names the option in messages. The secret is the caller's. */
int secret_resolve(const struct project *p, const char *reference, const char *what,
		   struct secret **secret_r, struct err *e);

/* The users CSV: exactly what Exchange's IMAP migration takes, plus optional columns. */
struct user_row {
	size_t line; /* of the file, for messages */
	const char *address, *user;
	struct secret *password;               /* owned by the list */
	const char *root;                      /* NULL */
	const char *target_user;               /* the address when not given */
	struct secret *target_password;        /* NULL when not given */
	const char *source_imap, *target_imap; /* URLs; NULL: the project's */
};
struct user_list {
	size_t n;
	struct user_row *rows; /* wiped and freed by user_list_free */
};
/* ERR_USAGE with "FILE:LINE: …" and the remedy. At most 50 000 rows, 10 MiB; UTF-8 with
 * or without BOM; LF or CRLF; RFC 4180 quotes. */
int user_list_load(const char *path, struct user_list **list_r, struct err *e);
void user_list_free(struct user_list *l);

/* One table is the whole truth about an option; the parser, `init`'s comments, the docs
 * and the man page read it. */
enum option_type {
	OPTION_STRING,
	OPTION_NAME,
	OPTION_URL,
	OPTION_UINT,
	OPTION_DURATION,
	OPTION_TIME,
	OPTION_LIST,
	OPTION_MAP,
	OPTION_ENUM,
	OPTION_PATH,
	OPTION_BOOL
};
struct option_info {
	const char *path; /* "policy.max_mx_ttl" */
	enum option_type type;
	const char *range;     /* "1..86400", "microsoft365 | google | generic" … */
	const char *otherwise; /* the default as text; NULL */
	const char *unit;
	const char *help;
	const char *example; /* as it would stand in the file */
};
size_t option_count(void);
const struct option_info *option_at(size_t i);

/* The nearest of a NULL-terminated list of words, or NULL when none is near. */
const char *nearest_word(const char *word, const char *const *words);

#endif
