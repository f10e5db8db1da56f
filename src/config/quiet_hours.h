/*
 * quiet_hours.h - windows of the week in which a copy pauses: "Mon-Fri 08:00-18:00".
 */
#ifndef CONFIG_QUIET_HOURS_H
#define CONFIG_QUIET_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quiet_hours {
	unsigned days;        /* bit 0: Sunday … bit 6: Saturday; the day on which it begins */
	int from_min, to_min; /* of the day; to_min below from_min ends on the next day */
	bool utc;             /* else local time */
};

/* "[DAYS ]HH:MM-HH:MM[ UTC]", DAYS as Mon-Fri or Sat,Sun, 24:00 as the end of a day. NULL when it
 * went well, else the reason as the end of a sentence ("must be …"); static. */
const char *quiet_hours_parse(const char *text, struct quiet_hours *h_r);
/* A check for the table of options: as quiet_hours_parse. */
const char *quiet_hours_check(const char *text);

/* Until when the windows that hold now_ms last (wall clock, ms), windows that follow without a gap
 * included; 0: now is in none. */
int64_t quiet_hours_end(const struct quiet_hours *list, size_t n, int64_t now_ms);

#endif
