/* Dates are computed by day counting (proleptic Gregorian), not by the C library:
 * timegm is no standard, and mktime reads the environment. */
#include "base/clock.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Whole milliseconds; both clocks of Linux are finer. */
static int64_t read_clock(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * MS + ts.tv_nsec / 1000000;
}

/* May jump when the clock is set; system_mono may not. */
static int64_t system_now(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

static int64_t system_mono(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_MONOTONIC);
}

/* Which start of the kernel this is: a random number that it makes at each, the same for all
 * programs. */
static void read_boot(char boot[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, boot, 39) : 0;
	boot[n > 0 ? n : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	if (fd >= 0)
		(void)close(fd);
}

/* CLOCK_BOOTTIME runs while the machine sleeps, and nobody can set it. Who is put aside between the
 * two readings would see a difference that is none: then again. */
static struct clock_start system_start(void *ctx)
{
	enum { TRIES = 20, APART_MS = 20 };
	struct clock_start s;
	(void)ctx;
	for (int i = 0; i < TRIES; i++) {
		int64_t before = read_clock(CLOCK_REALTIME);
		int64_t up = read_clock(CLOCK_BOOTTIME);
		int64_t after = read_clock(CLOCK_REALTIME);
		s.at_ms = before - up;
		if (after >= before && after - before <= APART_MS)
			break;
	}
	read_boot(s.boot);
	return s;
}

/* Sleeps in slices of a minute: a suspended laptop or a changed clock is noticed. */
static bool system_sleep(void *ctx, int64_t until_ms, int wake_fd)
{
	struct pollfd p = { .fd = wake_fd, .events = POLLIN };
	const struct moment end = moment_at(clock_system(), until_ms);
	(void)ctx;
	for (;;) {
		int64_t left = moment_ahead_ms(clock_system(), &end);
		if (left <= 0)
			return false;
		int slice = left < (int64_t)MINUTE_S * MS ? (int)left : MINUTE_S * MS;
		if (poll(&p, wake_fd >= 0 ? 1 : 0, slice) > 0)
			return true;
	}
}

const struct clock *clock_system(void)
{
	static const struct clock system_clock = {
		.now_ms = system_now,
		.mono_ms = system_mono,
		.sleep_until = system_sleep,
		.start = system_start,
	};
	return &system_clock;
}

int64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c->ctx);
}

int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->ctx);
}

bool clock_sleep_until(const struct clock *c, int64_t until_ms, int wake_fd)
{
	return c->sleep_until(c->ctx, until_ms, wake_fd);
}

struct clock_start clock_start(const struct clock *c)
{
	return c->start(c->ctx);
}

int64_t clock_set_between(const struct clock_start *then, const struct clock_start *now)
{
	int64_t by_ms = now->at_ms - then->at_ms;
	bool same = then->boot[0] != '\0' && strcmp(then->boot, now->boot) == 0;
	return same && (by_ms >= MS || by_ms <= -MS) ? by_ms : 0;
}

struct moment moment_at(const struct clock *c, int64_t wall_ms)
{
	return (struct moment){ wall_ms, clock_mono_ms(c) + (wall_ms - clock_now_ms(c)) };
}

int64_t moment_ahead_ms(const struct clock *c, const struct moment *m)
{
	int64_t wall_ms = m->wall_ms - clock_now_ms(c);
	int64_t mono_ms = m->mono_ms - clock_mono_ms(c);
	int64_t ahead_ms = wall_ms < mono_ms ? wall_ms : mono_ms;
	return ahead_ms > 0 ? ahead_ms : 0;
}

static int64_t fake_now(void *ctx)
{
	const struct fake_clock *f = ctx;
	return f->at_ms;
}

/* The descriptor is really polled, so that a test can cancel a wait of two days. */
static bool fake_sleep(void *ctx, int64_t until_ms, int wake_fd)
{
	struct fake_clock *f = ctx;
	struct pollfd p = { .fd = wake_fd, .events = POLLIN };
	if (wake_fd >= 0 && poll(&p, 1, 0) > 0)
		return true;
	if (until_ms > f->at_ms) {
		f->slept_ms += until_ms - f->at_ms;
		f->at_ms = until_ms;
	}
	return false;
}

static struct clock_start fake_start(void *ctx)
{
	const struct fake_clock *f = ctx;
	struct clock_start s = { .at_ms = f->set_ms };
	(void)snprintf(s.boot, sizeof(s.boot), "fake %u", f->boot);
	return s;
}

void fake_clock_init(struct fake_clock *f, int64_t at_ms)
{
	*f = (struct fake_clock){ .at_ms = at_ms,
				  .clock = { fake_now, fake_now, fake_sleep, fake_start, f } };
}

void fake_clock_set(struct fake_clock *f, int64_t by_ms)
{
	f->at_ms += by_ms;
	f->set_ms += by_ms;
}

/* Days since 1970-01-01 of a civil date; March-based years put the leap day last. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* The reverse of it; 719468 days lie between 0000-03-01 and 1970-01-01. */
static void civil_from_days(int64_t days, int *y, int *m, int *d)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp + (mp < 10 ? 3 : -9));
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

/* C rounds to zero, which would put the second before 1970 into the wrong day. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Two digits and what stands behind them; '\0': nothing. */
static char *put_two(char *to, int v, char behind)
{
	*to++ = (char)('0' + v / 10);
	*to++ = (char)('0' + v % 10);
	if (behind != '\0')
		*to++ = behind;
	return to;
}

