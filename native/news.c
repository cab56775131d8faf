#define _GNU_SOURCE
#include "news.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * A wake-up of JavaScript costs more than telling a connection does: what can wait gathers company for so long, and where
 * much comes for longer: of who has gone by then, only the visit is told.
 */
enum { COMPANY_MS = 25, CROWD = 128, CROWDED_MS = 100 };

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* As where memory ends in JavaScript: nothing that is told may be lost. */
static void *enlarge(void *block, size_t size) {
  void *larger = realloc(block, size);
  if (!larger) abort();
  return larger;
}

void news_open(news *n) {
  memset(n, 0, sizeof *n);
  pthread_mutex_init(&n->lock, NULL);
}

static void close_untaken(batch *b) {
  for (size_t at = b->next; at < b->count; at++) {
    const told *one = &b->told[at];
    if (one->what != TOLD_LEFT && one->what != TOLD_PASSED) continue;
    close(one->a);
    if (one->what == TOLD_LEFT) close(one->b);
  }
  free(b->told);
  free(b->bytes);
}

void news_close(news *n) {
  close_untaken(&n->reading);
  close_untaken(&n->writing);
  pthread_mutex_destroy(&n->lock);
}

uint64_t news_tell(news *n, const told *one, const char *bytes, bool urgent) {
  pthread_mutex_lock(&n->lock);
  batch *b = &n->writing;
  if (b->count == b->room) {
    b->room = b->room ? b->room * 2 : 64;
    b->told = enlarge(b->told, b->room * sizeof *b->told);
  }
  if (b->length + one->length > b->bytes_room) {
    b->bytes_room = (b->length + one->length) * 2;
    b->bytes = enlarge(b->bytes, b->bytes_room);
  }
  if (b->count == 0) n->since_ms = now_ms();
  told *kept = &b->told[b->count++];
  *kept = *one;
  kept->bytes_at = (uint32_t)b->length;
  if (one->length > 0) memcpy(b->bytes + b->length, bytes, one->length);
  b->length += one->length;
  if (urgent) {
    n->urgent = true;
    /* A dial that has failed, perhaps: who is served behind it is not told of before it. */
    n->visits = 0;
  }
  const uint64_t number = n->turned_over + b->count - 1;
  pthread_mutex_unlock(&n->lock);
  return number;
}

void news_take_back(news *n, uint64_t number) {
  pthread_mutex_lock(&n->lock);
  if (number >= n->turned_over) n->writing.told[number - n->turned_over].what = TOLD_NOTHING;
  pthread_mutex_unlock(&n->lock);
}

/* Adds a visit to those before it; false where it has to be told by itself. */
static bool add_visit(news *n, const told *visit) {
  if (n->visits == 0) return false;
  told *sum = &n->writing.told[n->visits - 1];
  if (sum->door != visit->door || sum->b != visit->b || sum->slot > UINT32_MAX - visit->slot ||
      sum->token > UINT32_MAX - visit->token)
    return false;
  sum->a += visit->a;
  sum->slot += visit->slot;
  sum->token += visit->token;
  return true;
}

bool news_fold(news *n, const uint64_t *numbers, size_t count, const told *visit) {
  pthread_mutex_lock(&n->lock);
  const bool unheard = numbers[0] >= n->turned_over;
  for (size_t at = 1; unheard && at < count; at++) n->writing.told[numbers[at] - n->turned_over].what = TOLD_NOTHING;
  if (unheard) {
    const size_t at = numbers[0] - n->turned_over;
    told *first = &n->writing.told[at], whole = *visit;
    whole.door = first->door;
    whole.b = first->b;
    first->what = TOLD_NOTHING;
    if (!add_visit(n, &whole)) {
      *first = whole;
      n->visits = at + 1;
    }
  }
  pthread_mutex_unlock(&n->lock);
  return unheard;
}

int news_due_ms(news *n) {
  int due = -1;
  pthread_mutex_lock(&n->lock);
  if (n->writing.count > 0 && !n->awake) {
    const int64_t left = n->since_ms + (n->writing.count < CROWD ? COMPANY_MS : CROWDED_MS) - now_ms();
    due = n->urgent || left <= 0 ? 0 : (int)left;
  }
  pthread_mutex_unlock(&n->lock);
  return due;
}

void news_called(news *n) {
  pthread_mutex_lock(&n->lock);
  n->awake = true;
  pthread_mutex_unlock(&n->lock);
}

/* What was written becomes what is read; the emptied blocks are written to next. */
static void turn_over(news *n) {
  pthread_mutex_lock(&n->lock);
  const batch emptied = n->reading;
  n->turned_over += n->writing.count;
  n->reading = n->writing;
  n->writing = emptied;
  n->writing.count = n->writing.next = n->writing.length = n->visits = 0;
  n->urgent = n->awake = false;
  pthread_mutex_unlock(&n->lock);
}

/* What is next, or NULL where nothing is left, in what was written since either. */
static const told *next_told(news *n) {
  batch *b = &n->reading;
  for (;;) {
    while (b->next < b->count && b->told[b->next].what == TOLD_NOTHING) b->next++;
    if (b->next < b->count) return &b->told[b->next];
    turn_over(n);
    if (b->count == 0) return NULL;
  }
}

size_t news_take(news *n, told *into, size_t most, char *bytes, size_t bytes_room) {
  batch *b = &n->reading;
  size_t taken = 0, used = 0;
  while (taken < most) {
    const told *one = next_told(n);
    if (!one || used + one->length > bytes_room) break;
    into[taken] = *one;
    into[taken].bytes_at = (uint32_t)used;
    if (one->length > 0) memcpy(bytes + used, b->bytes + one->bytes_at, one->length);
    used += one->length;
    taken++;
    b->next++;
  }
  return taken;
}
