/*
 * A service is known by the domain that its MX hosts are in, for their number and order change.
 */
#include "registrars/namecheap/mail.h"

#include "zone/dname.h"

struct service {
	enum mail_setting setting;
	const char *word, *title;
	const char *domains[3];
	size_t usual_n;
	const char *usual[5];
};

static const struct service services[] = {
	{ MAIL_UNKNOWN, "", "unknown", { NULL }, 0, { NULL } },
	{ MAIL_NONE, "NONE", "No Email Service", { NULL }, 0, { NULL } },
	{ MAIL_MX, "MX", "Custom MX", { NULL }, 0, { NULL } },
	{ MAIL_MXE, "MXE", "MXE Record", { NULL }, 0, { NULL } },
	{ MAIL_FWD,
	  "FWD",
	  "Email Forwarding",
	  { "registrar-servers.com." },
	  5,
	  { "10 eforward1.registrar-servers.com.", "10 eforward2.registrar-servers.com.",
	    "10 eforward3.registrar-servers.com.", "15 eforward4.registrar-servers.com.",
	    "20 eforward5.registrar-servers.com." } },
	{ MAIL_OX,
	  "OX",
	  "Private Email",
	  { "privateemail.com." },
	  2,
	  { "10 mx1.privateemail.com.", "10 mx2.privateemail.com." } },
	{ MAIL_GMAIL, "GMAIL", "Gmail", { "google.com.", "googlemail.com." }, 0, { NULL } },
};
enum { SERVICE_N = sizeof(services) / sizeof(services[0]) };

enum mail_setting mail_setting_of(const char *word)
{
	for (size_t i = 1; i < SERVICE_N; i++) {
		if (str_eq_nocase(services[i].word, word))
			return services[i].setting;
	}
	return MAIL_UNKNOWN;
}

const char *mail_word(enum mail_setting s)
{
	return services[s].word;
}

const char *mail_title(enum mail_setting s)
{
	return services[s].title;
}

bool mail_is_own(enum mail_setting s)
{
	return s == MAIL_FWD || s == MAIL_OX || s == MAIL_GMAIL;
}

static bool is_host_of(struct arena *a, enum mail_setting s, const char *rdata)
{
	struct mx mx;
	if (!mx_parse(a, rdata, &mx))
		return false;
	for (const char *const *d = services[s].domains; *d != NULL; d++) {
		if (dname_is_within(mx.host, *d))
			return true;
	}
	return false;
}

bool mail_is_of(enum mail_setting s, size_t n, const char *const *rdata)
{
	struct arena *a = arena_new();
	bool all = n > 0;
	for (size_t i = 0; all && i < n; i++)
		all = is_host_of(a, s, rdata[i]);
	arena_free(a);
	return all;
}

const char *const *mail_usual(enum mail_setting s, size_t *n_r)
{
	*n_r = services[s].usual_n;
	return services[s].usual;
}
