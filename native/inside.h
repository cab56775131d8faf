/* What the parts of the mover know of each other. */
#ifndef SHUNT_INSIDE_H
#define SHUNT_INSIDE_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "door.h"
#include "forms.h"
#include "mover.h"
#include "news.h"
#include "pipes.h"

enum { SCRATCH_BYTES = 64 * 1024, DOOR_PAUSE_MS = 20, MOST_DOORS = 65536, MOST_FOLDED = 6 };
enum { ADDRESS_TEXT = INET6_ADDRSTRLEN + 10 };

/* sockets.c */
/* A socket to dial `address` with, or -1: to be reset where this process is killed, and not kept alive yet. */
int open_socket(const struct sockaddr *address);
/* What a listener has, its clients inherit: sent at once, unpaced on loopback, kept alive, and reset where this process is killed. */
void prepare_listener(int fd);
void keep_alive(int fd);
/*
 * Not `at_once`, before a dial: the packet that ends the handshake goes out with the first bytes. Whoever has none by then
 * sends it by itself.
 */
void acknowledge(int fd, bool at_once);

/* What a close of the last descriptor does, whoever closes it: a reset, or an ordinary end behind what is unsent. */
void close_resets(int fd, bool resets);
/* What the system says has happened to a descriptor; 0 for nothing. */
int error_of(int fd);
/* As JavaScript has it, `host:port` with brackets around IPv6; returns its length, ADDRESS_TEXT at most. */
uint32_t write_address(const struct sockaddr_storage *from, char *text);

/* One descriptor. The flags are what epoll has told, edge by edge, and no call has refuted since. */
typedef struct {
  int fd; /* -1: there is none yet */
  uint32_t mark; /* in what epoll tells of it */
  bool readable;
  bool writable; /* until a send has found no room; only then epoll is asked about it */
  bool awaits_room;
  bool hung_up; /* an end or an error is waiting behind the bytes: read until it shows */
} leg;

/* One direction, named by the leg that it reads. What is held lies in the pipe, or in `rest`, never in both. */
typedef struct {
  pipe_pair pipe;
  char *rest;
  size_t rest_at;
  size_t held;
  bool bulk;  /* the last read was worth a pipe */
  bool ended; /* the source has said its last */
  bool done;  /* and the other side has been told */
} way;

typedef enum {
  STATE_NONE = 0,
  STATE_READING,  /* a client that has said nothing yet: JavaScript does not know of it */
  STATE_HELD,     /* a client, and no backend yet */
  STATE_DIALLING,
  STATE_DIALLED,  /* waits for JavaScript's word */
  STATE_ASKING,   /* the backend is asked first, and its answer told */
  STATE_ANSWERED, /* waits for JavaScript's word on the answer */
  STATE_OPEN,     /* bytes move */
} connection_state;

typedef struct connection {
  pthread_mutex_t lock;
  uint32_t slot;
  _Atomic uint32_t token; /* compared by JavaScript, which may be too late, while the slot is taken anew */
  connection_state state;
  bool ordered; /* dialled by a door's order: opens without a word */
  bool judging; /* the client's first bytes decide who goes on */
  bool owes_acknowledgement; /* to the backend, whose handshake ends with the first bytes */
  bool asks;    /* once dialled, what is held for the backend is a request, for the client the answer that is expected */
  bool shows_frame; /* of what is told of the client's bytes, the first four say how long it is, and are to come yet */
  int32_t accept_at; /* in the answer that is expected: errand */
  uint32_t door; /* while it is read: who let it in */
  /* In the queue of those whose turn ended before their bytes did; both are for the mover's thread only. */
  bool queued;
  struct connection *next;
  int32_t dials;        /* how many were begun for it */
  uint32_t left_to_see; /* how many of the client's bytes are told */
  uint64_t half_closed; /* the number under which that was told */
  /* The numbers of what was told of it, from its entering on. */
  uint64_t told_numbers[MOST_FOLDED];
  size_t told_count; /* may be more */
  room *room;           /* where it is counted; NULL where JavaScript counts it */
  leg legs[2];
  way ways[2];
  double *counters;
} connection;

typedef struct door door;

typedef struct {
  uint32_t slot;
  uint32_t token;
  int64_t due_ms;
} young_connection;

typedef struct {
  young_connection *ring;
  size_t room, first, count;
} young_list;

struct mover {
  pthread_t thread;
  int epoll_fd;
  int wake_fd;
  atomic_bool stopping;
  mover_waker waker;
  void *context;
  news news;
  _Atomic(connection *) blocks[MOST_BLOCKS];
  int block_count;
  atomic_uint marks;
  _Atomic(door *) doors[MOST_DOORS]; /* by number; none is freed while the thread runs */
  atomic_uint door_count;
  door *closed_doors; /* for JavaScript's thread only: to be opened again */
  pthread_mutex_t slots_lock;
  uint32_t *free_slots;
  size_t free_count;
  bool low_told;
  /* For JavaScript's thread only: slots that are over, and whose end is known there. */
  uint32_t *over_slots;
  size_t over_count;
  /* From here on for the mover's thread only. */
  pipe_pool pool;
  connection *queue;
  young_list young;
  bool paused_doors;
  int64_t retry_at_ms;
  int64_t usual_gap_ns; /* between having served all there was and what came next */
  bool moved_bulk;      /* since the last wait */
  char scratch[SCRATCH_BYTES];
};

