/*
 * A window belongs to the day on which it begins. Local time is the machine's zone, and its
 * summer time is the C library's business: the end of a window is asked for as "that day at
 * that minute", never computed by adding hours.
 */
#include "config/quiet_hours.h"

#include <time.h>

#include "base/str.h"

enum { DAYS = 7, EVERY_DAY = 0x7f, DAY_MIN = 24 * 60, WINDOWS_MAX = 32 };

static const char wanted[] = "must be like \"Mon-Fri 08:00-18:00\", \"22:00-06:00\" or \"Sat,Sun "
			     "00:00-24:00 UTC\"";

/* -1: no day. */
static int day_of(struct slice s)
{
	static const char *const names[DAYS] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	for (int i = 0; i < DAYS; i++)
		if (slice_eq_nocase(s, slice_str(names[i])))
			return i;
	return -1;
}

/* "Mon-Fri" goes over the week's end where it must: "Fri-Mon". */
static bool add_days(struct slice part, unsigned *days)
{
	int first = day_of(slice_until(&part, '-'));
	int last = part.ptr != NULL && part.len > 0 ? day_of(part) : first;
	if (first < 0 || last < 0)
		return false;
	for (int d = first;; d = (d + 1) % DAYS) {
		*days |= 1u << d;
		if (d == last)
			return true;
	}
}

static bool read_days(struct slice s, unsigned *days)
{
	*days = 0;
	while (s.len > 0)
		if (!add_days(slice_until(&s, ','), days))
			return false;
	return *days != 0;
}

static bool read_minute(struct slice s, int *min_r)
{
	uint64_t hour;
	uint64_t minute;
	struct slice hours = slice_until(&s, ':');
	if (hours.len == 0 || hours.len > 2 || s.len != 2 || !slice_to_u64(hours, &hour) ||
	    !slice_to_u64(s, &minute) || hour > 24 || minute > 59 || (hour == 24 && minute != 0))
		return false;
	*min_r = (int)(hour * 60 + minute);
	return true;
}

static bool read_span(struct slice s, struct quiet_hours *h)
{
	struct slice from = slice_until(&s, '-');
	return read_minute(from, &h->from_min) && read_minute(s, &h->to_min) &&
	       h->from_min != h->to_min && h->from_min < DAY_MIN;
}

const char *quiet_hours_parse(const char *text, struct quiet_hours *h_r)
{
	struct slice rest = slice_trim(slice_str(text));
	struct slice word = slice_until(&rest, ' ');
	*h_r = (struct quiet_hours){ .days = EVERY_DAY };
	if (word.len > 0 && (word.ptr[0] < '0' || word.ptr[0] > '9')) {
		if (!read_days(word, &h_r->days))
			return wanted;
		word = slice_until(&rest, ' ');
	}
	h_r->utc = slice_eq_nocase(rest, SLICE_LIT("UTC"));
	if (!read_span(word, h_r) || (rest.len > 0 && !h_r->utc))
		return wanted;
	return NULL;
}

const char *quiet_hours_check(const char *text)
{
	struct quiet_hours h;
	return quiet_hours_parse(text, &h);
}

static bool has_day(const struct quiet_hours *h, int wday)
{
	return (h->days >> ((wday + DAYS) % DAYS) & 1) != 0;
}

/* That day, `days` later, at that minute. */
static int64_t moment(const struct quiet_hours *h, struct tm day, int days, int minute)
{
	day.tm_mday += days;
	day.tm_hour = minute / 60;
	day.tm_min = minute % 60;
	day.tm_sec = 0;
	day.tm_isdst = -1;
	return (int64_t)(h->utc ? timegm(&day) : mktime(&day)) * 1000;
}

/* Yesterday's window may still be open, today's may have begun. */
static int64_t end_of(const struct quiet_hours *h, int64_t now_ms)
{
	time_t at = (time_t)(now_ms / 1000);
	struct tm tm;
	if ((h->utc ? gmtime_r(&at, &tm) : localtime_r(&at, &tm)) == NULL)
		return 0;
	int minute = tm.tm_hour * 60 + tm.tm_min;
	bool over_night = h->to_min < h->from_min;
	if (over_night && minute < h->to_min && has_day(h, tm.tm_wday - 1))
		return moment(h, tm, 0, h->to_min);
	if (minute < h->from_min || !has_day(h, tm.tm_wday))
		return 0;
	if (over_night)
		return moment(h, tm, 1, h->to_min);
	return minute < h->to_min ? moment(h, tm, 0, h->to_min) : 0;
}

static int64_t latest_end(const struct quiet_hours *list, size_t n, int64_t now_ms)
{
	int64_t end = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t one = end_of(&list[i], now_ms);
		if (one > end)
			end = one;
	}
	return end;
}

/* Bounded: a week without a gap has no end, and whoever waits asks again. */
int64_t quiet_hours_end(const struct quiet_hours *list, size_t n, int64_t now_ms)
{
	int64_t end = latest_end(list, n, now_ms);
	for (int i = 0; end != 0 && i < WINDOWS_MAX; i++) {
		int64_t next = latest_end(list, n, end);
		if (next == 0)
			break;
		end = next;
	}
	return end;
}
