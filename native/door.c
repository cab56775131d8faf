#define _GNU_SOURCE
#include "door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "inside.h"

enum { ADDRESS_TEXT = INET6_ADDRSTRLEN + 10 };

struct door {
  pthread_mutex_t lock;
  uint32_t number;
  int fd; /* -1: closed */
  bool paused;
  room *room;
  door_order order;
  door *next_closed;
};

static door *door_at(mover *m, uint32_t number) {
  return number < MOST_DOORS ? atomic_load_explicit(&m->doors[number], memory_order_acquire) : NULL;
}

/* As app/forward/open-tcp.ts and app/listen/listener.ts have them; what a listener has, its clients inherit. */
static void set_options(int fd) {
  const int on = 1, idle_s = 30, interval_s = 1, probes = 10;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

/* A socket to dial with, or -1. */
static int open_socket(sa_family_t family) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) set_options(fd);
  return fd;
}

/* Dials with a socket, and the connection's lock held. Returns 0 or an errno: then the client stays held. */
static int dial(mover *m, connection *c, int fd, const struct sockaddr *address, socklen_t length) {
  int error = 0;
  if (connect(fd, address, length) != 0 && errno != EINPROGRESS && errno != EINTR) error = errno;
  c->legs[SIDE_BACKEND] = (leg){.fd = fd};
  c->state = STATE_DIALLING;
  if (error == 0) error = watch_leg(m, c, SIDE_BACKEND);
  if (error == 0) c->dials++;
  if (error == 0) return 0;
  close(fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  c->state = STATE_HELD;
  return error;
}

static uint32_t write_address(const struct sockaddr_storage *from, char *text) {
  char host[INET6_ADDRSTRLEN] = "?";
  int length;
  if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    length = snprintf(text, ADDRESS_TEXT, "[%s]:%u", host, ntohs(v6->sin6_port));
  } else {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
    length = snprintf(text, ADDRESS_TEXT, "%s:%u", host, ntohs(v4->sin_port));
  }
  return (uint32_t)length;
}

static bool is_full(room *r) {
  const int32_t most = __atomic_load_n(&r->most, __ATOMIC_RELAXED);
  return most >= 0 && __atomic_load_n(&r->sockets, __ATOMIC_RELAXED) + __atomic_load_n(&r->joined, __ATOMIC_RELAXED) +
                              __atomic_load_n(&r->here, __ATOMIC_RELAXED) >=
                          most;
}

/* An accepted client takes its place in a slot; where that is the order, `spare` dials for it. */
static void enter(mover *m, const door *d, connection *c, int fd, int spare, const struct sockaddr_storage *from) {
  char text[ADDRESS_TEXT];
  const door_order *order = &d->order;
  const bool ordered = spare >= 0;
  pthread_mutex_lock(&c->lock);
  begin_connection(c, fd, -1, STATE_HELD);
  c->room = d->room;
  c->ordered = ordered;
  c->judging = order->judges;
  c->left_to_see = order->judges ? MOST_BYTES_TOLD : 0;
  __atomic_add_fetch(&d->room->here, 1, __ATOMIC_RELAXED);
  const told one = {.what = TOLD_ENTERED, .slot = c->slot, .token = c->token, .door = d->number,
                    .b = order->serial, .length = write_address(from, text)};
  news_tell(&m->news, &one, text, !ordered);
  int error = watch_leg(m, c, SIDE_CLIENT);
  if (error != 0) {
    break_connection(m, c, SIDE_CLIENT, error);
    if (ordered) close(spare);
  } else if (ordered) {
    error = dial(m, c, spare, (const struct sockaddr *)&order->address, order->length);
    if (error != 0) tell(m, c, TOLD_NOT_DIALLED, error, 0);
  }
  pthread_mutex_unlock(&c->lock);
}

static void watch_door(mover *m, const door *d, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.u64 = d->number};
  (void)epoll_ctl(m->epoll_fd, operation, d->fd, &event);
}

/* Nobody is accepted for a moment: there is no descriptor or no slot, and epoll would say so again and again. */
static void pause_door(mover *m, door *d) {
  watch_door(m, d, EPOLL_CTL_MOD, 0);
  d->paused = m->paused_doors = true;
  m->retry_at_ms = now_ms() + DOOR_PAUSE_MS;
}

/* What has to do with one client, and not with the listener (accept(2)). */
static bool is_of_client(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENETUNREACH ||
         error == EHOSTDOWN || error == EHOSTUNREACH || error == ENOPROTOOPT || error == EPERM;
}

static void tell_of_door(mover *m, const door *d, told_what what, int fd) {
  const told one = {.what = what, .door = d->number, .a = fd, .b = d->order.serial};
  news_tell(&m->news, &one, NULL, true);
}

