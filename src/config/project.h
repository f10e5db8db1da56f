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

struct project_folder {
	const char *from, *to; /* folders; from NULL ends the list */
};

struct project_ignore {
	const char *check;   /* whether there is such a check is not config's to know */
	const char *subject; /* NULL: every subject */
	const char *reason;
	int64_t since_ms;
	unsigned line; /* of the file, for messages; 0: from the command line */
};

/* How one side is logged in to; URLs and scope are filled by the provider's preset where the
 * file does not say. References are unresolved. What the method does not use is NULL. */
struct project_auth {
	const char *method;           /* "password", "oauth-client-credentials" … */
	const char *provider, *cloud; /* "microsoft365" | "google" | "generic"; "global" … */
	const char *tenant, *client_id, *scope;
	const char *certificate, *private_key, *client_secret; /* references … */
	const char *service_account, *token, *master_password; /* … to here */
	const char *token_url, *device_url, *authorize_url, *audience;
	uint16_t redirect_port;
	const char *cache;                                      /* "file" | "none" */
	const char *master_user, *master_by, *master_separator; /* "name" | "authzid" */
	const char *const *login_forms;                         /* NULL-terminated, may be empty */
	const char *login_domain;
};
/* True when this side's logins use the passwords of the users CSV. */
bool project_auth_by_csv(const struct project_auth *auth);

struct project {
	const char *path, *dir; /* the file, and where it lies (".cutover" goes there) */
	/* Why it is not this user's word alone, so that no program which it names is run: "can be
	 * written by others"; NULL: it is. */
	const char *others;
	const char *domain; /* canonical */

	const char *target_provider;   /* "microsoft365" | "google" | "generic" */
	const struct rrset *target_mx; /* owner = domain; NULL when not given */
	uint32_t target_mx_ttl;
	uint32_t target_settled_mx_ttl;  /* after the clean-up; 0: what it was at first */
	const char *target_spf;          /* "include:…" */
	const char *const *target_tlsa;  /* TLSA rdata, NULL-terminated; may be empty */
	const char *target_autodiscover; /* canonical host or NULL */
	const char *target_imap;         /* URL */
	const char *target_server;       /* "auto", "gmail" … as migrate/preset.h names them */
	struct project_auth target_auth;
	size_t dkim_n;
	const struct project_record *dkim; /* canonical name, canonical rdata */

	const char *source_imap;
	const char *source_server;    /* as target_server */
	const char *source_labels;    /* "once" | "folders" */
	const char *const *source_mx; /* canonical, NULL-terminated, may be empty */
	const char *source_spf;
	const char *const *source_dkim_selectors;
	struct project_auth source_auth;

	const char *ownership_name; /* canonical */
	const char *ownership_txt;  /* the token, unquoted; NULL */
	const char *ownership_keep; /* "auto" | "yes" | "no": after the clean-up */

	const char *dns_provider;
	size_t dns_option_n;
	const struct project_value
		*dns_options; /* everything but provider/credentials/nameservers */
	size_t dns_credential_n;
	const struct project_value *dns_credentials; /* references ("env:NAME"), unresolved */
	const char *const *dns_nameservers;          /* what the panel says; canonical */

	const char *target_match; /* "auto" | "bytes" | "headers" */
	const char *mailboxes;    /* path of the users CSV; NULL */
	const struct project_folder *folders;
	const char *const *subdomains;
	int64_t window_opens_ms, window_ends_ms;

	struct {
		uint32_t max_mx_ttl;             /* 3600 */
		uint32_t staged_mx_ttl;          /* TTL to lower MX to; 300 */
		const char *snapshot;            /* "auto" | "required" | "off" */
		unsigned max_changed_rrsets;     /* in one change set; 16 */
		int64_t max_age_of_last_pass_ms; /* 24 h */
		uint64_t max_skipped;            /* 0 */
		unsigned mailboxes_at_once;      /* 8 */
		unsigned lanes_per_mailbox;      /* 0: as it pays */
		const char *keep_refused;        /* "yes" | "no" */
		const char *const *repair; /* what may be altered; NULL-terminated, may be empty */
		const char *read_receipts; /* "keep" | "disarm" */
		int64_t tail_idle_ms;      /* how long the old side must be idle to end the tail */
		size_t gate_n;
		const struct project_gate *gates;
	} policy;

