/* What the name of a mail provider tells by itself. Microsoft 365 gives each domain its own
 * MX label and DKIM targets: they cannot be derived, so they are not guessed. */
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
