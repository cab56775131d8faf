#define _GNU_SOURCE
#include "hello.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A TCP client's logon: a length, big-endian, and a header. */
static const char tcp_hello[] = "\0\0\0\x5b{\"c\":\"logon\",\"cid\":\"0\",\"client_name\":\"bench\",\"mt\":\"json\",\"a\":"
                                "\"processed\",\"version\":\"5.3:c\"}";
/* The same from the JavaScript client: a tag, a count of the messages that follow, and a header; each a frame, mask 0. */
static const char websocket_hello[] = "\x81\x84\0\0\0\0text"
                                      "\x82\x84\0\0\0\0\x01\0\0\0"
                                      "\x81\xcc\0\0\0\0{\"c\":\"logon\",\"cid\":\"0\",\"a\":\"processed\",\"version\":\"5.3:js\","
                                      "\"client_name\":\"b\"}";
/* RFC 6455, section 1.3: this key is answered with that accept value. */
static const char websocket_request[] = "GET %s/amps/json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char websocket_answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char preflight_request[] = "GET %s/amps/json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: tcp\r\n"
                                        "Connection: Upgrade\r\n\r\n";
static const char preflight_answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n";
static const char page[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 39\r\n\r\n"
                           "{\"amps\":{\"instance\":{\"name\":\"bench\"}}}\n";

static size_t hello(const char **bytes) {
  if (measure.short_hello) return *bytes = "", 1;
  if (measure.upgrade == WEBSOCKET) return *bytes = websocket_hello, sizeof websocket_hello - 1;
  return *bytes = tcp_hello, sizeof tcp_hello - 1;
}

static void open_link(struct link *link) {
  mark_open(link);
  if (measure.opened) measure.opened(link);
}

bool begin_client(struct link *link) {
  const char *bytes;
  size_t length;
  char request[512];
  if (measure.plain_http) {
    open_link(link);
    return true;
  }
  if (measure.upgrade == NO_UPGRADE) {
    length = hello(&bytes);
    link->stage = GREETING;
  } else {
    const char *form = measure.upgrade == WEBSOCKET ? websocket_request : preflight_request;
    length = (size_t)snprintf(request, sizeof request, form, measure.path, measure.ports[0]);
    bytes = request;
    link->stage = ASKING;
  }
  ssize_t sent = send(link->fd, bytes, length, MSG_NOSIGNAL);
  if (sent == (ssize_t)length) return true;
  if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return false;
  fail_link(link, sent < 0 ? strerror(errno) : "a short write");
  return true;
}

static void client_reads(struct link *link) {
  /* Behind the answer nothing comes before the hello is sent: what is read here is the head alone. */
  if (link->stage == ASKING) {
    ssize_t got = recv(link->fd, link->head + link->head_len, sizeof link->head - link->head_len, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return fail_link(link, got == 0 ? "closed instead of answering an upgrade" : strerror(errno));
    link->head_len += (uint32_t)got;
    if (!memmem(link->head, link->head_len, "\r\n\r\n", 4)) return;
    if (link->head_len < 12 || memcmp(link->head + 9, "101", 3) != 0) return fail_link(link, "the upgrade was refused");
    const char *bytes;
    size_t length = hello(&bytes);
    link->stage = GREETING;
    return send_all(link, bytes, length);
  }
  char greeting;
  ssize_t got = recv(link->fd, &greeting, 1, 0);
  if (got == 1) open_link(link);
  else if (got == 0 || errno != EAGAIN) fail_link(link, got == 0 ? "closed before the greeting" : strerror(errno));
}

/* Answers the HTTP head in link->head, which is whole. */
static void answer_head(struct link *link) {
  link->head[link->head_len - 1] = 0;
  link->head_len = 0;
  bool upgrade = strcasestr(link->head, "\nupgrade:") != NULL;
  if (!upgrade) return send_all(link, page, sizeof page - 1);
  bool websocket = strcasestr(link->head, "\nupgrade: websocket") != NULL;
  link->stage = GREETING;
  if (websocket) send_all(link, websocket_answer, sizeof websocket_answer - 1);
  else send_all(link, preflight_answer, sizeof preflight_answer - 1);
}

static void backend_hears(struct link *link, const char *bytes, size_t length) {
  const char *expected;
  size_t whole = hello(&expected);
  size_t missing = whole - link->hello_got;
  if (length > missing || memcmp(expected + link->hello_got, bytes, length) != 0)
    return fail_link(link, "not the hello that was sent");
  link->hello_got += (uint32_t)length;
  if (link->hello_got < whole) return;
  ssize_t sent = send(link->fd, "k", 1, MSG_NOSIGNAL);
  if (sent != 1) return fail_link(link, "the greeting could not be sent");
  open_link(link);
}

static void backend_reads(struct link *link) {
  char *at = link->head + link->head_len;
  ssize_t got = recv(link->fd, at, sizeof link->head - link->head_len, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) close_link(link); /* a health probe */
    return;
  }
  bool http = link->stage == ASKING && link->head[0] == 'G';
  if (!http) return backend_hears(link, at, (size_t)got);
  link->head_len += (uint32_t)got;
  if (link->head_len >= 4 && memcmp(link->head + link->head_len - 4, "\r\n\r\n", 4) == 0) answer_head(link);
  else if (link->head_len == sizeof link->head) fail_link(link, "a head longer than expected");
}

void continue_opening(struct link *link) {
  if (link->role == CLIENT) client_reads(link);
  else backend_reads(link);
}
