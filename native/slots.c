#include <stdlib.h>

#include "inside.h"

/* With fewer free ones, doors ask for more: enough for what comes in before JavaScript can answer. */
enum { FEW_SLOTS = 256 };

connection *slot_at(mover *m, uint32_t slot) {
  if (slot >= MOST_SLOTS) return NULL;
  connection *block = atomic_load_explicit(&m->blocks[slot / SLOTS_PER_BLOCK], memory_order_acquire);
  return block ? &block[slot % SLOTS_PER_BLOCK] : NULL;
}

connection *slot_take(mover *m, bool *low) {
  connection *c = NULL;
  pthread_mutex_lock(&m->slots_lock);
  if (m->free_count > 0) c = slot_at(m, m->free_slots[--m->free_count]);
  if (low) *low = m->free_count < FEW_SLOTS && !m->low_told;
  if (low && *low) m->low_told = true;
  pthread_mutex_unlock(&m->slots_lock);
  if (!c) return NULL;
  c->token++;
  const double none = 0;
  for (int side = 0; side < 2; side++) __atomic_store(&c->counters[side], &none, __ATOMIC_RELAXED);
  return c;
}

static void set_free(mover *m, uint32_t slot) { m->free_slots[m->free_count++] = slot; }

void slot_return(mover *m, const connection *c) {
  pthread_mutex_lock(&m->slots_lock);
  set_free(m, c->slot);
  pthread_mutex_unlock(&m->slots_lock);
}

void slot_over(mover *m, uint32_t slot) { m->over_slots[m->over_count++] = slot; }

void slots_reclaim(mover *m) {
  if (m->over_count == 0) return;
  pthread_mutex_lock(&m->slots_lock);
  while (m->over_count > 0) set_free(m, m->over_slots[--m->over_count]);
  if (m->free_count >= FEW_SLOTS) m->low_told = false;
  pthread_mutex_unlock(&m->slots_lock);
}

/* Room in both lists for every slot there is. */
static bool make_lists(mover *m) {
  const size_t slots = (size_t)(m->block_count + 1) * SLOTS_PER_BLOCK;
  uint32_t *free_slots = realloc(m->free_slots, slots * sizeof *free_slots);
  if (free_slots) m->free_slots = free_slots;
  uint32_t *over_slots = realloc(m->over_slots, slots * sizeof *over_slots);
  if (over_slots) m->over_slots = over_slots;
  return free_slots && over_slots;
}

int mover_add_slots(mover *m, double *counters) {
  if (m->block_count == MOST_BLOCKS) return -1;
  connection *slots = calloc(SLOTS_PER_BLOCK, sizeof *slots);
  if (!slots) return -1;
  const uint32_t first = (uint32_t)m->block_count * SLOTS_PER_BLOCK;
  for (uint32_t at = 0; at < SLOTS_PER_BLOCK; at++) {
    pthread_mutex_init(&slots[at].lock, NULL);
    slots[at].slot = first + at;
    slots[at].counters = counters + (size_t)2 * at;
  }
  pthread_mutex_lock(&m->slots_lock);
  const bool has_lists = make_lists(m);
  if (has_lists) {
    atomic_store_explicit(&m->blocks[m->block_count++], slots, memory_order_release);
    for (uint32_t at = SLOTS_PER_BLOCK; at > 0; at--) set_free(m, first + at - 1);
    m->low_told = false;
  }
  pthread_mutex_unlock(&m->slots_lock);
  if (has_lists) return (int)first;
  free(slots);
  return -1;
}

void slots_free(mover *m) {
  for (int block = 0; block < m->block_count; block++) {
    connection *slots = atomic_load(&m->blocks[block]);
    for (int at = 0; at < SLOTS_PER_BLOCK; at++) {
      if (slots[at].state != STATE_NONE) close_connection(&slots[at], true);
      pthread_mutex_destroy(&slots[at].lock);
    }
    free(slots);
  }
  free(m->free_slots);
  free(m->over_slots);
  pthread_mutex_destroy(&m->slots_lock);
}
