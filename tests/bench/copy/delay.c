/*
 * delay - puts a distance between a client and its servers. For the bench only.
 *
 *   delay RTT_MS LISTEN=SERVER[@MBIT]…      (IPv4 addresses, port 993 both)
 *
 * What comes from either side goes on half a round trip later, in order and in whatever
 * amount: the bandwidth is the machine's. As on a real way there is a window, and it is wide
 * (WINDOW bytes on their way in each direction). The kernel accepts a connection at once, so
 * what the client says first waits a round trip longer, for the handshake that would have been.
 *
 * With MBIT the way to that server is a line of so many Mbit/s in each direction, which all its
 * connections share; the window is then what a router and TCP keep on such a line (SLOW_WINDOW).
 *
 * A line of JSON for each connection that is over: "flights" counts how often the client spoke
 * after it had heard something, the handshake included: the round trips that it waited for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK = 64 * 1024,
	WINDOW = 32 * 1024 * 1024,
	SLOW_WINDOW = 128 * 1024,
	EVENTS = 64,
	PORT = 993,
	LISTENERS = 8,
};

struct chunk {
	struct chunk *next;
	int64_t due_ns;
	size_t at, end; /* of data; both 0: the sender closed */
	char data[CHUNK];
};

struct line {                       /* to one server; both directions the same */
	double bits_per_s;          /* 0: the machine's */
	int64_t up_free, down_free; /* ns: when what was put on it before is through */
	size_t window;
};

struct way { /* one direction of a connection */
	struct chunk *head, **tail;
	size_t held;
	bool ended; /* nothing more will come in */
	bool shut;  /* and the other side was told */
	bool stuck; /* the receiver takes nothing now */
	uint64_t bytes;
};

struct pair;
struct end {
	struct pair *pair;
	int fd;
	uint32_t watched;
	struct way out; /* what this end said */
};

struct pair {
	struct pair *next, **link;
	struct end client, server;
	struct line *line;
	int64_t opened_ns;
	bool heard; /* something reached the client since it last spoke */
	unsigned long flights;
	bool broken;
};

struct delay {
	int epoll;
	int64_t rtt_ns;
	struct pair *pairs;
	struct chunk *spare;
	int listeners[LISTENERS];
	struct in_addr servers[LISTENERS];
	struct line lines[LISTENERS];
	size_t n;
};

static int64_t now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

__attribute__((noreturn)) static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct chunk *take_chunk(struct delay *d)
{
	struct chunk *c = d->spare;
	if (c == NULL)
		c = malloc(sizeof(*c));
	else
		d->spare = c->next;
	if (c == NULL)
		die("malloc");
	c->next = NULL;
	c->at = c->end = 0;
	return c;
}

static void give_chunk(struct delay *d, struct chunk *c)
{
	c->next = d->spare;
	d->spare = c;
}

static struct end *other(struct end *e)
{
	return e == &e->pair->client ? &e->pair->server : &e->pair->client;
}

/* Listens to an end while its window has room, and for room to write while it is stuck. */
static void watch(struct delay *d, struct end *e)
{
	uint32_t events = (!e->out.ended && e->out.held < e->pair->line->window ? (uint32_t)EPOLLIN
										: 0) |
			  (other(e)->out.stuck ? (uint32_t)EPOLLOUT : 0);
	struct epoll_event ev = { .events = events, .data.ptr = e };
	if (events == e->watched)
		return;
	if (epoll_ctl(d->epoll, EPOLL_CTL_MOD, e->fd, &ev) != 0)
		die("epoll_ctl");
	e->watched = events;
}

/* When the last of so many bytes has left the line; it carries one after the other. */
static int64_t carried_ns(struct line *l, bool up, size_t bytes, int64_t now)
{
	int64_t *free_ns = up ? &l->up_free : &l->down_free;
	if (l->bits_per_s <= 0)
		return now;
	if (*free_ns < now)
		*free_ns = now;
	*free_ns += (int64_t)((double)bytes * 8e9 / l->bits_per_s);
	return *free_ns;
}

static void enqueue(struct delay *d, struct end *e, struct chunk *c)
{
	struct pair *p = e->pair;
	int64_t now = now_ns();
	bool up = e == &p->client;
	if (up && now < p->opened_ns + d->rtt_ns)
		now = p->opened_ns + d->rtt_ns;
	c->due_ns = carried_ns(p->line, up, c->end, now) + d->rtt_ns / 2;
	*e->out.tail = c;
	e->out.tail = &c->next;
	e->out.held += c->end;
	e->out.bytes += c->end;
	if (up && p->heard && c->end > 0) {
		p->flights++;
		p->heard = false;
	}
}

static void receive(struct delay *d, struct end *e)
{
	while (!e->out.ended && e->out.held < e->pair->line->window) {
		struct chunk *c = take_chunk(d);
		ssize_t n = recv(e->fd, c->data, CHUNK, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			give_chunk(d, c);
			return;
		}
		e->out.ended = n <= 0;
		c->end = n > 0 ? (size_t)n : 0;
		enqueue(d, e, c);
	}
}

