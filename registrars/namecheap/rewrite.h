/*
 * rewrite.h - the whole domain as it shall be: the rows that stay, in their own words, and those
 * of the plan, with the mail setting that lets them be served. Only for this folder.
 */
#ifndef REGISTRARS_NAMECHEAP_REWRITE_H
#define REGISTRARS_NAMECHEAP_REWRITE_H

#include "registrars/namecheap/hosts.h"
#include "zone/change.h"

struct rewrite {
	struct hosts rows; /* all that is to be sent, and the mail setting with it */
	struct hosts kept; /* those of them that nobody planned to change */
};

/* Works it out. `home` is the mail setting that the domain had before the cutover, as the project
 * says it; MAIL_UNKNOWN: it says none. Every planned RRset was found readable (hosts_rrset).
 * ERR_REFUSED with what to do: a row that cannot be sent back as it is, a value that the API cannot
 * hold, a mail setting that would be lost, an empty result. */
int rewrite_make(struct arena *a, const struct hosts *now, const struct change_set *cs,
		 enum mail_setting home, struct rewrite *out, struct err *e);
/* Refuses (ERR_REFUSED, the row and what to do) a domain that has a row which cannot be sent back
 * as it is, or none at all. */
int rewrite_check_rows(struct arena *a, const struct hosts *h, struct err *e);
/* Refuses (ERR_REFUSED, what to write into the project file) when the MX is a service's of
 * Namecheap and the project does not say so: a change of it could not be taken back then. */
int rewrite_check_home(const struct hosts *now, enum mail_setting home, struct err *e);
/* Appends it as the parameters of setHosts. */
void rewrite_form(struct arena *a, const struct hosts *rows, struct buf *form);

#endif
