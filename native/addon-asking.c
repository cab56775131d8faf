/* Backends that are asked before bytes move, for JavaScript: what each call promises is in door.h. */
#include "addon.h"

#include <errno.h>

/* What a Uint8Array has; false, with an exception, where it is none, or has less. */
static bool read_bytes(napi_env env, napi_value array, size_t least, part *bytes) {
  napi_typedarray_type type;
  void *memory = NULL;
  const bool found = napi_get_typedarray_info(env, array, &type, &bytes->length, &memory, NULL, NULL) == napi_ok &&
                     type == napi_uint8_array && bytes->length >= least;
  if (!found) napi_throw_type_error(env, NULL, "shunt-native: bytes are a Uint8Array, and not too few");
  bytes->bytes = memory;
  return found;
}

/* host, port, bytes, greets, showsFrame, expected, acceptAt; false, with an exception, where they are none. */
static bool read_errand(napi_env env, const napi_value *from, struct sockaddr_storage *address, socklen_t *length,
                        errand *what) {
  *length = read_address(env, from[0], from[1], address);
  if (!read_bytes(env, from[2], 1, &what->bytes) || !read_bytes(env, from[5], 0, &what->expected)) return false;
  const bool found = *length > 0 && napi_get_value_bool(env, from[3], &what->greets) == napi_ok &&
                     napi_get_value_bool(env, from[4], &what->shows_frame) == napi_ok &&
                     napi_get_value_int32(env, from[6], &what->accept_at) == napi_ok;
  if (!found) napi_throw_type_error(env, NULL, "shunt-native: what is done at which literal address is not clear");
  return found;
}

/* ask(slot, token, ...errand): 0, a negative errno, or NOT_THERE. */
static napi_value ask(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value more[MOST_MORE], result;
  struct sockaddr_storage address;
  socklen_t length;
  errand what;
  if (!find_slot(env, info, &s, &slot, &token, more, MOST_MORE) || !read_errand(env, more, &address, &length, &what))
    return NULL;
  int error = -EINVAL;
  if (s->mover) error = mover_ask(s->mover, slot, token, (const struct sockaddr *)&address, length, &what);
  CHECK(napi_create_int32(env, error, &result));
  return result;
}

/* teach(door, serial, head, keyAt, bytesKeyAt, clientAt, ...errand): false where that is no form. */
static napi_value teach(napi_env env, napi_callback_info info) {
  size_t count = 6 + MOST_MORE;
  napi_value arguments[6 + MOST_MORE];
  uint32_t door;
  state *s;
  form taught = {0};
  CHECK(napi_get_cb_info(env, info, &count, arguments, NULL, (void **)&s));
  CHECK(napi_get_value_uint32(env, arguments[0], &door));
  CHECK(napi_get_value_int32(env, arguments[1], &taught.serial));
  if (!read_bytes(env, arguments[2], 1, &taught.head)) return NULL;
  CHECK(napi_get_value_int32(env, arguments[3], &taught.key_at));
  CHECK(napi_get_value_int32(env, arguments[4], &taught.bytes_key_at));
  CHECK(napi_get_value_int32(env, arguments[5], &taught.client_at));
  if (!read_errand(env, &arguments[6], &taught.address, &taught.address_length, &taught.errand)) return NULL;
  return boolean(env, s->mover && mover_teach(s->mover, door, &taught));
}

/* forget(door) */
static napi_value forget(napi_env env, napi_callback_info info) { return act_on_door(env, info, mover_forget); }

/* hearOn(slot, token): false where it has ended. */
static napi_value hear_on(napi_env env, napi_callback_info info) { return act(env, info, mover_hear_on); }

/* answer(slot, token, bytes): false where it has ended, or cannot be answered. */
static napi_value answer(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value array;
  part bytes;
  if (!find_slot(env, info, &s, &slot, &token, &array, 1) || !read_bytes(env, array, 1, &bytes)) return NULL;
  return boolean(env, s->mover && mover_answer(s->mover, slot, token, bytes.bytes, bytes.length));
}

/* releaseBackend(slot, token): the backend's descriptor, or -1 where it has ended. */
static napi_value release_backend(napi_env env, napi_callback_info info) {
  return hand_out(env, info, mover_release_backend);
}

napi_value add_asking_functions(napi_env env, napi_value exports, state *s) {
  const named_function functions[] = {
      {"ask", ask},       {"teach", teach},  {"forget", forget},
      {"hearOn", hear_on}, {"answer", answer}, {"releaseBackend", release_backend}};
  return add_functions(env, exports, s, functions, sizeof functions / sizeof *functions);
}
