/*
 * Own arithmetic instead of strptime and mktime: those depend on locale and TZ, and the
 * zone of the text must survive, since the target is told it again.
 */
#include "migrate/imap/date.h"

#include <string.h>

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Days since 1970-01-01 of a date in the Gregorian calendar, year >= 1; the year is
 * counted from March so that the leap day comes last. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	if (m <= 2)
		y--;
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void date_of_days(int64_t days, int64_t *y_r, int64_t *m_r, int64_t *d_r)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*d_r = doy - (153 * mp + 2) / 5 + 1;
	*m_r = mp < 10 ? mp + 3 : mp - 9;
	*y_r = yoe + era * 400 + (*m_r <= 2 ? 1 : 0);
}

/* Exactly `n` digits at `at`, which move off the front. */
static bool take_digits(struct slice *s, size_t n, int64_t *v_r)
{
	uint64_t v;
	if (s->len < n || !slice_to_u64((struct slice){ s->ptr, n }, &v))
		return false;
	*v_r = (int64_t)v;
	s->ptr += n;
	s->len -= n;
	return true;
}

static bool take_char(struct slice *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	s->ptr++;
	s->len--;
	return true;
}

/* English on the wire whatever the locale, hence an own table. */
static bool take_month(struct slice *s, int64_t *m_r)
{
	if (s->len < 3)
		return false;
	for (size_t i = 0; i < 12; i++) {
		if (slice_eq_nocase((struct slice){ s->ptr, 3 }, slice_str(months[i]))) {
			*m_r = (int64_t)i + 1;
			s->ptr += 3;
			s->len -= 3;
			return true;
		}
	}
	return false;
}

static int64_t month_days(int64_t y, int64_t m)
{
	return m == 12 ? 31 : days_of(y, m + 1, 1) - days_of(y, m, 1);
}

static bool take_day(struct slice *s, int64_t *days_r)
{
	int64_t d;
	int64_t m;
	int64_t y;
	bool two = s->len > 1 && s->ptr[1] != '-';
	if (!take_digits(s, two ? 2 : 1, &d) || !take_char(s, '-') || !take_month(s, &m) ||
	    !take_char(s, '-') || !take_digits(s, 4, &y) || y < 1)
		return false;
	if (d < 1 || d > month_days(y, m))
		return false;
	*days_r = days_of(y, m, d);
	return true;
}

/* Second 60 is a leap second; it becomes the next minute's first. */
static bool take_time(struct slice *s, int64_t *seconds_r)
{
	int64_t h;
	int64_t m;
	int64_t sec;
	if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) ||
	    !take_char(s, ':') || !take_digits(s, 2, &sec))
		return false;
	*seconds_r = h * 3600 + m * 60 + sec;
	return h < 24 && m < 60 && sec <= 60;
}

static bool take_zone(struct slice *s, int32_t *zone_r)
{
	int64_t h;
	int64_t m;
	bool west = take_char(s, '-');
	if (!west && !take_char(s, '+'))
		return false;
	if (!take_digits(s, 2, &h) || !take_digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*zone_r = (int32_t)(h * 3600 + m * 60);
	if (west)
		*zone_r = -*zone_r;
	return true;
}

/* The grammar pads a one-digit day with a blank; trimming allows both spellings. */
bool imap_date_parse(struct slice text, struct imap_date *d_r)
{
	struct slice s = slice_trim(text);
	int64_t days;
	int64_t seconds;
	if (!take_day(&s, &days) || !take_char(&s, ' ') || !take_time(&s, &seconds) ||
	    !take_char(&s, ' ') || !take_zone(&s, &d_r->zone_s) || s.len != 0)
		return false;
	d_r->utc_s = days * 86400 + seconds - d_r->zone_s;
	return true;
}

/* The last two digits; `pad` stands in for a ten that is 0. By hand: there is a date for each
 * message, and printf takes ten times as long. */
static char *put_two(char *at, int64_t v, char pad)
{
	at[0] = (char)('0' + v / 10 % 10);
	if (at[0] == '0')
		at[0] = pad;
	at[1] = (char)('0' + v % 10);
	return at + 2;
}

static char *put_clock(char *at, int64_t second_of_day)
{
	at = put_two(at, second_of_day / 3600, '0');
	*at++ = ':';
	at = put_two(at, second_of_day / 60 % 60, '0');
	*at++ = ':';
	return put_two(at, second_of_day % 60, '0');
}

const char *imap_date_format(struct imap_date d, char text[IMAP_DATE_MAX])
{
	int64_t local = d.utc_s + d.zone_s;
	int64_t days = local / 86400;
	int64_t left = local % 86400;
	if (left < 0) {
		left += 86400;
		days--;
	}
	int64_t y;
	int64_t m;
	int64_t day;
	date_of_days(days, &y, &m, &day);
	int32_t zone = d.zone_s < 0 ? -d.zone_s : d.zone_s;
	char *at = put_two(text, day, ' ');
	*at++ = '-';
	memcpy(at, months[m - 1], 3);
	at[3] = '-';
	at = put_two(put_two(at + 4, y / 100, '0'), y, '0');
	*at++ = ' ';
	at = put_clock(at, left);
	*at++ = ' ';
	*at++ = d.zone_s < 0 ? '-' : '+';
	at = put_two(put_two(at, zone / 3600, '0'), zone / 60 % 60, '0');
	*at = '\0';
	return text;
}
