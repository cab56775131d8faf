/* What sockets are set to, and how they are closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside.h"

void close_resets(int fd, bool resets) {
  const struct linger how = {.l_onoff = resets, .l_linger = 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &how, sizeof how);
}

void reset_and_close(int fd) {
  close_resets(fd, true);
  close(fd);
}

static void send_at_once(int fd) {
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* As app/forward/keep-alive.ts has it. */
void keep_alive(int fd) {
  const int on = 1, idle_s = 30, interval_s = 1, probes = 10;
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

void prepare_listener(int fd) {
  send_at_once(fd);
  keep_alive(fd);
  close_resets(fd, true);
}

void acknowledge(int fd, bool at_once) {
  const int on = at_once;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

int open_socket(sa_family_t family) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  send_at_once(fd);
  close_resets(fd, true);
  return fd;
}

int error_of(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}
