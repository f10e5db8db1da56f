/*
 * One function a type, all of one form, chosen by a table. Each either fills *v or says
 * what is wrong as the end of a sentence whose beginning its caller has ("target.imap
 * must …"). What is wrong with a secret never repeats its text: that may be the secret
 * itself.
 */
#include "config/value.h"

#include <string.h>

#include "base/size.h"
#include "config/imap_url.h"
#include "config/project.h"
#include "zone/dname.h"

enum { PATH_TEXT_MAX = 4000 };

typedef const char *parse_fn(struct arena *a, const struct value_opts *o, const char *text,
			     struct value *v);

/* Decimal digits only: 0x10, 1e3 and +1 are typing errors here. */
static const char *parse_uint(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	uint64_t lo = 0;
	uint64_t hi = UINT64_MAX;
	(void)range_numbers(o->row->info.range, &lo, &hi);
	if (slice_to_u64(slice_str(text), &v->number) && v->number >= lo && v->number <= hi)
		return NULL;
	const char *unit = o->row->info.unit;
	return arena_printf(a, "must be a whole number, %s%s%s", o->row->info.range,
			    unit != NULL ? " " : "", unit != NULL ? unit : "");
}

/* "1s..30d": the ends are durations themselves. */
static bool duration_in(const char *range, int64_t ms)
{
	int64_t lo;
	int64_t hi;
	struct slice rest = slice_str(range);
	struct slice first = slice_until(&rest, '.');
	(void)slice_until(&rest, '.');
	return duration_parse(first, &lo) && duration_parse(rest, &hi) && ms >= lo && ms <= hi;
}

/* The range of a duration is written in durations, so it is read by the same function. */
static const char *parse_duration(struct arena *a, const struct value_opts *o, const char *text,
				  struct value *v)
{
	if (!duration_parse(slice_str(text), &v->ms))
		return "must be a duration such as 90s, 15m, 24h or 2d";
	if (duration_in(o->row->info.range, v->ms))
		return NULL;
	return arena_printf(a, "must be a duration, %s", o->row->info.range);
}

/* A size's range is written in sizes, too. */
static bool size_in(const char *range, uint64_t bytes)
{
	uint64_t lo;
	uint64_t hi;
	struct slice rest = slice_str(range);
	struct slice first = slice_until(&rest, '.');
	(void)slice_until(&rest, '.');
	return size_parse(first, &lo) && size_parse(rest, &hi) && bytes >= lo && bytes <= hi;
}

static const char *parse_size(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	if (!size_parse(slice_str(text), &v->number))
		return "must be a size such as 500kB, 35MB or 1.5GB";
	if (size_in(o->row->info.range, v->number))
		return NULL;
	return arena_printf(a, "must be a size, %s", o->row->info.range);
}

/* A time without a zone is refused: the window would open at another hour on another machine. */
static const char *parse_time(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	(void)a;
	(void)o;
	return time_parse(slice_str(text), &v->ms)
		       ? NULL
		       : "must be a time with its zone, such as 2026-11-27T18:00Z";
}

/* Case counts: the words go into documents and are compared as they are. */
static const char *parse_enum(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	v->text = text;
	if (range_has(o->row->info.range, text))
		return NULL;
	return arena_printf(a, "must be one of: %s", o->row->info.range);
}

/* Counted in octets: every text here ends in a protocol that counts so. */
static const char *parse_string(struct arena *a, const struct value_opts *o, const char *text,
				struct value *v)
{
	uint64_t lo = 1;
	uint64_t hi = PATH_TEXT_MAX;
	if (o->type == o->row->info.type)
		(void)range_numbers(o->row->info.range, &lo, &hi);
	v->text = text;
	if (strlen(text) < lo || strlen(text) > hi)
		return arena_printf(a, "must have %llu to %llu characters", (unsigned long long)lo,
				    (unsigned long long)hi);
	return NULL;
}

/* Ready to be opened from anywhere; whether it exists is its reader's matter. */
static const char *parse_path(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	if (text[0] == '\0' || strlen(text) > PATH_TEXT_MAX)
		return "must be the path of a file";
	v->text = text[0] == '/' || str_eq(o->dir, ".") ? text
							: arena_printf(a, "%s/%s", o->dir, text);
	return NULL;
}

/* Names of hosts and domains: what dname_canon takes, less escapes, blanks and the root. */
static const char *parse_name(struct arena *a, const struct value_opts *o, const char *text,
			      struct value *v)
{
	(void)o;
	struct err e;
	if (text[0] == '\0' || str_eq(text, ".") || strpbrk(text, " \t\\\"/:@*,;") != NULL)
		return "must be a plain host or domain name such as mail.example.net";
	if (is_address(text))
		return "must be a name, not an IP address";
	v->text = dname_canon(a, text, &e);
	return v->text != NULL ? NULL : arena_printf(a, "must be a domain name (%s)", e.text);
}

/* Form only; whether plaintext is allowed needs the whole file (project_check). */
static const char *parse_url(struct arena *a, const struct value_opts *o, const char *text,
			     struct value *v)
{
	(void)o;
	struct imap_url url;
	v->text = text;
	return imap_url_parse(a, text, &url);
}

/* No names: these are for where a resolver must not be asked. */
static const char *parse_address(struct arena *a, const struct value_opts *o, const char *text,
				 struct value *v)
{
	(void)a;
	(void)o;
	v->text = text;
	return is_address(text) ? NULL : "must be an IP address such as 192.0.2.1 or 2001:db8::1";
}

