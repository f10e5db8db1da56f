/* curl_socket.h - what the users of libcurl in this folder share about its sockets. */
#ifndef IO_CURL_SOCKET_H
#define IO_CURL_SOCKET_H

#include <curl/curl.h>

/* libcurl's own sockets would be inherited by a password command, and by the agent that it may
 * leave running: the connection would live as long as that. Before the transfer begins. */
void curl_socket_private(CURL *easy);

#endif
