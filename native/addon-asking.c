/* Backends that are asked before bytes move, for JavaScript: what each call promises is in door.h. */
#include "addon.h"

#include <errno.h>

/* What a Uint8Array has; false, with an exception, where it is none, or has less. */
static bool read_bytes(napi_env env, napi_value array, size_t least, const char **bytes, size_t *length) {
  napi_typedarray_type type;
  void *memory = NULL;
  const bool found = napi_get_typedarray_info(env, array, &type, length, &memory, NULL, NULL) == napi_ok &&
                     type == napi_uint8_array && *length >= least;
  if (!found) napi_throw_type_error(env, NULL, "shunt-native: bytes are a Uint8Array, and not too few");
  *bytes = memory;
  return found;
}

/* ask(slot, token, host, port, bytes, greets, showsFrame, expected): 0, a negative errno, or NOT_THERE. */
static napi_value ask(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value more[MOST_MORE], result;
  struct sockaddr_storage address;
  errand what;
  if (!find_slot(env, info, &s, &slot, &token, more, MOST_MORE) ||
      !read_bytes(env, more[2], 1, &what.bytes, &what.length) ||
      !read_bytes(env, more[5], 0, &what.expected, &what.expected_length))
    return NULL;
  CHECK(napi_get_value_bool(env, more[3], &what.greets));
  CHECK(napi_get_value_bool(env, more[4], &what.shows_frame));
  const socklen_t length = read_address(env, more[0], more[1], &address);
  int error = -EINVAL;
  if (s->mover && length > 0) error = mover_ask(s->mover, slot, token, (const struct sockaddr *)&address, length, &what);
  CHECK(napi_create_int32(env, error, &result));
  return result;
}

/* hearOn(slot, token): false where it has ended. */
static napi_value hear_on(napi_env env, napi_callback_info info) { return act(env, info, mover_hear_on); }

/* answer(slot, token, bytes): false where it has ended, or cannot be answered. */
static napi_value answer(napi_env env, napi_callback_info info) {
  uint32_t slot, token;
  state *s;
  napi_value array;
  const char *bytes;
  size_t length;
  if (!find_slot(env, info, &s, &slot, &token, &array, 1) || !read_bytes(env, array, 1, &bytes, &length)) return NULL;
  return boolean(env, s->mover && mover_answer(s->mover, slot, token, bytes, length));
}

/* releaseBackend(slot, token): the backend's descriptor, or -1 where it has ended. */
static napi_value release_backend(napi_env env, napi_callback_info info) {
  return hand_out(env, info, mover_release_backend);
}

napi_value add_asking_functions(napi_env env, napi_value exports, state *s) {
  const named_function functions[] = {
      {"ask", ask}, {"hearOn", hear_on}, {"answer", answer}, {"releaseBackend", release_backend}};
  return add_functions(env, exports, s, functions, sizeof functions / sizeof *functions);
}
