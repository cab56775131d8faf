/* Doors, and the connections that they let in, for JavaScript: what each call promises is in door.h and mover.h. */
#include "addon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_OF_ROOM = sizeof(room) / sizeof(int32_t) };

bool find_slot(napi_env env, napi_callback_info info, state **s, uint32_t *slot, uint32_t *token, napi_value *more,
               size_t most) {
  size_t count = 2 + most;
  napi_value arguments[2 + MOST_MORE];
  const bool found = napi_get_cb_info(env, info, &count, arguments, NULL, (void **)s) == napi_ok &&
                     napi_get_value_uint32(env, arguments[0], slot) == napi_ok &&
                     napi_get_value_uint32(env, arguments[1], token) == napi_ok;
  if (!found) napi_throw_type_error(env, NULL, "shunt-native: slot and token are numbers");
  for (size_t at = 0; at < most; at++) more[at] = arguments[2 + at];
  return found;
}

napi_value boolean(napi_env env, bool value) {
  napi_value result;
  CHECK(napi_get_boolean(env, value, &result));
  return result;
}

napi_value act(napi_env env, napi_callback_info info, bool (*how)(mover *, uint32_t, uint32_t)) {
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

napi_value hand_out(napi_env env, napi_callback_info info, int (*how)(mover *, uint32_t, uint32_t)) {
  uint32_t slot, token;
  state *s;
  napi_value result;
  if (!find_slot(env, info, &s, &slot, &token, NULL, 0)) return NULL;
  CHECK(napi_create_int32(env, s->mover ? how(s->mover, slot, token) : -1, &result));
  return result;
}

/* release(slot, token): the client's descriptor, or -1 where it has ended. */
static napi_value release(napi_env env, napi_callback_info info) { return hand_out(env, info, mover_release); }

socklen_t read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *into) {
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

napi_value act_on_door(napi_env env, napi_callback_info info, void (*how)(mover *, uint32_t)) {
  size_t count = 1;
  napi_value argument;
  uint32_t number;
  state *s;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, argument, &number));
  if (s->mover) how(s->mover, number);
  return NULL;
}

/* closeDoor(door) */
static napi_value close_door(napi_env env, napi_callback_info info) { return act_on_door(env, info, mover_close_door); }

/* resetDescriptor(fd): of a client that nobody can carry. */
static napi_value reset_descriptor(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t fd;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, NULL));
  CHECK(napi_get_value_int32(env, argument, &fd));
  reset_and_close(fd);
  return NULL;
}

napi_value add_door_functions(napi_env env, napi_value exports, state *s) {
  const named_function functions[] = {
      {"openDoor", open_door}, {"order", give_order}, {"closeDoor", close_door}, {"dial", dial},
      {"go", go},              {"hangUp", hang_up},   {"release", release},      {"cut", cut},
      {"resetDescriptor", reset_descriptor}};
  return add_functions(env, exports, s, functions, sizeof functions / sizeof *functions);
}
