#define _GNU_SOURCE
#include "mover.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pipes.h"

enum {
  SCRATCH_BYTES = 64 * 1024,
  /* At most this much is moved one way before others have their turn. */
  TURN_BYTES = 1024 * 1024,
  SPLICE_BYTES = 256 * 1024,
  /* Below this, copying is quicker than a pipe. */
  WORTH_SPLICING = 16 * 1024,
  EVENTS_AT_ONCE = 256,
};

/* One descriptor. The flags are what epoll has told, edge by edge, and no call has refuted since. */
typedef struct {
  int fd;
  bool readable;
  bool writable;
  bool hung_up; /* an end or an error is waiting behind the bytes: read until it shows */
} leg;

/* One direction, named by the leg that it reads. What is held lies in the pipe, or in `rest`, never in both. */
typedef struct {
  pipe_pair pipe;
  char *rest;
  size_t rest_at;
  size_t held;
  bool bulk;  /* the last read was worth a pipe */
  bool ended; /* the source has said its last */
  bool done;  /* and the other side has been told */
} way;

typedef struct connection {
  pthread_mutex_t lock;
  uint32_t slot;
  uint32_t token;
  bool open;
  /* In the queue of those whose turn ended before their bytes did; both are for the mover's thread only. */
  bool queued;
  struct connection *next;
  leg legs[2];
  way ways[2];
  double *counters;
} connection;

struct mover {
  pthread_t thread;
  int epoll_fd;
  int wake_fd;
  atomic_bool stopping;
  mover_teller teller;
  void *context;
  _Atomic(connection *) blocks[MOST_BLOCKS];
  int block_count;
  /* From here on for the mover's thread only. */
  pipe_pool pool;
  connection *queue;
  char scratch[SCRATCH_BYTES];
};

static const uint64_t wake_mark = UINT64_MAX;

static connection *connection_at(mover *m, uint32_t slot) {
  connection *block = atomic_load_explicit(&m->blocks[slot / SLOTS_PER_BLOCK], memory_order_acquire);
  return block ? &block[slot % SLOTS_PER_BLOCK] : NULL;
}

/* Whole doubles are read from elsewhere meanwhile: one store of eight bytes. */
static void count(connection *c, int side, size_t bytes) {
  double sum = c->counters[side] + (double)bytes;
  __atomic_store(&c->counters[side], &sum, __ATOMIC_RELAXED);
}

