#define _GNU_SOURCE
#include "link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hello.h"

enum { most_listeners = 256, most_links = 1 << 16, most_events = 256 };

struct measure measure;
uint64_t failures;
char failure_text[128];
char scratch[1 << 18];

static int poller;
static int listeners[most_listeners];
static int listener_count;
static struct link *links[most_links]; /* by descriptor */
static struct link *free_links;
static uint64_t open_counts[2], greeted_counts[2];

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct use own_use(void) {
  struct use use = {0, 0};
  unsigned long long ran, waited;
  FILE *file = fopen("/proc/self/schedstat", "re");
  if (file && fscanf(file, "%llu %llu", &ran, &waited) == 2) use = (struct use){(double)ran / 1e9, (double)waited / 1e9};
  if (file) fclose(file);
  return use;
}

void loop_init(void) {
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};
  /* A file or /dev/null cannot be polled; the bench gives a pipe. */
  if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) {
    perror("generator: epoll");
    exit(1);
  }
}

static void watch(int fd, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)fd};
  if (epoll_ctl(poller, operation, fd, &event) != 0) {
    perror("generator: epoll_ctl");
    exit(1);
  }
}

static struct link *new_link(int fd, enum role role) {
  if (fd >= most_links) {
    fprintf(stderr, "generator: too many descriptors\n");
    exit(1);
  }
  struct link *link = free_links;
  if (link) free_links = link->next_free;
  else link = malloc(sizeof *link);
  if (!link) abort();
  memset(link, 0, offsetof(struct link, head));
  link->fd = fd;
  link->role = role;
  link->wants_in = true;
  links[fd] = link;
  open_counts[role]++;
  return link;
}

void close_link(struct link *link) {
  links[link->fd] = NULL;
  close(link->fd);
  open_counts[link->role]--;
  if (link->stage == OPEN) greeted_counts[link->role]--;
  link->next_free = free_links;
  free_links = link;
}

void each_link(enum role role, void (*step)(struct link *link)) {
  for (int fd = 0; fd < most_links; fd++)
    if (links[fd] && links[fd]->role == role) step(links[fd]);
}

void close_all_links(void) {
  each_link(CLIENT, close_link);
  each_link(BACKEND, close_link);
}

uint64_t open_links(enum role role) { return open_counts[role]; }
uint64_t greeted_links(enum role role) { return greeted_counts[role]; }

void mark_open(struct link *link) {
  link->stage = OPEN;
  greeted_counts[link->role]++;
}

void fail_link(struct link *link, const char *what) {
  if (failures++ == 0)
    snprintf(failure_text, sizeof failure_text, "%s: %s", link->role == CLIENT ? "client" : "backend", what);
  close_link(link);
}

void watch_for(struct link *link, bool in, bool out) {
  if (link->wants_in == in && link->wants_out == out) return;
  link->wants_in = in;
  link->wants_out = out;
  watch(link->fd, (in ? EPOLLIN : 0) | (out ? EPOLLOUT : 0), EPOLL_CTL_MOD);
}

/* Everything but a flood fits a socket's buffer: what does not is a failure of the measure. */
void send_all(struct link *link, const char *bytes, size_t length) {
  ssize_t sent = send(link->fd, bytes, length, MSG_NOSIGNAL);
  if (sent != (ssize_t)length) fail_link(link, sent < 0 ? strerror(errno) : "a short write");
}

int listen_on_free_port(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int yes = 1;
  /* What is accepted inherits this. */
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (fd < 0 || listener_count == most_listeners || bind(fd, (struct sockaddr *)&address, length) != 0 ||
      listen(fd, 4096) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0)
    return -1;
  listeners[listener_count++] = fd;
  watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  return ntohs(address.sin_port);
}

static void shrink_buffers(int fd) {
  int size = 16384;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

void connect_client(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    perror("generator: socket");
    exit(1);
  }
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)measure.ports[measure.next_port++ % measure.port_count]),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1;
  /* Where nothing follows the hello, there is nothing to delay. */
  if (!measure.short_hello) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (measure.small_buffers) shrink_buffers(fd);
  struct link *link = new_link(fd, CLIENT);
  watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
    return fail_link(link, strerror(errno));
  /* On loopback the handshake is over when connect returns; where it is not, the hello waits for EPOLLOUT. */
  if (!begin_client(link)) watch_for(link, true, true);
}

static bool is_listener(int fd) {
  for (int index = 0; index < listener_count; index++)
    if (listeners[index] == fd) return true;
  return false;
}

static void accept_from(int listener) {
  for (int round = 0; round < 64; round++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (measure.small_buffers) shrink_buffers(fd);
    new_link(fd, BACKEND);
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void echo(struct link *link) {
  ssize_t got = recv(link->fd, scratch, sizeof scratch, 0);
  if (got > 0) send_all(link, scratch, (size_t)got);
  else if (got == 0 || errno != EAGAIN) close_link(link);
}

/* An event may be older than the link: its descriptor's last owner was closed in the same turn. */
static void serve(int fd, uint32_t events) {
  struct link *link = links[fd];
  if ((events & EPOLLOUT) && link->wants_out) {
    if (link->stage != OPEN && begin_client(link) && links[fd] == link && link->stage != OPEN)
      watch_for(link, true, false);
    else if (links[fd] == link && link->stage == OPEN && measure.writable) measure.writable(link);
  }
  link = links[fd];
  if (!link || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  if (link->stage != OPEN) continue_opening(link);
  else if (measure.readable) measure.readable(link);
  else echo(link);
}

bool loop_turn(int wait_ms) {
  struct epoll_event events[most_events];
  int count = epoll_wait(poller, events, most_events, wait_ms);
  bool quiet = true;
  for (int index = 0; index < count; index++) {
    int fd = (int)events[index].data.u64;
    if (fd == STDIN_FILENO) quiet = false;
    else if (links[fd]) serve(fd, events[index].events);
    else if (is_listener(fd)) accept_from(fd);
  }
  return quiet;
}
