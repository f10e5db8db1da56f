/*
 * Read as a sender reads it (RFC 8461 §3.2): a policy with one thing wrong is no policy, and mail
 * goes on as before, or by an older one that is still cached. So the first fault is the answer, and
 * unknown keys are none. Of a key that stands there twice the first counts, for so do senders.
 */
#include "dns/sts_policy.h"

#include <string.h>

const char *sts_mode_name(enum sts_mode mode)
{
	static const char *const names[] = { "none", "testing", "enforce" };
	return names[mode];
}

/* What has been read; the keys that count once are marked. */
struct reading {
	struct arena *a;
	struct sts_policy *policy;
	bool version, mode, max_age;
};

static const char *read_version(struct reading *r, struct slice value)
{
	if (r->version)
		return NULL;
	r->version = true;
	return slice_eq(value, SLICE_LIT("STSv1")) ? NULL : "its version is not STSv1";
}

static const char *read_mode(struct reading *r, struct slice value)
{
	if (r->mode)
		return NULL;
	r->mode = true;
	for (unsigned i = STS_MODE_NONE; i <= STS_MODE_ENFORCE; i++) {
		r->policy->mode = (enum sts_mode)i;
		if (slice_eq(value, slice_str(sts_mode_name(r->policy->mode))))
			return NULL;
	}
	return "its mode is not enforce, testing or none";
}

static const char *read_max_age(struct reading *r, struct slice value)
{
	uint64_t n = 0;
	if (r->max_age)
		return NULL;
	r->max_age = true;
	if (value.len > 10 || !slice_to_u64(value, &n) || n > STS_MAX_AGE_MAX)
		return "its max_age is no number of seconds up to 31557600";
	r->policy->max_age_s = (uint32_t)n;
	return NULL;
}

/* Letters, digits, hyphens and dots, as a host has them; "*" only as the first label. */
static bool is_pattern(struct slice s)
{
	if (slice_starts_nocase(s, SLICE_LIT("*.")))
		s = (struct slice){ s.ptr + 2, s.len - 2 };
	for (size_t i = 0; i < s.len; i++) {
		char c = (char)(s.ptr[i] | 0x20);
		bool other = (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '-' ||
			     s.ptr[i] == '_' || (s.ptr[i] == '.' && i > 0 && s.ptr[i - 1] != '.');
		if (!(c >= 'a' && c <= 'z') && !other)
			return false;
	}
	return s.len > 0 && s.len < 255;
}

static const char *read_mx(struct reading *r, struct slice value)
{
	if (!is_pattern(value))
		return "one of its mx lines is no host name";
	if (value.ptr[value.len - 1] == '.')
		value.len--;
	if (r->policy->mx_n == STS_MX_MAX)
		return NULL;
	char *text = arena_slice(r->a, value);
	str_lower(text);
	r->policy->mx[r->policy->mx_n++] = text;
	return NULL;
}

static const char *read_line(struct reading *r, struct slice line)
{
	static const struct {
		struct slice key;
		const char *(*read)(struct reading *, struct slice);
	} keys[] = {
		{ SLICE_LIT("version"), read_version },
		{ SLICE_LIT("mode"), read_mode },
		{ SLICE_LIT("max_age"), read_max_age },
		{ SLICE_LIT("mx"), read_mx },
	};
	struct slice value = line;
	struct slice key = slice_until(&value, ':');
	if (key.len == line.len)
		return "it has a line without a colon";
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (slice_eq(slice_trim(key), keys[i].key))
			return keys[i].read(r, slice_trim(value));
	}
	return NULL;
}

const char *sts_policy_wrong(struct arena *a, struct slice body, struct sts_policy *policy_r)
{
	*policy_r = (struct sts_policy){ .mode = STS_MODE_NONE };
	struct reading r = { .a = a, .policy = policy_r };
	while (body.len > 0) {
		struct slice line = slice_until(&body, '\n');
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		line = slice_trim(line);
		const char *why = line.len > 0 ? read_line(&r, line) : NULL;
		if (why != NULL)
			return why;
	}
	if (!r.version)
		return "it has no version";
	if (!r.mode)
		return "it has no mode";
	if (!r.max_age)
		return "it has no max_age";
	if (policy_r->mx_n == 0 && policy_r->mode != STS_MODE_NONE)
		return "it lists no MX host";
	return NULL;
}

const char *sts_fetch_wrong(int status, const char *content_type)
{
	struct slice rest = slice_str(content_type);
	if (status >= 300 && status < 400)
		return "the server answers with a redirect, which senders do not follow";
	if (status != 200)
		return "the server does not answer with status 200";
	if (!slice_eq_nocase(slice_trim(slice_until(&rest, ';')), SLICE_LIT("text/plain")))
		return "the server does not say that it is text/plain";
	return NULL;
}

/* Without the final dot. */
static struct slice bare(const char *name)
{
	struct slice s = slice_str(name);
	if (s.len > 0 && s.ptr[s.len - 1] == '.')
		s.len--;
	return s;
}

bool sts_mx_matches(const char *const *patterns, size_t n, const char *host)
{
	struct slice whole = bare(host);
	struct slice parent = whole;
	(void)slice_until(&parent, '.');
	for (size_t i = 0; i < n; i++) {
		struct slice p = bare(patterns[i]);
		if (slice_starts_nocase(p, SLICE_LIT("*."))) {
			p = (struct slice){ p.ptr + 2, p.len - 2 };
			if (parent.len > 0 && slice_eq_nocase(p, parent))
				return true;
		} else if (slice_eq_nocase(p, whole)) {
			return true;
		}
	}
	return false;
}