/* With `reset`, the peers see a reset and nothing that is still unsent. */
static void close_connection(connection *c, bool reset) {
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  for (int side = 0; side < 2; side++) {
    if (reset) (void)setsockopt(c->legs[side].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(c->legs[side].fd);
    pipes_discard(&c->ways[side].pipe);
    free(c->ways[side].rest);
    c->ways[side].rest = NULL;
  }
  c->open = false;
}

static void tell(mover *m, connection *c, told_what what, int side, int error) {
  const told news = {.slot = c->slot, .token = c->token, .what = what, .side = side, .error = error};
  m->teller(m->context, &news);
}

static void break_connection(mover *m, connection *c, int side, int error) {
  close_connection(c, true);
  tell(m, c, TOLD_BROKEN, side, error);
}

static bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

/* Sends what is held. False where it must wait, or the connection broke. */
static bool flush(mover *m, connection *c, int side) {
  way *w = &c->ways[side];
  leg *to = &c->legs[!side];
  while (w->held > 0) {
    if (!to->writable) return false;
    const ssize_t sent = w->rest ? send(to->fd, w->rest + w->rest_at, w->held, MSG_NOSIGNAL | MSG_DONTWAIT)
                                 : splice(w->pipe.read_fd, NULL, to->fd, NULL, w->held,
                                          SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && would_block(errno)) {
      to->writable = false;
      return false;
    }
    if (sent <= 0) {
      break_connection(m, c, !side, sent < 0 ? errno : EPIPE);
      return false;
    }
    w->held -= (size_t)sent;
    w->rest_at += (size_t)sent;
  }
  free(w->rest);
  w->rest = NULL;
  return true;
}

/* Keeps what could not be sent of a copied read. False where there is no memory for it. */
static bool keep_rest(way *w, const char *bytes, size_t length) {
  w->rest = malloc(length);
  if (!w->rest) return false;
  memcpy(w->rest, bytes, length);
  w->rest_at = 0;
  w->held = length;
  return true;
}

/* Reads once, by pipe where the last reads were large; sends on what it can of a copied read. Returns as read(2) does. */
static ssize_t read_once(mover *m, connection *c, int side) {
  way *w = &c->ways[side];
  leg *from = &c->legs[side];
  leg *to = &c->legs[!side];
  if (w->bulk && w->pipe.read_fd < 0) w->bulk = pipes_take(&m->pool, &w->pipe);
  if (w->bulk) {
    const ssize_t got =
        splice(from->fd, NULL, w->pipe.write_fd, NULL, SPLICE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got > 0) w->held = (size_t)got;
    if (got < WORTH_SPLICING) w->bulk = false;
    /* Nothing may also mean that there was no page to put it on: recv(2) tells that from an end. */
    if (got != 0) return got;
  }
  const ssize_t got = recv(from->fd, m->scratch, SCRATCH_BYTES, MSG_DONTWAIT);
  if (got <= 0) return got;
  w->bulk = got == SCRATCH_BYTES;
  /* A short read has emptied the socket; what comes later makes a new edge. */
  if (got < SCRATCH_BYTES && !from->hung_up) from->readable = false;
  const ssize_t sent = send(to->fd, m->scratch, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT);
  const size_t gone = sent > 0 ? (size_t)sent : 0;
  /* A send that failed is made again by `flush`, which knows what to do about it. */
  if (gone < (size_t)got && !keep_rest(w, m->scratch + gone, (size_t)got - gone)) {
    errno = ENOMEM;
    return -1;
  }
  return got;
}

/* Passes the end of `side` on; the second end finishes the connection. */
static void pass_end(mover *m, connection *c, int side) {
  c->ways[side].done = true;
  if (c->ways[!side].done) {
    (void)shutdown(c->legs[!side].fd, SHUT_WR);
    close_connection(c, false);
    tell(m, c, TOLD_FINISHED, side, 0);
    return;
  }
  if (shutdown(c->legs[!side].fd, SHUT_WR) != 0) break_connection(m, c, !side, errno);
  else tell(m, c, TOLD_HALF_CLOSED, side, 0);
}

/* Moves what it can from one side to the other. True where its turn ended before the bytes did. */
static bool move(mover *m, connection *c, int side) {
  way *w = &c->ways[side];
  leg *from = &c->legs[side];
  size_t moved = 0;
  for (;;) {
    if (!c->open || w->done || !flush(m, c, side)) return false;
    if (w->ended) {
      pipes_give_back(&m->pool, &w->pipe);
      pass_end(m, c, side);
      return false;
    }
    const bool can_go_on = from->readable && c->legs[!side].writable;
    if (!can_go_on || moved >= TURN_BYTES) {
      if (!can_go_on || !w->bulk) pipes_give_back(&m->pool, &w->pipe);
      return can_go_on;
    }
    const ssize_t got = read_once(m, c, side);
    if (got > 0) {
      count(c, side, (size_t)got);
      moved += (size_t)got;
    } else if (got == 0) w->ended = true;
    else if (would_block(errno)) from->readable = false;
    else if (errno != EINTR) break_connection(m, c, side, errno);
  }
}

static void move_both(mover *m, connection *c) {
  bool more = move(m, c, SIDE_CLIENT);
  more = move(m, c, SIDE_BACKEND) || more;
  if (!more || c->queued) return;
  c->queued = true;
  c->next = m->queue;
  m->queue = c;
}

/* A side that failed while nothing was to be read from or written to it. */
static void look_for_error(mover *m, connection *c, int side) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(c->legs[side].fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0)
    break_connection(m, c, side, error);
}

static void on_event(mover *m, const struct epoll_event *event) {
  const int side = (int)(event->data.u64 & 1);
  connection *c = connection_at(m, (uint32_t)(event->data.u64 >> 1));
  pthread_mutex_lock(&c->lock);
  /* An event of an earlier connection in the slot only says too much, which the next call puts right. */
  if (c->open) {
    leg *told_leg = &c->legs[side];
    const bool failed = (event->events & (EPOLLERR | EPOLLHUP)) != 0;
    if (failed || (event->events & EPOLLRDHUP)) told_leg->hung_up = true;
    if (failed || (event->events & (EPOLLIN | EPOLLRDHUP))) told_leg->readable = true;
    if (failed || (event->events & EPOLLOUT)) told_leg->writable = true;
    move_both(m, c);
    if (c->open && (event->events & EPOLLERR)) look_for_error(m, c, side);
  }
  pthread_mutex_unlock(&c->lock);
}

/* One more turn for each of those whose last one was too short. */
static void serve_queue(mover *m) {
  connection *waiting = m->queue;
  m->queue = NULL;
  while (waiting) {
    connection *c = waiting;
    waiting = c->next;
    pthread_mutex_lock(&c->lock);
    c->queued = false;
    if (c->open) move_both(m, c);
    pthread_mutex_unlock(&c->lock);
  }
}

