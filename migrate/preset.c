/*
 * A sign is a word in one of the three places; it counts two points when only that server's
 * makers use it, else one. Two points choose. So a greeting alone, which any proxy can copy
 * and any administrator can change, chooses nothing.
 */
#include "migrate/preset.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define MIB (UINT64_C(1024) * 1024)

/* Localised names of Exchange's "Files" folder are refused with "Folder name is reserved" too:
 * the planner meets that when it makes the folder. */
static const char *const exchange_reserved[] = { "Files", NULL };
static const char *const exchange_dropped[] = { "$MDNSent", NULL }; /* becomes a category */
static const char *const gmail_reserved[] = { "[Gmail]", "[Google Mail]", NULL };
/* A message that is appended with it disappears. */
static const char *const gmail_dropped[] = { "\\Deleted", NULL };

/* FACTS: Exchange Online takes 35 MB by default and 150 MB by setting, so what is too big is
 * the server's to say; others announce APPENDLIMIT. */
static const struct preset presets[] = {
	{ .name = "generic", .title = "a server of no known kind", .line_max = 8000 },
	{ .name = "exchange-online",
	  .title = "Exchange Online",
	  .flags = PRESET_SIZES_ESTIMATED | PRESET_REWRITES | PRESET_FOLDS_CASE |
		   PRESET_TRIMS_NAMES | PRESET_NO_KEYWORDS,
	  .lanes_max = 4,
	  .line_max = 8000,
	  .body_line_max = 9900,
	  .depth_max = 300,
	  .message_max = 150 * MIB,
	  .reserved = exchange_reserved,
	  .dropped = exchange_dropped },
	{ .name = "exchange",
	  .title = "Exchange Server",
	  .flags = PRESET_SIZES_ESTIMATED | PRESET_REWRITES | PRESET_FOLDS_CASE |
		   PRESET_TRIMS_NAMES | PRESET_NO_KEYWORDS,
	  .lanes_max = 4,
	  .line_max = 8000,
	  .body_line_max = 9900,
	  .reserved = exchange_reserved,
	  .dropped = exchange_dropped },
	{ .name = "gmail",
	  .title = "Gmail",
	  .flags = PRESET_LABELS | PRESET_ONE_PER_MESSAGE_ID | PRESET_FOLDS_CASE |
		   PRESET_TRIMS_NAMES,
	  .lanes_max = 10,
	  .line_max = 16000,
	  .message_max = 35651584,
	  .reserved = gmail_reserved,
	  .dropped = gmail_dropped },
	{ .name = "yahoo",
	  .title = "Yahoo",
	  .flags = PRESET_FOLDS_CASE | PRESET_NO_KEYWORDS,
	  .lanes_max = 4,
	  .line_max = 1000,
	  .message_max = 41697280 },
	{ .name = "icloud", .title = "iCloud", .lanes_max = 4, .line_max = 8000 },
	{ .name = "dovecot", .title = "Dovecot", .lanes_max = 8, .line_max = 64000 },
	{ .name = "cyrus", .title = "Cyrus", .line_max = 8000 },
	{ .name = "courier", .title = "Courier", .lanes_max = 3, .line_max = 16000 },
};
enum { PRESETS = sizeof(presets) / sizeof(presets[0]) };

enum place { GREETING, CAPABILITY, ID, PLACES };
static const char *const place_names[] = { "the greeting", "CAPABILITY", "ID" };

/* Words of a CAPABILITY answer are compared whole, those of the others wherever they stand. */
static const struct {
	const char *preset, *words;
	enum place place;
	unsigned points;
} signs_known[] = {
	{ "exchange-online", "Microsoft Exchange IMAP4 service", GREETING, 1 },
	{ "exchange-online", "CLIENTACCESSRULES", CAPABILITY, 1 },
	{ "exchange-online", "CLIENTNETWORKPRESENCELOCATION", CAPABILITY, 1 },
	{ "exchange-online", "BACKENDAUTHENTICATE", CAPABILITY, 1 },
	{ "exchange-online", "Microsoft.Exchange.Imap4", ID, 1 },
	{ "gmail", "Gimap ready", GREETING, 1 },
	{ "gmail", "X-GM-EXT-1", CAPABILITY, 2 },
	{ "gmail", "GImap", ID, 1 },
	{ "yahoo", "yahoo", GREETING, 1 },
	{ "yahoo", "XYMHIGHESTMODSEQ", CAPABILITY, 2 },
	{ "yahoo", "X-UIDONLY", CAPABILITY, 1 },
	{ "yahoo", "X-MSG-EXT", CAPABILITY, 1 },
	{ "yahoo", "Yahoo", ID, 1 },
	{ "icloud", "iscream", GREETING, 1 },
	{ "icloud", "icloud", GREETING, 1 },
	{ "icloud", "XAPPLEPUSHSERVICE", CAPABILITY, 1 },
	{ "icloud", "XAPPLELITERAL", CAPABILITY, 1 },
	{ "icloud", "iCloud", ID, 1 },
	{ "dovecot", "Dovecot", GREETING, 1 },
	{ "dovecot", "\"Dovecot\"", ID, 2 },
	{ "cyrus", "Cyrus IMAP", GREETING, 1 },
	{ "cyrus", "ANNOTATEMORE", CAPABILITY, 1 },
	{ "cyrus", "ANNOTATE-EXPERIMENT-1", CAPABILITY, 1 },
	{ "cyrus", "Cyrus", ID, 2 },
	{ "courier", "Courier-IMAP", GREETING, 1 },
	{ "courier", "XCOURIEROUTBOX", CAPABILITY, 2 },
	{ "courier", "ACL2=UNION", CAPABILITY, 1 },
	{ "courier", "Courier", ID, 1 },
};
enum { SIGNS = sizeof(signs_known) / sizeof(signs_known[0]) };

