/*
 * Going to sleep and being woken takes longer than all that the thread does for a small message (decision 96). Where the
 * next thing is about to happen, going by how soon it did of late, the thread stays awake for it: for a moment only, and
 * giving its processor to whoever wants it.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/epoll.h>
#include <time.h>

#include "inside.h"

enum {
  /* What is farther off on average is not waited for awake. */
  SOON_NS = 60 * 1000,
  VIGIL_NS = 2 * SOON_NS,
  /* As long as this is every longer gap taken for: one is undone by six short ones in a row, a silence by some twenty. */
  LONG_GAP_NS = 1000 * 1000,
  GAP_WEIGHT = 8,
};

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Returns as epoll_wait(2) does; 0: nothing has come in time. `now`: when it began, and then when it ended. */
static int stay_awake(const mover *m, struct epoll_event *events, int most, int64_t *now) {
  const int64_t until = *now + VIGIL_NS;
  for (;;) {
    const int happened = epoll_wait(m->epoll_fd, events, most, 0);
    *now = now_ns();
    if (happened != 0 || *now >= until) return happened;
    sched_yield();
  }
}

int wait_for_events(mover *m, struct epoll_event *events, int most, int timeout_ms) {
  const bool moved_bulk = m->moved_bulk;
  m->moved_bulk = false;
  /* What fills whole buffers gathers while the thread sleeps, and is moved with fewer calls. */
  if (timeout_ms == 0 || moved_bulk) return epoll_wait(m->epoll_fd, events, most, timeout_ms);
  const int64_t began = now_ns();
  int64_t now = began;
  int happened = m->usual_gap_ns < SOON_NS ? stay_awake(m, events, most, &now) : 0;
  if (happened == 0) {
    happened = epoll_wait(m->epoll_fd, events, most, timeout_ms);
    now = now_ns();
  }
  const int64_t gap = now - began < LONG_GAP_NS ? now - began : LONG_GAP_NS;
  m->usual_gap_ns += (gap - m->usual_gap_ns) / GAP_WEIGHT;
  return happened;
}