	struct { /* what every pass of the copy keeps to; NULL-terminated lists may be empty */
		const char *const *folders, *const *folders_not; /* patterns of folder names */
		int64_t since_ms, before_ms;                     /* INTERNALDATE; 0: not given */
		uint64_t max_message;  /* bytes; larger ones are left out */
		uint64_t target_limit; /* bytes that the target takes in a message; 0: ask it */
		uint64_t bytes_per_s;  /* of all lanes together; 0: no cap */
		const char *compress;  /* "auto" | "always" | "never" */
		uint64_t mailbox_bytes_per_day; /* in any 24 hours; 0: no limit */
		const char *const *quiet_hours; /* quiet_hours_parse reads them */
	} copy;

	size_t ignore_n;
	const struct project_ignore *ignores;

	struct { /* done by hand before or beside the tool; 0 = not given */
		int64_t mx_ttl_lowered_ms, mx_changed_ms, txt_created_ms, ns_changed_ms;
		int64_t mta_sts_changed_ms;
		uint32_t mx_old_ttl, txt_old_ttl, ns_old_ttl, mta_sts_old_max_age;
		const char *const *previous_ns; /* canonical */
		const char *mta_sts_previous_id;
		const char *const *mta_sts_previous_mx; /* canonical */
	} history;

	struct {
		const char *const *resolvers; /* "ADDR" or "ADDR#PORT"; empty: the system's */
		const char *root_hints, *trust_anchor, *ca_file; /* paths; NULL */
		const char *const *treat_as_public;
		const char *const *allow_plaintext; /* hosts, lower case, no final dot */
		size_t connect_to_n;
		const struct project_host *connect_to; /* host (lower case, no final dot) → address,
							* for labs and split DNS */
		uint16_t dns_port, smtp_port, https_port;
		int dns_budget_ms;       /* for a whole audit */
		int dns_timeout_ms;      /* first try, ms */
		int mail_timeout_ms;     /* silence on a mail connection */
		int provider_timeout_ms; /* silence of a DNS provider */
	} network;
};

/* Reads and checks the file; paths in it are taken from its directory. ERR_USAGE with "FILE:LINE:
 * …" and the remedy (nearest right spelling, allowed values, an example) in the hint. */
int project_load(struct arena *a, const char *path, const struct project **project_r,
		 struct err *e);

/* The same from memory; `path` is only for messages and for the directory of relative
 * paths. "domain: example.org" alone gives every default (the audit without a file). */
int project_parse(struct arena *a, const char *path, struct slice text,
		  const struct project **project_r, struct err *e);

/* A resolver as an entry of network.resolvers has it, from elsewhere (the command line): "ADDR" or
 * "ADDR#PORT", the arena's. NULL with ERR_USAGE when it is no address. */
const char *project_resolver(struct arena *a, const char *text, struct err *e);

/* A network as an entry of network.treat_as_public has it: an address or a prefix, the arena's.
 * NULL with ERR_USAGE when it is neither. */
const char *project_network(struct arena *a, const char *text, struct err *e);

/* ERR_USAGE, with what to do, when no program may be run that the project file names. `what` is the
 * option. */
int project_may_run(const struct project *p, const char *what, struct err *e);
/* Resolves a reference: env:NAME, file:PATH (relative to the project's directory; refused
 * when group or others can read it), cmd:PROGRAM ARG… (no shell; one trailing newline cut).
 * `what` names the option in messages. The secret is the caller's. */
int secret_resolve(const struct project *p, const char *reference, const char *what,
		   struct secret **secret_r, struct err *e);

/* The users CSV: exactly what Exchange's IMAP migration takes, plus optional columns. */
struct user_row {
	size_t line; /* of the file, for messages */
	const char *address, *user;
	struct secret *password;               /* owned by the list; NULL when empty */
	const char *root;                      /* NULL */
	const char *target_user;               /* the address when not given */
	struct secret *target_password;        /* NULL when not given */
	const char *source_imap, *target_imap; /* URLs; NULL: the project's */
	unsigned priority;                     /* 1 begins first, 9 last; 5 when not given */
};
struct user_list {
	size_t n;
	struct user_row *rows; /* in the file's order */
	bool shared;           /* group or others can read or write the file: warn */
	/* Passwords that begin or end with a blank, and the first one's line: they may be meant. */
	size_t blank_passwords, blank_password_line;
	struct arena *arena; /* owned: rows and texts */
};
/* ERR_USAGE with "FILE:LINE: …" and the remedy. At most 50 000 rows, 10 MiB; UTF-8 with
 * or without BOM; LF or CRLF; RFC 4180 quotes. Column names in any order and case. */
