/*
 * job_world.h - the closed Internet of the snapshot's tests: a domain with all that a snapshot
 * looks for, a signed one, one whose servers are silent, one without mail.
 */
#ifndef TESTS_UNIT_DNS_JOB_WORLD_H
#define TESTS_UNIT_DNS_JOB_WORLD_H

#include "dns/snapshot.h"
#include "walk_world.h"

#define JOB_NET      "127.0.0.22"
#define JOB_ONE      "127.0.0.23"
#define JOB_TWO      "127.0.0.24"
#define JOB_PANEL    "127.0.0.25"
#define JOB_SILENT   "127.0.0.26"
#define JOB_RESOLVER "127.0.0.27"

/* x.net. is rich, plain.net. has next to nothing, signed.net. has a DS and a DNSKEY, and
 * silent.net. is delegated to JOB_SILENT only; JOB_RESOLVER knows the root and its MX. */
struct walk_world *job_world_new(void);
/* Options for a domain: everything probed, with random names from the world's seed. */
struct snapshot_opts job_world_opts(struct walk_world *w, const char *domain);
/* Turns until it is done; fails the test when it fails. */
const struct snapshot *job_world_finish(struct walk_world *w, struct snapshot_job *job);

#endif
