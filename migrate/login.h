/*
 * login.h - from an endpoint to a logged-in connection: by password in the forms that its
 * user name may have, or by a token that is made anew when it has died.
 */
#ifndef MIGRATE_LOGIN_H
#define MIGRATE_LOGIN_H

#include "io/dial.h"
#include "migrate/migrate.h"

/* What became of a login: the classes that a person acts on differently. */
enum login_class {
	LOGIN_FINE,
	LOGIN_HOST,         /* name, port or connection; or it speaks something else */
	LOGIN_CERTIFICATE,  /* not trusted, or no encryption: nothing secret was sent */
	LOGIN_PASSWORD,     /* wrong, or the user is not known */
	LOGIN_PASSWORD_OFF, /* passwords are switched off at the provider */
	LOGIN_NO_TOKEN,     /* the token endpoint gave none */
	LOGIN_TOKEN,        /* the mail server refused the token */
	LOGIN_TOKEN_OFF,    /* the mail server takes no tokens */
	LOGIN_NO_ACCESS,    /* the login is right, the mailbox is not open: licence, IMAP, rights */
	LOGIN_THROTTLED,    /* too many connections, or not now */
	LOGIN_OTHER,
	LOGIN_CLASSES,
};
/* "wrong-password" …, for documents; static. */
const char *login_class_name(enum login_class class);
/* "wrong password" …, for people; static. */
const char *login_class_words(enum login_class class);

/* Remembers which form of user names a server took, for all mailboxes of one side. */
struct login_forms;
/* Knows nothing yet; any thread may ask it. */
struct login_forms *login_forms_new(void);
/* Takes NULL. */
void login_forms_free(struct login_forms *f);

/* Filled also on failure. */
struct login_report {
	enum login_class class;
	struct dial_seen seen; /* by the last dial; zero when there was none */
};

/* What a login says about its host, whoever logs in. */
enum login_host {
	LOGIN_HOST_THERE,   /* it greeted as a mail server does */
	LOGIN_HOST_MISSED,  /* nobody greeted, it was something else, or nobody to be trusted */
	LOGIN_HOST_UNKNOWN, /* it was not tried, or interrupted */
};
/* *e is the failure's; not looked at behind a login that was fine. */
enum login_host login_host_of(const struct login_report *login, const struct err *e);

/* Connects and logs in; kinds as dial_open's and token_source_get's. A token that the server
 * refuses is replaced once; a password is tried once in each form, for providers lock accounts by
 * such counts. */
int login_open(const struct migrate_endpoint *ep, const struct migrate_opts *m,
	       struct stream **stream_r, struct login_report *report_r, struct err *e);

#endif