static void *run(void *argument) {
  mover *m = argument;
  struct epoll_event events[EVENTS_AT_ONCE];
  while (!atomic_load(&m->stopping)) {
    const int happened = epoll_wait(m->epoll_fd, events, EVENTS_AT_ONCE, m->queue ? 0 : -1);
    for (int at = 0; at < happened; at++)
      if (events[at].data.u64 != wake_mark) on_event(m, &events[at]);
    serve_queue(m);
  }
  pipes_close_spares(&m->pool);
  return NULL;
}

static bool open_descriptors(mover *m) {
  m->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = wake_mark};
  return m->epoll_fd >= 0 && m->wake_fd >= 0 && epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, m->wake_fd, &event) == 0;
}

static void free_mover(mover *m) {
  if (m->epoll_fd >= 0) close(m->epoll_fd);
  if (m->wake_fd >= 0) close(m->wake_fd);
  free(m);
}

mover *mover_start(mover_teller teller, void *context) {
  mover *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->epoll_fd = m->wake_fd = -1;
  m->teller = teller;
  m->context = context;
  /* The thread inherits the mask: signals are the process's business, and splice(2) must not raise SIGPIPE. */
  sigset_t all, before;
  sigfillset(&all);
  const bool opened = open_descriptors(m) && pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
  const bool started = opened && pthread_create(&m->thread, NULL, run, m) == 0;
  if (opened) pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (started) return m;
  free_mover(m);
  return NULL;
}

void mover_stop(mover *m) {
  atomic_store(&m->stopping, true);
  const uint64_t one = 1;
  (void)!write(m->wake_fd, &one, sizeof one);
  pthread_join(m->thread, NULL);
  for (int block = 0; block < m->block_count; block++) {
    connection *slots = atomic_load(&m->blocks[block]);
    for (int at = 0; at < SLOTS_PER_BLOCK; at++) {
      if (slots[at].open) close_connection(&slots[at], true);
      pthread_mutex_destroy(&slots[at].lock);
    }
    free(slots);
  }
  free_mover(m);
}

int mover_add_slots(mover *m, double *counters) {
  if (m->block_count == MOST_BLOCKS) return -1;
  connection *slots = calloc(SLOTS_PER_BLOCK, sizeof *slots);
  if (!slots) return -1;
  const uint32_t first = (uint32_t)m->block_count * SLOTS_PER_BLOCK;
  for (uint32_t at = 0; at < SLOTS_PER_BLOCK; at++) {
    pthread_mutex_init(&slots[at].lock, NULL);
    slots[at].slot = first + at;
    slots[at].counters = counters + (size_t)2 * at;
  }
  atomic_store_explicit(&m->blocks[m->block_count++], slots, memory_order_release);
  return (int)first;
}

static int watch(mover *m, connection *c, int side) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.u64 = ((uint64_t)c->slot << 1) | (uint64_t)side};
  return epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, c->legs[side].fd, &event) == 0 ? 0 : -errno;
}

int mover_join(mover *m, uint32_t slot, uint32_t token, int client_fd, int backend_fd) {
  connection *c = connection_at(m, slot);
  if (!c) return -EINVAL;
  const int client = fcntl(client_fd, F_DUPFD_CLOEXEC, 0);
  if (client < 0) return -errno;
  const int backend = fcntl(backend_fd, F_DUPFD_CLOEXEC, 0);
  if (backend < 0) {
    const int error = errno;
    close(client);
    return -error;
  }
  pthread_mutex_lock(&c->lock);
  c->token = token;
  c->legs[SIDE_CLIENT] = (leg){.fd = client};
  c->legs[SIDE_BACKEND] = (leg){.fd = backend};
  c->ways[SIDE_CLIENT] = c->ways[SIDE_BACKEND] = (way){.pipe = {-1, -1}};
  c->counters[SIDE_CLIENT] = c->counters[SIDE_BACKEND] = 0;
  int failed = watch(m, c, SIDE_CLIENT);
  if (failed == 0) failed = watch(m, c, SIDE_BACKEND);
  c->open = failed == 0;
  if (failed != 0) {
    close(client);
    close(backend);
  }
  pthread_mutex_unlock(&c->lock);
  return failed;
}

bool mover_cut(mover *m, uint32_t slot, uint32_t token) {
  connection *c = connection_at(m, slot);
  if (!c) return false;
  pthread_mutex_lock(&c->lock);
  const bool open = c->open && c->token == token;
  if (open) close_connection(c, true);
  pthread_mutex_unlock(&c->lock);
  return open;
}