/* Accepts one client into slot `c`, or turns it away where there is no room. Returns 0 or an errno. */
static int accept_into(mover *m, door *d, connection *c, int spare) {
  struct sockaddr_storage from = {0};
  socklen_t length = sizeof from;
  const int fd = accept4(d->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int error = fd < 0 ? errno : 0;
  if (fd >= 0 && !is_full(d->room)) {
    enter(m, d, c, fd, spare, &from);
    return 0;
  }
  slot_return(m, c);
  if (spare >= 0) close(spare);
  if (fd < 0) return error;
  reset_and_close(fd);
  tell_of_door(m, d, TOLD_FULL, -1);
  return 0;
}

static int accept_for_javascript(mover *m, const door *d) {
  const int fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return errno;
  tell_of_door(m, d, TOLD_PASSED, fd);
  return 0;
}

/* Lets one client in, with the door's lock held; none where what it takes is not there: it goes on waiting. */
static void let_in(mover *m, door *d) {
  int error = 0;
  if (d->order.how == ORDER_PASS) error = accept_for_javascript(m, d);
  else {
    bool low = false;
    connection *c = slot_take(m, &low);
    if (low) tell_of_door(m, d, TOLD_SLOTS_LOW, -1);
    const bool dials = d->order.how == ORDER_DIAL;
    const int spare = c && dials ? open_socket(d->order.address.ss_family) : -1;
    if (c && (spare >= 0 || !dials)) error = accept_into(m, d, c, spare);
    else {
      if (c) slot_return(m, c);
      error = EMFILE;
    }
  }
  if (error != 0 && !would_block(error) && !is_of_client(error)) pause_door(m, d);
}

void door_event(mover *m, uint32_t number) {
  door *d = door_at(m, number);
  if (!d) return;
  /* One at a time: epoll says so again where more are waiting, and asking in vain costs a socket that is made and freed. */
  pthread_mutex_lock(&d->lock);
  if (d->fd >= 0 && !d->paused) let_in(m, d);
  pthread_mutex_unlock(&d->lock);
}

void retry_doors(mover *m) {
  if (now_ms() < m->retry_at_ms) return;
  m->paused_doors = false;
  const uint32_t count = atomic_load(&m->door_count);
  for (uint32_t number = 0; number < count; number++) {
    door *d = door_at(m, number);
    pthread_mutex_lock(&d->lock);
    if (d->paused && d->fd >= 0) watch_door(m, d, EPOLL_CTL_MOD, EPOLLIN);
    d->paused = false;
    pthread_mutex_unlock(&d->lock);
  }
}

void doors_close(mover *m) {
  const uint32_t count = atomic_load(&m->door_count);
  for (uint32_t number = 0; number < count; number++) {
    door *d = door_at(m, number);
    if (d->fd >= 0) close(d->fd);
    pthread_mutex_destroy(&d->lock);
    free(d);
  }
}

static void dialled(mover *m, connection *c) {
  tell(m, c, TOLD_DIALLED, 0, c->dials);
  if (c->ordered) open_connection(c);
  else c->state = STATE_DIALLED;
}

static void not_dialled(mover *m, connection *c, int error) {
  close(c->legs[SIDE_BACKEND].fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  c->state = STATE_HELD;
  tell(m, c, TOLD_NOT_DIALLED, error, c->dials);
}

void dial_event(mover *m, connection *c, int side, uint32_t events) {
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const int error = failed ? error_of(c->legs[side].fd) : 0;
  if (side == SIDE_BACKEND && c->state == STATE_DIALLING) {
    if (failed) not_dialled(m, c, error != 0 ? error : ECONNRESET);
    else if (events & EPOLLOUT) dialled(m, c);
  } else if (error != 0) break_connection(m, c, side, error);
}

/* Not frames: both descriptors, and what was read, are for JavaScript. */
static void leave(mover *m, connection *c, size_t length) {
  for (int side = 0; side < 2; side++) {
    unwatch(m, c->legs[side].fd);
    close_resets(c->legs[side].fd, false);
  }
  const told one = {.what = TOLD_LEFT, .slot = c->slot, .token = c->token, .a = c->legs[SIDE_CLIENT].fd,
                    .b = c->legs[SIDE_BACKEND].fd, .length = (uint32_t)length};
  news_tell(&m->news, &one, m->scratch, true);
  c->legs[SIDE_CLIENT].fd = c->legs[SIDE_BACKEND].fd = -1;
  close_connection(c, false);
}

bool judge_first_bytes(mover *m, connection *c) {
  leg *client = &c->legs[SIDE_CLIENT];
  ssize_t got = -1;
  if (client->readable) do got = recv(client->fd, m->scratch, MOST_BYTES_TOLD, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
  if (got > 0 && m->scratch[0] != 0) {
    leave(m, c, (size_t)got);
    return false;
  }
  if (got > 0) {
    c->judging = false;
    if (got < MOST_BYTES_TOLD && !client->hung_up) client->readable = false;
    const bool passed = pass_on(m, c, SIDE_CLIENT, m->scratch, (size_t)got);
    if (!passed) break_connection(m, c, SIDE_CLIENT, ENOMEM);
    return passed;
  }
  if (got == 0) {
    /* Came and went without a word. */
    tell(m, c, TOLD_FINISHED, 0, SIDE_CLIENT);
    close_connection(c, false);
    return false;
  }
  if (client->readable && would_block(errno)) client->readable = false;
  else if (client->readable) {
    break_connection(m, c, SIDE_CLIENT, errno);
    return false;
  }
  /* Where the backend is the first to speak or to leave there is nothing to wait for. */
  if (c->legs[SIDE_BACKEND].readable) c->judging = false;
  return !c->judging;
}

/* One that was closed, or a new one; NULL where there are too many. */
static door *door_to_open(mover *m) {
  door *d = m->closed_doors;
  if (d) {
    m->closed_doors = d->next_closed;
    return d;
  }
  const uint32_t number = atomic_load(&m->door_count);
  if (number < MOST_DOORS) d = calloc(1, sizeof *d);
  if (!d) return NULL;
  pthread_mutex_init(&d->lock, NULL);
  d->number = number;
  d->fd = -1;
  atomic_store_explicit(&m->doors[number], d, memory_order_release);
  atomic_store(&m->door_count, number + 1);
  return d;
}

int mover_open_door(mover *m, int listening_fd, room *r, const door_order *order) {
  const int fd = fcntl(listening_fd, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return -errno;
  door *d = door_to_open(m);
  if (!d) {
    close(fd);
    return -ENOMEM;
  }
  set_options(fd);
  pthread_mutex_lock(&d->lock);
  d->fd = fd;
  d->paused = false;
  d->room = r;
  d->order = *order;
  watch_door(m, d, EPOLL_CTL_ADD, EPOLLIN);
  pthread_mutex_unlock(&d->lock);
  return (int)d->number;
}

void mover_order(mover *m, uint32_t number, const door_order *order) {
  door *d = door_at(m, number);
  if (!d) return;
  pthread_mutex_lock(&d->lock);
  d->order = *order;
  pthread_mutex_unlock(&d->lock);
}

void mover_close_door(mover *m, uint32_t number) {
  door *d = door_at(m, number);
  if (!d) return;
  pthread_mutex_lock(&d->lock);
  const bool was_open = d->fd >= 0;
  if (was_open) {
    unwatch(m, d->fd);
    close(d->fd);
  }
  d->fd = -1;
  pthread_mutex_unlock(&d->lock);
  if (!was_open) return;
  d->next_closed = m->closed_doors;
  m->closed_doors = d;
}

/* The connection, locked, where it is that one and in one of the two states; else NULL. */
static connection *lock_in(mover *m, uint32_t slot, uint32_t token, connection_state one, connection_state other) {
  connection *c = slot_at(m, slot);
  if (!c) return NULL;
  pthread_mutex_lock(&c->lock);
  if (c->token == token && (c->state == one || c->state == other)) return c;
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

int mover_dial(mover *m, uint32_t slot, uint32_t token, const struct sockaddr *address, socklen_t length) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_HELD);
  if (!c) return NOT_THERE;
  const int fd = open_socket(address->sa_family);
  const int error = fd < 0 ? errno : dial(m, c, fd, address, length);
  pthread_mutex_unlock(&c->lock);
  return -error;
}

bool mover_go(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_DIALLED, STATE_DIALLED);
  if (!c) return false;
  open_connection(c);
  for (int side = 0; side < 2; side++) watch_anew(m, c, side);
  pthread_mutex_unlock(&c->lock);
  return true;
}

bool mover_hang_up(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_DIALLING, STATE_DIALLED);
  if (!c) return false;
  reset_and_close(c->legs[SIDE_BACKEND].fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  c->state = STATE_HELD;
  pthread_mutex_unlock(&c->lock);
  return true;
}

int mover_release(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_HELD);
  if (!c) return -1;
  const int fd = c->legs[SIDE_CLIENT].fd;
  unwatch(m, fd);
  c->legs[SIDE_CLIENT].fd = -1;
  close_connection(c, false);
  pthread_mutex_unlock(&c->lock);
  slot_over(m, slot);
  return fd;
}
