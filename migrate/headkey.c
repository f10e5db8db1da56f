/*
 * A line is told apart byte by byte: its first byte says whether it goes on with the field
 * before, the bytes up to the colon are its name, and only three names have their values
 * kept. Bytes that servers replace (NUL, 8 bit, other control characters) are in no value.
 */
#include "migrate/headkey.h"

#include <stdio.h>
#include <string.h>

#include "migrate/imap/date.h"

enum field { FIELD_NONE, FIELD_ID, FIELD_DATE, FIELD_FROM };

static const char *const names[] = {
	[FIELD_ID] = "message-id",
	[FIELD_DATE] = "date",
	[FIELD_FROM] = "from",
};

static int field_of(const struct headkey_reader *r)
{
	const struct slice name = { r->name, r->name_len };
	for (int i = FIELD_ID; i <= FIELD_FROM; i++)
		if (slice_eq_nocase(name, slice_str(names[i])) && (r->known & 1U << i) == 0)
			return i;
	return FIELD_NONE;
}

/* Blanks before the colon are obsolete, not wrong (RFC 5322 §4.5). */
static void add_to_name(struct headkey_reader *r, char c)
{
	if (c == ':') {
		r->named = true;
		r->field = r->name_len <= sizeof(r->name) ? field_of(r) : FIELD_NONE;
		if (r->field != FIELD_NONE)
			r->known |= 1U << r->field;
	} else if (c != ' ' && c != '\t') {
		if (r->name_len < sizeof(r->name))
			r->name[r->name_len] = c;
		r->name_len++;
	}
}

static void add_to_value(struct headkey_reader *r, char c)
{
	if (r->field == FIELD_NONE || c < ' ' || c > '~')
		return;
	struct headkey_value *v = &r->values[r->field - 1];
	if (v->len < sizeof(v->text))
		v->text[v->len++] = c;
}

static void end_line(struct headkey_reader *r)
{
	r->over = !r->inside;
	r->inside = false;
}

/* The first byte of a line: a blank goes on with the field before, its folding is one blank. */
static void begin_line(struct headkey_reader *r, char c)
{
	r->inside = true;
	if (c == ' ' || c == '\t') {
		add_to_value(r, ' ');
		return;
	}
	r->named = false;
	r->name_len = 0;
	r->field = FIELD_NONE;
	add_to_name(r, c);
}

static void add_byte(struct headkey_reader *r, char c)
{
	if (c == '\r') {
		if (!r->cr)
			end_line(r);
		r->cr = true;
		return;
	}
	bool run = r->cr;
	r->cr = false;
	if (c == '\n') {
		if (!run)
			end_line(r);
	} else if (!r->inside) {
		begin_line(r, c);
	} else if (!r->named) {
		add_to_name(r, c);
	} else {
		add_to_value(r, c);
	}
}

void headkey_add(struct headkey_reader *r, struct slice s)
{
	for (size_t i = 0; i < s.len && !r->over; i++)
		add_byte(r, s.ptr[i]);
}

/* -- the values -- */

static struct slice value_of(const struct headkey_reader *r, enum field field)
{
	const struct headkey_value *v = &r->values[field - 1];
	return slice_trim((struct slice){ v->text, v->len });
}

/* What stands between the last '<' and the '>' behind it; all of it without them. */
static struct slice bracketed(struct slice s)
{
	for (size_t at = s.len; at > 0; at--) {
		if (s.ptr[at - 1] != '<')
			continue;
		struct slice rest = { s.ptr + at, s.len - at };
		return slice_trim(slice_until(&rest, '>'));
	}
	return s;
}

static bool take_number(struct slice *s, size_t most, int64_t *v_r, size_t *digits_r)
{
	size_t n = 0;
	uint64_t v;
	while (n < s->len && n < most && s->ptr[n] >= '0' && s->ptr[n] <= '9')
		n++;
	if (n == 0 || !slice_to_u64((struct slice){ s->ptr, n }, &v))
		return false;
	*v_r = (int64_t)v;
	*digits_r = n;
	*s = slice_trim((struct slice){ s->ptr + n, s->len - n });
	return true;
}

static bool take_char(struct slice *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	*s = slice_trim((struct slice){ s->ptr + 1, s->len - 1 });
	return true;
}

static const char *take_month(struct slice *s)
{
	static const char *const months[12] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
						"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	for (size_t i = 0; i < 12; i++) {
		if (!slice_starts_nocase(*s, slice_str(months[i])))
			continue;
		/* "July" is seen, too: the letters behind belong to it. */
		size_t n = 3;
		while (n < s->len && (s->ptr[n] | 0x20) >= 'a' && (s->ptr[n] | 0x20) <= 'z')
			n++;
		*s = slice_trim((struct slice){ s->ptr + n, s->len - n });
		return months[i];
	}
	return NULL;
}

