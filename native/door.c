#define _GNU_SOURCE
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "inside.h"

enum { MOST_QUEUED = 512 /* as many as Node asks listen(2) for, and one */ };

struct door {
  pthread_mutex_t lock;
  uint32_t number;
  int fd; /* -1: closed */
  bool paused;
  room *room;
  door_order order;
  forms forms;
  door *next_closed;
};

static door *door_at(mover *m, uint32_t number) {
  return number < MOST_DOORS ? atomic_load_explicit(&m->doors[number], memory_order_acquire) : NULL;
}

static bool is_full(room *r) {
  const int32_t most = __atomic_load_n(&r->most, __ATOMIC_RELAXED);
  return most >= 0 && __atomic_load_n(&r->sockets, __ATOMIC_RELAXED) + __atomic_load_n(&r->joined, __ATOMIC_RELAXED) +
                              __atomic_load_n(&r->here, __ATOMIC_RELAXED) >=
                          most;
}

/* Moves what can be moved at once; what comes later is told. */
static void serve_entered(mover *m, connection *c) {
  if (c->state == STATE_OPEN) move_both(m, c);
  if (c->state == STATE_NONE) return;
  const int error = watch_leg(m, c, SIDE_CLIENT);
  if (error != 0) break_connection(m, c, SIDE_CLIENT, error);
}

/* An accepted client takes its place in a slot; where that is the order, `spare` dials for it. */
static void enter(mover *m, const door *d, connection *c, int fd, int spare, const struct sockaddr_storage *from) {
  char text[ADDRESS_TEXT];
  const door_order *order = &d->order;
  const bool ordered = spare >= 0;
  pthread_mutex_lock(&c->lock);
  begin_connection(c, fd, -1, STATE_HELD);
  /* In a crowd its first bytes are there by now. */
  c->legs[SIDE_CLIENT].readable = ordered;
  c->room = d->room;
  c->ordered = ordered;
  c->judging = order->judges;
  c->left_to_see = order->judges ? MOST_BYTES_TOLD : 0;
  __atomic_add_fetch(&d->room->here, 1, __ATOMIC_RELAXED);
  const told one = {.what = TOLD_ENTERED, .slot = c->slot, .token = c->token, .door = d->number,
                    .b = order->serial, .length = write_address(from, text)};
  note_told(c, news_tell(&m->news, &one, text, !ordered));
  if (ordered) {
    c->owes_acknowledgement = true;
    acknowledge(spare, false);
    const int error = dial(m, c, spare, (const struct sockaddr *)&order->address, order->length, true);
    if (error != 0) tell(m, c, TOLD_NOT_DIALLED, error, 0);
  }
  serve_entered(m, c);
  pthread_mutex_unlock(&c->lock);
}

/* An accepted client whose first bytes are waited for: nobody hears of it before. */
static void enter_to_be_read(mover *m, const door *d, connection *c, int fd, const struct sockaddr_storage *from) {
  pthread_mutex_lock(&c->lock);
  begin_connection(c, fd, -1, STATE_READING);
  c->room = d->room;
  c->door = d->number;
  __atomic_add_fetch(&d->room->here, 1, __ATOMIC_RELAXED);
  c->legs[SIDE_CLIENT].readable = true;
  read_first(m, c, from);
  if (c->state == STATE_READING && !grow_up_later(m, c)) forget(m, c, true);
  serve_entered(m, c);
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
    if (d->order.how == ORDER_READ) enter_to_be_read(m, d, c, fd, &from);
    else enter(m, d, c, fd, spare, &from);
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
  close_resets(fd, false);
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
    const int spare = c && dials ? open_socket((const struct sockaddr *)&d->order.address) : -1;
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
    forms_forget(&d->forms);
    pthread_mutex_destroy(&d->forms.lock);
    pthread_mutex_destroy(&d->lock);
    free(d);
  }
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
  pthread_mutex_init(&d->forms.lock, NULL);
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
  prepare_listener(fd);
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

forms *forms_of(mover *m, uint32_t number) {
  door *d = door_at(m, number);
  return d ? &d->forms : NULL;
}

bool mover_teach(mover *m, uint32_t number, const form *taught) {
  forms *all = forms_of(m, number);
  return all && forms_teach(all, taught);
}

void mover_forget(mover *m, uint32_t number) {
  forms *all = forms_of(m, number);
  if (all) forms_forget(all);
}

void mover_close_door(mover *m, uint32_t number) {
  door *d = door_at(m, number);
  if (!d) return;
  pthread_mutex_lock(&d->lock);
  const bool was_open = d->fd >= 0;
  if (was_open) {
    unwatch(m, d->fd);
    /* Whoever is in the system's queue would be reset with it; what comes meanwhile has no end, the queue has one. */
    for (int queued = 0; queued < MOST_QUEUED && accept_for_javascript(m, d) == 0; queued++) continue;
    close(d->fd);
    forms_forget(&d->forms);
    if (d->order.how == ORDER_READ) pass_unread(m, number);
  }
  d->fd = -1;
  pthread_mutex_unlock(&d->lock);
  if (!was_open) return;
  d->next_closed = m->closed_doors;
  m->closed_doors = d;
}
