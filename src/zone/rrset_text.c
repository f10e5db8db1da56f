/*
 * RRsets as lines and as JSON, and what the rdata of MX, TXT and SOA says.
 */
#include <string.h>

#include "zone/dname.h"
#include "zone/record.h"

enum { TXT_STRING_MAX = 255 };

void rrset_print(const struct rrset *s, struct buf *out)
{
	struct arena *a = arena_new();
	const char *type = rr_type_name(a, s->type);
	for (size_t i = 0; i < s->n; i++)
		buf_addf(out, "%s %u IN %s %s\n", s->name, (unsigned)s->ttl, type, s->rdata[i]);
	arena_free(a);
}

struct js *rrset_to_js(const struct rrset *s)
{
	if (s == NULL)
		return js_null();
	struct arena *a = arena_new();
	struct js *v = js_object();
	js_set_str(v, "name", s->name);
	js_set_str(v, "type", rr_type_name(a, s->type));
	js_set_int(v, "ttl", s->ttl);
	struct js *rdata = js_array();
	for (size_t i = 0; i < s->n; i++)
		js_push(rdata, js_string(s->rdata[i]));
	js_set(v, "rdata", rdata);
	if (s->of_zone)
		js_set_bool(v, "of_zone", true);
	arena_free(a);
	return v;
}

void rrset_write(struct js_out *o, const struct rrset *s)
{
	struct arena *a = arena_new(); /* an unknown type's name */
	js_out_object(o, NULL);
	js_out_str(o, "name", s->name);
	js_out_str(o, "type", rr_type_name(a, s->type));
	js_out_int(o, "ttl", s->ttl);
	js_out_array(o, "rdata");
	for (size_t i = 0; i < s->n; i++)
		js_out_str(o, NULL, s->rdata[i]);
	js_out_array_end(o);
	if (s->of_zone)
		js_out_bool(o, "of_zone", true);
	js_out_object_end(o);
	arena_free(a);
}

const struct rrset *rrset_from_js(struct arena *a, const struct js *v, struct err *e)
{
	const struct js *list = js_get(v, "rdata");
	uint16_t type = rr_type_from_name(js_get_str(v, "type"));
	int64_t ttl = js_get_int(v, "ttl");
	if (!js_is_array(list) || type == 0 || ttl < 0 || ttl > INT32_MAX) {
		(void)err_set(e, ERR_ITEM, "no RRset: name, type, ttl and rdata are needed");
		return NULL;
	}
	size_t n = js_len(list);
	const char **rdata = ARENA_ARRAY(a, n, const char *);
	for (size_t i = 0; i < n; i++)
		rdata[i] = js_str(js_at(list, i));
	const struct rrset *s = rrset_make(a, js_get_str(v, "name"), type, (uint32_t)ttl, n, rdata,
					   e);
	return s != NULL && js_get_bool(v, "of_zone") ? rrset_as_of_zone(a, s) : s;
}

bool mx_parse(struct arena *a, const char *rdata, struct mx *mx_r)
{
	struct slice rest = slice_str(rdata);
	uint64_t preference = 0;
	struct err e;
	err_clear(&e);
	if (!slice_to_u64(slice_until(&rest, ' '), &preference) || preference > UINT16_MAX)
		return false;
	const char *host = dname_canon(a, arena_slice(a, rest), &e);
	if (host == NULL)
		return false;
	*mx_r = (struct mx){ .preference = (uint16_t)preference, .host = host };
	return true;
}

/* As in dname.c: no locale, no negative char. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads what the backslash at s stands for and says how many characters it took. */
static size_t unescape(const char *s, char *octet_r)
{
	if (is_digit(s[1]) && is_digit(s[2]) && is_digit(s[3])) {
		*octet_r = (char)((s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0'));
		return 4;
	}
	*octet_r = s[1];
	return s[1] != '\0' ? 2 : 1;
}

struct slice txt_join(struct arena *a, const char *rdata)
{
	char *to = arena_alloc(a, strlen(rdata) + 1);
	size_t len = 0;
	bool quoted = false;
	for (const char *s = rdata; *s != '\0';) {
		if (*s == '\\') {
			s += unescape(s, &to[len]);
			len++;
			continue;
		}
		if (*s == '"')
			quoted = !quoted;
		else if (quoted || *s != ' ')
			to[len++] = *s;
		s++;
	}
	to[len] = '\0';
	return (struct slice){ to, len };
}

/* Behind the end of one string and the beginning of the next, empty ones too. No quote of the text
 * itself stands there without its backslash. */
static const char *into_next(const char *s)
{
	while (s[0] == '"' && s[1] == ' ' && s[2] == '"')
		s += 3;
	return s;
}

static bool same_text(const char *a, const char *b)
{
	for (a++, b++;; a++, b++) { /* behind the first quotes */
		a = into_next(a);
		b = into_next(b);
		if (*a == '\\' && *b == '\\') {
			a++;
			b++;
		}
		if (*a != *b || *a == '\0')
			return *a == *b;
	}
}

bool rdata_alike(uint16_t type, const char *a, const char *b)
{
	if (type != RR_TXT || a[0] != '"' || b[0] != '"')
		return str_eq(a, b);
	return same_text(a, b);
}

const char *txt_quote(struct arena *a, struct slice text)
{
	struct buf b;
	buf_init(&b);
	buf_addc(&b, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && i % TXT_STRING_MAX == 0)
			buf_adds(&b, "\" \"");
		record_quote(&b, (unsigned char)text.ptr[i]);
	}
	buf_addc(&b, '"');
	const char *quoted = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return quoted;
}

bool soa_parse(const char *rdata, struct soa *soa_r)
{
	struct slice rest = slice_str(rdata);
	(void)slice_until(&rest, ' '); /* primary */
	(void)slice_until(&rest, ' '); /* mailbox */
	uint32_t *fields[] = { &soa_r->serial, &soa_r->refresh, &soa_r->retry, &soa_r->expire,
			       &soa_r->minimum };
	for (size_t i = 0; i < 5; i++) {
		uint64_t v = 0;
		if (!slice_to_u64(slice_until(&rest, ' '), &v) || v > UINT32_MAX)
			return false;
		*fields[i] = (uint32_t)v;
	}
	return rest.len == 0;
}
