/*
 * The words are the panels' own as of 2026-11. Panels change their words more often than
 * their order, so every sheet says the date; a correction is one line here.
 */
#include "registrars/manual/panel.h"

#define NOTES(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define TTLS(...)                                                                                  \
	(const struct panel_ttl[])                                                                 \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0, NULL                                                                    \
		}                                                                                  \
	}

static const struct panel godaddy = {
	.id = "godaddy",
	.title = "GoDaddy",
	.where = "My Products > Domains > (the domain) > DNS > DNS Records",
	.add = "Add New Record",
	.edit = "the pencil (Edit)",
	.remove = "the bin (Delete)",
	.type = "Type",
	.host = "Name",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Value",
	.target_value = "Value",
	.mx_value = "Value",
	.txt_value = "Value",
	.apex = PANEL_APEX_AT,
	.ttl_min = 600,
	.ttl_free = true,
	.ttls = TTLS({ 1800, "1/2 Hour" }, { 3600, "1 Hour" }, { 43200, "12 Hours" },
		     { 86400, "1 Day" }, { 604800, "1 Week" }),
	.mx_first = NOTES(
		"A banner \"Email & Office: records were added for you\" or a product "
		"Email set up for this domain brings its MX rows back: cancel that set-up "
		"under My Products > Email & Office first."),
	.notes = NOTES("A TTL that is not in the list: choose Custom and type the seconds (600 "
		       "is the least).",
		       "A row with a padlock, or a page that says the name servers are elsewhere, "
		       "means that this panel does not serve the zone: stop, and run `cutover "
		       "audit`."),
};

static const struct panel ionos = {
	.id = "ionos",
	.title = "IONOS",
	.where = "Menu > Domains & SSL > (the domain) > DNS",
	.add = "Add record",
	.edit = "the pencil (Edit record)",
	.remove = "the bin (Delete record)",
	.type = "Type",
	.host = "Host name",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Points to",
	.target_value = "Points to",
	.mx_value = "Points to",
	.txt_value = "Value",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 60, "1 minute" }, { 300, "5 minutes" }, { 900, "15 minutes" },
		     { 1800, "30 minutes" }, { 3600, "1 hour" }, { 86400, "1 day" }),
	.mx_first = NOTES("Rows marked with the service \"Mail\" belong to IONOS's own mail: when "
			  "the panel asks to deactivate that for MX, say yes, or the rows come "
			  "back."),
	.notes = NOTES("The list shows some rows twice, as your records and as those of a "
		       "service: only your own are changed by this sheet."),
};

static const struct panel namecheap = {
	.id = "namecheap",
	.title = "Namecheap",
	.where = "Domain List > Manage (beside the domain) > Advanced DNS",
	.add = "Add New Record",
	.edit = "a click into the field",
	.remove = "the bin",
	.type = "Type",
	.host = "Host",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Value",
	.target_value = "Target",
	.mx_value = "Value",
	.txt_value = "Value",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 60, "1 min" }, { 300, "5 min" }, { 1200, "20 min" }, { 1800, "30 min" },
		     { 3600, "60 min" }),
	.mx_first = NOTES("MX rows stand in the section Mail Settings, and only when its list says "
			  "Custom MX: choose that first. Another entry (Email Forwarding, Private "
			  "Email, Gmail) brings its own rows and deletes yours, SPF included."),
	.notes = NOTES("Press the green tick, or Save All Changes, behind each row."),
};

static const struct panel squarespace = {
	.id = "squarespace",
	.title = "Squarespace Domains",
	.where = "Domains > (the domain) > DNS > DNS Settings > Custom records",
	.add = "Add record",
	.edit = "the three dots > Edit",
	.remove = "the bin",
	.type = "Type",
	.host = "Host",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "IP address",
	.target_value = "Alias data",
	.mx_value = "Mail server",
	.txt_value = "Text",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 300, "5 mins" }, { 1800, "30 mins" }, { 3600, "1 hr" }, { 14400, "4 hrs" },
		     { 86400, "24 hrs" }),
	.mx_first = NOTES(
		"A preset with MX rows (Google Workspace, Email Forwarding, Zoho) must go "
		"before rows of yours work: the bin beside the preset's name removes it "
		"as a whole. Write down its rows before, for a way back."),
	.notes = NOTES("Rows under Squarespace Defaults are the website's: this sheet does not "
		       "touch them.",
		       "Google Workspace bought through Squarespace keeps its preset: it can only "
		       "be removed there."),
};

