/*
 * A listening TCP socket with the options that accepted ones inherit. No thread
 * of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct strbuf;

/* Room in the kernel for what a stuck client does not read. */
enum { LISTENER_SEND_BUFFER = 65536, LISTENER_UNSENT_MAX = 16384 };

/*
 * Binds address ("127.0.0.1", "::", or with brackets) and port (0 = any). Returns
 * the descriptor, or -1 with what is wrong and what to do in ret_error. shared:
 * several sockets may listen on the same port (SO_REUSEPORT).
 */
int listener_open(const char *address, uint16_t port, bool shared,
                  struct strbuf *ret_error);

/* The port that it is bound to. */
uint16_t listener_port(int fd);

/* The address of a connected socket's peer as text, without the port. */
enum { PEER_SIZE = 64 };
void peer_address(int fd, char ret_text[PEER_SIZE]);
