/* No floating point in the reading: a limit is exact. */
#include "base/size.h"

#include <stdio.h>

const char *size_format(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)bytes;
	size_t u = 0;
	while (v >= 1000.0 && u < 4) {
		v /= 1000.0;
		u++;
	}
	(void)snprintf(text, SIZE_TEXT_MAX, u > 0 && v < 10.0 ? "%.1f %s" : "%.0f %s", v, units[u]);
	return text;
}

static bool unit_of(struct slice s, uint64_t *unit_r)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "kB", 1000 },
		{ "MB", UINT64_C(1000) * 1000 },
		{ "GB", UINT64_C(1000) * 1000 * 1000 },
		{ "TB", UINT64_C(1000) * 1000 * 1000 * 1000 },
		{ "KiB", 1024 },
		{ "MiB", UINT64_C(1024) * 1024 },
		{ "GiB", UINT64_C(1024) * 1024 * 1024 },
	};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_eq_nocase(s, slice_str(units[i].name))) {
			*unit_r = units[i].bytes;
			return true;
		}
	return false;
}

static size_t digits(struct slice s)
{
	size_t n = 0;
	while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		n++;
	return n;
}

static struct slice behind(struct slice s, size_t n)
{
	return (struct slice){ s.ptr + n, s.len - n };
}

/* ".5" of a unit, digit by digit. */
static uint64_t fraction_of(uint64_t unit, struct slice figures)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < figures.len && unit >= 10; i++) {
		unit /= 10;
		sum += unit * (uint64_t)(figures.ptr[i] - '0');
	}
	return sum;
}

bool size_parse(struct slice s, uint64_t *bytes_r)
{
	uint64_t whole;
	uint64_t unit;
	size_t n = digits(s);
	struct slice figures = { s.ptr, 0 };
	if (n == 0 || !slice_to_u64((struct slice){ s.ptr, n }, &whole))
		return false;
	s = behind(s, n);
	bool has_fraction = s.len > 0 && s.ptr[0] == '.';
	if (has_fraction) {
		s = behind(s, 1);
		figures = (struct slice){ s.ptr, digits(s) };
		s = behind(s, figures.len);
	}
	s = slice_trim(s);
	if (!unit_of(s, &unit) || (has_fraction && (figures.len == 0 || unit == 1)) ||
	    whole > UINT64_MAX / unit - 1)
		return false;
	*bytes_r = whole * unit + fraction_of(unit, figures);
	return true;
}