/* "+0200", or a name; names that nobody knows count as UTC (RFC 5322 §4.3). */
static int zone_of(struct slice s)
{
	static const struct {
		const char *name;
		int hhmm;
	} zones[] = { { "EST", -500 }, { "EDT", -400 }, { "CST", -600 }, { "CDT", -500 },
		      { "MST", -700 }, { "MDT", -600 }, { "PST", -800 }, { "PDT", -700 } };
	uint64_t v;
	if (s.len >= 5 && (s.ptr[0] == '+' || s.ptr[0] == '-') &&
	    slice_to_u64((struct slice){ s.ptr + 1, 4 }, &v))
		return s.ptr[0] == '-' ? -(int)v : (int)v;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (slice_starts_nocase(s, slice_str(zones[i].name)))
			return zones[i].hhmm;
	return 0;
}

struct clock_time {
	int64_t h, m, s;
};

static bool take_time(struct slice *s, struct clock_time *t)
{
	size_t digits;
	t->s = 0;
	if (!take_number(s, 2, &t->h, &digits) || !take_char(s, ':') ||
	    !take_number(s, 2, &t->m, &digits))
		return false;
	return !take_char(s, ':') || take_number(s, 2, &t->s, &digits);
}

/* Two digits: 1950 to 2049; three: an offset from 1900 (RFC 5322 §4.3). */
static int64_t whole_year(int64_t y, size_t digits)
{
	if (digits == 2)
		return y < 50 ? y + 2000 : y + 1900;
	return digits == 3 ? y + 1900 : y;
}

/* Brought into INTERNALDATE's shape, whose arithmetic there is already. */
bool headkey_date(struct slice text, int64_t *utc_s_r)
{
	struct slice s = slice_trim(text);
	int64_t day;
	int64_t year;
	struct clock_time t;
	size_t digits;
	struct imap_date date;
	char shaped[96];
	struct slice rest = s;
	(void)slice_until(&rest, ',');
	if (rest.len > 0)
		s = slice_trim(rest);
	if (!take_number(&s, 2, &day, &digits))
		return false;
	const char *month = take_month(&s);
	if (month == NULL || !take_number(&s, 4, &year, &digits) || !take_time(&s, &t))
		return false;
	int zone = zone_of(s);
	(void)snprintf(shaped, sizeof(shaped), "%02d-%s-%04d %02d:%02d:%02d %c%04d", (int)day,
		       month, (int)whole_year(year, digits), (int)t.h, (int)t.m, (int)t.s,
		       zone < 0 ? '-' : '+', zone < 0 ? -zone : zone);
	if (!imap_date_parse(slice_str(shaped), &date))
		return false;
	*utc_s_r = date.utc_s;
	return true;
}

/* Case matters in no address that is in use; servers that write From anew lower some. */
static void add_address(struct buf *b, struct slice from)
{
	struct slice address = bracketed(from);
	for (size_t i = 0; i < address.len; i++) {
		char c = address.ptr[i];
		if (c != ' ')
			buf_addc(b, (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
	}
}

static void add_date(struct buf *b, struct slice date, bool *read_r)
{
	int64_t utc_s;
	*read_r = headkey_date(date, &utc_s);
	if (*read_r)
		buf_addf(b, "%lld", (long long)utc_s);
	else
		buf_add(b, date.ptr, date.len);
}

static void short_hash(struct slice s, unsigned char out[HEADKEY_LEN])
{
	unsigned char sha[SHA256_LEN];
	sha256_of(s, sha);
	memcpy(out, sha, HEADKEY_LEN);
}

void headkey_finish(struct headkey_reader *r, struct headkey *key_r)
{
	struct buf text;
	bool dated;
	struct slice id = bracketed(value_of(r, FIELD_ID));
	struct slice from = value_of(r, FIELD_FROM);
	buf_init(&text);
	add_date(&text, value_of(r, FIELD_DATE), &dated);
	buf_addc(&text, '\n');
	add_address(&text, from);
	key_r->has_id = id.len > 0;
	key_r->id[0] = '\0';
	if (id.len < HEADKEY_ID_MAX) {
		memcpy(key_r->id, id.ptr, id.len);
		key_r->id[id.len] = '\0';
	}
	key_r->has_rest = dated && from.len > 0;
	short_hash(buf_slice(&text), key_r->weak);
	buf_addc(&text, '\n');
	buf_add(&text, id.ptr, id.len);
	short_hash(buf_slice(&text), key_r->key);
	buf_release(&text);
	*r = (struct headkey_reader){ .over = false };
}
