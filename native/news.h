/* What the mover's thread tells: written there, taken by JavaScript's thread in batches, in order. */
#ifndef SHUNT_NEWS_H
#define SHUNT_NEWS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  TOLD_NOTHING = -1,    /* taken back before anybody heard of it */
  TOLD_HALF_CLOSED = 0, /* one side has said its last, and the other has been told */
  TOLD_FINISHED = 1,    /* both have: the slot is over */
  TOLD_BROKEN = 2,      /* side `b` failed with errno `a`, both were reset: the slot is over */
  TOLD_ENTERED = 3,     /* a door let a client in, under order `b`; bytes: its address */
  TOLD_DIALLED = 4,     /* its backend has answered its dial number `b`, from 1 */
  TOLD_NOT_DIALLED = 5, /* dial number `b` failed with errno `a`; the client is still there */
  TOLD_SEEN = 6,        /* bytes: of the client's first frame, which have gone on */
  TOLD_LEFT = 7,        /* its first bytes are for JavaScript: descriptors `a` and `b`, to be closed there; the slot is over */
  TOLD_PASSED = 8,      /* a door let a client in for JavaScript: descriptor `a`, under order `b`; no slot */
  TOLD_FULL = 9,        /* a door turned a client away under order `b`: there was no room; no slot */
  TOLD_SLOTS_LOW = 10,  /* doors need more slots soon */
  /* So many (`a`) were let in, dialled for, served and gone under order `b` before anybody had heard of them: `slot` and `token`
     are how many bytes came from the clients and from the backend. In the place of all that was told of them; no slot. */
  TOLD_VISITED = 11,
  TOLD_READ = 12,     /* what a client said first, bytes: its address, `a` long, and that */
  TOLD_ANSWERED = 13, /* bytes: what a backend says to what it was asked; none where it is over, with errno `a` or by its end */
  TOLD_EXPECTED = 14, /* it has said what was expected; the client has that, and bytes move */
} told_what;

/* As JavaScript reads it: 8 words of 32 bits. */
typedef struct {
  int32_t what;
  uint32_t slot;
  uint32_t token;
  uint32_t door;
  int32_t a;
  int32_t b;
  uint32_t bytes_at; /* in the batch's bytes */
  uint32_t length;
} told;

enum { MOST_BYTES_TOLD = 16 * 1024 };

int64_t now_ms(void);

typedef struct {
  told *told;
  size_t count, room, next;
  char *bytes;
  size_t length, bytes_room;
} batch;

typedef struct {
  pthread_mutex_t lock;
  batch writing;
  batch reading; /* for the taker alone */
  uint64_t turned_over; /* how much was told in batches before `writing` */
  size_t visits; /* where in `writing` visits are added up, and one more; 0: nowhere */
  bool urgent;
  bool awake; /* the taker has been called, and has not come yet */
  int64_t since_ms;
} news;

void news_open(news *n);

/* Closes descriptors that nobody has taken. */
void news_close(news *n);

/* `bytes` are copied, MOST_BYTES_TOLD at most. What is not urgent may wait a moment for company. Returns its number. */
uint64_t news_tell(news *n, const told *one, const char *bytes, bool urgent);

/* Takes back what was told with that number, where nobody has heard of it. */
void news_take_back(news *n, uint64_t number);

/*
 * What was told with these numbers, the least first, becomes one visit, under door and order of the first, or is added to
 * one there is. False where somebody has heard of any.
 */
bool news_fold(news *n, const uint64_t *numbers, size_t count, const told *visit);

/* In how many milliseconds the taker must be called: 0 now, -1 not at all. */
int news_due_ms(news *n);

/* The taker is being called. */
void news_called(news *n);

/* Copies what fits, in order; returns how many. Call until it returns 0. */
size_t news_take(news *n, told *into, size_t most, char *bytes, size_t bytes_room);

#endif
