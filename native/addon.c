/*
 * The mover for JavaScript (Node-API 6, so that one build loads in every Node and Electron from 14 on). Each environment,
 * the main one or a worker's, has a mover of its own, which ends with it.
 */
#define NAPI_VERSION 6
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "mover.h"

/* What JavaScript reads a batch of news from; it owns them, since Electron's memory cage allows no foreign memory. */
typedef struct {
  told *told;
  size_t most;
  char *bytes;
  size_t length;
} desk;

typedef struct {
  mover *mover;
  napi_threadsafe_function teller;
  desk desk;
  room *room; /* the last one that is kept */
} state;

enum { WORDS_TOLD = sizeof(told) / sizeof(int32_t), WORDS_OF_ROOM = sizeof(room) / sizeof(int32_t) };

#define CHECK(call)                                                     \
  do {                                                                  \
    if ((call) != napi_ok) {                                            \
      napi_throw_error(env, NULL, "shunt-native: " #call " failed");    \
      return NULL;                                                      \
    }                                                                   \
  } while (0)

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

/* The memory of a typed array, which is kept from then on, and its length in elements; NULL where it is none of that type. */
static void *keep_array(napi_env env, napi_value array, napi_typedarray_type wanted, size_t *length) {
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

/* The mover, and slot and token from the first two arguments; false, with an exception, where they are none. */
static bool find_slot(napi_env env, napi_callback_info info, state **s, uint32_t *slot, uint32_t *token,
                      napi_value *more, size_t most) {
  size_t count = 2 + most;
  napi_value arguments[4];
  const bool found = napi_get_cb_info(env, info, &count, arguments, NULL, (void **)s) == napi_ok &&
                     napi_get_value_uint32(env, arguments[0], slot) == napi_ok &&
                     napi_get_value_uint32(env, arguments[1], token) == napi_ok;
  if (!found) napi_throw_type_error(env, NULL, "shunt-native: slot and token are numbers");
  for (size_t at = 0; at < most; at++) more[at] = arguments[2 + at];
  return found;
}

static napi_value boolean(napi_env env, bool value) {
  napi_value result;
  CHECK(napi_get_boolean(env, value, &result));
  return result;
}

/* What is done to a connection by slot and token; false where it has ended. */
static napi_value act(napi_env env, napi_callback_info info, bool (*how)(mover *, uint32_t, uint32_t)) {
  uint32_t slot, token;
  state *s;
  if (!find_slot(env, info, &s, &slot, &token, NULL, 0)) return NULL;
  return boolean(env, s->mover && how(s->mover, slot, token));
}

/* cut(slot, token): false where its end is being told already. */
static napi_value cut(napi_env env, napi_callback_info info) { return act(env, info, mover_cut); }

/* go(slot, token): false where it has ended. */
static napi_value go(napi_env env, napi_callback_info info) { return act(env, info, mover_go); }

/* hangUp(slot, token): false where it has ended. */
static napi_value hang_up(napi_env env, napi_callback_info info) { return act(env, info, mover_hang_up); }

/* release(slot, token): the client's descriptor, or -1 where it has ended. */
static napi_value release(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value result;
  if (!find_slot(env, info, &s, &slot, &token, NULL, 0)) return NULL;
  CHECK(napi_create_int32(env, s->mover ? mover_release(s->mover, slot, token) : -1, &result));
  return result;
}

/* A literal address and a port; 0 where they are none. */
static socklen_t read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *into) {
  char text[INET6_ADDRSTRLEN];
  uint32_t number;
  size_t length;
  if (napi_get_value_string_utf8(env, host, text, sizeof text, &length) != napi_ok ||
      napi_get_value_uint32(env, port, &number) != napi_ok)
    return 0;
  memset(into, 0, sizeof *into);
  struct sockaddr_in *v4 = (struct sockaddr_in *)into;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)into;
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)number);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons((uint16_t)number);
  return sizeof *v6;
}

/* dial(slot, token, host, port): 0, a negative errno, or NOT_THERE. */
static napi_value dial(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value where[2], result;
  struct sockaddr_storage address;
  if (!find_slot(env, info, &s, &slot, &token, where, 2)) return NULL;
  const socklen_t length = read_address(env, where[0], where[1], &address);
  int error = -EINVAL;
  if (s->mover && length > 0) error = mover_dial(s->mover, slot, token, (const struct sockaddr *)&address, length);
  CHECK(napi_create_int32(env, error, &result));
  return result;
}

/* how, serial, judges, host, port: the last two for ORDER_DIAL alone. False where that is no order. */
static bool read_order(napi_env env, const napi_value *from, door_order *order) {
  int32_t how;
  memset(order, 0, sizeof *order);
  if (napi_get_value_int32(env, from[0], &how) != napi_ok ||
      napi_get_value_int32(env, from[1], &order->serial) != napi_ok ||
      napi_get_value_bool(env, from[2], &order->judges) != napi_ok)
    return false;
  order->how = (order_how)how;
  if (order->how == ORDER_DIAL) order->length = read_address(env, from[3], from[4], &order->address);
  return order->how != ORDER_DIAL || order->length > 0;
}

/* openDoor(listeningFd, room: Int32Array, how, serial, judges, host, port): the door's number, or a negative errno. */
static napi_value open_door(napi_env env, napi_callback_info info) {
  size_t count = 7, words = 0;
  napi_value arguments[7], result;
  int32_t fd;
  state *s;
  door_order order;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_int32(env, arguments[0], &fd));
  void *memory = NULL;
  CHECK(napi_get_typedarray_info(env, arguments[1], NULL, &words, &memory, NULL, NULL));
  /* Kept once, however many doors have it. */
  if (memory != s->room) s->room = keep_array(env, arguments[1], napi_int32_array, &words);
  const bool usable = s->mover && s->room && words == WORDS_OF_ROOM && read_order(env, &arguments[2], &order);
  CHECK(napi_create_int32(env, usable ? mover_open_door(s->mover, fd, s->room, &order) : -EINVAL, &result));
  return result;
}

/* order(door, how, serial, judges, host, port): false where that is no order; the one before goes on then. */
static napi_value give_order(napi_env env, napi_callback_info info) {
  size_t count = 6;
  napi_value arguments[6];
  uint32_t number;
  state *s;
  door_order order;
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, arguments[0], &number));
  const bool usable = s->mover && read_order(env, &arguments[1], &order);
  if (usable) mover_order(s->mover, number, &order);
  return boolean(env, usable);
}

/* closeDoor(door) */
static napi_value close_door(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  uint32_t number;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, argument, &number));
  if (s->mover) mover_close_door(s->mover, number);
  return NULL;
}

/* closeDescriptor(fd): of a client that nobody can carry. */
static napi_value close_descriptor(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t fd;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, NULL));
  CHECK(napi_get_value_int32(env, argument, &fd));
  (void)close(fd);
  return NULL;
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
  } functions[] = {{"start", start},          {"addSlots", add_slots},   {"take", take},
                   {"keepAlive", keep_alive}, {"join", join},            {"cut", cut},
                   {"go", go},                {"hangUp", hang_up},       {"release", release},
                   {"dial", dial},            {"openDoor", open_door},   {"order", give_order},
                   {"closeDoor", close_door}, {"closeDescriptor", close_descriptor}};
  for (size_t at = 0; at < sizeof functions / sizeof *functions; at++) {
    napi_value function;
    CHECK(napi_create_function(env, functions[at].name, NAPI_AUTO_LENGTH, functions[at].call, s, &function));
    CHECK(napi_set_named_property(env, exports, functions[at].name, function));
  }
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
