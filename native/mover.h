/*
 * Moves the bytes of many connections, each a pair of connected TCP descriptors, on one thread of its own.
 *
 *     client ◀──▶ backend      an end is passed on as an end, a reset as a reset; a full side holds up the other
 *
 * A connection lives in a slot: joined by JavaScript, or let in by a door (door.h). What happens to it is told in order;
 * its slot is used again only once its end has been taken, and its token is another then.
 */
#ifndef SHUNT_MOVER_H
#define SHUNT_MOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "news.h"

enum { SIDE_CLIENT = 0, SIDE_BACKEND = 1 };
enum { SLOTS_PER_BLOCK = 1024, MOST_BLOCKS = 256, MOST_SLOTS = SLOTS_PER_BLOCK * MOST_BLOCKS };

typedef struct mover mover;

/* Called on the mover's thread when there is news; must not call the mover. Comes again only after `mover_take`. */
typedef void (*mover_waker)(void *context);

/* NULL where the system gives no thread or descriptor. */
mover *mover_start(mover_waker waker, void *context);

/* Resets whatever is open, closes the doors and ends the thread; frees the mover. */
void mover_stop(mover *m);

/*
 * More slots. `counters` has two doubles a slot, bytes from the client and bytes from the backend: written here, read
 * anywhere, and to live until `mover_stop`. Returns the number of the first slot, or -1.
 */
int mover_add_slots(mover *m, double *counters);

/* No errno: where no slot is free (more must be added first), or the connection has ended, which is being told. */
enum { NOT_THERE = -0x10000 };

/* Takes over duplicates of the two descriptors. Returns the slot, a negative errno, or NOT_THERE. */
int mover_join(mover *m, int client_fd, int backend_fd, uint32_t *token);

/* Copies what has been told and fits, in order; returns how many. To be called until it returns 0. */
size_t mover_take(mover *m, told *into, size_t most, char *bytes, size_t bytes_room);

/* Resets both sides at once; nothing is told. False where the connection has ended already, and that is being told. */
bool mover_cut(mover *m, uint32_t slot, uint32_t token);

#endif
