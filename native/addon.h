/* What the parts of the addon know of each other. */
#ifndef SHUNT_ADDON_H
#define SHUNT_ADDON_H

/* So that one build loads in every Node and Electron from 14 on. */
#define NAPI_VERSION 6
#include <node_api.h>
#include <stddef.h>

#include "door.h"
#include "mover.h"

/* What JavaScript reads a batch of news from; it owns them, since Electron's memory cage allows no foreign memory. */
typedef struct {
  told *told;
  size_t most;
  char *bytes;
  size_t length;
} desk;

/* Of one environment. */
typedef struct {
  mover *mover;
  napi_threadsafe_function teller;
  desk desk;
  room *room; /* the last one that is kept */
} state;

#define CHECK(call)                                                     \
  do {                                                                  \
    if ((call) != napi_ok) {                                            \
      napi_throw_error(env, NULL, "shunt-native: " #call " failed");    \
      return NULL;                                                      \
    }                                                                   \
  } while (0)

/* addon.c */
/* The memory of a typed array, which is kept from then on, and its length in elements; NULL where it is none of that type. */
void *keep_array(napi_env env, napi_value array, napi_typedarray_type wanted, size_t *length);
/* Puts functions on the addon's object; NULL with an exception where that fails. */
typedef struct {
  const char *name;
  napi_callback call;
} named_function;
napi_value add_functions(napi_env env, napi_value exports, state *s, const named_function *functions, size_t count);

/* addon-doors.c */
enum { MOST_MORE = 7 };
/* The mover, slot and token from the first two arguments, and `most` more; false, with an exception, where they are none. */
bool find_slot(napi_env env, napi_callback_info info, state **s, uint32_t *slot, uint32_t *token, napi_value *more,
               size_t most);
napi_value boolean(napi_env env, bool value);
/* What is done to a connection by slot and token; false where it has ended. */
napi_value act(napi_env env, napi_callback_info info, bool (*how)(mover *, uint32_t, uint32_t));
/* What is done to a door by its number. */
napi_value act_on_door(napi_env env, napi_callback_info info, void (*how)(mover *, uint32_t));
/* The descriptor that leaves a connection with slot and token; -1 where it has ended. */
napi_value hand_out(napi_env env, napi_callback_info info, int (*how)(mover *, uint32_t, uint32_t));
/* A literal address and a port; 0 where they are none. */
socklen_t read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *into);
napi_value add_door_functions(napi_env env, napi_value exports, state *s);

/* addon-asking.c */
napi_value add_asking_functions(napi_env env, napi_value exports, state *s);

#endif
