/*
 * A domain-spec is a macro-string that ends in ".toplabel" or in a macro. It is read from left
 * to right once; only the part behind the last dot that stands outside of macros is looked at
 * again.
 */
#include "dns/spf_domain.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* macro-expand behind its "%": "%", "_", "-" or "{…}". Its length, or 0 when it is none. */
static size_t macro_len(struct slice s)
{
	size_t i = 2;
	if (s.len > 0 && str_has("%_-", s.ptr[0]))
		return 1;
	if (s.len < 3 || s.ptr[0] != '{' || !str_has("slodiphcrtvSLODIPHCRTV", s.ptr[1]))
		return 0;
	while (i < s.len && is_digit(s.ptr[i]))
		i++;
	if (i == 3 && s.ptr[2] == '0') /* RFC 7208 §7.1: DIGIT is not zero */
		return 0;
	if (i < s.len && (s.ptr[i] == 'r' || s.ptr[i] == 'R'))
		i++;
	while (i < s.len && str_has(".-+,/_=", s.ptr[i]))
		i++;
	return i < s.len && s.ptr[i] == '}' ? i + 1 : 0;
}

/* Reads a macro-string; *dot_r is the last dot outside of macros (len: none), *open_r that it
 * ends in a macro. */
static const char *read_macros(struct slice s, size_t *dot_r, bool *macros_r, bool *ends_r)
{
	*dot_r = s.len;
	*macros_r = *ends_r = false;
	for (size_t i = 0; i < s.len; i++) {
		*ends_r = false;
		if (s.ptr[i] < '!' || s.ptr[i] > '~')
			return "it has a character that no name has";
		if (s.ptr[i] == '.' && i + 1 < s.len)
			*dot_r = i;
		if (s.ptr[i] != '%')
			continue;
		size_t len = macro_len((struct slice){ s.ptr + i + 1, s.len - i - 1 });
		if (len == 0)
			return "a \"%\" begins no macro";
		*macros_r = *ends_r = true;
		i += len;
	}
	return NULL;
}

/* Letters, digits and inner hyphens, not digits alone; a final dot is allowed. */
static bool is_toplabel(struct slice s)
{
	bool digits_only = true;
	if (s.len > 0 && s.ptr[s.len - 1] == '.')
		s.len--;
	if (s.len == 0 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.ptr[i]) && !is_alpha(s.ptr[i]) && s.ptr[i] != '-')
			return false;
		digits_only = digits_only && is_digit(s.ptr[i]);
	}
	return !digits_only;
}

const char *spf_domain_wrong(struct slice s, bool *macros_r)
{
	size_t dot = 0;
	bool ends_in_macro = false;
	*macros_r = false;
	if (s.len == 0)
		return "the domain is missing";
	const char *why = read_macros(s, &dot, macros_r, &ends_in_macro);
	if (why != NULL || ends_in_macro)
		return why;
	if (dot == s.len)
		return "the domain has only one label";
	if (!is_toplabel((struct slice){ s.ptr + dot + 1, s.len - dot - 1 }))
		return "the domain's last label is no top-level name";
	return NULL;
}

const char *spf_macros_wrong(struct slice s, bool *macros_r)
{
	size_t dot = 0;
	bool ends_in_macro = false;
	return read_macros(s, &dot, macros_r, &ends_in_macro);
}

/* "0", or digits that do not begin with it. */
static bool read_prefix(struct slice s, unsigned max, unsigned *prefix)
{
	uint64_t n = 0;
	if (s.len == 0 || s.len > 3 || (s.len > 1 && s.ptr[0] == '0') || !slice_to_u64(s, &n) ||
	    n > max)
		return false;
	*prefix = (unsigned)n;
	return true;
}

/* The suffix of digits and slashes begins with a slash, for a domain cannot end in one. */
bool spf_cut_cidr(struct slice *value, unsigned *cidr4, unsigned *cidr6)
{
	size_t at = value->len;
	for (size_t i = value->len; i > 0; i--) {
		char c = value->ptr[i - 1];
		if (!is_digit(c) && c != '/')
			break;
		at = c == '/' ? i - 1 : at;
	}
	if (at == value->len)
		return true;
	struct slice rest = { value->ptr + at + 1, value->len - at - 1 };
	value->len = at;
	if (rest.len == 0)
		return false;
	struct slice four = slice_until(&rest, '/');
	if (four.len > 0 && !read_prefix(four, 32, cidr4))
		return false;
	if (rest.len == 0)
		return four.len > 0;
	/* Behind "/24" stands "//64": one slash is still there. */
	if (four.len > 0 && rest.ptr[0] == '/')
		rest = (struct slice){ rest.ptr + 1, rest.len - 1 };
	else if (four.len > 0)
		return false;
	return read_prefix(rest, 128, cidr6);
}

const char *spf_network_wrong(struct slice value, bool v6, unsigned *cidr)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	struct slice rest = value;
	struct slice address = slice_until(&rest, '/');
	bool has_prefix = address.len < value.len;
	if (address.len == 0 || address.len >= sizeof(text))
		return "the address is missing or too long";
	memcpy(text, address.ptr, address.len);
	text[address.len] = '\0';
	if (strlen(text) != address.len || inet_pton(v6 ? AF_INET6 : AF_INET, text, bytes) != 1)
		return v6 ? "that is no IPv6 address" : "that is no IPv4 address";
	if (has_prefix && !read_prefix(rest, v6 ? 128 : 32, cidr))
		return v6 ? "the prefix length must be 0 to 128"
			  : "the prefix length must be 0 to 32";
	return NULL;
}
