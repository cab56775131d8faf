#define _GNU_SOURCE
#include "mover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "inside.h"

enum { EVENTS_AT_ONCE = 256 };

/* What epoll tells has a mark above and a number below: of a leg, its own mark, slot and side; of a door, 0 and its number. */
static const uint64_t wake_mark = UINT64_MAX;
static const uint32_t watched_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

/* A side that failed while nothing was to be read from or written to it. */
static void look_for_error(mover *m, connection *c, int side) {
  const int error = error_of(c->legs[side].fd);
  if (error != 0) break_connection(m, c, side, error);
}

static void leg_event(mover *m, uint64_t data, uint32_t events) {
  const int side = (int)(data & 1);
  connection *c = slot_at(m, (uint32_t)data >> 1);
  pthread_mutex_lock(&c->lock);
  leg *told_leg = &c->legs[side];
  /* Else it is of an earlier connection in the slot, or of one that was given up. */
  if (c->state != STATE_NONE && told_leg->mark == (uint32_t)(data >> 32)) {
    const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (failed || (events & EPOLLRDHUP)) told_leg->hung_up = true;
    if (failed || (events & (EPOLLIN | EPOLLRDHUP))) told_leg->readable = true;
    if (failed || (events & EPOLLOUT)) told_leg->writable = true;
    if (c->state != STATE_OPEN) dial_event(m, c, side, events);
    if (c->state == STATE_OPEN) move_both(m, c);
    if (c->state == STATE_OPEN && (events & EPOLLERR)) look_for_error(m, c, side);
  }
  pthread_mutex_unlock(&c->lock);
}

static void on_event(mover *m, const struct epoll_event *event) {
  const uint64_t data = event->data.u64;
  if (data == wake_mark) return;
  if (data >> 32 == 0) door_event(m, (uint32_t)data);
  else leg_event(m, data, event->events);
}

/* Of two times to wait, where -1 is for ever. */
static int sooner(int one, int other) { return one < 0 || (other >= 0 && other < one) ? other : one; }

static int timeout_ms(const mover *m, int due) {
  if (m->queue) return 0;
  return m->paused_doors ? sooner(due, DOOR_PAUSE_MS) : due;
}

