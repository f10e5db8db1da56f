/*
 * Names by which programs and providers have called these folders, for servers without
 * SPECIAL-USE (RFC 6154). Only a hint: an attribute on either side outweighs it.
 */
#include "migrate/special.h"

#include <stddef.h>

#include "base/str.h"

static const struct {
	const char *use, *name;
} customs[] = {
	{ "\\Sent", "Sent" },
	{ "\\Sent", "Sent Items" },
	{ "\\Sent", "Sent Messages" },
	{ "\\Sent", "Sent Mail" },
	{ "\\Sent", "Gesendet" },
	{ "\\Sent", "Gesendete Elemente" },
	{ "\\Sent", "Gesendete Objekte" },
	{ "\\Sent", "Éléments envoyés" },
	{ "\\Sent", "Envoyés" },
	{ "\\Sent", "Enviados" },
	{ "\\Sent", "Elementos enviados" },
	{ "\\Sent", "Posta inviata" },
	{ "\\Sent", "Verzonden items" },
	{ "\\Drafts", "Drafts" },
	{ "\\Drafts", "Draft" },
	{ "\\Drafts", "Entwürfe" },
	{ "\\Drafts", "Brouillons" },
	{ "\\Drafts", "Borradores" },
	{ "\\Drafts", "Bozze" },
	{ "\\Drafts", "Concepten" },
	{ "\\Junk", "Junk" },
	{ "\\Junk", "Junk Email" },
	{ "\\Junk", "Junk E-mail" },
	{ "\\Junk", "Spam" },
	{ "\\Junk", "Bulk Mail" },
	{ "\\Junk", "Spamverdacht" },
	{ "\\Junk", "Courrier indésirable" },
	{ "\\Trash", "Trash" },
	{ "\\Trash", "Deleted Items" },
	{ "\\Trash", "Deleted Messages" },
	{ "\\Trash", "Papierkorb" },
	{ "\\Trash", "Gelöschte Elemente" },
	{ "\\Trash", "Corbeille" },
	{ "\\Trash", "Papelera" },
	{ "\\Trash", "Cestino" },
	{ "\\Archive", "Archive" },
	{ "\\Archive", "Archiv" },
	{ "\\Archive", "Archives" },
};

const char *special_by_name(const char *shown)
{
	for (size_t i = 0; i < sizeof(customs) / sizeof(customs[0]); i++)
		if (str_eq_nocase(customs[i].name, shown))
			return customs[i].use;
	return NULL;
}
