/* A client whose first bytes JavaScript judges, and a backend that is asked before bytes move. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside.h"

static ssize_t receive(int fd, char *into, size_t most) {
  ssize_t got;
  do got = recv(fd, into, most, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  return got;
}

/* What was read is a part of what there is, perhaps. */
static void note_read(leg *from, size_t got, size_t most) {
  if (got < most && !from->hung_up) from->readable = false;
}

void forget(mover *m, connection *c, bool reset) {
  close_connection(c, reset);
  slot_return(m, c);
}

void read_first(mover *m, connection *c, const struct sockaddr_storage *from) {
  enum { MOST = MOST_BYTES_TOLD - ADDRESS_TEXT };
  leg *client = &c->legs[SIDE_CLIENT];
  if (!client->readable) return;
  char *bytes = m->scratch + ADDRESS_TEXT;
  const ssize_t got = receive(client->fd, bytes, MOST);
  if (got < 0 && would_block(errno)) {
    client->readable = false;
    return;
  }
  struct sockaddr_storage peer = {0};
  socklen_t length = sizeof peer;
  if (got <= 0 || (!from && getpeername(client->fd, (struct sockaddr *)&peer, &length) != 0)) return forget(m, c, got != 0);
  note_read(client, (size_t)got, MOST);
  char text[ADDRESS_TEXT];
  const uint32_t text_length = write_address(from ? from : &peer, text);
  const part head = {bytes, (size_t)got}, address = {text, text_length};
  forms *taught = forms_of(m, c->door);
  if (taught && forms_serve(m, c, taught, &head, &address)) return;
  memcpy(bytes - text_length, text, text_length);
  c->state = STATE_HELD;
  const told one = {.what = TOLD_READ, .slot = c->slot, .token = c->token, .door = c->door, .a = (int32_t)text_length,
                    .length = text_length + (uint32_t)got};
  note_told(c, news_tell(&m->news, &one, bytes - text_length, true));
}

/* A descriptor leaves with its client: it is closed by whoever has it then. */
static int take_descriptor(mover *m, connection *c, int side) {
  const int fd = c->legs[side].fd;
  unwatch(m, fd);
  close_resets(fd, false);
  c->legs[side] = (leg){.fd = -1};
  return fd;
}

void pass_silent(mover *m, connection *c) {
  const told one = {.what = TOLD_PASSED, .door = c->door, .a = take_descriptor(m, c, SIDE_CLIENT)};
  forget(m, c, false);
  news_tell(&m->news, &one, NULL, true);
}

void pass_unread(mover *m, uint32_t door) {
  for (uint32_t slot = 0; slot < MOST_SLOTS; slot++) {
    connection *c = slot_at(m, slot);
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    if (c->state == STATE_READING && c->door == door) pass_silent(m, c);
    pthread_mutex_unlock(&c->lock);
  }
}

/* It has not answered, and will not: the client stays held. */
static void no_answer(mover *m, connection *c, int error) {
  reset_and_close(c->legs[SIDE_BACKEND].fd);
  c->legs[SIDE_BACKEND] = (leg){.fd = -1};
  for (int side = 0; side < 2; side++) drop_rest(&c->ways[side]);
  c->state = STATE_HELD;
  const told one = {.what = TOLD_ANSWERED, .slot = c->slot, .token = c->token, .a = error};
  note_told(c, news_tell(&m->news, &one, NULL, true));
}

/* Returns 0 or an errno. */
static int send_request(mover *m, connection *c) {
  way *w = &c->ways[SIDE_CLIENT];
  leg *to = &c->legs[SIDE_BACKEND];
  while (w->held > 0 && to->writable) {
    const ssize_t sent = send(to->fd, w->rest + w->rest_at, w->held, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      count(c, SIDE_CLIENT, (size_t)sent);
      w->held -= (size_t)sent;
      w->rest_at += (size_t)sent;
    } else if (would_block(errno)) await_room(m, c, SIDE_BACKEND);
    else if (errno != EINTR) return errno;
  }
  if (w->held == 0) drop_rest(w);
  return 0;
}

/* Whether a backend begins with the answer that is expected, and nothing else. Nothing is expected from then on. */
static bool is_expected(connection *c, const char *bytes, size_t length) {
  way *w = &c->ways[SIDE_BACKEND];
  const part expected = {w->rest, w->held};
  const bool same = w->held > 0 && is_answer(&expected, c->accept_at, bytes, length);
  drop_rest(w);
  return same;
}

