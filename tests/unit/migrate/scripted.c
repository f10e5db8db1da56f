#include "scripted.h"

#include <string.h>

#include "base/arena.h"

enum { STEPS_MAX = 64, LONG = 64 * 1024 };

struct scripted {
	struct stream stream;
	const struct step *steps;
	bool used[STEPS_MAX];
	struct buf *heard;
	struct buf line; /* of the command, literals cut out */
	struct buf out;
	size_t told;      /* of it */
	uint64_t literal; /* bytes of it still to come */
	bool in_literal, cut;
};

static void answer(struct scripted *s, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '%') {
			struct slice rest = buf_slice(&s->line);
			struct slice tag = slice_until(&rest, ' ');
			buf_add(&s->out, tag.ptr, tag.len);
		} else {
			buf_addc(&s->out, *p);
		}
	}
}

static const struct step *find_step(struct scripted *s, bool at_literal)
{
	for (size_t i = 0; s->steps[i].words != NULL && i < STEPS_MAX; i++) {
		if (s->used[i] || s->steps[i].at_literal != at_literal ||
		    strstr(s->line.at, s->steps[i].words) == NULL)
			continue;
		s->used[i] = true;
		return &s->steps[i];
	}
	return NULL;
}

static void take_step(struct scripted *s, const struct step *step)
{
	if (step == NULL)
		answer(s, "% OK done\r\n");
	else if (step->answer != NULL)
		answer(s, step->answer);
	if (step != NULL && (step->cut || step->answer == NULL))
		s->cut = true;
}

/* "… {12+}": a literal follows the line. */
static bool ends_in_literal(const struct buf *line, uint64_t *len_r, bool *plus_r)
{
	const char *open = strrchr(line->at, '{');
	if (open == NULL || line->at[line->len - 1] != '}')
		return false;
	struct slice digits = { open + 1, line->len - (size_t)(open - line->at) - 2 };
	*plus_r = digits.len > 0 && digits.ptr[digits.len - 1] == '+';
	if (*plus_r)
		digits.len--;
	return slice_to_u64(digits, len_r);
}

static void end_line(struct scripted *s)
{
	bool plus;
	s->line.len -= s->line.len > 0 && s->line.at[s->line.len - 1] == '\r' ? 1 : 0;
	s->line.at[s->line.len] = '\0';
	if (ends_in_literal(&s->line, &s->literal, &plus)) {
		const struct step *no = plus ? NULL : find_step(s, true);
		if (no == NULL) {
			if (!plus)
				answer(s, "+ go\r\n");
			s->in_literal = true;
			buf_addf(&s->line, "<%llu>", (unsigned long long)s->literal);
			return;
		}
		take_step(s, no);
	} else {
		take_step(s, find_step(s, false));
	}
	buf_add(s->heard, s->line.at, s->line.len);
	buf_addc(s->heard, '\n');
	buf_clear(&s->line);
}

static ssize_t scripted_send(struct stream *stream, const void *from, size_t len, struct err *e)
{
	struct scripted *s = (struct scripted *)stream;
	const char *p = from;
	if (s->cut)
		return err_set(e, ERR_RETRY, "cut");
	for (size_t i = 0; i < len; i++) {
		if (s->in_literal && s->literal > 0) {
			s->literal--;
		} else if (p[i] == '\n') {
			s->in_literal = false;
			end_line(s);
		} else {
			buf_addc(&s->line, p[i]);
		}
	}
	return (ssize_t)len;
}

static ssize_t scripted_recv(struct stream *stream, void *to, size_t size, struct err *e)
{
	struct scripted *s = (struct scripted *)stream;
	(void)e;
	size_t left = s->out.len - s->told;
	if (left == 0)
		return s->cut ? STREAM_END : STREAM_AGAIN;
	size_t n = left < size ? left : size;
	n = n < 11 || left > LONG ? n : 11; /* small pieces, whatever is asked */
	memcpy(to, s->out.at + s->told, n);
	s->told += n;
	if (n == left) {
		buf_clear(&s->out);
		s->told = 0;
	}
	return (ssize_t)n;
}

static int scripted_fd(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static bool scripted_pending(const struct stream *stream)
{
	const struct scripted *s = (const struct scripted *)stream;
	return s->out.len > s->told;
}

static const char *scripted_name(const struct stream *stream)
{
	(void)stream;
	return "server.test:993";
}

static void scripted_free(struct stream *stream)
{
	struct scripted *s = (struct scripted *)stream;
	buf_release(&s->line);
	buf_release(&s->out);
	free(s);
}

struct stream *scripted(const struct step *steps, struct buf *heard)
{
	static const struct stream_ops ops = { scripted_recv,    scripted_send, scripted_fd,
					       scripted_pending, scripted_name, scripted_free };
	struct scripted *s = mem_alloc(sizeof(*s));
	s->stream.ops = &ops;
	s->steps = steps;
	s->heard = heard;
	buf_init(&s->line);
	buf_init(&s->out);
	return &s->stream;
}
