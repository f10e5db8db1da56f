/* With SOCK_CLOEXEC from the begin: between socket() and fcntl() another thread may fork. */
#include "io/curl_socket.h"

#include <sys/socket.h>

static curl_socket_t open_private(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	(void)ctx;
	(void)purpose;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void curl_socket_private(CURL *easy)
{
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_private);
}
