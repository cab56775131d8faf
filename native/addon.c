/*
 * The mover for JavaScript (Node-API). Each environment, the main one or a worker's, has a mover of its own, which ends
 * with it.
 */
#include "addon.h"

#include <stdlib.h>

enum { WORDS_TOLD = sizeof(told) / sizeof(int32_t) };

/* On the mover's thread. */
static void call_javascript(void *context) {
  state *s = context;
  /* While the environment is being torn down nobody listens any more. */
  (void)napi_call_threadsafe_function(s->teller, NULL, napi_tsfn_nonblocking);
}

/* On JavaScript's thread: listener(), which takes what there is. */
static void hand_over(napi_env env, napi_value listener, void *context, void *data) {
  (void)context;
  (void)data;
  if (env == NULL) return;
  napi_value receiver;
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, listener, 0, NULL, NULL);
}

/* Before the environment, and the counters that it owns, are gone. */
static void stop(void *data) {
  state *s = data;
  if (s->mover) mover_stop(s->mover);
  s->mover = NULL;
}

void *keep_array(napi_env env, napi_value array, napi_typedarray_type wanted, size_t *length) {
  napi_typedarray_type type;
  napi_ref kept;
  void *memory = NULL;
  if (napi_get_typedarray_info(env, array, &type, length, &memory, NULL, NULL) != napi_ok || type != wanted) return NULL;
  return napi_create_reference(env, array, 1, &kept) == napi_ok ? memory : NULL;
}

/* start(listener, told: Int32Array, bytes: Uint8Array): true where the mover runs. */
static napi_value start(napi_env env, napi_callback_info info) {
  size_t count = 3, words = 0;
  napi_value arguments[3], name, result;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  if (!s->mover) {
    s->desk.told = keep_array(env, arguments[1], napi_int32_array, &words);
    s->desk.most = words / WORDS_TOLD;
    s->desk.bytes = keep_array(env, arguments[2], napi_uint8_array, &s->desk.length);
    CHECK(napi_create_string_utf8(env, "shunt-native", NAPI_AUTO_LENGTH, &name));
    CHECK(napi_create_threadsafe_function(env, arguments[0], NULL, name, 0, 1, NULL, NULL, s, hand_over, &s->teller));
    CHECK(napi_unref_threadsafe_function(env, s->teller));
    if (s->desk.told && s->desk.bytes && s->desk.length >= MOST_BYTES_TOLD) s->mover = mover_start(call_javascript, s);
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
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &array, NULL, (void **)&s));
  double *counters = keep_array(env, array, napi_float64_array, &length);
  const bool usable = s->mover && counters && length == 2 * SLOTS_PER_BLOCK;
  CHECK(napi_create_int32(env, usable ? mover_add_slots(s->mover, counters) : -1, &result));
  return result;
}

/* take(): how many of what was told lie in `told` and `bytes` now. */
static napi_value take(napi_env env, napi_callback_info info) {
  napi_value result;
  state *s;
  CHECK(napi_get_cb_info(env, info, NULL, NULL, NULL, (void **)&s));
  const desk *d = &s->desk;
  const size_t taken = s->mover ? mover_take(s->mover, d->told, d->most, d->bytes, d->length) : 0;
  CHECK(napi_create_uint32(env, (uint32_t)taken, &result));
  return result;
}

/* keepAlive(wanted): whether the event loop goes on for the mover's sake. */
static napi_value keep_alive(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  bool wanted;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, (void **)&s));
  CHECK(napi_get_value_bool(env, argument, &wanted));
  if (s->mover && wanted) CHECK(napi_ref_threadsafe_function(env, s->teller));
  if (s->mover && !wanted) CHECK(napi_unref_threadsafe_function(env, s->teller));
  return NULL;
}

/* join(clientFd, backendFd): slot + token × mostSlots, or a negative number. */
static napi_value join(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  int32_t client, backend;
  uint32_t token = 0;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_int32(env, arguments[0], &client));
  CHECK(napi_get_value_int32(env, arguments[1], &backend));
  const int joined = s->mover ? mover_join(s->mover, client, backend, &token) : -1;
  CHECK(napi_create_double(env, joined < 0 ? joined : joined + (double)token * MOST_SLOTS, &result));
  return result;
}

napi_value add_functions(napi_env env, napi_value exports, state *s, const named_function *functions, size_t count) {
  for (size_t at = 0; at < count; at++) {
    napi_value function;
    CHECK(napi_create_function(env, functions[at].name, NAPI_AUTO_LENGTH, functions[at].call, s, &function));
    CHECK(napi_set_named_property(env, exports, functions[at].name, function));
  }
  return exports;
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
  const named_function functions[] = {
      {"start", start}, {"addSlots", add_slots}, {"take", take}, {"keepAlive", keep_alive}, {"join", join}};
  if (!add_functions(env, exports, s, functions, sizeof functions / sizeof *functions)) return NULL;
  if (!add_door_functions(env, exports, s) || !add_asking_functions(env, exports, s)) return NULL;
  const struct {
    const char *name;
    int value;
  } numbers[] = {{"slotsPerBlock", SLOTS_PER_BLOCK}, {"mostSlots", MOST_SLOTS}};
  for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++) {
    napi_value number;
    CHECK(napi_create_int32(env, numbers[at].value, &number));
    CHECK(napi_set_named_property(env, exports, numbers[at].name, number));
  }
  return exports;
}
