/*
 * engine_priv.h - what the engine's files share: a server, a question's way (job), timers.
 *
 * A job waits in its server's queue, then is asked (its sends are flights), then stands in
 * the list of the finished until dns_engine_turn hands it out. A server with a queue and a
 * free place stands in the ready ring. Nothing here looks at all jobs or all servers, except
 * at the end of everything.
 */
#ifndef DNS_ENGINE_PRIV_H
#define DNS_ENGINE_PRIV_H

#include "base/buf.h"
#include "dns/channel.h"
#include "dns/engine.h"

/* A moment at which an owner wants to be called. In the heap while pos > 0. */
struct timer {
	int64_t at_ms; /* monotonic */
	size_t pos;    /* 1-based; 0: not set */
	void (*fire)(struct timer *t);
};
struct timers {
	struct timer **heap; /* owned; the timers are borrowed */
	size_t n, cap;
};
/* Sets or moves it. */
void timer_set(struct timers *ts, struct timer *t, int64_t at_ms);
/* Takes one that is not set, too. */
void timer_clear(struct timers *ts, struct timer *t);
/* Calls every timer that is due; each is cleared first and may set itself again. */
void timers_fire(struct timers *ts, int64_t now_ms);
/* The heap only: the timers lie in what they belong to. */
void timers_release(struct timers *ts);

/* A token bucket; rate 0 never runs out. */
struct pace {
	unsigned rate; /* tokens a second */
	double level;
	int64_t at_ms; /* when level was right */
};
/* A full bucket: a first burst goes out at once. */
void pace_init(struct pace *p, unsigned rate, int64_t now_ms);
/* 0: a token is there; else milliseconds until one is. */
int pace_wait_ms(struct pace *p, int64_t now_ms);
/* Takes one, into debt when there is none: a repetition is never held back. */
void pace_take(struct pace *p, int64_t now_ms);

/* A ring or list with this as its head; an element links itself. */
struct link {
	struct link *prev, *next; /* NULL: in no list */
};
/* An empty list. */
void link_init(struct link *head);
/* Puts it last; takes it out of the list that it is in. */
void link_append(struct link *head, struct link *item);
/* Takes one that is in no list, too. */
void link_remove(struct link *item);
/* For a head, never for an item. */
bool link_empty(const struct link *head);

struct job;

/* One packet on its way, alive until its channel is done with it. */
struct flight {
	struct dns_engine *en;
	struct job *job; /* NULL: nobody waits for it any more */
	bool plain, tcp;
	int64_t sent_ms;
	struct flight *next; /* of the same job */
};

/* One address. Idle servers are kept for what is known of them, the last used ones with
 * their sockets. */
struct server {
	struct link link;  /* one of the engine's lists of servers; first member */
	struct link queue; /* of jobs to start */
	struct link asked; /* of jobs under way */
	char *address;     /* owned */
	struct dns_engine *en;
	struct dns_channel *udp, *tcp; /* owned; NULL until they are needed */
	enum dns_edns edns;
	bool heard;      /* it answered something over UDP */
	int64_t idle_ms; /* when its last job ended */
	bool tcp_heard;  /* over TCP */
	/* It answered nothing in a whole window, so it is not asked until then (monotonic). */
	int64_t dead_until_ms, tcp_dead_until_ms;
	size_t asked_n, jobs_n;
	unsigned ignored, strangers; /* of channels that are closed by now */
	struct pace pace;
	struct timer timer; /* the pace's next token */
	struct server *next_in_bucket;
};

enum { SERVER_BUCKETS = 4096, PACKET_MAX = 12 + 255 + 4 + 11, OPT_LEN = 11 };

struct job {
	struct link link; /* server's queue or asked, or the finished; first member */
	struct dns_engine *en;
	struct dns_ask *ask;
	struct arena *a;
	struct server *server; /* NULL for what is no address */
	bool started, finished;
	bool over_tcp; /* datagrams are done with */
	bool no_opt;   /* only plain questions from here on */
	bool sent_plain;
	bool opt_refused; /* FORMERR or NOTIMP came for the OPT */
	bool tc, garbage;
	bool no_socket;   /* something could not be sent for want of a descriptor */
	unsigned step;    /* datagrams sent, see job_step_at */
	unsigned tcp_n;   /* sends over TCP */
	int64_t start_ms; /* monotonic */
	struct timer timer;
	struct flight *flights;
	unsigned ignored_before, strangers_before;
	size_t packet_len; /* with OPT, which is its end */
	char packet[PACKET_MAX];
};