/* By the thousand in a bulk audit, so without a format. */
const char *time_format(int64_t ms, char text[TIME_TEXT_MAX])
{
	int64_t s = floor_div(ms, MS);
	int64_t days = floor_div(s, DAY_S);
	int rest = (int)(s - days * DAY_S);
	int y;
	int m;
	int d;
	civil_from_days(days, &y, &m, &d);
	if (y < 0 || y > 9999) {
		(void)snprintf(text, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d,
			       rest / HOUR_S, rest / MINUTE_S % 60, rest % 60);
		return text;
	}
	char *to = put_two(put_two(text, y / 100, '\0'), y % 100, '-');
	to = put_two(put_two(to, m, '-'), d, 'T');
	to = put_two(put_two(to, rest / HOUR_S, ':'), rest / MINUTE_S % 60, ':');
	*put_two(to, rest % 60, 'Z') = '\0';
	return text;
}

/* Takes `digits` digits from *s; -1 when they are not there. */
static int take_digits(struct slice *s, size_t digits)
{
	uint64_t v;
	if (s->len < digits || !slice_to_u64((struct slice){ s->ptr, digits }, &v))
		return -1;
	s->ptr += digits;
	s->len -= digits;
	return (int)v;
}

/* Moves on only when it is there, so that alternatives can be tried in turn. */
static bool take_char(struct slice *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	s->ptr++;
	s->len--;
	return true;
}

/* A number of fixed width after its separator ('\0': none), within its bounds. */
static bool take_field(struct slice *s, char before, size_t digits, int lo, int hi, int *v)
{
	if (before != '\0' && !take_char(s, before))
		return false;
	*v = take_digits(s, digits);
	return *v >= lo && *v <= hi;
}

/* "Z" or "+hh:mm" or "-hh:mm", and nothing behind it. */
static bool take_offset(struct slice *s, int64_t *offset_s)
{
	int h;
	int m;
	*offset_s = 0;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return s->len == 0;
	int sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0;
	if (sign == 0 || !take_field(s, '\0', 2, 0, 23, &h) || !take_field(s, ':', 2, 0, 59, &m))
		return false;
	*offset_s = sign * (h * (int64_t)HOUR_S + m * (int64_t)MINUTE_S);
	return s->len == 0;
}

bool time_parse(struct slice s, int64_t *ms_r)
{
	static const int month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y;
	int mo;
	int d;
	int h;
	int mi;
	int sec = 0;
	int64_t offset_s;
	if (!take_field(&s, '\0', 4, 1970, 9999, &y) || !take_field(&s, '-', 2, 1, 12, &mo) ||
	    !take_field(&s, '-', 2, 1, month_days[mo - 1], &d))
		return false;
	/* The table of months gives February 29 days; whether this one has them is judged
	 * here. */
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (mo == 2 && d == 29 && !leap)
		return false;
	/* RFC 3339 §5.6 lets a blank stand for the T. */
	if (!take_char(&s, 'T') && !take_char(&s, ' '))
		return false;
	if (!take_field(&s, '\0', 2, 0, 23, &h) || !take_field(&s, ':', 2, 0, 59, &mi))
		return false;
	if (s.len > 0 && s.ptr[0] == ':' && !take_field(&s, ':', 2, 0, 60, &sec))
		return false;
	if (!take_offset(&s, &offset_s))
		return false;
	int64_t in_day = h * (int64_t)HOUR_S + mi * (int64_t)MINUTE_S + sec;
	*ms_r = (days_from_civil(y, mo, d) * DAY_S + in_day - offset_s) * MS;
	return true;
}

const char *duration_format(int64_t ms, char text[TIME_TEXT_MAX])
{
	int64_t s = ms > 0 ? ms / MS : 0;
	long long d = s / DAY_S;
	long long h = s % DAY_S / HOUR_S;
	long long m = s % HOUR_S / MINUTE_S;
	long long rest = s % MINUTE_S;
	if (d > 0)
		(void)snprintf(text, TIME_TEXT_MAX, "%lld d %lld h", d, h);
	else if (h > 0)
		(void)snprintf(text, TIME_TEXT_MAX, "%lld h %02lld min", h, m);
	else if (m > 0)
		(void)snprintf(text, TIME_TEXT_MAX, "%lld min %02lld s", m, rest);
	else
		(void)snprintf(text, TIME_TEXT_MAX, "%lld s", rest);
	return text;
}

/* No weeks and months: a cutover is planned in hours and days. */
static int64_t unit_seconds(char c)
{
	switch (c) {
	case 's': return 1;
	case 'm': return MINUTE_S;
	case 'h': return HOUR_S;
	case 'd': return DAY_S;
	default: return 0;
	}
}

bool duration_parse(struct slice s, int64_t *ms_r)
{
	const int64_t limit_s = (int64_t)DAY_S * 3660;
	int64_t total_s = 0;
	bool first = true;
	if (s.len == 0)
		return false;
	while (s.len > 0) {
		uint64_t n;
		size_t digits = 0;
		while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
			digits++;
		if (digits > 9 || !slice_to_u64((struct slice){ s.ptr, digits }, &n))
			return false;
		s.ptr += digits;
		s.len -= digits;
		int64_t unit = s.len > 0 ? unit_seconds(s.ptr[0]) : first && n == 0 ? 1 : 0;
		if (unit == 0)
			return false;
		if (s.len > 0) {
			s.ptr++;
			s.len--;
		}
		first = false;
		total_s += (int64_t)n * unit;
		if (total_s > limit_s)
			return false;
	}
	*ms_r = total_s * MS;
	return true;
}
