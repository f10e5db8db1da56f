/*
 * Both habits are kept: people who read dates in serials go on reading dates, and a plain
 * counter stays one. Whatever the old one is, the new one is greater (RFC 1982 §3.2).
 */
#include "registrars/zonefile/serial.h"

/* YYYYMMDD as a number, from "2026-11-27T…". */
static uint32_t date_number(int64_t now_ms)
{
	char text[TIME_TEXT_MAX];
	uint32_t v = 0;
	(void)time_format(now_ms, text);
	for (size_t i = 0; i < 10 && text[i] != '\0'; i++) {
		if (text[i] != '-')
			v = v * 10 + (uint32_t)(text[i] - '0');
	}
	return v;
}

static bool looks_like_date(uint32_t serial)
{
	uint32_t year = serial / 1000000;
	uint32_t month = serial / 10000 % 100;
	uint32_t day = serial / 100 % 100;
	return year >= 1980 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

uint32_t serial_next(uint32_t serial, int64_t now_ms)
{
	uint32_t today = date_number(now_ms) * 100;
	if (looks_like_date(serial) && looks_like_date(today) && today > serial)
		return today;
	return serial == UINT32_MAX ? 1 : serial + 1;
}
