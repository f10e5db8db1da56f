/*
 * Can the new provider see the proof of ownership, at every server and through resolvers?
 */
#include "dns/check/ownership.h"

#include "dns/check/resolver.h"
#include "zone/dname.h"

struct count {
	size_t with, without; /* servers with readable answers */
};

/* The evidence is collected on the way. */
static struct count count_servers(struct checking *c)
{
	struct count n = { 0, 0 };
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, c->in->ownership_name, RR_TXT);
		if (v->state != SERVER_OK || !check_is_readable(seen))
			continue;
		bool has = ownership_has_token(c, seen->rrset);
		n.with += has;
		n.without += !has;
		check_saw_seen(c, v, seen);
	}
	return n;
}

/* "beside": providers' panels offer to replace, and the SPF mostly stands at the same name. */
static const char *add_record(struct checking *c)
{
	return arena_printf(c->a,
			    "add a TXT record at %s with the value %s, beside the TXT records that "
			    "are there",
			    check_show(c, c->in->ownership_name), c->in->ownership_txt);
}

static void report_at_name(struct checking *c, enum severity severity, const char *message,
			   const char *remedy)
{
	check_report(c, (struct check_report){
				.severity = severity,
				.subject = check_subject(c, c->in->ownership_name, RR_TXT),
				.message = message,
				.remedy = remedy });
}

static void verify_txt_missing(struct checking *c)
{
	if (ownership_judge(c).fault != OWNERSHIP_ABSENT)
		return;
	(void)count_servers(c);
	report_at_name(c, check_level(c),
		       arena_printf(c->a, "the record that proves ownership (%s) is not there",
				    c->in->ownership_txt),
		       add_record(c));
}

/* The provider's resolver asks any one server, so a part is as good as a lottery. */
static void verify_txt_partial(struct checking *c)
{
	if (!ownership_is_wanted(c))
		return;
	struct count n = count_servers(c);
	if (n.with == 0 || n.without == 0)
		return;
	report_at_name(c, check_level(c),
		       arena_printf(c->a, "the record that proves ownership is at %s only",
				    check_show_share(c, n.with, n.with + n.without)),
		       "wait until the other servers have transferred the zone; if the servers "
		       "belong to two providers, add the record at both");
}

/* As the panel shows it: without the escape of master files. */
static const char *show_wrong_name(struct checking *c, const char *name)
{
	const char *shown = check_show(c, name);
	return shown[0] == '\\' && shown[1] == '@' ? shown + 1 : shown;
}

static void verify_txt_wrong_name(struct checking *c)
{
	struct ownership_case oc = ownership_judge(c);
	if (oc.fault != OWNERSHIP_ELSEWHERE)
		return;
	if (oc.lookup != NULL)
		check_saw_lookup(c, oc.lookup);
	(void)count_servers(c);
	report_at_name(
		c, check_level(c),
		arena_printf(c->a, "the record that proves ownership is at %s instead of %s",
			     show_wrong_name(c, oc.name), check_show(c, c->in->ownership_name)),
		arena_printf(c->a,
			     "move it to %s: most panels put the domain behind the name themselves "
			     "and want the name empty or \"@\" there",
			     check_show(c, c->in->ownership_name)));
}

static void verify_txt_wrong_value(struct checking *c)
{
	struct ownership_case oc = ownership_judge(c);
	if (oc.fault != OWNERSHIP_MISTYPED && oc.fault != OWNERSHIP_OTHER)
		return;
	(void)count_servers(c);
	const char *want = c->in->ownership_txt;
	report_at_name(
		c, check_level(c),
		arena_printf(c->a, "%s has \"%s\" where \"%s\" is wanted: %s",
			     check_show(c, c->in->ownership_name), oc.value, want,
			     ownership_difference(c->a, want, oc.value)),
		oc.fault == OWNERSHIP_MISTYPED
			? arena_printf(c->a, "change that TXT record's value to exactly %s", want)
			: arena_printf(c->a,
				       "%s; or, if the provider shows another value by "
				       "now, put that into the project file",
				       add_record(c)));
}

/* Texts that are read by machines, of which the quotes make something else. */
static bool is_known_text(struct slice s)
{
	while (s.len > 0 && s.ptr[0] == '"')
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	return slice_starts_nocase(s, SLICE_LIT("v=spf1")) ||
	       slice_starts_nocase(s, SLICE_LIT("v=DMARC1"));
}

/* The first such text that one server has at that name, in quotes of its own; NULL: none. */
static const char *quoted_text(struct checking *c, const char *name)
{
	const struct seen *seen = name != NULL ? check_first_readable(c, name, RR_TXT) : NULL;
	for (size_t i = 0; seen != NULL && seen->rrset != NULL && i < seen->rrset->n; i++) {
		struct slice s = txt_join(c->a, seen->rrset->rdata[i]);
		bool quoted = s.len > 0 && (s.ptr[0] == '"' || s.ptr[s.len - 1] == '"');
		if (quoted && is_known_text(s)) {
			char *text = arena_slice(c->a, s);
			str_make_printable(text);
			return text;
		}
	}
	return NULL;
}

