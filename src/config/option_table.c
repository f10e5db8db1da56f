/* The one table of every option of the project file, in the order in which `init` and
 * docs/project-file.md show them. A default stands here and nowhere else. */
#include <stddef.h>
#include <string.h>

#include "config/option.h"
#include "config/option_auth.h"
#include "config/quiet_hours.h"

#define FIELD(f) .at = offsetof(struct project, f), .size = sizeof(((struct project *)NULL)->f)

#define SERVERS                                                                                    \
	"auto | exchange-online | exchange | gmail | yahoo | icloud | dovecot | cyrus | courier "  \
	"| "                                                                                       \
	"generic"
#define TTL_RANGE "0..604800"

/* Longer than the prefix: "include:" alone names nothing. */
static bool starts_with_any(const char *text, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++)
		if (strlen(text) > strlen(*prefixes) && str_starts(text, *prefixes))
			return true;
	return false;
}

/* One term of RFC 7208 §4.6.1 that lets a sender pass; not the whole record. */
static const char *check_spf(const char *text)
{
	static const char *const terms[] = { "include:", "a:",      "mx:",  "ip4:",
					     "ip6:",     "exists:", "ptr:", NULL };
	if (str_eq(text, "none") || str_eq(text, "a") || str_eq(text, "mx"))
		return NULL;
	if (str_starts(text, "v=spf1"))
		return "must be one term such as include:NAME, not the whole record";
	if (strpbrk(text, " \t\"") != NULL)
		return "must be one term without blanks or quotes";
	return starts_with_any(text, terms) ? NULL
					    : "must be a term such as include:NAME or ip4:ADDRESS";
}

/* RFC 6376 §3.1: labels with dots between; looked at here because an odd one would only show
 * as a name that does not exist. */
static const char *check_selector(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "-_.")] == '\0'
		       ? NULL
		       : "may hold letters, digits, '-', '_' and '.' only";
}

static const char *check_repair(const char *text)
{
	return str_eq(text, "long_lines") || str_eq(text, "nul") || str_eq(text, "line_ends")
		       ? NULL
		       : "must be of: long_lines, nul, line_ends";
}

/* Quoted blanks pass as text of YAML. */
/* RFC 7672 §3.1: usage 2 or 3 is what mail servers look at; the digest's length is known. */
static const char *check_tlsa(const char *text)
{
	static const size_t digits[] = { 0, 64, 128 };
	bool form = strlen(text) > 6 && (text[0] == '2' || text[0] == '3') &&
		    (text[2] == '0' || text[2] == '1') && text[4] >= '0' && text[4] <= '2' &&
		    text[1] == ' ' && text[3] == ' ' && text[5] == ' ';
	if (!form)
		return "must be usage (2 or 3), selector, matching type and the data in hex, such "
		       "as "
		       "3 1 1 0F5C…";
	size_t n = strspn(text + 6, "0123456789abcdefABCDEF");
	size_t want = digits[text[4] - '0'];
	if (text[6 + n] != '\0' || n % 2 != 0 || (want != 0 && n != want))
		return "has data that is no hex digest of that length (1: 64 digits, 2: 128)";
	return NULL;
}

static const char *check_not_blank(const char *text)
{
	return text[strspn(text, " ")] != '\0' ? NULL : "must not be blank";
}

/* Tokens and secrets go there: never without TLS. */
static const char *check_https(const char *text)
{
	if (!str_starts(text, "https://") || strlen(text) == strlen("https://"))
		return "must begin with https://";
	return strpbrk(text, " \t\"<>#") == NULL ? NULL : "must be a URL without blanks";
}

/* It becomes a part of URLs. */
static const char *check_path_word(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "-_.")] == '\0'
		       ? NULL
		       : "may hold letters, digits, '-', '_' and '.' only";
}

static const char *check_login_form(const char *text)
{
	return range_has("address | local-part | domain\\user", text)
		       ? NULL
		       : "must be address, local-part or domain\\user";
}

