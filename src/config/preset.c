/* What the name of a mail provider tells by itself. Microsoft 365 gives each domain its own
 * MX label and DKIM targets, Google its own key: they cannot be derived, so they are not guessed
 * but asked for, with the place where the provider shows them. */
#include "base/vec.h"
#include "config/load.h"

struct preset {
	const char *provider;
	const char *mx; /* rdata */
	const char *spf, *autodiscover, *imap;
};

static const struct preset presets[] = {
	{ .provider = "microsoft365",
	  .spf = "include:spf.protection.outlook.com",
	  .autodiscover = "autodiscover.outlook.com.",
	  .imap = "imaps://outlook.office365.com" },
	{ .provider = "google",
	  .mx = "1 smtp.google.com.",
	  .spf = "include:_spf.google.com",
	  .imap = "imaps://imap.gmail.com" },
};

/* "none" in the file keeps the preset out. */
static void fill(const char **field, const char *none, const char *known)
{
	if (*field == NULL)
		*field = known;
	else if (str_eq(*field, none))
		*field = NULL;
}

int project_preset(struct loader *l)
{
	struct project *p = l->p;
	static const struct preset nothing = { 0 };
	const struct preset *known = &nothing;
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (str_eq(p->target_provider, presets[i].provider))
			known = &presets[i];
	fill(&p->target_spf, "none", known->spf);
	fill(&p->target_autodiscover, "none.", known->autodiscover);
	fill(&p->target_imap, "", known->imap);
	fill(&p->source_spf, "none", NULL);
	if (p->target_mx != NULL || known->mx == NULL)
		return 0;
	p->target_mx = rrset_make(l->arena, p->domain, RR_MX, p->target_mx_ttl, 1, &known->mx,
				  l->e);
	return p->target_mx != NULL ? 0 : err_wrap(l->e, "the preset's MX");
}

struct ask_row {
	const char *provider;
	struct project_ask ask;
	bool (*is_given)(const struct project *p);
};

static bool has_mx(const struct project *p)
{
	return p->target_mx != NULL;
}

static bool has_dkim(const struct project *p)
{
	return p->dkim_n > 0;
}

static bool has_token(const struct project *p)
{
	return p->ownership_txt != NULL;
}

/* Microsoft has switched passwords off for IMAP, Google takes app passwords at most: what works in
 * a lab would be refused on the day of the first copy. */
static bool has_login(const struct project *p)
{
	const struct project_auth *auth = &p->target_auth;
	return auth->method != NULL && !project_auth_by_csv(auth);
}

static const struct ask_row ask_rows[] = {
	{ "microsoft365",
	  { "ownership.txt", "the TXT value that proves the domain (MS=ms…)",
	    "Microsoft 365 admin center: Settings, Domains, Add domain, verify by TXT record" },
	  has_token },
	{ "microsoft365",
	  { "target.mx",
	    "the MX host of this domain (….mail.protection.outlook.com or ….mx.microsoft)",
	    "Microsoft 365 admin center: Settings, Domains, the domain, DNS records, MX" },
	  has_mx },
	{ "microsoft365",
	  { "target.dkim", "the targets of the CNAMEs selector1 and selector2",
	    "Microsoft Defender portal: Email & collaboration, Policies & rules, Threat policies, "
	    "Email authentication settings, DKIM, the domain" },
	  has_dkim },
	{ "microsoft365",
	  { "target.auth",
	    "an application that may log in to the mailboxes: IMAP takes no passwords",
	    "Microsoft Entra admin center: App registrations; step by step in docs/logging-in.md" },
	  has_login },
	{ "google",
	  { "ownership.txt", "the TXT value that proves the domain (google-site-verification=…)",
	    "Google Admin console: Account, Domains, Manage domains, Verify domain" },
	  has_token },
	{ "google",
	  { "target.dkim", "the TXT record google._domainkey (type: TXT)",
	    "Google Admin console: Apps, Google Workspace, Gmail, Authenticate email, Generate new "
	    "record" },
	  has_dkim },
	{ "google",
	  { "target.auth", "a service account that may log in to the mailboxes",
	    "Google Cloud console: IAM, Service accounts; step by step in docs/logging-in.md" },
	  has_login },
	{ "generic",
	  { "target.mx", "the MX hosts of the new provider", "the new provider's setup page" },
	  has_mx },
};

size_t project_asks(struct arena *a, const struct project *p, const struct project_ask **asks_r)
{
	VEC(struct project_ask) list = { 0 };
	const char *provider = p->target_provider != NULL ? p->target_provider : "generic";
	for (size_t i = 0; i < sizeof(ask_rows) / sizeof(ask_rows[0]); i++)
		if (str_eq(ask_rows[i].provider, provider) && !ask_rows[i].is_given(p))
			*vec_push(a, &list) = ask_rows[i].ask;
	*asks_r = list.at;
	return list.n;
}