const struct preset *preset_generic(void)
{
	return &presets[0];
}

const struct preset *preset_by_name(const char *name)
{
	for (size_t i = 0; i < PRESETS; i++)
		if (str_eq(presets[i].name, name))
			return &presets[i];
	return NULL;
}

static bool contains_nocase(const char *text, const char *words)
{
	for (struct slice s = slice_str(text); s.len > 0; s.ptr++, s.len--)
		if (slice_starts_nocase(s, slice_str(words)))
			return true;
	return false;
}

static bool has_word(const char *text, const char *word)
{
	struct slice rest = slice_str(text);
	while (rest.len > 0)
		if (slice_eq_nocase(slice_until(&rest, ' '), slice_str(word)))
			return true;
	return false;
}

static bool is_seen(const struct preset_signs *signs, size_t i)
{
	const char *const texts[PLACES] = { signs->greeting, signs->capability, signs->id };
	const char *text = texts[signs_known[i].place];
	if (text == NULL)
		return false;
	return signs_known[i].place == CAPABILITY ? has_word(text, signs_known[i].words)
						  : contains_nocase(text, signs_known[i].words);
}

static unsigned points_of(const struct preset_signs *signs, const char *preset)
{
	unsigned points = 0;
	for (size_t i = 0; i < SIGNS; i++)
		if (str_eq(signs_known[i].preset, preset) && is_seen(signs, i))
			points += signs_known[i].points;
	return points;
}

/* "CAPABILITY has X-GM-EXT-1, ID has GImap" */
static void tell_signs(const struct preset_signs *signs, const char *preset,
		       char why_r[PRESET_WHY_MAX])
{
	size_t len = 0;
	why_r[0] = '\0';
	for (size_t i = 0; i < SIGNS && len < PRESET_WHY_MAX; i++) {
		if (!str_eq(signs_known[i].preset, preset) || !is_seen(signs, i))
			continue;
		int n = snprintf(why_r + len, PRESET_WHY_MAX - len, "%s%s has %s",
				 len > 0 ? ", " : "", place_names[signs_known[i].place],
				 signs_known[i].words);
		len += n > 0 ? (size_t)n : 0;
	}
}

/* An Exchange on somebody's own machines greets like the service, and lacks its capabilities:
 * with one point only it is that. */
static const struct preset *by_greeting_alone(const struct preset_signs *signs,
					      char why_r[PRESET_WHY_MAX])
{
	if (signs->greeting == NULL || signs->capability == NULL ||
	    !contains_nocase(signs->greeting, "Microsoft Exchange IMAP4 service") ||
	    has_word(signs->capability, "CONDSTORE"))
		return NULL;
	(void)snprintf(why_r, PRESET_WHY_MAX,
		       "the greeting has Microsoft Exchange IMAP4 service, CAPABILITY has no "
		       "word of the online service");
	return preset_by_name("exchange");
}

const struct preset *preset_choose(const struct preset_signs *signs, const char *forced,
				   char why_r[PRESET_WHY_MAX])
{
	const struct preset *best = forced != NULL ? preset_by_name(forced) : NULL;
	unsigned most = 1; /* less than two signs choose nothing */
	if (best != NULL) {
		(void)snprintf(why_r, PRESET_WHY_MAX, "the project file says so");
		return best;
	}
	for (size_t i = 1; i < PRESETS; i++) {
		unsigned points = points_of(signs, presets[i].name);
		if (points > most) {
			best = &presets[i];
			most = points;
		} else if (points == most && most > 1) {
			best = preset_generic(); /* they contradict each other */
		}
	}
	if (best == NULL && (best = by_greeting_alone(signs, why_r)) != NULL)
		return best;
	if (best == NULL)
		best = preset_generic();
	if (best == preset_generic())
		(void)snprintf(why_r, PRESET_WHY_MAX, "it does not say what it is");
	else
		tell_signs(signs, best->name, why_r);
	return best;
}

bool preset_is_reserved(const struct preset *p, const char *shown)
{
	for (size_t i = 0; p->reserved != NULL && p->reserved[i] != NULL; i++)
		if (str_eq_nocase(p->reserved[i], shown))
			return true;
	return false;
}

bool preset_drops_flag(const struct preset *p, const char *flag)
{
	for (size_t i = 0; p->dropped != NULL && p->dropped[i] != NULL; i++)
		if (str_eq_nocase(p->dropped[i], flag))
			return true;
	return false;
}
