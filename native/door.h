/*
 * Doors let clients in on the mover's thread, and dial for them:
 *
 *     accept ─▶ order: pass   the descriptor goes to JavaScript, which does everything
 *               order: read   what the client says first is told; JavaScript takes the client (`mover_release`), or has its
 *                             backend dialled and asked (`mover_ask`), judges the answer, and has bytes move (`mover_answer`);
 *                             an answer that it has said beforehand it would take is passed on unasked; who says what
 *                             another has said (`mover_teach`) is served as that one was
 *               order: ask    the client is held; JavaScript dials (`mover_dial`) and says go (`mover_go`)
 *               order: dial   its backend is dialled and bytes move, unasked
 *           ─▶ first bytes    where the order says so: an AMPS frame (first byte 0) passes; whatever else leaves for JavaScript
 */
#ifndef SHUNT_DOOR_H
#define SHUNT_DOOR_H

#include <sys/socket.h>

#include "mover.h"

/* Who has how many clients; shared with JavaScript, each word written by one side. Full at `most`; -1: never. */
typedef struct {
  int32_t most;
  int32_t sockets; /* with Node's sockets */
  int32_t joined;  /* by mover_join */
  int32_t here;    /* through doors; written by the mover */
} room;

typedef enum { ORDER_PASS = 0, ORDER_ASK = 1, ORDER_DIAL = 2, ORDER_READ = 3 } order_how;

typedef struct {
  order_how how;
  int32_t serial; /* comes back with every client that is let in under it */
  bool judges;    /* the first bytes decide, and the first frame is shown */
  struct sockaddr_storage address;
  socklen_t length;
} door_order;

/*
 * Accepts at a duplicate of a listening descriptor, under `order`. `r` must live until `mover_stop`. Returns the door's
 * number, or a negative errno.
 */
int mover_open_door(mover *m, int listening_fd, room *r, const door_order *order);

/* When it returns, every client let in under the order before has been told of. */
void mover_order(mover *m, uint32_t number, const door_order *order);

/* The same; whoever still waits to be accepted is let in for JavaScript, and nobody after. */
void mover_close_door(mover *m, uint32_t number);

/* Dials for a held client; how it went is told. Returns 0, a negative errno, or NOT_THERE. */
int mover_dial(mover *m, uint32_t slot, uint32_t token, const struct sockaddr *address, socklen_t length);

/* Lets the bytes of a dialled connection move. False where it has ended, and that is being told. */
bool mover_go(mover *m, uint32_t slot, uint32_t token);

/* Bytes that are copied by whoever is given them. */
typedef struct {
  const char *bytes;
  size_t length;
} part;

/* What a backend is dialled for. */
typedef struct {
  part bytes;
  bool greets;       /* the bytes are for the client, and then all moves; else they are a request, and the answer is told */
  bool shows_frame;  /* of the client's bytes, its first frame of AMPS is shown; else the first MOST_BYTES_TOLD of them */
  part expected;     /* an answer that is good: where it comes first and alone, the client has it, and all moves; none: every answer is told */
  int32_t accept_at; /* where in it a Sec-WebSocket-Accept stands, which is each client's own; -1: nowhere */
} errand;

/*
 * Dials for a held client, and once it is there does the errand; that it is there is told, but not at once. Nothing of the
 * client's goes on before it is answered. Returns 0, a negative errno, or NOT_THERE.
 */
int mover_ask(mover *m, uint32_t slot, uint32_t token, const struct sockaddr *address, socklen_t length,
              const errand *what);

/*
 * What a reading door does for a client by itself: one whose first bytes are this head, but for its Sec-WebSocket-Key, is let
 * in under the serial (TOLD_ENTERED), and the errand done for it, with its own key and address.
 */
typedef struct {
  int32_t serial;
  part head;
  int32_t key_at;       /* where in the head the key stands; -1: there is none */
  errand errand;
  int32_t bytes_key_at; /* where in the errand's bytes; -1: nowhere */
  int32_t client_at;    /* where in them the client's address comes in, behind the key; -1: nowhere */
  struct sockaddr_storage address;
  socklen_t address_length;
  int64_t taught_ms; /* set by the door */
} form;

/* Copies the form. What was taught is good for a second; the eighth before it is forgotten. False where it is no form, or there is no memory. */
bool mover_teach(mover *m, uint32_t number, const form *taught);

/* Forgets all forms; when it returns, every client that was served by one has been told of. */
void mover_forget(mover *m, uint32_t number);

/* More is wanted of the answer that was told. False where it has ended. */
bool mover_hear_on(mover *m, uint32_t slot, uint32_t token);

/*
 * Answers the client with these bytes, which are counted as the backend's; then all moves. False where it has ended, or
 * there is no memory for it.
 */
bool mover_answer(mover *m, uint32_t slot, uint32_t token, const char *bytes, size_t length);

/* Gives up a backend that has answered: its descriptor, to be closed by the caller, or -1. The client stays held. */
int mover_release_backend(mover *m, uint32_t slot, uint32_t token);

/* Gives its backend up with a reset, also while it is dialled; the client stays held. False where it has ended, or moves. */
bool mover_hang_up(mover *m, uint32_t slot, uint32_t token);

/* Gives up a held client: its descriptor, to be closed by the caller, or -1 where it has ended. Its slot is over. */
int mover_release(mover *m, uint32_t slot, uint32_t token);

/* Closes so that the peer sees a reset, and nothing that is still unsent. */
void reset_and_close(int fd);

#endif