static const struct panel wix = {
	.id = "wix",
	.title = "Wix",
	.where = "Domains > Domain Actions (beside the domain) > Manage DNS Records",
	.add = "+ Add Record (in the section of the type)",
	.edit = "the three dots > Edit",
	.remove = "the three dots > Delete",
	.type = "Type (the section)",
	.host = "Host Name",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Value",
	.target_value = "Value",
	.mx_value = "Points to",
	.txt_value = "Value",
	.apex = PANEL_APEX_EMPTY,
	.ttls = TTLS({ 300, "5 Minutes" }, { 1800, "30 Minutes" }, { 3600, "1 Hour" },
		     { 14400, "4 Hours" }, { 43200, "12 Hours" }, { 86400, "1 Day" }),
	.mx_first = NOTES("When Wix or Google Workspace runs the mail, the MX section shows that "
			  "provider and locks its rows: choose Edit MX Records, take the provider "
			  "away (Other), and only then add rows. A mailbox bought at Wix must be "
			  "disconnected from the domain under Business Email first."),
	.notes = NOTES("Rows that Wix made for its site (A, www) cannot be changed, and need not "
		       "be.",
		       "An SPF row that Wix added for Google is a row like any other: change it, "
		       "do not add a second one."),
};

static const struct panel strato = {
	.id = "strato",
	.title = "STRATO",
	.where = "Domains > Domainverwaltung > (die Domain) > Zahnrad > DNS",
	.add = "Datensatz erstellen",
	.edit = "verwalten",
	.remove = "Eintrag löschen",
	.type = "Typ",
	.host = "Präfix",
	.priority = "Priorität",
	.ttl = NULL,
	.address_value = "IP-Adresse",
	.target_value = "Wert",
	.mx_value = "Eigener Mailserver",
	.txt_value = "Wert",
	.apex = PANEL_APEX_EMPTY,
	.mx_first = NOTES(
		"MX: the line MX-Record > verwalten. The choice \"Standard-Mailserver von "
		"STRATO verwenden\" must be off and \"Eigener Mailserver\" on: while "
		"STRATO's own is ticked, rows of yours are not served.",
		"Mailboxes at STRATO get no new mail from then on, but can be read."),
	.notes = NOTES("TXT and CNAME: TXT- und CNAME-Records > verwalten. Save with Einstellungen "
		       "übernehmen.",
		       "A default SPF rule can be switched on in the TXT form: leave it off when "
		       "the domain has an SPF record of its own, or there are two."),
};

static const struct panel hover = {
	.id = "hover",
	.title = "Hover",
	.where = "Control Panel > (the domain) > DNS",
	.add = "Add a record",
	.edit = "Edit",
	.remove = "Delete",
	.type = "Type",
	.host = "Hostname",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "IP Address",
	.target_value = "Target Host",
	.mx_value = "Mail Server",
	.txt_value = "Content",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 300, "5 Minutes" }, { 900, "15 Minutes" }, { 1800, "30 Minutes" },
		     { 3600, "1 Hour" }, { 21600, "6 Hours" }, { 43200, "12 Hours" },
		     { 86400, "1 Day" }),
	.mx_first = NOTES(
		"The row mx.hover.com.cust.hostedemail.com (or mx.hover.com) is Hover's own "
		"mail: it goes only when you delete it, and mail is split between both as "
		"long as it stays."),
	.notes = NOTES("A CNAME beside a row of another type at the same name is refused with "
		       "\"record already exists\": delete that one first."),
};

static const struct panel bluehost = {
	.id = "bluehost",
	.title = "Bluehost",
	.where = "Domains > (the domain) > Settings > DNS > Manage",
	.add = "Add Record",
	.edit = "the three dots > Edit",
	.remove = "the three dots > Delete",
	.type = "Type",
	.host = "Refers to / Host Record",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Points to",
	.target_value = "Points to",
	.mx_value = "Points to",
	.txt_value = "TXT Value",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 900, "15 Minutes" }, { 1800, "30 Minutes" }, { 3600, "1 Hour" },
		     { 14400, "4 Hours" }, { 43200, "12 Hours" }, { 86400, "24 Hours" }),
	.mx_first = NOTES(
		"In cPanel > Email > Email Routing, the domain must say Remote Mail "
		"Exchanger once the MX is changed, or Bluehost's server keeps the mail of "
		"its own customers and web forms for itself."),
	.notes = NOTES("In Refers to choose Other Host to type a name; the apex is @.",
		       "An account whose panel has no DNS page has it in cPanel: Advanced > Zone "
		       "Editor (the words are those of `panel: cpanel`)."),
};

