/* The options that are more than one plain field. The tree has been held against the table
 * before, so keys and types are right here; what is left is what they mean. */
#include <string.h>

#include "config/imap_url.h"
#include "config/load.h"
#include "config/value.h"
#include "zone/dname.h"

/* Defaults of entries stand in the table too; the walk has refused what is missing. */
static const char *text_of(const struct node *map, const char *key, const char *otherwise)
{
	const struct node *n = node_get(map, key);
	return n != NULL && n->kind == NODE_SCALAR ? n->text : otherwise;
}

/* NULL when either is not there. */
static const struct node *section(const struct loader *l, const char *outer, const char *inner)
{
	return node_get(node_get(l->root, outer), inner);
}

/* ---- target.mx ---- */

/* Made by rrset_make, so that names are canonical and doubles show. */
static int read_mx(struct loader *l)
{
	struct err e;
	const struct node *list = section(l, "target", "mx");
	if (list == NULL || list->kind != NODE_LIST)
		return 0;
	const char **rdata = ARENA_ARRAY(l->arena, list->n, const char *);
	for (size_t i = 0; i < list->n; i++)
		rdata[i] = arena_printf(l->arena, "%s %s",
					text_of(list->items[i], "preference", ""),
					text_of(list->items[i], "host", ""));
	l->p->target_mx = rrset_make(l->arena, l->p->domain, RR_MX, l->p->target_mx_ttl, list->n,
				     rdata, &e);
	if (l->p->target_mx == NULL)
		return load_refuse(
			l, list->line,
			arena_printf(l->arena, "target.mx is no set of records: %s", e.text),
			"for example: mx: [ { preference: 10, host: mail.example.net } ]");
	if (l->p->target_mx->n < list->n)
		return load_refuse(l, list->line, "target.mx has the same record twice",
				   "keep one of the two");
	return 0;
}

/* ---- target.dkim ---- */

/* A CNAME into the new provider's zone, or the key itself as TXT. */
static int read_dkim_entry(struct loader *l, const struct node *n, struct project_record *r)
{
	struct err e;
	const char *target = text_of(n, "target", "");
	const char *name = arena_printf(l->arena, "%s._domainkey.%s", text_of(n, "selector", ""),
					l->p->domain);
	r->name = dname_canon(l->arena, name, &e);
	if (r->name == NULL)
		return load_refuse(l, n->line,
				   arena_printf(l->arena,
						"target.dkim[].selector makes no name: "
						"%s",
						e.text),
				   "for example: selector: selector1");
	if (str_eq(text_of(n, "type", "CNAME"), "TXT")) {
		r->type = RR_TXT;
		r->value = txt_quote(l->arena, slice_str(target));
		return 0;
	}
	r->type = RR_CNAME;
	r->value = dname_canon(l->arena, target, &e);
	return r->value != NULL
		       ? 0
		       : load_refuse(l, n->line,
				     arena_printf(l->arena, "target.dkim[].target is no name: %s",
						  e.text),
				     "give the CNAME's target, or 'type: TXT' for a key");
}

/* The entries have passed the table; here they become names and rdata. */
static int read_dkim(struct loader *l)
{
	const struct node *list = section(l, "target", "dkim");
	if (list == NULL || list->kind != NODE_LIST)
		return 0;
	struct project_record *records = ARENA_ARRAY(l->arena, list->n + 1, struct project_record);
	for (size_t i = 0; i < list->n; i++)
		if (read_dkim_entry(l, list->items[i], &records[i]) != 0)
			return -1;
	l->p->dkim = records;
	l->p->dkim_n = list->n;
	return 0;
}

/* ---- dns ---- */

/* The section's other keys belong to the provider, whom this room does not know. */
static bool is_own_key(const char *key)
{
	return !str_ends(option_row_in("dns", key)->info.path, ".*");
}

/* Borrowed from the tree, which lives in the same arena as the project. */
static void read_dns_options(struct loader *l)
{
	const struct node *map = node_get(l->root, "dns");
	if (map == NULL || map->kind != NODE_MAP)
		return;
	struct project_value *values = ARENA_ARRAY(l->arena, map->n + 1, struct project_value);
	l->p->dns_options = values;
	for (size_t i = 0; i < map->n; i++)
		if (!is_own_key(map->pairs[i].key))
			values[l->p->dns_option_n++] = (struct project_value){
				map->pairs[i].key, map->pairs[i].value->text
			};
}

/* References stay references: secret_resolve reads them when they are needed. */
static void read_credentials(struct loader *l)
{
	const struct node *map = section(l, "dns", "credentials");
	if (map == NULL || map->kind != NODE_MAP)
		return;
	struct project_value *values = ARENA_ARRAY(l->arena, map->n + 1, struct project_value);
	for (size_t i = 0; i < map->n; i++)
		values[i] = (struct project_value){ map->pairs[i].key, map->pairs[i].value->text };
	l->p->dns_credentials = values;
	l->p->dns_credential_n = map->n;
}

