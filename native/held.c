/* A client between the door and the moving of its bytes: held, dialled for, judged by its first bytes. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside.h"

/* The backend is there, and what waits for it goes on but for the moving of bytes. On the mover's thread. */
static void dialled(mover *m, connection *c) {
  tell(m, c, TOLD_DIALLED, 0, c->dials);
  c->state = c->asks ? STATE_ASKING : c->ordered ? STATE_OPEN : STATE_DIALLED;
  if (c->ordered && !grow_up_later(m, c)) keep_alive(c->legs[SIDE_BACKEND].fd);
  if (c->state == STATE_ASKING) hear_answer(m, c);
}

int dial(mover *m, connection *c, int fd, const struct sockaddr *address, socklen_t length, bool at_once) {
  bool connected = connect(fd, address, length) == 0;
  /* On the same machine the handshake is over by now, and asking again tells. */
  if (!connected && errno == EINPROGRESS && at_once) connected = connect(fd, address, length) == 0;
  int error = connected || errno == EINPROGRESS || errno == EALREADY || errno == EINTR ? 0 : errno;
  /* Whoever awaits it is told that it is there, too. */
  c->legs[SIDE_BACKEND] = (leg){.fd = fd, .writable = connected && at_once};
  c->state = STATE_DIALLING;
  if (error == 0) error = watch_leg(m, c, SIDE_BACKEND);
  if (error == 0) c->dials++;
  if (error == 0 && connected && at_once) dialled(m, c);
  if (error == 0) return 0;
  close(fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  c->state = STATE_HELD;
  return error;
}

static void not_dialled(mover *m, connection *c, int error) {
  close(c->legs[SIDE_BACKEND].fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  for (int side = 0; side < 2; side++) drop_rest(&c->ways[side]);
  c->state = STATE_HELD;
  tell(m, c, TOLD_NOT_DIALLED, error, c->dials);
}

void dial_event(mover *m, connection *c, int side, uint32_t events) {
  if (c->state == STATE_READING) return read_first(m, c, NULL);
  /* What happens to the backend then is found by whoever reads it next. */
  if (side == SIDE_BACKEND && c->state == STATE_ANSWERED) return;
  if (side == SIDE_BACKEND && c->state == STATE_ASKING) return hear_answer(m, c);
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const int error = failed ? error_of(c->legs[side].fd) : 0;
  if (side == SIDE_BACKEND && c->state == STATE_DIALLING) {
    if (failed) not_dialled(m, c, error != 0 ? error : ECONNRESET);
    else if (events & EPOLLOUT) dialled(m, c);
  } else if (error != 0) break_connection(m, c, side, error);
}

/* Not frames: both descriptors, and what was read, are for JavaScript. */
static void leave(mover *m, connection *c, size_t length) {
  if (c->owes_acknowledgement) acknowledge(c->legs[SIDE_BACKEND].fd, true);
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

connection *lock_in(mover *m, uint32_t slot, uint32_t token, connection_state first, connection_state last) {
  connection *c = slot_at(m, slot);
  if (!c) return NULL;
  pthread_mutex_lock(&c->lock);
  if (c->token == token && c->state >= first && c->state <= last) return c;
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

int mover_dial(mover *m, uint32_t slot, uint32_t token, const struct sockaddr *address, socklen_t length) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_HELD);
  if (!c) return NOT_THERE;
  const int fd = open_socket(address);
  if (fd >= 0) keep_alive(fd);
  const int error = fd < 0 ? errno : dial(m, c, fd, address, length, false);
  pthread_mutex_unlock(&c->lock);
  return -error;
}

bool mover_go(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_DIALLED, STATE_DIALLED);
  if (!c) return false;
  c->state = STATE_OPEN;
  for (int side = 0; side < 2; side++) watch_anew(m, c, side);
  pthread_mutex_unlock(&c->lock);
  return true;
}

bool mover_hang_up(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_ANSWERED);
  if (!c) return false;
  if (c->state != STATE_HELD) reset_and_close(c->legs[SIDE_BACKEND].fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  for (int side = 0; side < 2; side++) drop_rest(&c->ways[side]);
  c->state = STATE_HELD;
  pthread_mutex_unlock(&c->lock);
  return true;
}

int mover_release(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_HELD);
  if (!c) return -1;
  const int fd = c->legs[SIDE_CLIENT].fd;
  unwatch(m, fd);
  close_resets(fd, false);
  c->legs[SIDE_CLIENT].fd = -1;
  close_connection(c, false);
  pthread_mutex_unlock(&c->lock);
  slot_over(m, slot);
  return fd;
}