/* What came for a flight, to be looked at outside of the channel's callback. */
struct arrival {
	struct flight *flight; /* owned */
	enum channel_result result;
	bool case_changed;
	bool unread;                     /* the allowance is spent */
	const struct dns_answer *answer; /* NULL: no message */
	int64_t at_ms;
};

struct dns_engine {
	struct dns_engine_opts opts;
	struct rng_pool random; /* of opts.rng: every packet takes some */
	struct buf query;       /* where a packet is built */
	int epoll_fd;
	struct dns_channels *channels; /* owned */
	bool cancelled;
	size_t open;                            /* jobs that were not handed out */
	size_t waiting;                         /* of them: in the queue of their server */
	struct server *buckets[SERVER_BUCKETS]; /* owned */
	struct link ready;                      /* servers that may start a job */
	struct link starved;                    /* servers that wait for a socket of another */
	struct link idle_open, idle_closed;     /* servers without jobs, the longest idle first */
	size_t open_n, idle_open_n, idle_closed_n; /* open_n: servers with channels */
	struct link finished;                      /* jobs */
	int transfers_fd;     /* an epoll descriptor within the other; -1 until it is needed */
	bool transfers_ready; /* something came there */
	struct link transfers;
	struct pace pace;
	struct timers timers;
	struct arrival *arrivals; /* owned */
	size_t arrival_n, arrival_cap;
};

/* engine_server.c */
/* Found or made; NULL when the address is none. */
struct server *server_for(struct dns_engine *en, const char *address);
/* The job stands in its queue from here on. */
void server_add_job(struct server *s, struct job *j);
/* The job has left its lists; the server may be gone afterwards. */
void server_drop_job(struct server *s, struct job *j);
/* Puts it into the ring when it may start something, sets its timer when it must wait. */
void server_wake(struct server *s, int64_t now_ms);
/* Opens the channel for datagrams; false while too many others are open. */
bool server_open(struct server *s);
/* NULL when c-ares has no memory. */
struct dns_channel *server_tcp(struct server *s);
/* Datagrams that answered nothing of ours, and those from other addresses, counted over all
 * channels that this server ever had. */
unsigned server_ignored(const struct server *s);
unsigned server_strangers(const struct server *s);
/* All of them, with their channels. */
void servers_release(struct dns_engine *en);

/* engine_job.c */
/* Takes the question to its server's queue, or to the finished. */
struct job *job_new(struct dns_engine *en, struct arena *a, struct dns_ask *ask);
void job_start(struct job *j);
/* Goes on by TCP, in what the datagrams have left of the time. */
void job_go_tcp(struct job *j);
/* What it is when no time is left. */
enum dns_outcome job_silence(const struct job *j);
/* Fills the reply and stands the job with the finished. Again: nothing. */
void job_finish(struct job *j, enum dns_outcome outcome);
/* Forgets it, in whatever state it is. */
void job_free(struct job *j);
/* The longest time that a question takes over UDP. */
int job_window_ms(const struct dns_engine *en);
/* The same with TCP after it. */
int job_limit_ms(const struct dns_engine *en);

/* engine_take.c: what came for one of the job's flights, which is unlinked. */
void job_take(struct job *j, const struct arrival *got);

/* transfer.c */
/* Sends and reads what can be; after an event for `transfers_fd`. */
void transfers_serve(struct dns_engine *en);
/* All of them end when the timers fire. */
void transfers_cancel(struct dns_engine *en);
/* The same without a call. */
void transfers_release(struct dns_engine *en);

/* engine_send.c */
/* False: the question is not about a name. */
bool job_build_packet(struct job *j);
/* The OPT is no use with this server, or for this question. */
bool job_is_plain_only(const struct job *j);
/* By datagram, without and with the OPT. */
void job_send_plain(struct job *j);
void job_send_opt(struct job *j);
/* By TCP, with the OPT when nothing speaks against it. May finish the job. */
void job_send_tcp(struct job *j);
/* Nobody waits for them any more; the channel keeps them until they end. */
void job_leave_flights(struct job *j);

#endif