static const struct option_row table[] = {
	{ .info = { "domain", OPTION_NAME, .required = true, .help = "The domain whose mail moves",
		    .example = "treyresearch.com" },
	  FIELD(domain) },

	{ .info = { "target", OPTION_MAP,
		    .help = "Where the mail goes; the provider's preset fills what is not "
			    "given" } },
	{ .info = { "target.provider", OPTION_ENUM, .range = "microsoft365 | google | generic",
		    .otherwise = "generic",
		    .help = "The new mail provider; microsoft365 and google bring what can be "
			    "known: SPF, IMAP and autodiscover names, google also its MX",
		    .example = "microsoft365" },
	  FIELD(target_provider) },
	{ .info = { "target.mx", OPTION_LIST, .range = "1..16", .unit = "entries",
		    .help = "The new MX records",
		    .example = "[ { preference: 0, host: "
			       "treyresearch-com.mail.protection.outlook.com } ]" },
	  .of = OPTION_MAP },
	{ .info = { "target.mx[].preference", OPTION_UINT, .required = true, .range = "0..65535",
		    .help = "The lowest is tried first", .example = "0" } },
	{ .info = { "target.mx[].host", OPTION_NAME, .required = true,
		    .help = "The mail server's name",
		    .example = "treyresearch-com.mail.protection.outlook.com" } },
	{ .info = { "target.mx_ttl", OPTION_UINT, .range = "1..604800", .otherwise = "3600",
		    .unit = "s", .help = "TTL of the new MX records", .example = "3600" },
	  FIELD(target_mx_ttl) },
	{ .info = { "target.settled_mx_ttl", OPTION_UINT, .range = "0..604800", .otherwise = "0",
		    .unit = "s",
		    .help = "TTL of the MX after the clean-up, if that is longer; 0: what it was "
			    "before the staging",
		    .example = "86400" },
	  FIELD(target_settled_mx_ttl) },
	{ .info = { "target.tlsa", OPTION_LIST, .range = "0..8", .unit = "entries",
		    .help = "TLSA data for port 25 of the new MX hosts that lie in this zone",
		    .example = "[ \"3 1 1 "
			       "0f5cf6a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d"
			       "\" ]" },
	  .of = OPTION_STRING,
	  FIELD(target_tlsa),
	  .check = check_tlsa },
	{ .info = { "target.spf", OPTION_STRING, .range = "1..253", .unit = "characters",
		    .help = "The SPF term that lets the new provider send; none: no change",
		    .example = "include:spf.protection.outlook.com" },
	  FIELD(target_spf),
	  .check = check_spf },
	{ .info = { "target.dkim", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "DKIM records of the new provider",
		    .example = "[ { selector: selector1, type: CNAME, target: "
			       "selector1-treyresearch-com._domainkey.treyresearch.onmicrosoft.com "
			       "} ]" },
	  .of = OPTION_MAP },
	{ .info = { "target.dkim[].selector", OPTION_STRING, .required = true, .range = "1..200",
		    .unit = "characters", .help = "What stands before ._domainkey",
		    .example = "selector1" },
	  .check = check_selector },
	{ .info = { "target.dkim[].type", OPTION_ENUM, .range = "CNAME | TXT", .otherwise = "CNAME",
		    .help = "The kind of record", .example = "CNAME" } },
	{ .info = { "target.dkim[].target", OPTION_STRING, .required = true, .range = "1..4000",
		    .unit = "characters",
		    .help = "The CNAME's target, or the TXT record's text without quotes",
		    .example = "selector1-treyresearch-com._domainkey.treyresearch.onmicrosoft."
			       "com" },
	  .check = check_not_blank },
	{ .info = { "target.autodiscover", OPTION_NAME,
		    .help = "Where the CNAME autodiscover.DOMAIN points after the switch; none: "
			    "no change",
		    .example = "autodiscover.outlook.com" },
	  FIELD(target_autodiscover) },
	{ .info = { "target.imap", OPTION_URL, .range = "imaps:// | imap://",
		    .help = "The new provider's IMAP server",
		    .example = "imaps://outlook.office365.com" },
	  FIELD(target_imap) },
	{ .info = { "target.match", OPTION_ENUM, .range = "auto | bytes | headers",
		    .otherwise = "auto",
		    .help = "How a message that is there already is known: by its bytes, or at a "
			    "server that writes mail anew by Message-ID, Date, From and size",
		    .example = "headers" },
	  FIELD(target_match) },
	{ .info = { "target.server", OPTION_ENUM, .range = SERVERS, .otherwise = "auto",
		    .help = "What kind of IMAP server it is; auto: by what it says of itself",
		    .example = "auto" },
	  FIELD(target_server) },
	{ .info = { "target.auth", OPTION_MAP, .help = "How to log in to the target" } },
	AUTH_ROWS("target", target_auth),

	{ .info = { "source", OPTION_MAP,
		    .help = "Where the mail comes from; the audit finds the DNS side where it is "
			    "not given" } },
	{ .info = { "source.imap", OPTION_URL, .range = "imaps:// | imap://",
		    .help = "The old provider's IMAP server",
		    .example = "imaps://imap.nwtraders.com" },
	  FIELD(source_imap) },
	{ .info = { "source.server", OPTION_ENUM, .range = SERVERS, .otherwise = "auto",
		    .help = "What kind of IMAP server it is; auto: by what it says of itself",
		    .example = "auto" },
	  FIELD(source_server) },
	{ .info = { "source.labels", OPTION_ENUM, .range = "once | folders", .otherwise = "once",
		    .help = "Gmail's labels. once: a message is copied to the first of its folders "
			    "(INBOX, then labels, All Mail last); folders: to the folder of each "
			    "label",
		    .example = "once" },
	  FIELD(source_labels) },
	{ .info = { "source.mx", OPTION_LIST, .range = "0..16", .unit = "entries",
		    .help = "The old mail servers", .example = "[ mx1.nwtraders.com ]" },
	  .of = OPTION_NAME,
	  FIELD(source_mx) },
	{ .info = { "source.spf", OPTION_STRING, .range = "1..253", .unit = "characters",
		    .help = "The SPF term of the old provider, to be removed at the end",
		    .example = "include:nwtraders.com" },
	  FIELD(source_spf),
	  .check = check_spf },
	{ .info = { "source.dkim_selectors", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "DKIM selectors of the old provider", .example = "[ nw1 ]" },
	  .of = OPTION_STRING,
	  FIELD(source_dkim_selectors),
	  .check = check_selector },
	{ .info = { "source.auth", OPTION_MAP, .help = "How to log in to the source" } },
	AUTH_ROWS("source", source_auth),

	{ .info = { "ownership", OPTION_MAP,
		    .help = "The TXT record by which the new provider proves the domain" } },
	{ .info = { "ownership.name", OPTION_STRING, .range = "1..253", .unit = "characters",
		    .otherwise = "@", .help = "Its name within the domain; @ is the domain itself",
		    .example = "\"@\"" },
	  FIELD(ownership_name) },
	{ .info = { "ownership.txt", OPTION_STRING, .required = true, .range = "1..1024",
		    .unit = "characters", .help = "Its text, exactly as the provider shows it",
		    .example = "\"MS=ms87257449\"" },
	  FIELD(ownership_txt),
	  .check = check_not_blank },

	{ .info = { "ownership.keep", OPTION_ENUM, .range = "auto | yes | no", .otherwise = "auto",
		    .help = "Whether the record stays after the clean-up; auto: only where the "
			    "provider asks for it (google)",
		    .example = "yes" },
	  FIELD(ownership_keep) },

	{ .info = { "dns", OPTION_MAP,
		    .help = "Who is asked to change the zone; further keys are options of that "
			    "provider (cutover providers NAME)" } },
	{ .info = { "dns.provider", OPTION_STRING, .required = true, .range = "1..64",
		    .unit = "characters",
		    .help = "The provider's name; manual: you type, "
			    "cutover checks",
		    .example = "manual" },
	  FIELD(dns_provider),
	  .check = check_not_blank },
	{ .info = { "dns.credentials", OPTION_MAP,
		    .help = "What the provider asks for, by reference, never as a value" } },
	{ .info = { "dns.credentials.*", OPTION_SECRET, .help = "A credential",
		    .example = "env:GODADDY_KEY" } },
	{ .info = { "dns.nameservers", OPTION_LIST, .range = "0..16", .unit = "entries",
		    .help = "What the panel that will be edited says serves the zone",
		    .example = "[ ns51.domaincontrol.com, ns52.domaincontrol.com ]" },
	  .of = OPTION_NAME,
	  FIELD(dns_nameservers) },
	{ .info = { "dns.*", OPTION_STRING, .range = "1..4096", .unit = "characters",
		    .help = "An option of the provider", .example = "192.0.2.53" } },

	{ .info = { "mailboxes", OPTION_PATH,
		    .help = "The users CSV: EmailAddress,UserName,Password and optional columns",
		    .example = "users.csv" },
	  FIELD(mailboxes) },
	{ .info = { "folders", OPTION_MAP,
		    .help = "What a folder of the source becomes at the target; what is below it "
			    "moves with it" } },
	{ .info = { "folders.*", OPTION_STRING, .range = "1..1000", .unit = "characters",
		    .help = "Its name at the target, / between levels", .example = "Archive/Old" },
	  .check = check_not_blank },
	{ .info = { "subdomains", OPTION_LIST, .range = "0..100", .unit = "entries",
		    .help = "Names below the domain that may have mail of their own",
		    .example = "[ lists ]" },
	  .of = OPTION_STRING,
	  FIELD(subdomains) },
	{ .info = { "window", OPTION_MAP,
		    .help = "When the switch may happen: the gate window-open waits for it" } },
	{ .info = { "window.opens", OPTION_TIME, .required = true, .help = "Not before",
		    .example = "2026-11-27T18:00Z" },
	  FIELD(window_opens_ms) },
	{ .info = { "window.ends", OPTION_TIME, .required = true, .help = "Not after",
		    .example = "2026-11-28T06:00Z" },
	  FIELD(window_ends_ms) },

	{ .info = { "policy", OPTION_MAP, .help = "What counts as safe" } },
	{ .info = { "policy.max_mx_ttl", OPTION_UINT, .range = "1..86400", .otherwise = "3600",
		    .unit = "s", .help = "The MX TTL may be at most this at the switch",
		    .example = "3600" },
	  FIELD(policy.max_mx_ttl) },
	{ .info = { "policy.staged_mx_ttl", OPTION_UINT, .range = "1..86400", .otherwise = "300",
		    .unit = "s",
		    .help = "The MX TTL is lowered to this before the switch; not above "
			    "max_mx_ttl",
		    .example = "300" },
	  FIELD(policy.staged_mx_ttl) },
	{ .info = { "policy.max_changed_rrsets", OPTION_UINT, .range = "1..10000",
		    .otherwise = "16", .unit = "RRsets",
		    .help = "A change set of more than these needs --allow-changes",
		    .example = "16" },
	  FIELD(policy.max_changed_rrsets) },
	{ .info = { "policy.snapshot", OPTION_ENUM, .range = "auto | required | off",
		    .otherwise = "auto",
		    .help = "Whether the provider keeps a copy of the zone before each change set; "
			    "required: no change without one",
		    .example = "required" },
	  FIELD(policy.snapshot) },
	{ .info = { "policy.max_age_of_last_pass", OPTION_DURATION, .range = "1s..30d",
		    .otherwise = "24h", .help = "The last copy pass may be at most this old",
		    .example = "24h" },
	  FIELD(policy.max_age_of_last_pass_ms) },
	{ .info = { "policy.max_skipped", OPTION_UINT, .range = "0..1000000", .otherwise = "0",
		    .unit = "messages", .help = "Messages that may stay behind", .example = "0" },
	  FIELD(policy.max_skipped) },
	{ .info = { "policy.mailboxes_at_once", OPTION_UINT, .range = "1..256", .otherwise = "8",
		    .unit = "mailboxes", .help = "How many are copied side by side",
		    .example = "8" },
	  FIELD(policy.mailboxes_at_once) },
	{ .info = { "policy.lanes_per_mailbox", OPTION_UINT, .range = "0..16", .otherwise = "0",
		    .unit = "folders",
		    .help = "How many folders of one large mailbox are copied side by side, at "
			    "most; 0: "
			    "three, or five where the way is long",
		    .example = "2" },
	  FIELD(policy.lanes_per_mailbox) },
	{ .info = { "policy.keep_refused", OPTION_ENUM, .range = "yes | no", .otherwise = "yes",
		    .help = "Keep each refused message as a file in .cutover/quarantine",
		    .example = "no" },
	  FIELD(policy.keep_refused) },
	{ .info = { "policy.repair", OPTION_LIST, .range = "0..3", .unit = "entries",
		    .help = "What may be altered in a message that the target refuses as it is: "
			    "long_lines, nul, line_ends",
		    .example = "[ long_lines, nul ]" },
	  .of = OPTION_STRING,
	  FIELD(policy.repair),
	  .check = check_repair },
	{ .info = { "policy.read_receipts", OPTION_ENUM, .range = "keep | disarm",
		    .otherwise = "keep",
		    .help = "disarm: header fields of old mail that ask for a receipt get another "
			    "name, so that nobody's program answers them now",
		    .example = "disarm" },
	  FIELD(policy.read_receipts) },
	{ .info = { "policy.tail_idle", OPTION_DURATION, .range = "1s..30d", .otherwise = "72h",
		    .help = "The old side must be silent this long before the tail ends",
		    .example = "72h" },
	  FIELD(policy.tail_idle_ms) },
	{ .info = { "policy.gates", OPTION_MAP,
		    .help = "A gate's weight, where it is not required" } },
	{ .info = { "policy.gates.*", OPTION_ENUM, .range = "required | warn | off",
		    .otherwise = "required", .help = "By the gate's id", .example = "warn" } },

	{ .info = { "copy", OPTION_MAP,
		    .help = "How every pass of the copy goes; what is left out is counted, and no "
			    "gate takes such a mailbox for complete" } },
	{ .info = { "copy.folders", OPTION_LIST, .range = "0..100", .unit = "entries",
		    .help = "Only these folders and what is below them; * stands for anything",
		    .example = "[ INBOX, \"Projects*\" ]" },
	  .of = OPTION_STRING,
	  FIELD(copy.folders),
	  .check = check_not_blank },
	{ .info = { "copy.folders_not", OPTION_LIST, .range = "0..100", .unit = "entries",
		    .help = "Not these folders", .example = "[ Junk, Trash ]" },
	  .of = OPTION_STRING,
	  FIELD(copy.folders_not),
	  .check = check_not_blank },
	{ .info = { "copy.since", OPTION_TIME, .help = "Only mail that came then or later",
		    .example = "2024-01-01T00:00Z" },
	  FIELD(copy.since_ms) },
	{ .info = { "copy.before", OPTION_TIME, .help = "Only mail that came before",
		    .example = "2026-01-01T00:00Z" },
	  FIELD(copy.before_ms) },
	{ .info = { "copy.max_message", OPTION_SIZE, .range = "1kB..2GB",
		    .help = "Larger messages are left out", .example = "35MB" },
	  FIELD(copy.max_message) },
	{ .info = { "copy.target_limit", OPTION_SIZE, .range = "1kB..2GB",
		    .help = "The largest message that the target takes, where it does not say so "
			    "itself: larger ones are told before the copy",
		    .example = "150MB" },
	  FIELD(copy.target_limit) },
	{ .info = { "copy.bytes_per_s", OPTION_SIZE, .range = "10kB..10GB",
		    .help = "At most so much a second, all mailboxes together", .example = "2MB" },
	  FIELD(copy.bytes_per_s) },
	{ .info = { "copy.compress", OPTION_ENUM, .range = "auto | always | never",
		    .otherwise = "auto",
		    .help = "Whether connections to the mail servers are compressed. auto: to a "
			    "host whose line is what the copy waits for, as long as it helps; not "
			    "with bytes_per_s",
		    .example = "never" },
	  FIELD(copy.compress) },
	{ .info = { "copy.mailbox_bytes_per_day", OPTION_SIZE, .range = "1MB..10TB",
		    .help = "Of one mailbox, at most so much in 24 hours: then it waits",
		    .example = "2GB" },
	  FIELD(copy.mailbox_bytes_per_day) },
	{ .info = { "copy.quiet_hours", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "When the copy pauses: [DAYS ]HH:MM-HH:MM[ UTC], else in local time",
		    .example = "[ \"Mon-Fri 08:00-18:00\" ]" },
	  .of = OPTION_STRING,
	  FIELD(copy.quiet_hours),
	  .check = quiet_hours_check },

	{ .info = { "history", OPTION_MAP,
		    .help = "What was done by hand before or beside cutover" } },
	{ .info = { "history.mx_ttl_lowered", OPTION_TIME, .help = "When the MX TTL was lowered",
		    .example = "2026-11-20T09:00Z" },
	  FIELD(history.mx_ttl_lowered_ms) },
	{ .info = { "history.mx_changed", OPTION_TIME, .help = "When the MX was changed",
		    .example = "2026-11-27T18:00Z" },
	  FIELD(history.mx_changed_ms) },
	{ .info = { "history.mx_old_ttl", OPTION_UINT, .range = TTL_RANGE, .unit = "s",
		    .help = "The MX TTL before", .example = "86400" },
	  FIELD(history.mx_old_ttl) },
	{ .info = { "history.txt_created", OPTION_TIME, .help = "When the ownership TXT was added",
		    .example = "2026-11-20T09:00Z" },
	  FIELD(history.txt_created_ms) },
	{ .info = { "history.txt_old_ttl", OPTION_UINT, .range = TTL_RANGE, .unit = "s",
		    .help = "The TTL of the TXT records before", .example = "3600" },
	  FIELD(history.txt_old_ttl) },
	{ .info = { "history.ns_changed", OPTION_TIME, .help = "When the delegation was changed",
		    .example = "2026-11-19T09:00Z" },
	  FIELD(history.ns_changed_ms) },
	{ .info = { "history.ns_old_ttl", OPTION_UINT, .range = TTL_RANGE, .unit = "s",
		    .help = "The NS TTL before", .example = "172800" },
	  FIELD(history.ns_old_ttl) },
	{ .info = { "history.previous_ns", OPTION_LIST, .range = "0..16", .unit = "entries",
		    .help = "The nameservers before", .example = "[ ns1.nwtraders.com ]" },
	  .of = OPTION_NAME,
	  FIELD(history.previous_ns) },
	{ .info = { "history.mta_sts_changed", OPTION_TIME,
		    .help = "When the MTA-STS policy was changed", .example = "2026-11-20T09:00Z" },
	  FIELD(history.mta_sts_changed_ms) },
	{ .info = { "history.mta_sts_old_max_age", OPTION_UINT, .range = "0..31557600", .unit = "s",
		    .help = "The max_age of the policy before", .example = "604800" },
	  FIELD(history.mta_sts_old_max_age) },
	{ .info = { "history.mta_sts_previous_id", OPTION_STRING, .range = "1..32",
		    .unit = "characters", .help = "The id of the MTA-STS policy before",
		    .example = "20261101T000000" },
	  FIELD(history.mta_sts_previous_id) },
	{ .info = { "history.mta_sts_previous_mx", OPTION_LIST, .range = "0..16", .unit = "entries",
		    .help = "The mail servers that policy named",
		    .example = "[ mx1.nwtraders.com ]" },
	  .of = OPTION_NAME,
	  FIELD(history.mta_sts_previous_mx) },

	{ .info = { "ignore", OPTION_LIST, .range = "0..256", .unit = "entries",
		    .help = "Findings of the audit that a person has looked at; every report "
			    "lists them",
		    .example = "[ { check: ns-same-subnet, reason: both servers move in spring, "
			       "since: 2026-11-20T09:00Z } ]" },
	  .of = OPTION_MAP },
	{ .info = { "ignore[].check", OPTION_STRING, .required = true, .range = "1..64",
		    .unit = "characters", .help = "The check's id", .example = "ns-same-subnet" },
	  .check = check_not_blank },
	{ .info = { "ignore[].subject", OPTION_STRING, .range = "1..255", .unit = "characters",
		    .help = "Only for this subject, as the finding names it",
		    .example = "treyresearch.com NS" },
	  .check = check_not_blank },
	{ .info = { "ignore[].reason", OPTION_STRING, .required = true, .range = "1..500",
		    .unit = "characters", .help = "Why it is no danger here",
		    .example = "both servers move in spring" },
	  .check = check_not_blank },
	{ .info = { "ignore[].since", OPTION_TIME, .required = true,
		    .help = "When that was decided", .example = "2026-11-20T09:00Z" } },

	{ .info = { "network", OPTION_MAP,
		    .help = "Where to ask; nothing is compiled in, all of it runs in a closed "
			    "lab" } },
	{ .info = { "network.resolvers", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "The panel of resolvers; the system's when not given",
		    .example = "[ 127.0.0.53 ]" },
	  .of = OPTION_RESOLVER,
	  FIELD(network.resolvers) },
	{ .info = { "network.root_hints", OPTION_PATH, .help = "The root servers, as a zone file",
		    .example = "root.hints" },
	  FIELD(network.root_hints) },
	{ .info = { "network.trust_anchor", OPTION_PATH,
		    .help = "The root's DS or DNSKEY records, as a zone file; the system's when "
			    "not given",
		    .example = "root.key" },
	  FIELD(network.trust_anchor) },
	{ .info = { "network.ca_file", OPTION_PATH,
		    .help = "Certificates to trust instead of the system's (PEM)",
		    .example = "ca.pem" },
	  FIELD(network.ca_file) },
	{ .info = { "network.treat_as_public", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "Private addresses that count as reachable by everyone",
		    .example = "[ 127.53.0.0/16 ]" },
	  .of = OPTION_NETWORK,
	  FIELD(network.treat_as_public) },
	{ .info = { "network.allow_plaintext", OPTION_LIST, .range = "0..32", .unit = "entries",
		    .help = "Hosts that are spoken to by imap:// without TLS; every report says so",
		    .example = "[ old-imap.nwtraders.com ]" },
	  .of = OPTION_STRING,
	  FIELD(network.allow_plaintext),
	  .check = check_not_blank },
	{ .info = { "network.connect_to", OPTION_MAP,
		    .help = "Host to address, for labs and split DNS; the certificate must still "
			    "be the host's" } },
	{ .info = { "network.connect_to.*", OPTION_ADDRESS, .help = "The address of that host",
		    .example = "127.53.0.10" } },
	{ .info = { "network.dns_port", OPTION_UINT, .range = "1..65535", .otherwise = "53",
		    .help = "The port of authoritative servers", .example = "53" },
	  FIELD(network.dns_port) },
	{ .info = { "network.smtp_port", OPTION_UINT, .range = "1..65535", .otherwise = "25",
		    .help = "The port of mail servers", .example = "25" },
	  FIELD(network.smtp_port) },
	{ .info = { "network.https_port", OPTION_UINT, .range = "1..65535", .otherwise = "443",
		    .help = "The port of MTA-STS policy hosts", .example = "443" },
	  FIELD(network.https_port) },
	{ .info = { "network.dns_budget_ms", OPTION_UINT, .range = "500..600000",
		    .otherwise = "5500", .unit = "ms",
		    .help = "What has not answered an audit by then counts as unreadable",
		    .example = "5500" },
	  FIELD(network.dns_budget_ms) },
	{ .info = { "network.dns_timeout_ms", OPTION_UINT, .range = "20..60000", .otherwise = "500",
		    .unit = "ms",
		    .help = "How long the first DNS try waits; the next ones wait longer",
		    .example = "500" },
	  FIELD(network.dns_timeout_ms) },
	{ .info = { "network.provider_timeout", OPTION_DURATION, .range = "1s..1h",
		    .otherwise = "30s",
		    .help = "How long a DNS provider may be silent; an answer as a whole may take "
			    "ten times as long",
		    .example = "30s" },
	  FIELD(network.provider_timeout_ms) },
	{ .info = { "network.mail_timeout", OPTION_DURATION, .range = "1s..1h", .otherwise = "5m",
		    .help = "How long a mail connection may be silent; four times as long it may "
			    "talk "
			    "without bringing what is awaited",
		    .example = "5m" },
	  FIELD(network.mail_timeout_ms) },
};

const struct option_row *option_rows(void)
{
	return table;
}

size_t option_count(void)
{
	return sizeof(table) / sizeof(table[0]);
}

const char *const *gate_ids(void)
{
	static const char *const ids[] = {
		"no-blocking-finding",   "zone-edited-is-zone-served",
		"ownership-verified",    "mx-ttl-low",
		"old-ttl-drained",       "mailboxes-complete",
		"mailboxes-fresh",       "mailboxes-verified",
		"counts-agree",          "recipients-accepted",
		"new-mx-healthy",        "spf-covers-target",
		"mta-sts-covers-new-mx", "tlsa-consistent",
		"dnssec-valid",          "no-drift",
		"window-open",           NULL,
	};
	return ids;
}
