/*
 * The mover for JavaScript (Node-API 6, so that one build loads in every Node and Electron from 14 on). Each environment,
 * the main one or a worker's, has a mover of its own, which ends with it.
 */
#define NAPI_VERSION 6
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "mover.h"

typedef struct {
  mover *mover;
  napi_threadsafe_function teller;
  int open; /* connections: while there is one, the event loop stays alive */
  napi_ref counters[MOST_BLOCKS];
  int blocks;
} state;

#define CHECK(call)                                                     \
  do {                                                                  \
    if ((call) != napi_ok) {                                            \
      napi_throw_error(env, NULL, "shunt-native: " #call " failed");    \
      return NULL;                                                      \
    }                                                                   \
  } while (0)

/* On the mover's thread. */
static void send_news(void *context, const told *news) {
  state *s = context;
  told *copy = malloc(sizeof *copy);
  if (!copy) abort();
  *copy = *news;
  /* While the environment is being torn down nobody listens any more. */
  if (napi_call_threadsafe_function(s->teller, copy, napi_tsfn_nonblocking) != napi_ok) free(copy);
}

static void close_one(napi_env env, state *s) {
  if (--s->open == 0) napi_unref_threadsafe_function(env, s->teller);
}

/* On JavaScript's thread: listener(slot, token, what, side, error). */
static void hand_over(napi_env env, napi_value listener, void *context, void *data) {
  told news = *(told *)data;
  free(data);
  if (env == NULL) return;
  state *s = context;
  if (news.what != TOLD_HALF_CLOSED) close_one(env, s);
  napi_value receiver, arguments[5];
  napi_get_undefined(env, &receiver);
  napi_create_uint32(env, news.slot, &arguments[0]);
  napi_create_uint32(env, news.token, &arguments[1]);
  napi_create_int32(env, news.what, &arguments[2]);
  napi_create_int32(env, news.side, &arguments[3]);
  napi_create_int32(env, news.error, &arguments[4]);
  napi_call_function(env, receiver, listener, 5, arguments, NULL);
}

/* Before the environment, and the counters that it owns, are gone. */
static void stop(void *data) {
  state *s = data;
  if (s->mover) mover_stop(s->mover);
  s->mover = NULL;
}

/* start(listener): true where the mover runs. */
static napi_value start(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value listener, name, result;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &listener, NULL, (void **)&s));
  if (!s->mover) {
    CHECK(napi_create_string_utf8(env, "shunt-native", NAPI_AUTO_LENGTH, &name));
    CHECK(napi_create_threadsafe_function(env, listener, NULL, name, 0, 1, NULL, NULL, s, hand_over, &s->teller));
    CHECK(napi_unref_threadsafe_function(env, s->teller));
    s->mover = mover_start(send_news, s);
    /* Hooks run last first: the mover stops before the function that it calls is gone. */
    CHECK(napi_add_env_cleanup_hook(env, stop, s));
  }
  CHECK(napi_get_boolean(env, s->mover != NULL, &result));
  return result;
}

/* addSlots(counters: Float64Array of two for each slot): the first slot's number, or -1. */
static napi_value add_slots(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value array, result;
  napi_typedarray_type type;
  void *counters = NULL;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &array, NULL, (void **)&s));
  CHECK(napi_get_typedarray_info(env, array, &type, &length, &counters, NULL, NULL));
  int first = -1;
  if (s->mover && type == napi_float64_array && length == 2 * SLOTS_PER_BLOCK && s->blocks < MOST_BLOCKS) {
    CHECK(napi_create_reference(env, array, 1, &s->counters[s->blocks++]));
    first = mover_add_slots(s->mover, counters);
  }
  CHECK(napi_create_int32(env, first, &result));
  return result;
}

/* join(slot, token, clientFd, backendFd): 0, or a negative errno. */
static napi_value join(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4], result;
  uint32_t slot, token;
  int32_t client, backend;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, arguments[0], &slot));
  CHECK(napi_get_value_uint32(env, arguments[1], &token));
  CHECK(napi_get_value_int32(env, arguments[2], &client));
  CHECK(napi_get_value_int32(env, arguments[3], &backend));
  const int outcome = s->mover ? mover_join(s->mover, slot, token, client, backend) : -1;
  if (outcome == 0 && s->open++ == 0) CHECK(napi_ref_threadsafe_function(env, s->teller));
  CHECK(napi_create_int32(env, outcome, &result));
  return result;
}

/* cut(slot, token): false where its end is being told already. */
static napi_value cut(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  uint32_t slot, token;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, arguments[0], &slot));
  CHECK(napi_get_value_uint32(env, arguments[1], &token));
  const bool was_open = s->mover && mover_cut(s->mover, slot, token);
  if (was_open) close_one(env, s);
  CHECK(napi_get_boolean(env, was_open, &result));
  return result;
}

static void free_state(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

NAPI_MODULE_INIT() {
  state *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  CHECK(napi_set_instance_data(env, s, free_state, NULL));
  const struct {
    const char *name;
    napi_callback call;
  } functions[] = {{"start", start}, {"addSlots", add_slots}, {"join", join}, {"cut", cut}};
  for (size_t at = 0; at < sizeof functions / sizeof *functions; at++) {
    napi_value function;
    CHECK(napi_create_function(env, functions[at].name, NAPI_AUTO_LENGTH, functions[at].call, s, &function));
    CHECK(napi_set_named_property(env, exports, functions[at].name, function));
  }
  napi_value slots;
  CHECK(napi_create_int32(env, SLOTS_PER_BLOCK, &slots));
  CHECK(napi_set_named_property(env, exports, "slotsPerBlock", slots));
  return exports;
}
