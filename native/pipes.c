#define _GNU_SOURCE
#include "pipes.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

/* Two descriptors each: beyond this, connections go without. */
enum { MOST_PIPES = 512, PIPE_BYTES = 256 * 1024 };

/* Over all movers of the process, which share its descriptors. */
static atomic_int open_pipes;

static const pipe_pair none = {-1, -1};

bool pipes_take(pipe_pool *pool, pipe_pair *taken) {
  if (pool->spares > 0) {
    *taken = pool->spare[--pool->spares];
    return true;
  }
  if (atomic_fetch_add(&open_pipes, 1) >= MOST_PIPES) {
    atomic_fetch_sub(&open_pipes, 1);
    return false;
  }
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
    atomic_fetch_sub(&open_pipes, 1);
    return false;
  }
  /* May be refused (pipe-user-pages-soft): the 64 KB that it has will do. */
  (void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
  *taken = (pipe_pair){.read_fd = fds[0], .write_fd = fds[1]};
  return true;
}

void pipes_discard(pipe_pair *used) {
  if (used->read_fd < 0) return;
  close(used->read_fd);
  close(used->write_fd);
  *used = none;
  atomic_fetch_sub(&open_pipes, 1);
}

void pipes_give_back(pipe_pool *pool, pipe_pair *empty) {
  if (empty->read_fd < 0) return;
  if (pool->spares == (int)(sizeof pool->spare / sizeof *pool->spare)) {
    pipes_discard(empty);
    return;
  }
  pool->spare[pool->spares++] = *empty;
  *empty = none;
}

void pipes_close_spares(pipe_pool *pool) {
  while (pool->spares > 0) pipes_discard(&pool->spare[--pool->spares]);
}
