/*
 * The gates that look at the new mail exchanger, by what its probes answered.
 */
#include "flow/gates_priv.h"

/* A host that takes a random address, too: its yes proves nothing. NULL when none does. */
static const struct gate_host *catch_all(const struct gate_evidence *ev)
{
	for (size_t i = 0; i < ev->host_n; i++)
		if (ev->hosts[i].probed && ev->hosts[i].report.accepts_random)
			return &ev->hosts[i];
	return NULL;
}

/* The addresses are asked at one host, and that one must have refused the random one. */
static bool tells_apart(const struct gate_evidence *ev)
{
	for (size_t i = 0; i < ev->host_n; i++)
		if (ev->hosts[i].probed && ev->hosts[i].report.rejects_random)
			return true;
	return false;
}

/* An answer is one host's: by another planned MX it is another. */
static const char *by_hosts(struct arena *a, const struct gate_evidence *ev)
{
	const char *text = "";
	for (size_t i = 0; i < ev->host_n; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? " by " : ", ", ev->hosts[i].name);
	return text;
}

/* Names the addresses with this verdict; their number. */
static size_t list_probes(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			  enum rcpt_verdict verdict, const char **text_r)
{
	struct gate_list list;
	gate_list_init(&list);
	list.kind = by_hosts(a, ev);
	for (size_t i = 0; i < ev->probe_n; i++)
		if (ev->probes[i].verdict == verdict)
			gate_list_add(&list, ev->probes[i].address, ev->probes[i].reply);
	size_t n = list.n;
	*text_r = gate_list_end(a, &list, g);
	return n;
}

/* A yes to everybody, or to those alone who were asked before (greylisting): the list has to be
 * compared by a person, and another list is another matter. */
static void yes_proves_nothing(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			       const struct gate_host *all)
{
	const char *remedy = "compare the list of mailboxes by hand, then `cutover accept "
			     "recipients-accepted --reason …`";
	struct gate_list list;
	gate_list_init(&list);
	list.kind = arena_printf(a, "%s (%s)", by_hosts(a, ev),
				 all != NULL ? "takes all" : "refuses nobody");
	for (size_t i = 0; i < ev->probe_n; i++)
		gate_list_add(&list, ev->probes[i].address, ev->probes[i].reply);
	(void)gate_list_end(a, &list, g);
	if (all != NULL)
		gate_unknown(a, g, remedy, "%s accepts even %s: its yes proves nothing", all->name,
			     all->report.control);
	else
		gate_unknown(a, g, remedy,
			     "the new MX accepts all %zu addresses, but does not clearly reject a "
			     "random one: its yes proves nothing",
			     ev->probe_n);
}

/* Order: rejections first, which are certain whatever else the server says; then whether its yes
 * is worth anything; then what was not answered. */
void gate_recipients_accepted(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const char *names;
	if (gate_without_mailboxes(a, ev, g))
		return;
	size_t rejected = list_probes(a, ev, g, RCPT_REJECTED, &names);
	if (rejected > 0) {
		gate_close(
			a, g,
			"create these mailboxes or aliases at the new provider (a new one can take "
			"a day to be known at its edge)",
			"the new MX would reject %zu of %zu addresses: %s", rejected, ev->probe_n,
			names);
		return;
	}
	const struct gate_host *all = catch_all(ev);
	size_t open = list_probes(a, ev, g, RCPT_INCONCLUSIVE, &names);
	if (all == NULL && (open > 0 || ev->probe_n == 0))
		gate_unknown(
			a, g,
			"try again later, from a host that may use port 25; or accept it by name",
			"the new MX gave no clear answer for %zu addresses: %s", open,
			open > 0 ? names : "none was probed");
	else if (all != NULL || !tells_apart(ev))
		yes_proves_nothing(a, ev, g, all);
	else
		gate_open(a, g, "the new MX accepts all %zu addresses and rejects a random one",
			  ev->probe_n);
}

/* What is wrong with one MX host, and in a word that does not change by itself (*kind_r); NULL
 * when nothing is. */
static const char *unhealthy(struct arena *a, const struct gate_host *h, const char **kind_r)
{
	*kind_r = "no address";
	if (h->address == NULL)
		return "its name has no address";
	*kind_r = "no answer";
	if (!h->probed || !h->report.connected)
		return h->err.kind != ERR_NONE ? h->err.text : "it did not answer on port 25";
	*kind_r = "no STARTTLS";
	if (!h->report.tls)
		return "it offers no STARTTLS";
	*kind_r = "certificate";
	if (!h->report.tls_verified)
		return arena_printf(a, "its certificate does not verify%s%s",
				    h->err.kind != ERR_NONE ? ": " : "",
				    h->err.kind != ERR_NONE ? h->err.text : "");
	return NULL;
}

/* Senders that found an MTA-STS policy or DANE records refuse an MX without a valid
 * certificate (RFC 8461, RFC 7672): their mail would be late or lost. */
void gate_new_mx_healthy(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	struct gate_list open;
	if (ev->host_n == 0) {
		gate_close(a, g, "write target.mx: the MX host that the new provider shows",
			   "the project names no new MX");
		gate_about(a, g, "no MX");
		return;
	}
	gate_list_init(&open);
	for (size_t i = 0; i < ev->host_n; i++) {
		const char *kind;
		const char *why = unhealthy(a, &ev->hosts[i], &kind);
		if (why == NULL)
			continue;
		open.kind = arena_printf(a, " (%s)", kind);
		gate_list_add(&open, ev->hosts[i].name, why);
	}
	size_t n = open.n;
	const char *text = gate_list_end(a, &open, g);
	if (n > 0)
		gate_close(
			a, g,
			"check target.mx against the new provider's console; port 25 may be closed "
			"from here: try from another network",
			"%s", text);
	else
		gate_open(a, g,
			  "%zu MX host%s answered with STARTTLS and a valid certificate (%s: %s)",
			  ev->host_n, ev->host_n == 1 ? "" : "s", ev->hosts[0].name,
			  ev->hosts[0].report.banner);
}