static void *run(void *argument) {
  mover *m = argument;
  struct epoll_event events[EVENTS_AT_ONCE];
  int news_due = -1, young_due = -1;
  while (!atomic_load(&m->stopping)) {
    const int happened = wait_for_events(m, events, EVENTS_AT_ONCE, timeout_ms(m, sooner(news_due, young_due)));
    for (int at = 0; at < happened; at++) on_event(m, &events[at]);
    serve_queue(m);
    if (m->paused_doors) retry_doors(m);
    young_due = grow_up_due(m);
    news_due = news_due_ms(&m->news);
    if (news_due != 0) continue;
    news_called(&m->news);
    m->waker(m->context);
    news_due = -1;
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
  doors_close(m);
  slots_free(m);
  news_close(&m->news);
  free(m->young.ring);
  free(m);
}

mover *mover_start(mover_waker waker, void *context) {
  mover *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->epoll_fd = m->wake_fd = -1;
  m->waker = waker;
  m->context = context;
  news_open(&m->news);
  pthread_mutex_init(&m->slots_lock, NULL);
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
  free_mover(m);
}

/* Neither a door's nor the wake-up's. */
static uint32_t next_mark(mover *m) {
  uint32_t mark;
  do mark = atomic_fetch_add(&m->marks, 1);
  while (mark == 0 || mark == UINT32_MAX);
  return mark;
}

static struct epoll_event event_of(const connection *c, int side) {
  const leg *l = &c->legs[side];
  const uint64_t number = (uint64_t)c->slot << 1 | (uint64_t)side;
  const uint32_t events = l->awaits_room ? watched_events | EPOLLOUT : watched_events;
  return (struct epoll_event){.events = events, .data.u64 = (uint64_t)l->mark << 32 | number};
}

int watch_leg(mover *m, connection *c, int side) {
  c->legs[side].mark = next_mark(m);
  c->legs[side].awaits_room = !c->legs[side].writable;
  struct epoll_event event = event_of(c, side);
  return epoll_ctl(m->epoll_fd, EPOLL_CTL_ADD, c->legs[side].fd, &event) == 0 ? 0 : errno;
}

void watch_anew(mover *m, connection *c, int side) {
  struct epoll_event event = event_of(c, side);
  (void)epoll_ctl(m->epoll_fd, EPOLL_CTL_MOD, c->legs[side].fd, &event);
}

void await_room(mover *m, connection *c, int side) {
  leg *full = &c->legs[side];
  full->writable = false;
  if (full->awaits_room) return;
  full->awaits_room = true;
  watch_anew(m, c, side);
}

void unwatch(mover *m, int fd) {
  /* Linux before 2.6.9 wanted one here; it is ignored. */
  struct epoll_event ignored = {0};
  (void)epoll_ctl(m->epoll_fd, EPOLL_CTL_DEL, fd, &ignored);
}

void begin_connection(connection *c, int client_fd, int backend_fd, connection_state state) {
  c->legs[SIDE_CLIENT] = (leg){.fd = client_fd, .writable = true};
  c->legs[SIDE_BACKEND] = (leg){.fd = backend_fd, .writable = true};
  c->ways[SIDE_CLIENT] = c->ways[SIDE_BACKEND] = (way){.pipe = {-1, -1}};
  c->state = state;
  c->ordered = c->judging = c->asks = c->owes_acknowledgement = false;
  c->shows_frame = true;
  c->left_to_see = 0;
  c->dials = 0;
  c->told_count = 0;
  c->room = NULL;
}

int mover_join(mover *m, int client_fd, int backend_fd, uint32_t *token) {
  const int client = fcntl(client_fd, F_DUPFD_CLOEXEC, 0);
  if (client < 0) return -errno;
  const int backend = fcntl(backend_fd, F_DUPFD_CLOEXEC, 0);
  if (backend < 0) {
    const int error = errno;
    close(client);
    return -error;
  }
  connection *c = slot_take(m, NULL);
  if (!c) {
    close(client);
    close(backend);
    return NOT_THERE;
  }
  pthread_mutex_lock(&c->lock);
  begin_connection(c, client, backend, STATE_DIALLED);
  int error = watch_leg(m, c, SIDE_CLIENT);
  if (error == 0) error = watch_leg(m, c, SIDE_BACKEND);
  /* Not a reset: the originals live on. */
  if (error != 0) close_connection(c, false);
  else {
    /* Where this process is killed, its peers must not take that for an end: the kernel resets them. */
    close_resets(client, true);
    close_resets(backend, true);
    c->state = STATE_OPEN;
  }
  *token = c->token;
  pthread_mutex_unlock(&c->lock);
  if (error == 0) return (int)c->slot;
  slot_return(m, c);
  return -error;
}

size_t mover_take(mover *m, told *into, size_t most, char *bytes, size_t bytes_room) {
  /* Whoever asks for more has dealt with what was taken before. */
  slots_reclaim(m);
  const size_t taken = news_take(&m->news, into, most, bytes, bytes_room);
  for (size_t at = 0; at < taken; at++) {
    const int32_t what = into[at].what;
    if (what == TOLD_FINISHED || what == TOLD_BROKEN || what == TOLD_LEFT) slot_over(m, into[at].slot);
  }
  return taken;
}

bool mover_cut(mover *m, uint32_t slot, uint32_t token) {
  connection *c = slot_at(m, slot);
  if (!c) return false;
  pthread_mutex_lock(&c->lock);
  const bool open = c->state != STATE_NONE && c->token == token;
  if (open) close_connection(c, true);
  pthread_mutex_unlock(&c->lock);
  if (open) slot_over(m, slot);
  return open;
}
