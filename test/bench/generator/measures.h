/* What is measured between open links. Each prints one line of JSON. */
#ifndef MEASURES_H
#define MEASURES_H
#include <stdbool.h>
#include <stdint.h>

struct order {
  int ports[8];       /* where clients connect to, in turns */
  int port_count;
  int links;          /* at once */
  int size;           /* bytes of a message */
  int window;         /* messages under way on a link */
  int limit;          /* units at most; 0: none */
  int warm_ms, ms;
  int slice_ms;       /* 0: counted as a whole; else by slices of so long, until the next line of input */
  int trickle;        /* messages a second over all held links */
  int paths;          /* requests go to PATH0 … PATHn-1 */
  bool down;          /* from the backend to the client */
  bool fill;          /* held links whose client does not read */
  char upgrade[16], path[128];
};

void throughput(const struct order *order);
void round_trips(const struct order *order);
void messages(const struct order *order);
void connections(const struct order *order);
void requests(const struct order *order);
/* Stays until release: then the loop is to call tick at every turn. */
void hold(const struct order *order);
void tick(void);
void release(void);
#endif
