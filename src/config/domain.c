/* What is pasted instead of a domain is told apart, so that the hint can be the very name. */
#include "config/domain.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"
#include "zone/dname.h"

enum { SHOWN_MAX = 80 };

static const char *refuse(struct err *e, const char *text, const char *why)
{
	char shown[SHOWN_MAX];
	str_copy(shown, sizeof(shown), text);
	str_make_printable(shown);
	(void)err_set(e, ERR_USAGE, "'%s' %s", shown, why);
	(void)err_hint(e, "write it like example.org");
	return NULL;
}

/* The host in what looks like a page's address or a mailbox's; NULL when it would be no better. */
static const char *host_within(struct arena *a, const char *text)
{
	struct err ignored;
	const char *scheme = strstr(text, "://");
	const char *start = scheme != NULL ? scheme + 3 : text;
	const char *at = strchr(start, '@');
	start = at != NULL ? at + 1 : start;
	const char *host = arena_slice(a, (struct slice){ start, strcspn(start, "/:?#>") });
	if (strchr(host, '.') == NULL || dname_canon(a, host, &ignored) == NULL)
		return NULL;
	return host;
}

static const char *refuse_address(struct arena *a, struct err *e, const char *text)
{
	const char *host = host_within(a, text);
	(void)refuse(e, text,
		     strchr(text, '@') != NULL ? "is a mail address, not a domain"
					       : "is the address of a page, not a domain");
	if (host != NULL)
		(void)err_hint(e, "write %s", host);
	return NULL;
}

static const char *refuse_letters(struct err *e, const char *text)
{
	(void)refuse(e, text, "has letters that the DNS has in another form only");
	(void)err_hint(e, "write the form that begins with xn--: the registrar shows it, and "
			  "`idn2 NAME` prints it");
	return NULL;
}

static bool is_ip(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool has_other_letters(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			return true;
	return false;
}

const char *domain_parse(struct arena *a, const char *text, struct err *e)
{
	if (text[0] == '\0')
		return refuse(e, text, "is no domain name: it is empty");
	if (str_eq(text, "."))
		return refuse(e, text, "is the root, not a domain");
	if (is_ip(text))
		return refuse(e, text, "is an IP address, not a domain");
	if (strpbrk(text, "@/") != NULL)
		return refuse_address(a, e, text);
	if (has_other_letters(text))
		return refuse_letters(e, text);
	if (strpbrk(text, " \t\\\"':*,;()<>") != NULL)
		return refuse(e, text,
			      "is no domain name: it holds a character that none may have");
	const char *name = dname_canon(a, text, e);
	if (name == NULL) {
		e->kind = ERR_USAGE;
		(void)err_hint(e, "write it like example.org");
	}
	return name;
}
