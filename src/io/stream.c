/*
 * Dispatch only: the ops are the implementation's, see stream.h for what each promises.
 */
#include "io/stream.h"

ssize_t stream_recv(struct stream *s, void *to, size_t size, struct err *e)
{
	return s->ops->recv(s, to, size, e);
}

ssize_t stream_send(struct stream *s, const void *from, size_t len, struct err *e)
{
	return s->ops->send(s, from, len, e);
}

int stream_fd(const struct stream *s)
{
	return s->ops->fd(s);
}

bool stream_pending(const struct stream *s)
{
	return s->ops->pending(s);
}

const char *stream_name(const struct stream *s)
{
	return s->ops->name(s);
}

void stream_free(struct stream *s)
{
	if (s != NULL)
		s->ops->free(s);
}
