/* Pipes for splice(2), kept for reuse. To be used by one thread. */
#ifndef SHUNT_PIPES_H
#define SHUNT_PIPES_H

#include <stdbool.h>

typedef struct {
  int read_fd; /* -1: there is none */
  int write_fd;
} pipe_pair;

typedef struct {
  pipe_pair spare[16];
  int spares;
} pipe_pool;

/* False where the system has no more descriptors to give, or enough pipes are in use. */
bool pipes_take(pipe_pool *pool, pipe_pair *taken);

/* Gives back an empty pipe. */
void pipes_give_back(pipe_pool *pool, pipe_pair *empty);

/* Closes a pipe with what is in it; by any thread. */
void pipes_discard(pipe_pair *used);

void pipes_close_spares(pipe_pool *pool);

#endif
