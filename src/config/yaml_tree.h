/*
 * yaml_tree.h - a YAML document (1.1, by libyaml) as a tree of plain values in which
 * everything knows its line; only for src/config, and the only place that knows libyaml.
 *
 * What a project file has no use for is refused: anchors, aliases, tags, a second
 * document, keys that are not text, the same key twice. So is what is only there to
 * hurt: depth, size and number of values have limits.
 */
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include "base/arena.h"

enum {
	YAML_SIZE_MAX = 1024 * 1024,
	YAML_DEPTH_MAX = 12,
	YAML_NODES_MAX = 20000,
	YAML_KEYS_MAX = 1000
};

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node;
struct node_pair {
	const char *key;
	unsigned line;
	const struct node *value;
};
struct node {
	enum node_kind kind;
	unsigned line;                   /* of the file, from 1 */
	const char *text;                /* NODE_SCALAR: UTF-8 without control characters */
	size_t n;                        /* of the items or pairs */
	const struct node *const *items; /* NODE_LIST */
	const struct node_pair *pairs;   /* NODE_MAP */
};

/* The document's root, in the arena. NULL with *e (ERR_USAGE, "FILE:LINE: …" and the
 * remedy). `file` is the name for messages. */
const struct node *yaml_tree_parse(struct arena *a, const char *file, struct slice text,
				   struct err *e);

/* The value of a key, or NULL; NULL also when `map` is NULL or no map. */
const struct node *node_get(const struct node *map, const char *key);

#endif
