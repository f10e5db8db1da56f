/*
 * A message's date never changes (RFC 3501 §2.3.3), so under another one there is another message:
 * a server that was put back to an older state gives its UIDs a second time, and only few make a
 * new UIDVALIDITY then. The hours alone may differ where a server tells all dates in the zone of
 * today.
 */
#include "migrate/scan_other.h"

#include "migrate/imap/date.h"

enum { QUARTER_S = 900, ZONES_MOST_S = 14 * 3600 };

static bool is_zone_only(int64_t apart_s)
{
	return apart_s <= ZONES_MOST_S && apart_s % QUARTER_S == 0;
}

bool scan_is_other(const struct ledger_message *known, const struct imap_fetch *now,
		   bool sizes_estimated)
{
	struct imap_date had;
	struct imap_date has;
	if (!now->has_date || slice_eq(now->date, slice_str(known->date)) ||
	    !imap_date_parse(slice_str(known->date), &had) || !imap_date_parse(now->date, &has) ||
	    had.utc_s == has.utc_s)
		return false;
	int64_t apart_s = had.utc_s < has.utc_s ? has.utc_s - had.utc_s : had.utc_s - has.utc_s;
	bool same_size = sizes_estimated || !now->has_size || now->size == known->size;
	return !(same_size && is_zone_only(apart_s));
}
