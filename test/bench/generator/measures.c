#define _GNU_SOURCE
#include "measures.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "run.h"

static struct order current;

static void prepare(const struct order *order) {
  current = *order;
  prepare_run(order);
}

/* ---- throughput: one side sends as much as it can, the other throws it away uncopied */

static enum role sender(void) { return current.down ? BACKEND : CLIENT; }

static void flood(struct link *link) {
  if (ending) return watch_for(link, true, false);
  ssize_t sent = send(link->fd, scratch, sizeof scratch, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) fail_link(link, strerror(errno));
}

static void begin_flood(struct link *link) {
  if (link->role == sender()) watch_for(link, true, true);
}

/* Reads without looking: MSG_TRUNC makes TCP drop the bytes instead of copying them (tcp(7)). */
static void swallow(struct link *link) {
  ssize_t got = recv(link->fd, scratch, 1 << 22, MSG_TRUNC);
  if (got > 0 && link->role != sender()) units += (uint64_t)got;
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    if (ending) close_link(link);
    else fail_link(link, got == 0 ? "closed while bytes were to come" : strerror(errno));
  }
}

void throughput(const struct order *order) {
  prepare(order);
  measure.opened = begin_flood;
  measure.writable = flood;
  measure.readable = swallow;
  if (open_clients(order->links)) run(order);
}

/* ---- exchanges: a client keeps a window of messages under way, the backend echoes */

static void send_messages(struct link *link, uint64_t count) {
  send_all(link, scratch, count * (size_t)current.size);
}

static void begin_exchange(struct link *link) {
  if (link->role == BACKEND) return;
  link->started_ns = now_ns();
  send_messages(link, (uint64_t)current.window);
}