/* True when all of the chunk went. */
static bool send_chunk(struct end *from, struct chunk *c)
{
	struct end *to = other(from);
	if (c->end == 0) {
		(void)shutdown(to->fd, SHUT_WR);
		from->out.shut = true;
		return true;
	}
	ssize_t n = send(to->fd, c->data + c->at, c->end - c->at, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		from->pair->broken = true;
	if (n > 0) {
		c->at += (size_t)n;
		from->out.held -= (size_t)n;
		from->pair->heard |= from == &from->pair->server;
	}
	from->out.stuck = c->at < c->end;
	return !from->out.stuck;
}

/* Passes on what is due; the time of the next, or `soonest`. */
static int64_t deliver(struct delay *d, struct end *e, int64_t now, int64_t soonest)
{
	struct chunk *c;
	while ((c = e->out.head) != NULL && c->due_ns <= now && send_chunk(e, c)) {
		e->out.head = c->next;
		if (c->next == NULL)
			e->out.tail = &e->out.head;
		give_chunk(d, c);
	}
	return c != NULL && !e->out.stuck && c->due_ns < soonest ? c->due_ns : soonest;
}

static void drop_chunks(struct delay *d, struct way *w)
{
	while (w->head != NULL) {
		struct chunk *c = w->head;
		w->head = c->next;
		give_chunk(d, c);
	}
}

static void close_pair(struct delay *d, struct pair *p)
{
	(void)printf("{\"flights\": %lu, \"up\": %llu, \"down\": %llu, \"ms\": %.1f}\n", p->flights,
		     (unsigned long long)p->client.out.bytes,
		     (unsigned long long)p->server.out.bytes,
		     (double)(now_ns() - p->opened_ns) / 1e6);
	(void)fflush(stdout);
	drop_chunks(d, &p->client.out);
	drop_chunks(d, &p->server.out);
	(void)close(p->client.fd);
	(void)close(p->server.fd);
	*p->link = p->next;
	if (p->next != NULL)
		p->next->link = p->link;
	free(p);
}

static void add_end(struct delay *d, struct pair *p, struct end *e, int fd)
{
	int one = 1;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (p->line->bits_per_s > 0) /* else the kernel's buffers would be the line's */
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ SLOW_WINDOW }, sizeof(int));
	e->pair = p;
	e->fd = fd;
	e->watched = EPOLLIN;
	e->out.tail = &e->out.head;
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		die("epoll_ctl");
}

static void accept_one(struct delay *d, size_t which)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(PORT),
				  .sin_addr = d->servers[which] };
	int client = accept4(d->listeners[which], NULL, NULL, SOCK_CLOEXEC);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client < 0 || server < 0 || connect(server, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	struct pair *p = calloc(1, sizeof(*p));
	if (p == NULL)
		die("calloc");
	p->line = &d->lines[which];
	p->opened_ns = now_ns();
	p->flights = 1;
	p->heard = true;
	p->next = d->pairs;
	p->link = &d->pairs;
	if (p->next != NULL)
		p->next->link = &p->next;
	d->pairs = p;
	add_end(d, p, &p->client, client);
	add_end(d, p, &p->server, server);
}

/* Moves what is due on all connections; when the next piece is. */
static int64_t move_all(struct delay *d)
{
	int64_t soonest = INT64_MAX;
	int64_t now = now_ns();
	for (struct pair *p = d->pairs, *next; p != NULL; p = next) {
		next = p->next;
		soonest = deliver(d, &p->client, now, soonest);
		soonest = deliver(d, &p->server, now, soonest);
		if (p->broken || (p->client.out.shut && p->server.out.shut)) {
			close_pair(d, p);
			continue;
		}
		watch(d, &p->client);
		watch(d, &p->server);
	}
	return soonest;
}

static void take_event(struct delay *d, const struct epoll_event *ev)
{
	uintptr_t at = (uintptr_t)ev->data.ptr;
	if (at < LISTENERS) {
		accept_one(d, (size_t)at);
		return;
	}
	struct end *e = ev->data.ptr;
	if ((ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		receive(d, e);
	if ((ev->events & EPOLLOUT) != 0)
		other(e)->out.stuck = false;
}

static void run(struct delay *d)
{
	struct epoll_event events[EVENTS];
	for (;;) {
		int64_t due = move_all(d);
		int64_t left = due == INT64_MAX ? INT64_MAX : due - now_ns();
		struct timespec t = { left / 1000000000, left % 1000000000 };
		if (left < 0)
			t = (struct timespec){ 0, 0 };
		int n = epoll_pwait2(d->epoll, events, EVENTS, left == INT64_MAX ? NULL : &t, NULL);
		for (int i = 0; i < n; i++)
			take_event(d, &events[i]);
	}
}

static void listen_at(struct delay *d, char *pair)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = (void *)(uintptr_t)d->n };
	char *server = strchr(pair, '=');
	char *mbit = strchr(pair, '@');
	struct line *line = &d->lines[d->n];
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server != NULL)
		*server++ = '\0';
	if (mbit != NULL)
		*mbit++ = '\0';
	line->bits_per_s = mbit != NULL ? strtod(mbit, NULL) * 1e6 : 0;
	line->window = line->bits_per_s > 0 ? SLOW_WINDOW : WINDOW;
	if (server == NULL || d->n == LISTENERS || inet_pton(AF_INET, pair, &at.sin_addr) != 1 ||
	    inet_pton(AF_INET, server, &d->servers[d->n]) != 1)
		die(pair);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1024) != 0 ||
	    epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		die(pair);
	d->listeners[d->n++] = fd;
}

int main(int argc, char **argv)
{
	static struct delay d;
	if (argc < 3)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	d.rtt_ns = (int64_t)(strtod(argv[1], NULL) * 1e6);
	d.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 2; i < argc; i++)
		listen_at(&d, argv[i]);
	run(&d);
}
