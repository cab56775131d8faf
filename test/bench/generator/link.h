/* One end of a connection, the loop that serves all of them, and the opening that every measure shares. */
#ifndef LINK_H
#define LINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role { CLIENT, BACKEND };

/* CLIENT: connects, asks for an upgrade where one is wanted, says hello, is greeted with one byte, is open.
   BACKEND: answers an upgrade where one is asked for, hears the hello, greets, is open. */
enum stage { ASKING, GREETING, OPEN };

enum upgrade { NO_UPGRADE, WEBSOCKET, PREFLIGHT };

struct link {
  int fd;
  enum role role;
  enum stage stage;
  bool wants_in, wants_out;
  uint32_t head_len;   /* of an HTTP head that is not whole yet */
  uint32_t hello_got;  /* bytes of the hello heard (BACKEND) */
  uint64_t count;      /* bytes of the message under way, or bytes to go */
  uint64_t started_ns; /* of the exchange under way */
  struct link *next_free;
  char head[1024];
};

/* What a measure does with links that are open. A null entry: nothing. */
struct measure {
  enum upgrade upgrade;
  int ports[8], port_count, next_port; /* to connect to, in turns */
  const char *path;                    /* of the upgrade request, without a slash at its end */
  bool short_hello;                    /* one byte, not a logon */
  bool small_buffers;                  /* of the kernel, on both ends: what is held up is then in the forwarder */
  bool plain_http;                     /* no hello: open once connected */
  void (*opened)(struct link *link);   /* CLIENT: greeted. BACKEND: has greeted */
  void (*readable)(struct link *link); /* OPEN only */
  void (*writable)(struct link *link); /* OPEN only */
};

extern struct measure measure;
extern uint64_t failures;    /* links that ended before they should, since the measure began */
extern char failure_text[128]; /* the first of them */
extern char scratch[1 << 18];

uint64_t now_ns(void);
/* Seconds that this process has run, and those that it wanted to run but had to wait for a processor. */
struct use { double ran, waited; };
struct use own_use(void);

void loop_init(void);
/* Serves what is ready; waits at most so long. False once standard input has a line or its end. */
bool loop_turn(int wait_ms);
int listen_on_free_port(void);
/* Opens a client's link to the next of measure.ports. */
void connect_client(void);
void watch_for(struct link *link, bool in, bool out);
void each_link(enum role role, void (*step)(struct link *link));
void close_link(struct link *link);
void close_all_links(void);
void fail_link(struct link *link, const char *what);
uint64_t open_links(enum role role); /* connected, or about to be */
void mark_open(struct link *link);
uint64_t greeted_links(enum role role); /* at stage OPEN */
void send_all(struct link *link, const char *bytes, size_t length);
/* Echoes what has come; the backend's default. */
void echo(struct link *link);
#endif
