/*
 * [owner] [TTL] [class] type rdata, TTL and class in either order (RFC 1035 §5.1). The
 * rdata is read by ldns, out of a text that says everything (owner, TTL, class, origin).
 */
#include "registrars/zonefile/master.h"

#include "base/buf.h"
#include "zone/dname.h"
#include "zone/zone.h"

enum { TYPE_TEXT_MAX = 24 };

static uint64_t unit_of(char c)
{
	switch (c) {
	case 's':
	case 'S': return 1;
	case 'm':
	case 'M': return 60;
	case 'h':
	case 'H': return 3600;
	case 'd':
	case 'D': return 86400;
	case 'w':
	case 'W': return 604800;
	default: return 0;
	}
}

/* Bounded by 2^31-1 (RFC 2181 §8), so that a sum of units cannot run over. */
bool master_ttl(struct slice s, uint32_t *ttl_r)
{
	uint64_t sum = 0;
	while (s.len > 0) {
		size_t digits = 0;
		uint64_t v = 0;
		while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
			digits++;
		if (!slice_to_u64((struct slice){ s.ptr, digits }, &v) || v > INT32_MAX)
			return false;
		uint64_t unit = digits < s.len ? unit_of(s.ptr[digits]) : 1;
		size_t used = digits < s.len ? digits + 1 : digits;
		sum += v * unit;
		if (unit == 0 || sum > INT32_MAX)
			return false;
		s.ptr += used;
		s.len -= used;
	}
	*ttl_r = (uint32_t)sum;
	return true;
}

static bool is_class_in(struct slice s)
{
	return slice_eq_nocase(s, SLICE_LIT("IN"));
}

static bool is_other_class(struct slice s)
{
	return slice_eq_nocase(s, SLICE_LIT("CH")) || slice_eq_nocase(s, SLICE_LIT("HS")) ||
	       slice_eq_nocase(s, SLICE_LIT("CS"));
}

/* Types are written in any case; TYPE1234 is one too. */
static uint16_t type_of(struct slice s)
{
	char text[TYPE_TEXT_MAX];
	if (s.len == 0 || s.len >= sizeof(text))
		return 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		text[i] = (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
	}
	text[s.len] = '\0';
	return rr_type_from_name(text);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* TTL, class and type from the word `i` on. */
static int read_head(struct master *m, size_t i, struct err *e)
{
	struct master_entry *entry = &m->entry;
	bool has_class = false;
	for (; i < entry->token_n; i++) {
		struct slice word = master_word(m, &entry->tokens[i]);
		if (is_other_class(word))
			return master_error(entry, e, "a class other than IN");
		if (!has_class && is_class_in(word)) {
			has_class = true;
		} else if (!entry->has_ttl && is_digit(word.ptr[0]) &&
			   master_ttl(word, &entry->ttl)) {
			entry->has_ttl = true;
			entry->ttl_at = i;
		} else {
			entry->type_at = i;
			entry->type = type_of(word);
			break;
		}
	}
	return entry->type != 0 ? 0 : master_error(entry, e, "a record without a known type");
}

/* The owner that was stated last is inherited, over directives too. */
static int read_owner(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	if (entry->starts_blank) {
		entry->name = m->last_name.at;
		return m->last_name.len > 0 ? 0 : master_error(entry, e, "no owner to inherit");
	}
	const char *text = arena_slice(m->a, master_word(m, &entry->tokens[0]));
	const char *name = dname_in_zone(m->a, text, entry->origin, e);
	if (name == NULL) {
		e->kind = ERR_REFUSED;
		return err_wrap(e, "line %u", entry->line);
	}
	entry->name = master_text_of(&m->last_name, name);
	return 0;
}

/* Without $TTL: the SOA's own minimum for itself, else the TTL stated last (RFC 1035). */
static int read_ttl(struct master *m, struct err *e)
{
	struct master_entry *entry = &m->entry;
	uint32_t minimum = 0;
	if (entry->has_ttl) {
		m->last_ttl = entry->ttl;
		m->has_last = true;
		return 0;
	}
	if (m->has_default) {
		entry->ttl = m->default_ttl;
		return 0;
	}
	if (m->has_last) {
		entry->ttl = m->last_ttl;
		entry->borrows_ttl = true;
		return 0;
	}
	if (entry->type != RR_SOA ||
	    !master_ttl(master_word(m, &entry->tokens[entry->token_n - 1]), &minimum))
		return master_error(entry, e, "no TTL: neither here nor by $TTL");
	entry->ttl = m->default_ttl = minimum;
	m->has_default = true;
	return 0;
}

/* One line that inherits nothing but the origin. */
static void write_alone(const struct master *m, struct buf *b)
{
	const struct master_entry *entry = &m->entry;
	buf_addf(b, "$ORIGIN %s\n%s %u IN %s", entry->origin, entry->name, (unsigned)entry->ttl,
		 rr_type_name(m->a, entry->type));
	for (size_t i = entry->type_at + 1; i < entry->token_n; i++) {
		struct slice word = master_word(m, &entry->tokens[i]);
		buf_addc(b, ' ');
		buf_add(b, word.ptr, word.len);
	}
	buf_addc(b, '\n');
}

/* Through the zone's own parser; its refusal only means that this entry is kept as it is. */
static void read_value(struct master *m)
{
	struct master_entry *entry = &m->entry;
	struct err ignored;
	struct buf b;
	if (!dname_is_within(entry->name, m->of->zone))
		return; /* servers ignore it, and so do we: it keeps its bytes */
	if (entry->type != RR_SOA && !registrar_names_have(m->only, entry->name))
		return;
	buf_init(&b);
	write_alone(m, &b);
	const struct zone *one = zone_parse(m->a, m->of->zone, buf_slice(&b), &ignored);
	buf_release(&b);
	if (one != NULL && one->n == 1 && one->rrsets[0]->type == entry->type &&
	    dname_equal(one->rrsets[0]->name, entry->name))
		entry->set = one->rrsets[0];
}

int master_record(struct master *m, struct err *e)
{
	if (read_head(m, m->entry.starts_blank ? 0 : 1, e) != 0 || read_owner(m, e) != 0 ||
	    read_ttl(m, e) != 0)
		return -1;
	read_value(m);
	return 0;
}