int user_list_load(const char *path, struct user_list **list_r, struct err *e);
/* Wipes the passwords; takes NULL. */
void user_list_free(struct user_list *l);
/* What only both files together tell: every row has a source and a target server, its own
 * or the project's, none is plaintext without leave, and there is a password for each side that
 * is logged in to by one. `path` names the CSV in messages. */
int user_list_check(const struct user_list *l, const char *path, const struct project *p,
		    struct err *e);

/* What only the new provider can tell, and where it tells it: never derived from the domain's
 * name, for the rules of the big ones have changed and will change again. */
struct project_ask {
	const char *option; /* "target.mx" */
	const char *what;   /* "the MX host of this domain" */
	const char *where;  /* the place in the provider's console */
};
/* Those that the project does not give, for its target.provider; returns their number, none for
 * a provider that nothing is known of. Static texts. */
size_t project_asks(struct arena *a, const struct project *p, const struct project_ask **asks_r);

/* One table is the whole truth about an option; the parser, `init`'s comments, the docs
 * and the man page read it. */
enum option_type {
	OPTION_STRING,
	OPTION_NAME,
	OPTION_URL,
	OPTION_UINT,
	OPTION_DURATION,
	OPTION_SIZE, /* bytes, with or without a unit: "35MB" */
	OPTION_TIME,
	OPTION_LIST,
	OPTION_MAP,
	OPTION_ENUM,
	OPTION_PATH,
	OPTION_ADDRESS,  /* an IP address */
	OPTION_RESOLVER, /* an IP address with or without a port */
	OPTION_NETWORK,  /* an IP address or prefix ("127.53.0.0/16") */
	OPTION_SECRET,   /* a reference: env:NAME, file:PATH, cmd:PROGRAM ARG... */
};
struct option_info {
	const char *path; /* "policy.max_mx_ttl"; "[]" stands for a list's entry, "*" for any key */
	enum option_type type;
	bool required;         /* when the section that it belongs to is there */
	const char *range;     /* "1..86400", "microsoft365 | google | generic" …; NULL */
	const char *otherwise; /* the default as text; NULL */
	const char *unit;
	const char *help;
	const char *example; /* as it would stand in the file, after "key: "; NULL for sections */
};
/* How many options the table has, sections included. */
size_t option_count(void);
/* `i` below option_count(), in the order of the file that `init` writes; static. */
const struct option_info *option_at(size_t i);
/* The type as a word for docs and messages: "whole number", "duration" … */
const char *option_type_name(enum option_type type);

/* The gates' ids, NULL-terminated: what policy.gates and `accept` may name. */
const char *const *gate_ids(void);

/* What `init` knows when it writes a project file; what is NULL or empty stays a comment. */
struct template_values {
	const char *domain;          /* needed */
	const char *target_provider; /* NULL: generic */
	size_t target_mx_n;
	const struct mx *target_mx;
	const char *target_spf, *target_autodiscover, *target_imap;
	const char *source_imap, *source_spf;
	const char *const *source_mx; /* NULL-terminated lists; NULL: none */
	const char *const *source_dkim_selectors;
	const char *ownership_name, *ownership_txt; /* name NULL: "@" */
	const char *dns_provider;                   /* NULL: manual */
	const char *const *dns_nameservers;
	const char *mailboxes; /* NULL: users.csv */
	size_t extra_n;        /* further options by their path in the table, with the */
	const struct project_value *extra; /* value as YAML text: { "network.dns_port", "5353" } */
};
/* Appends a project file in which every option of the table is set or shown as a comment
 * with its help. What it writes is accepted by project_load as long as the values are. */
void project_template(struct buf *out, const struct template_values *values);

/* The nearest of a NULL-terminated list of words, or NULL when none is near. */
const char *nearest_word(const char *word, const char *const *words);

#endif