/* slots.c */
connection *slot_at(mover *m, uint32_t slot);
/* A free one with a new token, or NULL. `low`: true once when more will be needed soon; may be NULL. */
connection *slot_take(mover *m, bool *low);
/* Nobody has heard of it. */
void slot_return(mover *m, const connection *c);
/* Free from the next `slots_reclaim` on: its counters may still be read until then. */
void slot_over(mover *m, uint32_t slot);
void slots_reclaim(mover *m);
void slots_free(mover *m);

/* moving.c */
bool would_block(int error);
void count(connection *c, int side, size_t bytes);
void move_both(mover *m, connection *c);
void serve_queue(mover *m);
/* Counts what was read from `side`, shows what is to be shown, sends it on, keeps what does not go. False: no memory. */
bool pass_on(mover *m, connection *c, int side, const char *bytes, size_t length);
/* Keeps a copy of what is to be sent first. False where there is no memory for it. */
bool keep_rest(way *w, const char *bytes, size_t length);
void drop_rest(way *w);
uint64_t tell(mover *m, connection *c, told_what what, int a, int b);
/* Remembers under which number something was told of it. */
void note_told(connection *c, uint64_t number);
/* With `reset`, the peers see a reset and nothing that is still unsent. */
void close_connection(connection *c, bool reset);
void break_connection(mover *m, connection *c, int side, int error);

/* mover.c */
/* A connection begins in a slot; the legs are to be watched. */
void begin_connection(connection *c, int client_fd, int backend_fd, connection_state state);
/* Returns 0 or an errno. */
int watch_leg(mover *m, connection *c, int side);
/* Tells again what epoll has told before. */
void watch_anew(mover *m, connection *c, int side);
/* A send has found no room: it is told when there is. */
void await_room(mover *m, connection *c, int side);
void unwatch(mover *m, int fd);

/* door.c */
void door_event(mover *m, uint32_t number);
void retry_doors(mover *m);
void doors_close(mover *m);
/* NULL where there is no such door. */
forms *forms_of(mover *m, uint32_t number);

/* young.c */
/* A connection has begun to move, or to be read; what a longer life needs comes in a moment. On the mover's thread. False: no memory. */
bool grow_up_later(mover *m, const connection *c);
/* In how many milliseconds to come again at the latest; -1: there is none. */
int grow_up_due(mover *m);

/* vigil.c */
/* As epoll_wait(2), which it may ask several times. On the mover's thread. */
int wait_for_events(mover *m, struct epoll_event *events, int most, int timeout_ms);

/* forms.c */
/* Serves a client that is read as one was that has said the same: told of, and dialled for. False where none has. */
bool forms_serve(mover *m, connection *c, forms *all, const part *head, const part *address);
bool is_answer(const part *expected, int32_t accept_at, const char *bytes, size_t length);

/* asking.c */
/* Dials for a held client, with its lock held, and has the errand done. Returns 0 or an errno: then the client stays held. */
int run_errand(mover *m, connection *c, const struct sockaddr *address, socklen_t length, const errand *what, bool at_once);
/* Reads the first bytes of a client that a door reads, and tells them. `from`: where it comes from, or NULL. */
void read_first(mover *m, connection *c, const struct sockaddr_storage *from);
/* A client that is read has gone before anybody knew of it. */
void forget(mover *m, connection *c, bool reset);
/* A client that has said nothing for a moment is JavaScript's. */
void pass_silent(mover *m, connection *c);
/* Nobody is read for a door any more that closes. */
void pass_unread(mover *m, uint32_t door);
/* Sends what is left of the request, and tells what the backend says. */
void hear_answer(mover *m, connection *c);

/* held.c */
/* The connection, locked, where it is that one and its state lies between the two; else NULL. */
connection *lock_in(mover *m, uint32_t slot, uint32_t token, connection_state first, connection_state last);
/*
 * Dials with a socket, and the connection's lock held. Returns 0 or an errno: then the client stays held. `at_once`, on the
 * mover's thread: where the backend is there by then, as it is on the same machine, what waits for it goes on.
 */
int dial(mover *m, connection *c, int fd, const struct sockaddr *address, socklen_t length, bool at_once);
/* What epoll told of a connection whose bytes do not move yet. */
void dial_event(mover *m, connection *c, int side, uint32_t events);
/* False where nothing can move yet, or any more. */
bool judge_first_bytes(mover *m, connection *c);

#endif
