/* What sockets are set to, how they are closed, and how their addresses read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
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

static bool is_loopback(const struct sockaddr *address) {
  if (address->sa_family == AF_INET)
    return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  if (address->sa_family != AF_INET6) return false;
  const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}

/*
 * BBR, where that is the system's congestion control, sends by a timer, which takes up to half of a GB's processor time
 * (decision 102). Between two ends on one machine there is no link to be spared by it. Reno does not pace; it is always
 * there, and for everybody (tcp(7)). To be called before the connection begins: a timer that has begun stays.
 */
static void send_unpaced(int fd, const struct sockaddr *address) {
  static const char reno[] = "reno";
  if (is_loopback(address)) (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, reno, sizeof reno - 1);
}

void prepare_listener(int fd) {
  struct sockaddr_storage own;
  socklen_t length = sizeof own;
  if (getsockname(fd, (struct sockaddr *)&own, &length) == 0) send_unpaced(fd, (const struct sockaddr *)&own);
  send_at_once(fd);
  keep_alive(fd);
  close_resets(fd, true);
}

void acknowledge(int fd, bool at_once) {
  const int on = at_once;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

int open_socket(const struct sockaddr *address) {
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  send_unpaced(fd, address);
  send_at_once(fd);
  close_resets(fd, true);
  return fd;
}

int error_of(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

static char *write_number(char *at, uint32_t number) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *at++ = digits[--count];
  return at;
}

/* By hand where it is IPv4: snprintf(3) and inet_ntop(3) take a hundredth of what a short connection costs. */
uint32_t write_address(const struct sockaddr_storage *from, char *text) {
  char *at = text;
  if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    *at++ = '[';
    inet_ntop(AF_INET6, &v6->sin6_addr, at, INET6_ADDRSTRLEN);
    at += strlen(at);
    *at++ = ']';
  } else {
    const uint8_t *bytes = (const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr;
    for (int byte = 0; byte < 4; byte++) {
      if (byte > 0) *at++ = '.';
      at = write_number(at, bytes[byte]);
    }
  }
  *at++ = ':';
  /* IPv6 has it at the same place. */
  at = write_number(at, ntohs(((const struct sockaddr_in *)from)->sin_port));
  return (uint32_t)(at - text);
}