static const struct panel cloudflare = {
	.id = "cloudflare",
	.title = "Cloudflare",
	.where = "(the account) > (the domain) > DNS > Records",
	.add = "Add record",
	.edit = "Edit",
	.remove = "Edit > Delete",
	.type = "Type",
	.host = "Name",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "IPv4 address (AAAA: IPv6 address)",
	.target_value = "Target",
	.mx_value = "Mail server",
	.txt_value = "Content",
	.apex = PANEL_APEX_AT,
	.ttls = TTLS({ 60, "1 min" }, { 120, "2 min" }, { 300, "5 min" }, { 600, "10 min" },
		     { 900, "15 min" }, { 1800, "30 min" }, { 3600, "1 hr" }, { 7200, "2 hr" },
		     { 18000, "5 hr" }, { 43200, "12 hr" }, { 86400, "1 day" }),
	.mx_first = NOTES(
		"MX rows with a lock belong to Email Routing: Email > Email Routing > "
		"Settings > Disable removes them, and its SPF row with them; without that "
		"rows of yours are refused."),
	.notes = NOTES("Proxy status must be DNS only (grey cloud) for every name that mail or a "
		       "mail program uses.",
		       "TTL Auto is 300 seconds."),
};

static const struct panel cpanel = {
	.id = "cpanel",
	.title = "cPanel",
	.where = "Domains > Zone Editor > Manage (beside the domain)",
	.add = "+ Add Record",
	.edit = "Edit",
	.remove = "Delete",
	.type = "Type",
	.host = "Name",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Record",
	.target_value = "Record",
	.mx_value = "Destination",
	.txt_value = "Record",
	.apex = PANEL_APEX_DOMAIN,
	.ttl_free = true,
	.mx_first = NOTES(
		"Email > Email Routing must say Remote Mail Exchanger once the MX is "
		"changed, or this server keeps the mail of its own users and web forms for "
		"itself."),
	.notes = NOTES("The list shows names whole and with a final dot; what you type is "
		       "completed by the domain."),
};

static const struct panel generic = {
	.id = "generic",
	.title = "your DNS host's panel",
	.where = "the domain's DNS records (\"DNS\", \"Zone editor\" or \"Name server records\")",
	.add = "Add record",
	.edit = "Edit",
	.remove = "Delete",
	.type = "Type",
	.host = "Host",
	.priority = "Priority",
	.ttl = "TTL",
	.address_value = "Value",
	.target_value = "Value",
	.mx_value = "Value",
	.txt_value = "Value",
	.apex = PANEL_APEX_AT,
	.ttl_free = true,
	.notes = NOTES("\"@\" is the domain itself; some panels want the field empty or the whole "
		       "domain there.",
		       "When a saved target shows the domain twice (mx.example.com.example.com), "
		       "the panel wants a dot at the end of the target."),
};

const struct panel *const panels[] = { &godaddy,    &ionos,  &namecheap, &squarespace,
				       &wix,        &strato, &hover,     &bluehost,
				       &cloudflare, &cpanel, &generic,   NULL };

const struct panel *panel_find(const char *id)
{
	for (size_t i = 0; panels[i] != NULL; i++) {
		if (str_eq(panels[i]->id, id))
			return panels[i];
	}
	return NULL;
}

/* What stands behind a dash is the API's version: the account's panel is the same. */
const struct panel *panel_of_host(const char *id)
{
	struct slice rest = slice_str(id);
	struct slice base = slice_until(&rest, '-');
	if (panel_find(id) != NULL)
		return panel_find(id);
	for (size_t i = 0; panels[i] != NULL && slice_starts_nocase(rest, SLICE_LIT("v")); i++) {
		if (slice_eq(base, slice_str(panels[i]->id)))
			return panels[i];
	}
	return NULL;
}

const char *panel_value_field(const struct panel *p, uint16_t type)
{
	switch (type) {
	case RR_A:
	case RR_AAAA: return p->address_value;
	case RR_MX: return p->mx_value;
	case RR_TXT: return p->txt_value;
	default: return p->target_value;
	}
}

/* The greatest of the list that is not above `want_s`, else its least. */
static const struct panel_ttl *nearest(const struct panel_ttl *list, uint32_t want_s)
{
	const struct panel_ttl *best = &list[0];
	for (; list->label != NULL; list++) {
		if (list->ttl_s <= want_s)
			best = list;
	}
	return best;
}

const char *panel_ttl_choice(struct arena *a, const struct panel *p, uint32_t want_s,
			     uint32_t *got_s_r)
{
	uint32_t least = want_s > p->ttl_min ? want_s : p->ttl_min;
	*got_s_r = 0;
	if (p->ttl == NULL)
		return "(cannot be set here)";
	const struct panel_ttl *t = p->ttls != NULL ? nearest(p->ttls, least) : NULL;
	if (t != NULL && (!p->ttl_free || t->ttl_s == least)) {
		*got_s_r = t->ttl_s;
		return t->label;
	}
	*got_s_r = least;
	return arena_printf(a, "%u%s", (unsigned)least, t != NULL ? " (Custom)" : " seconds");
}
