/*
 * Moves the bytes of many connections, each a pair of connected TCP descriptors, on one thread of its own.
 *
 *     client ◀──▶ backend      an end is passed on as an end, a reset as a reset; a full side holds up the other
 *
 * A connection lives in a slot, from `mover_join` to `mover_cut` or the telling of its end.
 */
#ifndef SHUNT_MOVER_H
#define SHUNT_MOVER_H

#include <stdbool.h>
#include <stdint.h>

enum { SIDE_CLIENT = 0, SIDE_BACKEND = 1 };
enum { SLOTS_PER_BLOCK = 1024, MOST_BLOCKS = 256 };

typedef enum {
  TOLD_HALF_CLOSED = 0, /* one side has said its last, and the other has been told */
  TOLD_FINISHED = 1,    /* both have: the slot is free */
  TOLD_BROKEN = 2,      /* `side` failed with `error`, both were reset: the slot is free */
} told_what;

typedef struct {
  uint32_t slot;
  uint32_t token;
  told_what what;
  int side;
  int error;
} told;

typedef struct mover mover;

/* Called on the mover's thread; must not call the mover. */
typedef void (*mover_teller)(void *context, const told *news);

/* NULL where the system gives no thread or descriptor. */
mover *mover_start(mover_teller teller, void *context);

/* Resets whatever is open and ends the thread; frees the mover. */
void mover_stop(mover *m);

/*
 * More slots. `counters` has two doubles a slot, bytes from the client and bytes from the backend: written here, read
 * anywhere, and to live until `mover_stop`. Returns the number of the first slot, or -1.
 */
int mover_add_slots(mover *m, double *counters);

/* Takes over duplicates of the two descriptors; `token` comes back in what is told. Returns 0 or -errno. */
int mover_join(mover *m, uint32_t slot, uint32_t token, int client_fd, int backend_fd);

/* Resets both sides at once; nothing is told. False where the connection has ended already, and that is being told. */
bool mover_cut(mover *m, uint32_t slot, uint32_t token);

#endif