/* ADDR, ADDR:PORT, ADDR#PORT, [ADDR]:PORT; an IPv6 address without brackets has no port. */
static bool split_port(struct arena *a, const char *text, const char **address_r,
		       const char **port_r)
{
	struct slice rest = slice_str(text);
	*port_r = NULL;
	if (text[0] == '[') {
		rest.ptr++;
		rest.len--;
		*address_r = arena_slice(a, slice_until(&rest, ']'));
		if (rest.len == 0)
			return true;
		*port_r = rest.ptr + 1;
		return rest.ptr[0] == ':' || rest.ptr[0] == '#';
	}
	*address_r = text;
	const char *sep = strchr(text, '#');
	if (sep == NULL && !is_address(text))
		sep = strchr(text, ':');
	if (sep == NULL)
		return true;
	*address_r = arena_slice(a, (struct slice){ text, (size_t)(sep - text) });
	*port_r = sep + 1;
	return true;
}

/* Many forms in, one out: "ADDR" or "ADDR#PORT", which c-ares' channel takes. */
static const char *parse_resolver(struct arena *a, const struct value_opts *o, const char *text,
				  struct value *v)
{
	(void)o;
	const char *address;
	const char *port;
	uint64_t number;
	if (!split_port(a, text, &address, &port) || !is_address(address))
		return "must be an IP address such as 192.0.2.1, 192.0.2.1:5353 or "
		       "[2001:db8::1]:53";
	v->text = address;
	if (port == NULL)
		return NULL;
	if (!slice_to_u64(slice_str(port), &number) || number < 1 || number > 65535)
		return "must have a port from 1 to 65535";
	v->text = arena_printf(a, "%s#%u", address, (unsigned)number);
	return NULL;
}

/* Host bits behind the prefix are not refused: people write their own address with it. */
static const char *parse_network(struct arena *a, const struct value_opts *o, const char *text,
				 struct value *v)
{
	(void)o;
	uint64_t bits = 0;
	struct slice rest = slice_str(text);
	const char *address = arena_slice(a, slice_until(&rest, '/'));
	v->text = text;
	bool slash = rest.ptr != NULL;
	uint64_t most = strchr(address, ':') != NULL ? 128 : 32;
	if (is_address(address) && (!slash || (slice_to_u64(rest, &bits) && bits <= most)))
		return NULL;
	return "must be an IP address or prefix such as 127.53.0.0/16";
}

/* POSIX names; anything else is more likely the secret itself. */
static bool is_variable(const char *name)
{
	if (name[0] == '\0' || (name[0] >= '0' && name[0] <= '9'))
		return false;
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_")] == '\0';
}

/* The form only: it is resolved when it is used, so that `plan` needs no password. */
static const char *parse_secret(struct arena *a, const struct value_opts *o, const char *text,
				struct value *v)
{
	(void)a;
	(void)o;
	v->text = text;
	if (str_starts(text, "env:"))
		return is_variable(text + strlen("env:"))
			       ? NULL
			       : "must name an environment variable behind env:";
	if (str_starts(text, "file:"))
		return text[strlen("file:")] != '\0' ? NULL : "must name a file behind file:";
	if (str_starts(text, "cmd:"))
		return text[strlen("cmd:") + strspn(text + strlen("cmd:"), " ")] != '\0'
			       ? NULL
			       : "must name a program behind cmd:";
	return "must be a reference to the secret, never the secret itself: env:NAME, file:PATH "
	       "or cmd:PROGRAM";
}

/* Indexed by type, so a new type needs its line here. */
static parse_fn *parser_of(enum option_type type)
{
	static parse_fn *const parsers[] = {
		[OPTION_STRING] = parse_string,     [OPTION_NAME] = parse_name,
		[OPTION_URL] = parse_url,           [OPTION_UINT] = parse_uint,
		[OPTION_DURATION] = parse_duration, [OPTION_TIME] = parse_time,
		[OPTION_SIZE] = parse_size,         [OPTION_ENUM] = parse_enum,
		[OPTION_PATH] = parse_path,         [OPTION_ADDRESS] = parse_address,
		[OPTION_RESOLVER] = parse_resolver, [OPTION_NETWORK] = parse_network,
		[OPTION_SECRET] = parse_secret,
	};
	return parsers[type]; /* LIST and MAP are no scalars and never come here */
}

const char *value_parse(struct arena *a, const struct value_opts *o, const char *text,
			struct value *value_r)
{
	*value_r = (struct value){ 0 };
	const char *why = parser_of(o->type)(a, o, text, value_r);
	if (why == NULL && o->row->check != NULL)
		why = o->row->check(text);
	return why;
}

const char *project_resolver(struct arena *a, const char *text, struct err *e)
{
	struct value v = { 0 };
	const char *why = parse_resolver(a, NULL, text, &v);
	if (why == NULL)
		return v.text;
	(void)err_set(e, ERR_USAGE, "the resolver '%.80s' %s", text, why);
	return NULL;
}

const char *project_network(struct arena *a, const char *text, struct err *e)
{
	struct value v = { 0 };
	const char *why = parse_network(a, NULL, text, &v);
	if (why == NULL)
		return v.text;
	(void)err_set(e, ERR_USAGE, "the network '%.80s' %s", text, why);
	return NULL;
}
