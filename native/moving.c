#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside.h"

enum {
  /* At most this much is moved one way before others have their turn. */
  TURN_BYTES = 1024 * 1024,
  SPLICE_BYTES = 256 * 1024,
  /* Below this, copying is quicker than a pipe. */
  WORTH_SPLICING = 16 * 1024,
};

/* Whole doubles are read from elsewhere meanwhile: one store of eight bytes. */
void count(connection *c, int side, size_t bytes) {
  double sum = c->counters[side] + (double)bytes;
  __atomic_store(&c->counters[side], &sum, __ATOMIC_RELAXED);
}

void close_connection(connection *c, bool reset) {
  for (int side = 0; side < 2; side++) {
    const int fd = c->legs[side].fd;
    if (fd >= 0 && reset) reset_and_close(fd);
    if (fd >= 0 && !reset) {
      close_resets(fd, false);
      close(fd);
    }
    pipes_discard(&c->ways[side].pipe);
    free(c->ways[side].rest);
    c->ways[side].rest = NULL;
  }
  if (c->room) __atomic_sub_fetch(&c->room->here, 1, __ATOMIC_RELAXED);
  c->state = STATE_NONE;
}

void note_told(connection *c, uint64_t number) {
  if (c->told_count < MOST_FOLDED) c->told_numbers[c->told_count] = number;
  c->told_count++;
}

uint64_t tell(mover *m, connection *c, told_what what, int a, int b) {
  const told one = {.what = what, .slot = c->slot, .token = c->token, .a = a, .b = b};
  /* JavaScript waits for what it has asked for, and acts on a failure; the rest is for the book. */
  const bool urgent = what == TOLD_NOT_DIALLED || (what == TOLD_DIALLED && !c->ordered);
  const uint64_t number = news_tell(&m->news, &one, NULL, urgent);
  note_told(c, number);
  return number;
}

