/* What a door has been taught: on JavaScript's thread and on the mover's. */
#ifndef SHUNT_FORMS_H
#define SHUNT_FORMS_H

#include <pthread.h>

#include "door.h"

enum { MOST_FORMS = 8 };

typedef struct {
  pthread_mutex_t lock; /* the innermost but that of the news */
  form of[MOST_FORMS];  /* without a head: none */
  size_t next;          /* whose turn it is to be replaced */
} forms;

/* Copies it, in the place of one that has the same head. False where it is no form, or there is no memory. */
bool forms_teach(forms *all, const form *taught);

/* When it returns, everyone served by them has been told of. */
void forms_forget(forms *all);

#endif
