/*
 * mail.h - the domain's mail setting ("EmailType"): MX rows of one's own are served with MX
 * alone; with the others the MX records are Namecheap's. Only for this folder.
 */
#ifndef REGISTRARS_NAMECHEAP_MAIL_H
#define REGISTRARS_NAMECHEAP_MAIL_H

#include "zone/rrset.h"

enum mail_setting {
	MAIL_UNKNOWN, /* a word that we do not know */
	MAIL_NONE,    /* no MX at all */
	MAIL_MX,      /* the rows say it */
	MAIL_MXE,     /* one address, for which Namecheap makes a name and an MX */
	MAIL_FWD,     /* forwarding */
	MAIL_OX,      /* Private Email */
	MAIL_GMAIL,   /* Google Workspace, bought there */
};

/* By the API's word, case ignored. */
enum mail_setting mail_setting_of(const char *word);
/* The API's word; "" for MAIL_UNKNOWN. */
const char *mail_word(enum mail_setting s);
/* As the panel calls it. */
const char *mail_title(enum mail_setting s);
/* Whether the MX records are Namecheap's own while it is set: FWD, OX, GMAIL. */
bool mail_is_own(enum mail_setting s);
/* Whether every host of these canonical MX rdata belongs to that service; false for none. */
bool mail_is_of(enum mail_setting s, size_t n, const char *const *rdata);
/* What is served with that setting when the listing of rows does not say: the service's usual MX
 * records with their TTL (facts of 2026-11); *n_r 0 when they are not known. */
const char *const *mail_usual(enum mail_setting s, size_t *n_r);
enum { MAIL_USUAL_TTL = 1800 };

#endif