void break_connection(mover *m, connection *c, int side, int error) {
  tell(m, c, TOLD_BROKEN, error, side);
  close_connection(c, true);
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

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
      await_room(m, c, !side);
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

bool keep_rest(way *w, const char *bytes, size_t length) {
  w->rest = malloc(length);
  if (!w->rest) return false;
  memcpy(w->rest, bytes, length);
  w->rest_at = 0;
  w->held = length;
  return true;
}

void drop_rest(way *w) {
  free(w->rest);
  w->rest = NULL;
  w->held = 0;
}

/* JavaScript sees the client's first frame, where it is one, its length in the first four bytes; none that is too long for a logon. */
static void show(mover *m, connection *c, const char *bytes, size_t length) {
  if (c->shows_frame && length >= 4) {
    const unsigned char *first = (const unsigned char *)bytes;
    const uint32_t frame = (uint32_t)first[0] << 24 | (uint32_t)first[1] << 16 | (uint32_t)first[2] << 8 | first[3];
    c->left_to_see = frame <= MOST_BYTES_TOLD - 4 ? frame + 4 : 0;
  }
  c->shows_frame = false;
  const uint32_t seen = length < c->left_to_see ? (uint32_t)length : c->left_to_see;
  if (seen == 0) return;
  c->left_to_see -= seen;
  const told one = {.what = TOLD_SEEN, .slot = c->slot, .token = c->token, .length = seen};
  note_told(c, news_tell(&m->news, &one, bytes, false));
}

bool pass_on(mover *m, connection *c, int side, const char *bytes, size_t length) {
  /* Told and counted first: whoever has received something finds it in the book. */
  if (side == SIDE_CLIENT && c->left_to_see > 0) show(m, c, bytes, length);
  count(c, side, length);
  const ssize_t sent = send(c->legs[!side].fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  const size_t gone = sent > 0 ? (size_t)sent : 0;
  /* A send that failed is made again by `flush`, which knows what to do about it. */
  if (gone == length || keep_rest(&c->ways[side], bytes + gone, length - gone)) return true;
  errno = ENOMEM;
  return false;
}

/* Reads once, by pipe where the last reads were large; sends on what it can of a copied read. Returns as read(2) does. */
static ssize_t read_once(mover *m, connection *c, int side) {
  way *w = &c->ways[side];
  leg *from = &c->legs[side];
  if (w->bulk && w->pipe.read_fd < 0) w->bulk = pipes_take(&m->pool, &w->pipe);
  if (w->bulk) {
    const ssize_t got =
        splice(from->fd, NULL, w->pipe.write_fd, NULL, SPLICE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got > 0) {
      m->moved_bulk = true;
      w->held = (size_t)got;
      count(c, side, w->held);
    }
    if (got < WORTH_SPLICING) w->bulk = false;
    /* Nothing may also mean that there was no page to put it on: recv(2) tells that from an end. */
    if (got != 0) return got;
  }
  const ssize_t got = recv(from->fd, m->scratch, SCRATCH_BYTES, MSG_DONTWAIT);
  if (got <= 0) return got;
  w->bulk = got == SCRATCH_BYTES;
  /* A short read has emptied the socket; what comes later makes a new edge. */
  if (got < SCRATCH_BYTES && !from->hung_up) from->readable = false;
  return pass_on(m, c, side, m->scratch, (size_t)got) ? got : -1;
}

/* A connection that began and ended well before anybody heard of it is one piece of news. False where it is not such a one. */
static bool tell_visit(mover *m, connection *c) {
  const double *bytes = c->counters;
  if (!c->ordered || c->told_count > MOST_FOLDED || bytes[SIDE_CLIENT] > UINT32_MAX || bytes[SIDE_BACKEND] > UINT32_MAX)
    return false;
  const told one = {.what = TOLD_VISITED, .a = 1, .slot = (uint32_t)bytes[SIDE_CLIENT],
                    .token = (uint32_t)bytes[SIDE_BACKEND]};
  return news_fold(&m->news, c->told_numbers, c->told_count, &one);
}

/* Both ends have been passed on: nothing is unread on either side. */
static void finish(mover *m, connection *c, int side) {
  const bool folded = tell_visit(m, c);
  if (!folded) {
    /* Both ends at nearly once are one piece of news. */
    if (c->room) news_take_back(&m->news, c->half_closed);
    tell(m, c, TOLD_FINISHED, 0, side);
  }
  close_connection(c, false);
  if (folded) slot_return(m, c);
}

/* Passes the end of `side` on; the second end finishes the connection. */
static void pass_end(mover *m, connection *c, int side) {
  c->ways[side].done = true;
  if (c->ways[!side].done) {
    /* Closing says the last end. */
    finish(m, c, side);
    return;
  }
  if (shutdown(c->legs[!side].fd, SHUT_WR) != 0) break_connection(m, c, !side, errno);
  else c->half_closed = tell(m, c, TOLD_HALF_CLOSED, 0, side);
}

/* Moves what it can from one side to the other. True where its turn ended before the bytes did. */
static bool move(mover *m, connection *c, int side) {
  way *w = &c->ways[side];
  leg *from = &c->legs[side];
  size_t moved = 0;
  for (;;) {
    if (c->state != STATE_OPEN || w->done || !flush(m, c, side)) return false;
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
    if (got > 0) moved += (size_t)got;
    else if (got == 0) w->ended = true;
    else if (would_block(errno)) from->readable = false;
    else if (errno != EINTR) break_connection(m, c, side, errno);
  }
}

/* The backend's handshake ends now, where nothing has gone on that ended it. */
static void end_handshake(connection *c) {
  c->owes_acknowledgement = false;
  if (c->state == STATE_OPEN && c->counters[SIDE_CLIENT] == 0) acknowledge(c->legs[SIDE_BACKEND].fd, true);
}

void move_both(mover *m, connection *c) {
  bool more = false;
  if (!c->judging || judge_first_bytes(m, c)) {
    more = move(m, c, SIDE_CLIENT);
    more = move(m, c, SIDE_BACKEND) || more;
  }
  if (c->owes_acknowledgement) end_handshake(c);
  if (!more || c->queued) return;
  c->queued = true;
  c->next = m->queue;
  m->queue = c;
}

/* One more turn for each of those whose last one was too short. */
void serve_queue(mover *m) {
  connection *waiting = m->queue;
  m->queue = NULL;
  while (waiting) {
    connection *c = waiting;
    waiting = c->next;
    pthread_mutex_lock(&c->lock);
    c->queued = false;
    if (c->state == STATE_OPEN) move_both(m, c);
    pthread_mutex_unlock(&c->lock);
  }
}

