/*
 * A blank becomes %20 and not '+': every decoder of forms takes that, and queries need it.
 */
#include "registrars/form.h"

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       str_has("-._~", (char)c);
}

void form_encode(struct buf *out, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (is_unreserved(c)) {
			buf_addc(out, (char)c);
			continue;
		}
		buf_addc(out, '%');
		buf_addc(out, digits[c >> 4]);
		buf_addc(out, digits[c & 15]);
	}
}

void form_add(struct buf *out, const char *name, struct slice value)
{
	if (out->len > 0)
		buf_addc(out, '&');
	form_encode(out, slice_str(name));
	buf_addc(out, '=');
	form_encode(out, value);
}
