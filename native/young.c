/*
 * Connections that have just begun. What only a longer life needs is set once they have had a moment of it: many have not.
 * A client that a door reads, and that has said nothing by then, is JavaScript's.
 */
#include <stdlib.h>
#include <string.h>

#include "inside.h"

enum { YOUNG_MS = 250, FIRST_ROOM = 256 };

/* Twice the room, the oldest first. */
static bool make_room(young_list *list) {
  const size_t wanted = list->room ? list->room * 2 : FIRST_ROOM;
  young_connection *larger = malloc(wanted * sizeof *larger);
  if (!larger) return false;
  for (size_t at = 0; at < list->count; at++) larger[at] = list->ring[(list->first + at) % list->room];
  free(list->ring);
  *list = (young_list){.ring = larger, .room = wanted, .count = list->count};
  return true;
}

bool grow_up_later(mover *m, const connection *c) {
  young_list *list = &m->young;
  if (list->count == list->room && !make_room(list)) return false;
  list->ring[(list->first + list->count++) % list->room] =
      (young_connection){.slot = c->slot, .token = c->token, .due_ms = now_ms() + YOUNG_MS};
  return true;
}

int grow_up_due(mover *m) {
  young_list *list = &m->young;
  const int64_t now = list->count > 0 ? now_ms() : 0;
  while (list->count > 0) {
    const young_connection *oldest = &list->ring[list->first];
    /* Not to the millisecond: with many that come and go, each would have a wake-up of its own. */
    if (oldest->due_ms > now) return YOUNG_MS;
    connection *c = slot_at(m, oldest->slot);
    pthread_mutex_lock(&c->lock);
    if (c->token == oldest->token && c->state == STATE_READING) pass_silent(m, c);
    else if (c->token == oldest->token && c->state >= STATE_ASKING) keep_alive(c->legs[SIDE_BACKEND].fd);
    pthread_mutex_unlock(&c->lock);
    list->first = (list->first + 1) % list->room;
    list->count--;
  }
  return -1;
}