static void report_quoted(struct checking *c, const char *name, const char *value)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], name, RR_TXT);
		if (check_is_readable(seen))
			check_saw_seen(c, &c->s->servers[i], seen);
	}
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = check_subject(c, name, RR_TXT),
			   .message = arena_printf(c->a,
						   "the value %s has quotation marks in it: nobody "
						   "recognises it so",
						   value),
			   .remedy = "enter the value without quotation marks; the panel adds "
				     "those that belong around it" });
}

static void txt_quoted_literally(struct checking *c)
{
	struct ownership_case oc = ownership_judge(c);
	const char *const names[] = { c->s->domain, check_below(c, "_dmarc") };
	if (oc.fault == OWNERSHIP_QUOTED)
		report_quoted(c, c->in->ownership_name, oc.value);
	for (size_t i = 0; i < 2; i++) {
		const char *text = quoted_text(c, names[i]);
		if (text != NULL)
			report_quoted(c, names[i], text);
	}
}

/* Google hands out as many tokens as there are people who ask, so more of its kind are normal;
 * others know one owner at a time. */
static const char *other_token(struct checking *c)
{
	const struct seen *seen = check_first_readable(c, c->in->ownership_name, RR_TXT);
	struct slice rest = slice_str(c->in->ownership_txt);
	struct slice key = slice_until(&rest, '=');
	if (rest.len == 0 || slice_eq_nocase(key, SLICE_LIT("google-site-verification")))
		return NULL;
	key.len++; /* the sign as well */
	for (size_t i = 0; seen != NULL && seen->rrset != NULL && i < seen->rrset->n; i++) {
		struct slice text = txt_join(c->a, seen->rrset->rdata[i]);
		if (slice_starts_nocase(text, key) &&
		    !slice_eq_nocase(text, slice_str(c->in->ownership_txt))) {
			char *value = arena_slice(c->a, text);
			str_make_printable(value);
			return value;
		}
	}
	return NULL;
}

/* Beside the right one; alone it is verify_txt_wrong_value's. */
static void verify_txt_conflict(struct checking *c)
{
	if (!ownership_is_wanted(c))
		return;
	struct count n = count_servers(c);
	const char *other = n.with > 0 ? other_token(c) : NULL;
	if (other == NULL)
		return;
	report_at_name(c, check_level(c),
		       arena_printf(c->a,
				    "beside the wanted token there is \"%s\": the domain may still "
				    "belong to another tenant",
				    other),
		       "if the provider refuses the domain, have it removed from the other tenant "
		       "first (that can take up to two days); an old token does no harm by itself");
}

static void verify_cname_occluded(struct checking *c)
{
	struct ownership_case oc = ownership_judge(c);
	/* At the top of the zone it hides everything, which apex-cname says. */
	if (oc.fault != OWNERSHIP_ALIAS || dname_equal(c->in->ownership_name, c->s->zone))
		return;
	(void)count_servers(c);
	report_at_name(
		c, check_level(c),
		arena_printf(c->a,
			     "%s is an alias of %s: no TXT record can stand at that name, and the "
			     "alias's target has not the token",
			     check_show(c, c->in->ownership_name), check_show(c, oc.value)),
		arena_printf(c->a,
			     "remove the CNAME record at %s and add the TXT record %s, or ask the "
			     "provider for another way to prove ownership",
			     check_show(c, c->in->ownership_name), c->in->ownership_txt));
}

/* The resolver's own word for how long, else the clock's; 0: neither is known. */
static int64_t lag_ends_ms(const struct checking *c, const struct seen *seen)
{
	uint32_t ttl = seen->rrset != NULL ? seen->rrset->ttl : seen->negative_ttl;
	if (ttl != 0)
		return seen->at_ms + (int64_t)ttl * 1000;
	return clocks_txt_clear_ms(c->s, &c->in->history);
}

static void report_lag(struct checking *c, const struct resolver_view *r, const struct seen *seen)
{
	int64_t ends = lag_ends_ms(c, seen);
	int64_t bound = clocks_txt_clear_ms(c->s, &c->in->history);
	bool overdue = bound != 0 && seen->at_ms > bound;
	resolver_saw(c, r, seen);
	check_report(
		c,
		(struct check_report){
			.severity = check_level(c),
			.subject = arena_printf(c->a, "%s at %s",
						check_subject(c, c->in->ownership_name, RR_TXT),
						r->address),
			.message = arena_printf(
				c->a,
				"all name servers have the ownership record, but resolver %s does "
				"not show it yet%s%s%s",
				r->address, ends != 0 ? "; it asks again at the latest at " : "",
				ends != 0 ? check_show_moment(c, ends) : "",
				overdue ? "; by the TTLs it should have by now" : ""),
			.remedy = overdue ? "have the resolver's cache flushed for this name, or "
					    "go by the others"
					  : "wait until then before you have the provider verify: "
					    "it may ask through a cache like this one" });
}

