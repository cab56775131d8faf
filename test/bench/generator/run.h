/* The course of a measure: open, warm up, count, end; and what is said about it. */
#ifndef RUN_H
#define RUN_H
#include "link.h"
#include "measures.h"

extern uint64_t units;      /* bytes, exchanges or connections, all of them */
extern bool ending;         /* nothing new is begun */

/* Takes over the order: port, upgrade, path. Forgets the last measure. */
void prepare_run(const struct order *order);
/* Opens so many clients, some at a time; false where they do not get there. */
bool open_clients(int count);
/* Warms up, then counts; ends early at the limit or where no link is left. Prints the line. */
void run(const struct order *order);
/* One exchange took so long; kept while counting. */
void sample(uint64_t lasted_ns);
/* Closes every client, waits for the backends to notice. */
void end_links(void);
void print_failure(const char *what);
#endif