static void pass_expected(mover *m, connection *c, const char *bytes, size_t length) {
  tell(m, c, TOLD_EXPECTED, 0, 0);
  c->state = STATE_OPEN;
  if (!pass_on(m, c, SIDE_BACKEND, bytes, length)) break_connection(m, c, SIDE_BACKEND, ENOMEM);
}

void hear_answer(mover *m, connection *c) {
  leg *backend = &c->legs[SIDE_BACKEND];
  const int error = send_request(m, c);
  /* Where it has answered before it was reset, that is read first. */
  if (error != 0) backend->readable = true;
  if (!backend->readable) return;
  const ssize_t got = receive(backend->fd, m->scratch, MOST_BYTES_TOLD);
  if (got > 0) {
    note_read(backend, (size_t)got, MOST_BYTES_TOLD);
    if (is_expected(c, m->scratch, (size_t)got)) return pass_expected(m, c, m->scratch, (size_t)got);
    c->state = STATE_ANSWERED;
    const told one = {.what = TOLD_ANSWERED, .slot = c->slot, .token = c->token, .length = (uint32_t)got};
    note_told(c, news_tell(&m->news, &one, m->scratch, true));
  } else if (got < 0 && would_block(errno) && error == 0) backend->readable = false;
  else no_answer(m, c, error != 0 ? error : got < 0 ? errno : 0);
}

/* False where there is no memory for it. */
static bool keep_errand(connection *c, const errand *what) {
  const part *bytes = &what->bytes, *expected = &what->expected;
  if (!keep_rest(&c->ways[what->greets ? SIDE_BACKEND : SIDE_CLIENT], bytes->bytes, bytes->length)) return false;
  return what->greets || expected->length == 0 ||
         keep_rest(&c->ways[SIDE_BACKEND], expected->bytes, expected->length);
}

int run_errand(mover *m, connection *c, const struct sockaddr *address, socklen_t length, const errand *what,
               bool at_once) {
  c->ordered = true;
  c->asks = !what->greets;
  c->shows_frame = what->shows_frame;
  c->accept_at = what->accept_at;
  c->left_to_see = MOST_BYTES_TOLD;
  const int fd = open_socket(address);
  int error = fd < 0 ? errno : 0;
  /* The request goes out as soon as there is somebody to hear it. */
  if (error == 0 && c->asks) acknowledge(fd, false);
  if (error == 0 && !keep_errand(c, what)) {
    close(fd);
    error = ENOMEM;
  } else if (error == 0) error = dial(m, c, fd, address, length, at_once);
  for (int side = 0; error != 0 && side < 2; side++) drop_rest(&c->ways[side]);
  return error;
}

int mover_ask(mover *m, uint32_t slot, uint32_t token, const struct sockaddr *address, socklen_t length,
              const errand *what) {
  connection *c = lock_in(m, slot, token, STATE_HELD, STATE_HELD);
  if (!c) return NOT_THERE;
  const int error = run_errand(m, c, address, length, what, false);
  pthread_mutex_unlock(&c->lock);
  return -error;
}

bool mover_hear_on(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_ANSWERED, STATE_ANSWERED);
  if (!c) return false;
  c->state = STATE_ASKING;
  watch_anew(m, c, SIDE_BACKEND);
  pthread_mutex_unlock(&c->lock);
  return true;
}

bool mover_answer(mover *m, uint32_t slot, uint32_t token, const char *bytes, size_t length) {
  connection *c = lock_in(m, slot, token, STATE_ANSWERED, STATE_ANSWERED);
  if (!c) return false;
  const bool passed = pass_on(m, c, SIDE_BACKEND, bytes, length);
  if (passed) c->state = STATE_OPEN;
  if (passed && c->ways[SIDE_BACKEND].held > 0) await_room(m, c, SIDE_CLIENT);
  /* What was told while nothing could move is told again. */
  for (int side = 0; passed && side < 2; side++)
    if (c->legs[side].readable || c->legs[side].hung_up) watch_anew(m, c, side);
  pthread_mutex_unlock(&c->lock);
  return passed;
}

int mover_release_backend(mover *m, uint32_t slot, uint32_t token) {
  connection *c = lock_in(m, slot, token, STATE_ANSWERED, STATE_ANSWERED);
  if (!c) return -1;
  const int fd = take_descriptor(m, c, SIDE_BACKEND);
  drop_rest(&c->ways[SIDE_CLIENT]);
  c->state = STATE_HELD;
  pthread_mutex_unlock(&c->lock);
  return fd;
}