static void verify_resolver_lag(struct checking *c)
{
	for (size_t i = 0; ownership_is_wanted(c) && i < c->s->resolver_n; i++) {
		const struct resolver_view *r = &c->s->resolvers[i];
		const struct seen *seen = resolver_seen(r, c->in->ownership_name, RR_TXT);
		if (r->works && seen != NULL && ownership_lags(c, seen) &&
		    !resolver_says_stale(seen))
			report_lag(c, r, seen);
	}
}

/* Character-strings of a TXT in presentation form: pairs of quotes that are not escaped. */
static size_t count_strings(const char *rdata)
{
	size_t quotes = 0;
	for (const char *p = rdata; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else
			quotes += *p == '"';
	}
	return quotes / 2;
}

/* Joined it is right, as the standard says; but not everybody joins. */
static void txt_split_short(struct checking *c)
{
	const struct seen *seen = ownership_is_wanted(c)
					  ? check_first_readable(c, c->in->ownership_name, RR_TXT)
					  : NULL;
	for (size_t i = 0; seen != NULL && seen->rrset != NULL && i < seen->rrset->n; i++) {
		const char *rdata = seen->rrset->rdata[i];
		if (!slice_eq(txt_join(c->a, rdata), slice_str(c->in->ownership_txt)) ||
		    count_strings(rdata) < 2)
			continue;
		report_at_name(c, check_level(c),
			       arena_printf(c->a,
					    "the token is there in %zu pieces (%s): not every "
					    "provider puts them together",
					    count_strings(rdata), rdata),
			       "enter the value in one piece; only what is longer than 255 "
			       "characters needs to be split");
	}
}

const struct check ownership_checks[] = {
	{ .info = { .id = "verify-txt-missing",
		    .what = "the ownership TXT is absent at every server",
		    .rfc = "RFC 1035 §3.3.14",
		    .levels = "ibb-",
		    .example = "The provider gave a token (MS=ms87257449) to be published as a TXT "
			       "record, and no server has it. Add it beside the TXT records that "
			       "are there: the SPF mostly stands at the same name." },
	  .run = verify_txt_missing },
	{ .info = { .id = "verify-txt-partial",
		    .what = "the ownership TXT is at some servers only",
		    .rfc = "RFC 1035 §3.3.14",
		    .levels = "wbb-",
		    .example = "One of three servers has it: two out of three times the provider "
			       "does not see it. Mostly the others have not yet transferred the "
			       "zone." },
	  .run = verify_txt_partial },
	{ .info = { .id = "verify-txt-wrong-name",
		    .what = "the ownership TXT is at a wrong name",
		    .rfc = "RFC 1035 §5.1",
		    .levels = "wbb-",
		    .example = "Typed into a panel that adds the domain by itself, \"example.com\" "
			       "becomes example.com.example.com. Also seen: at www, and at a name "
			       "that is really \"@\"." },
	  .run = verify_txt_wrong_name },
	{ .info = { .id = "verify-txt-wrong-value",
		    .what = "the ownership TXT has another value than the wanted one",
		    .rfc = "RFC 1035 §3.3.14",
		    .levels = "ibb-",
		    .example = "MS=ms87254479 where MS=ms87257449 is wanted: two digits are "
			       "swapped. The message shows where the two part." },
	  .run = verify_txt_wrong_value },
	{ .info = { .id = "txt-quoted-literally",
		    .what = "a TXT value has quotation marks inside",
		    .rfc = "RFC 1035 §5.1",
		    .levels = "bbbb",
		    .example = "The quotes that zone files put around a value were typed into a "
			       "panel and are now part of it: neither the token nor an SPF record "
			       "is recognised." },
	  .run = txt_quoted_literally },
	{ .info = { .id = "verify-txt-conflict",
		    .what = "another tenant's token stands beside the wanted one",
		    .rfc = "-",
		    .levels = "iii-",
		    .example = "Two MS= values: somebody once added the domain to another tenant. "
			       "If the new one refuses it, it has to be removed there first." },
	  .run = verify_txt_conflict },
	{ .info = { .id = "verify-cname-occluded",
		    .what = "the name for the ownership TXT is an alias",
		    .rfc = "RFC 1034 §3.6.2",
		    .levels = "wbb-",
		    .example = "A CNAME allows nothing beside it, so whoever asks for the TXT is "
			       "sent to the alias's target." },
	  .run = verify_cname_occluded },
	{ .info = { .id = "verify-resolver-lag",
		    .what = "a resolver does not show the ownership TXT yet",
		    .rfc = "RFC 2308 §5",
		    .levels = "www-",
		    .example = "All name servers have the token, a resolver still has the TXT set "
			       "from before, or that there was none. The message tells until "
			       "when; asking the provider earlier may cost a longer wait." },
	  .run = verify_resolver_lag },
	{ .info = { .id = "txt-split-short",
		    .what = "the token is split over several strings",
		    .rfc = "RFC 1035 §3.3.14",
		    .levels = "iii-",
		    .example = "\"MS=\" \"ms87257449\" is one value for most readers, not for "
			       "all. Enter it in one piece." },
	  .run = txt_split_short },
	{ .run = NULL },
};
