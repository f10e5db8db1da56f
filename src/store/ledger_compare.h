/*
 * ledger_compare.h - what the files of the comparison share: its temporary tables, in words that
 * statements are made of.
 */
#ifndef STORE_LEDGER_COMPARE_H
#define STORE_LEDGER_COMPARE_H

#include "store/ledger_priv.h"

/* Of a row `s` of temp.seen: it has no partner. */
#define LEDGER_ALONE                                                                               \
	"(NOT EXISTS (SELECT 1 FROM temp.pair WHERE src = s.id)"                                   \
	" AND NOT EXISTS (SELECT 1 FROM temp.pair WHERE dst = s.id))"
/* Of a row `s` of the source that has no partner at a target that keeps one message a Message-ID
 * (`name`): the target's that has the place of both in this folder, and is of the same content. */
#define LEDGER_KEPT                                                                                \
	"(SELECT b.uid FROM temp.seen o JOIN temp.pair p ON p.src = o.id"                          \
	" JOIN temp.seen b ON b.id = p.dst WHERE o.mailbox = ?1 AND o.dst = 0"                     \
	" AND o.name = s.name AND o.folder = s.folder AND o.key IS s.key"                          \
	" AND (s.sha IS NOT NULL OR max(s.size, o.size) <= 2 * min(s.size, o.size) + 16384))"
#define LEDGER_LEFT "s.mailbox = ?1 AND s.dst = 0 AND NOT s.refused AND " LEDGER_ALONE
/* Of mailbox ?1: at the source only, and neither refused by name nor a duplicate that was merged.
 */
#define LEDGER_MISSING LEDGER_LEFT " AND NOT (s.name IS NOT NULL AND EXISTS " LEDGER_KEPT ")"
#define LEDGER_MERGED  LEDGER_LEFT " AND s.name IS NOT NULL AND EXISTS " LEDGER_KEPT
/* In which folder the target has it; '' in this one too. */
#define LEDGER_WHERE "min(iif(o.folder = s.folder, '', o.folder))"
/* Why one that is missing is not there, as far as its Message-ID tells; '' when it does not. */
#define LEDGER_WHY                                                                                 \
	"coalesce((SELECT 'the target keeps one message a Message-ID, and '"                       \
	" || CASE " LEDGER_WHERE " WHEN '' THEN 'under <' || s.name || '> it has another content'" \
	" ELSE 'has <' || s.name || '> in ''' || " LEDGER_WHERE " || ''' only' END"                \
	" FROM temp.seen o WHERE o.mailbox = ?1 AND o.dst = 1 AND o.name = s.name), '')"
/* What may be the message `s` of the target at the source. */
#define LEDGER_TWINS                                                                               \
	"(SELECT uid FROM temp.seen o WHERE o.mailbox = ?1 AND o.folder = s.folder AND o.dst = 0"  \
	"  AND o.key = s.key UNION ALL SELECT uid FROM temp.seen o WHERE o.mailbox = ?1"           \
	"  AND o.folder = s.folder AND o.dst = 0 AND o.key IS NULL AND o.weak = s.weak)"
/* At the target once more than at the source; mail that is only there is no matter. */
#define LEDGER_DOUBLED "s.mailbox = ?1 AND s.dst = 1 AND " LEDGER_ALONE " AND EXISTS " LEDGER_TWINS
/* p: a pair, a: of the source, b: of the target. */
#define LEDGER_PAIRS   "temp.pair p JOIN temp.seen a ON a.id = p.src JOIN temp.seen b ON b.id = p.dst"
#define LEDGER_ALTERED "p.mailbox = ?1 AND a.sha <> b.sha AND NOT a.repaired"
/* The class of a size: at most twice the other and 16 KiB more. */
#define LEDGER_OTHER_SIZE                                                                          \
	"(a.sha IS NULL AND max(a.size, b.size) > 2 * min(a.size, b.size) + 16384)"

/* Gives each message of the source at most one of the target (temp.pair); *by_headers_r: they were
 * told apart by their headers. */
int ledger_pairs_make(struct store *s, int64_t mailbox_id, bool *by_headers_r, struct err *e);
/* Counts pairs that differ and losses, names the first of the worst kind, and leaves a note for
 * each difference in the ledger in place of those of an earlier comparison. */
int ledger_verdict_name(struct store *s, int64_t mailbox_id, struct ledger_comparison *c,
			struct err *e);

#endif