/* ---- policy.gates ---- */

/* The table has refused any other word. */
static enum gate_policy policy_of(const char *word)
{
	return str_eq(word, "required") ? GATE_REQUIRED
	       : str_eq(word, "warn")   ? GATE_WARN
					: GATE_OFF;
}

/* Told in full: there are few, and their names cannot be guessed. */
static const char *all_gates(struct loader *l)
{
	const char *text = "the gates are: ";
	for (const char *const *id = gate_ids(); *id != NULL; id++)
		text = arena_printf(l->arena, "%s%s%s", text, id == gate_ids() ? "" : ", ", *id);
	return text;
}

/* The table's own text, so that ids may be compared and kept without a copy. */
static const char *gate_id(const char *key)
{
	for (const char *const *id = gate_ids(); *id != NULL; id++)
		if (str_eq(*id, key))
			return *id;
	return NULL;
}

/* A gate that is misspelt would silently stay required: refuse it. */
static int read_gates(struct loader *l)
{
	const struct node *map = section(l, "policy", "gates");
	if (map == NULL || map->kind != NODE_MAP)
		return 0;
	struct project_gate *gates = ARENA_ARRAY(l->arena, map->n + 1, struct project_gate);
	for (size_t i = 0; i < map->n; i++) {
		const struct node_pair *pair = &map->pairs[i];
		gates[i].id = gate_id(pair->key);
		gates[i].policy = policy_of(pair->value->text);
		if (gates[i].id != NULL)
			continue;
		const char *near = nearest_word(pair->key, gate_ids());
		return load_refuse(
			l, pair->line,
			arena_printf(l->arena, "unknown gate '%.60s' in policy.gates", pair->key),
			near != NULL ? arena_printf(l->arena, "did you mean '%s'?", near)
				     : all_gates(l));
	}
	l->p->policy.gates = gates;
	l->p->policy.gate_n = map->n;
	return 0;
}

/* ---- network.connect_to ---- */

/* Kept as a URL's host is kept, so that the two compare. */
static int read_connect_to(struct loader *l)
{
	struct err e;
	const struct node *map = section(l, "network", "connect_to");
	if (map == NULL || map->kind != NODE_MAP)
		return 0;
	struct project_host *hosts = ARENA_ARRAY(l->arena, map->n + 1, struct project_host);
	for (size_t i = 0; i < map->n; i++) {
		const struct node_pair *pair = &map->pairs[i];
		if (dname_canon(l->arena, pair->key, &e) == NULL)
			return load_refuse(l, pair->line,
					   arena_printf(l->arena,
							"network.connect_to: '%.60s' is no host "
							"name",
							pair->key),
					   "for example: connect_to: { imap.example.net: "
					   "127.53.0.10 }");
		hosts[i].host = host_plain(l->arena, pair->key);
		hosts[i].address = pair->value->text;
	}
	l->p->network.connect_to = hosts;
	l->p->network.connect_to_n = map->n;
	return 0;
}

/* ---- folders ---- */

static void read_folders(struct loader *l)
{
	const struct node *map = node_get(l->root, "folders");
	size_t n = map != NULL && map->kind == NODE_MAP ? map->n : 0;
	struct project_folder *folders = ARENA_ARRAY(l->arena, n + 1, struct project_folder);
	for (size_t i = 0; i < n; i++)
		folders[i] = (struct project_folder){ map->pairs[i].key,
						      map->pairs[i].value->text };
	l->p->folders = folders;
}

/* ---- ignore ---- */

/* The moment has passed the table, so it can be read. */
static void read_ignores(struct loader *l)
{
	const struct node *list = node_get(l->root, "ignore");
	if (list == NULL || list->kind != NODE_LIST)
		return;
	struct project_ignore *ignores = ARENA_ARRAY(l->arena, list->n + 1, struct project_ignore);
	for (size_t i = 0; i < list->n; i++) {
		const struct node *n = list->items[i];
		ignores[i] = (struct project_ignore){ .check = text_of(n, "check", ""),
						      .subject = text_of(n, "subject", NULL),
						      .reason = text_of(n, "reason", ""),
						      .line = n->line };
		(void)time_parse(slice_str(text_of(n, "since", "")), &ignores[i].since_ms);
	}
	l->p->ignores = ignores;
	l->p->ignore_n = list->n;
}

int project_parts(struct loader *l)
{
	if (read_mx(l) != 0 || read_dkim(l) != 0)
		return -1;
	read_dns_options(l);
	read_folders(l);
	read_credentials(l);
	read_ignores(l);
	return read_gates(l) != 0 || read_connect_to(l) != 0 ? -1 : 0;
}