static void exchange(struct link *link) {
  if (link->role == BACKEND) return echo(link);
  ssize_t got = recv(link->fd, scratch, sizeof scratch, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return fail_link(link, got == 0 ? "closed before the answer" : strerror(errno));
  link->count += (uint64_t)got;
  uint64_t whole = link->count / (uint64_t)current.size;
  link->count %= (uint64_t)current.size;
  if (whole == 0) return;
  units += whole;
  uint64_t now = now_ns();
  if (current.window == 1) sample(now - link->started_ns);
  link->started_ns = now;
  if (!ending) send_messages(link, whole);
}

/* Frames of the size asked for, with a length and a header as AMPS has them. */
static void fill_scratch(const struct order *order) {
  static const char header[] = "{\"c\":\"p\",\"t\":\"bench\"}";
  memset(scratch, 'x', sizeof scratch);
  for (size_t at = 0; order->size >= 32 && at + (size_t)order->size <= sizeof scratch; at += (size_t)order->size) {
    uint32_t length = (uint32_t)order->size - 4;
    for (int byte = 0; byte < 4; byte++) scratch[at + (size_t)byte] = (char)(length >> (24 - 8 * byte));
    memcpy(scratch + at + 4, header, sizeof header - 1);
  }
}

static void exchanges(const struct order *order) {
  prepare(order);
  fill_scratch(order);
  measure.opened = begin_exchange;
  measure.readable = exchange;
  if (open_clients(order->links)) run(order);
}

void messages(const struct order *order) { exchanges(order); }

void round_trips(const struct order *order) {
  struct order one = *order;
  one.links = one.window = 1;
  exchanges(&one);
}

/* ---- connections: open, one byte there and back, close */

static void next_connection(struct link *link) {
  if (link->role == BACKEND) return;
  units++;
  close_link(link);
  if (!ending) connect_client();
}

void connections(const struct order *order) {
  prepare(order);
  measure.short_hello = true;
  measure.opened = next_connection;
  for (int index = 0; index < order->links; index++) connect_client();
  run(order);
}

/* ---- requests: HTTP on one kept connection, to many paths in turn */

static void ask(struct link *link) {
  static uint32_t turn;
  char request[512];
  /* A fixed walk over all paths that does not go through them in order. */
  turn = turn * 1664525u + 1013904223u;
  int index = (int)((turn >> 8) % (uint32_t)current.paths);
  int length = snprintf(request, sizeof request, "GET %s%d/amps/instance/name.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
                        current.path, index, current.ports[0]);
  link->head_len = 0;
  link->started_ns = now_ns();
  send_all(link, request, (size_t)length);
}

static void take_answer(struct link *link) {
  ssize_t got = recv(link->fd, link->head + link->head_len, sizeof link->head - 1 - link->head_len, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return fail_link(link, got == 0 ? "closed before the answer" : strerror(errno));
  link->head_len += (uint32_t)got;
  link->head[link->head_len] = 0;
  const char *end = strstr(link->head, "\r\n\r\n"), *length = strcasestr(link->head, "\ncontent-length:");
  if (!end) return;
  if (memcmp(link->head + 9, "200", 3) != 0) return fail_link(link, "an answer other than 200");
  if (!length || link->head + link->head_len < end + 4 + atoi(length + 16)) return;
  units++;
  sample(now_ns() - link->started_ns);
  if (!ending) ask(link);
}

void requests(const struct order *order) {
  prepare(order);
  measure.plain_http = true;
  measure.opened = ask;
  measure.readable = take_answer;
  if (open_clients(1)) run(order);
}

/* ---- held links: idle, trickling, or filled until nothing moves */

static void stop_reading(struct link *link) {
  if (link->role == CLIENT) watch_for(link, false, false);
  else watch_for(link, true, true);
}

static void fill(struct link *link) {
  ssize_t sent = send(link->fd, scratch, sizeof scratch, MSG_NOSIGNAL);
  if (sent > 0) units += (uint64_t)sent;
  else if (errno != EAGAIN) fail_link(link, strerror(errno));
}

static uint64_t next_trickle_ns;
static struct link *trickling[1 << 15];
static int trickling_count, trickling_at;

static void join_trickle(struct link *link) {
  if (trickling_count < (int)(sizeof trickling / sizeof *trickling)) trickling[trickling_count++] = link;
}

static void end_held(struct link *link) {
  if (link->role == BACKEND) return echo(link);
  ssize_t got = recv(link->fd, scratch, sizeof scratch, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    trickling_count = 0; /* it names links that are gone */
    fail_link(link, "a held connection ended");
  }
}

void hold(const struct order *order) {
  enum { quiet_ms = 300, fill_within_s = 30 };
  prepare(order);
  fill_scratch(order);
  trickling_count = trickling_at = 0;
  measure.readable = order->fill ? swallow : end_held;
  measure.small_buffers = order->fill;
  if (order->fill) measure.opened = stop_reading, measure.writable = fill;
  if (!open_clients(order->links)) return;
  uint64_t give_up = now_ns() + fill_within_s * 1000000000ull, seen = UINT64_MAX;
  for (uint64_t looked = now_ns(); order->fill && seen != units && now_ns() < give_up; loop_turn(20))
    if (now_ns() - looked > quiet_ms * 1000000ull) seen = units, looked = now_ns();
  if (order->trickle > 0) each_link(CLIENT, join_trickle);
  next_trickle_ns = now_ns();
  printf("{\"held\":%llu,\"bytes\":%llu,\"failures\":%llu,\"failure\":\"%s\"}\n",
         (unsigned long long)open_links(CLIENT), (unsigned long long)units, (unsigned long long)failures, failure_text);
}

void tick(void) {
  for (uint64_t now = now_ns(); trickling_count > 0 && next_trickle_ns <= now;) {
    next_trickle_ns += 1000000000ull / (uint64_t)current.trickle;
    trickling_at = (trickling_at + 1) % trickling_count;
    send_messages(trickling[trickling_at], 1);
  }
}

void release(void) {
  uint64_t failed = failures;
  trickling_count = 0;
  end_links();
  printf("{\"failures\":%llu,\"failure\":\"%s\"}\n", (unsigned long long)failed, failed ? failure_text : "");
}
