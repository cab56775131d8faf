/* Heads that JavaScript has judged, and what it did for them, kept at a door for clients that say the same (door.h, `form`). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forms.h"
#include "inside.h"

/* Other things than the configuration decide as well, such as the addresses of the machine: judged anew after so long. */
enum { FORM_MS = 1000 };

/* How long a Sec-WebSocket-Key is, and what answers it (RFC 6455, section 4): 16 and 20 bytes in base64. */
enum { KEY_LENGTH = 24, ACCEPT_LENGTH = 28 };

/* Whether what differs from client to client has its place in the bytes; -1: nothing does. */
static bool has_hole(const part *p, int32_t at, size_t length) { return at >= 0 && (size_t)at + length <= p->length; }

static bool is_base64(const char *text, size_t length, size_t padding) {
  for (size_t at = 0; at < length; at++) {
    const char c = text[at];
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
    if (at < length - padding ? !is_digit : c != '=') return false;
  }
  return true;
}

/* Whether bytes are these, but for what stands in the hole: base64 of that length, with so much padding. */
static bool is_but_for(const part *p, int32_t hole_at, size_t hole_length, size_t padding, const char *bytes,
                       size_t length) {
  if (length != p->length) return false;
  if (!has_hole(p, hole_at, hole_length)) return memcmp(p->bytes, bytes, length) == 0;
  const size_t behind = (size_t)hole_at + hole_length;
  return memcmp(p->bytes, bytes, (size_t)hole_at) == 0 &&
         memcmp(p->bytes + behind, bytes + behind, length - behind) == 0 &&
         is_base64(bytes + hole_at, hole_length, padding);
}

bool is_answer(const part *expected, int32_t accept_at, const char *bytes, size_t length) {
  return is_but_for(expected, accept_at, ACCEPT_LENGTH, 1, bytes, length);
}

static bool is_head(const form *f, const char *bytes, size_t length) {
  return is_but_for(&f->head, f->key_at, KEY_LENGTH, 2, bytes, length);
}

/* The parts of a form lie in one block, the head first. */
static void drop(form *f) {
  free((char *)f->head.bytes);
  *f = (form){0};
}

static part copy_part(char **into, const part *from) {
  const part copied = {.bytes = *into, .length = from->length};
  if (from->length > 0) memcpy(*into, from->bytes, from->length);
  *into += from->length;
  return copied;
}

/* Whatever is to be filled in has its place, and comes from somewhere. */
static bool is_sound(const form *f) {
  const bool has_key = has_hole(&f->head, f->key_at, KEY_LENGTH);
  const part *bytes = &f->errand.bytes;
  const int32_t behind_key = f->bytes_key_at < 0 ? 0 : f->bytes_key_at + KEY_LENGTH;
  return f->head.length > 0 && bytes->length > 0 && (f->key_at < 0 || has_key) &&
         (f->bytes_key_at < 0 || (has_key && has_hole(bytes, f->bytes_key_at, KEY_LENGTH))) &&
         (f->client_at < 0 || (f->client_at >= behind_key && (size_t)f->client_at <= bytes->length));
}

bool forms_teach(forms *all, const form *taught) {
  if (!is_sound(taught)) return false;
  const errand *e = &taught->errand;
  char *block = malloc(taught->head.length + e->bytes.length + e->expected.length);
  if (!block) return false;
  pthread_mutex_lock(&all->lock);
  size_t at = 0;
  while (at < MOST_FORMS && !(all->of[at].head.bytes && is_head(&all->of[at], taught->head.bytes, taught->head.length))) at++;
  if (at == MOST_FORMS) {
    at = all->next;
    all->next = (all->next + 1) % MOST_FORMS;
  }
  form *kept = &all->of[at];
  drop(kept);
  *kept = *taught;
  kept->head = copy_part(&block, &taught->head);
  kept->errand.bytes = copy_part(&block, &e->bytes);
  kept->errand.expected = copy_part(&block, &e->expected);
  kept->taught_ms = now_ms();
  pthread_mutex_unlock(&all->lock);
  return true;
}

void forms_forget(forms *all) {
  pthread_mutex_lock(&all->lock);
  for (size_t at = 0; at < MOST_FORMS; at++) drop(&all->of[at]);
  pthread_mutex_unlock(&all->lock);
}

static const form *find(forms *all, const char *head, size_t length) {
  for (size_t at = 0; at < MOST_FORMS; at++) {
    form *f = &all->of[at];
    if (!f->head.bytes || !is_head(f, head, length)) continue;
    if (now_ms() - f->taught_ms < FORM_MS) return f;
    drop(f);
  }
  return NULL;
}

/* The form's bytes with this client's key and address in them: to be freed; NULL where there is no memory. */
static char *fill_in(const form *f, const char *head, const part *client, size_t *length) {
  const part *bytes = &f->errand.bytes;
  const size_t address_at = f->client_at < 0 ? bytes->length : (size_t)f->client_at;
  const size_t inserted = f->client_at < 0 ? 0 : client->length;
  *length = bytes->length + inserted;
  char *filled = malloc(*length);
  if (!filled) return NULL;
  memcpy(filled, bytes->bytes, address_at);
  if (inserted > 0) memcpy(filled + address_at, client->bytes, inserted);
  memcpy(filled + address_at + inserted, bytes->bytes + address_at, bytes->length - address_at);
  if (f->bytes_key_at >= 0) memcpy(filled + f->bytes_key_at, head + f->key_at, KEY_LENGTH);
  return filled;
}

/* `host:port` without its port, and without brackets. */
static part host_of(const part *address) {
  const char *colon = memrchr(address->bytes, ':', address->length);
  part host = {.bytes = address->bytes, .length = colon ? (size_t)(colon - address->bytes) : address->length};
  if (host.length >= 2 && host.bytes[0] == '[') host = (part){.bytes = host.bytes + 1, .length = host.length - 2};
  return host;
}

static int serve(mover *m, connection *c, const form *f, const char *head, const part *address) {
  const part client = host_of(address);
  errand what = f->errand;
  char *filled = fill_in(f, head, &client, &what.bytes.length);
  if (!filled) return ENOMEM;
  what.bytes.bytes = filled;
  const int error = run_errand(m, c, (const struct sockaddr *)&f->address, f->address_length, &what, true);
  free(filled);
  return error;
}

bool forms_serve(mover *m, connection *c, forms *all, const part *head, const part *address) {
  pthread_mutex_lock(&all->lock);
  const form *f = find(all, head->bytes, head->length);
  if (f) {
    c->state = STATE_HELD;
    const told one = {.what = TOLD_ENTERED, .slot = c->slot, .token = c->token, .door = c->door, .b = f->serial,
                      .length = (uint32_t)address->length};
    note_told(c, news_tell(&m->news, &one, address->bytes, false));
    const int error = serve(m, c, f, head->bytes, address);
    if (error != 0) tell(m, c, TOLD_NOT_DIALLED, error, 0);
  }
  pthread_mutex_unlock(&all->lock);
  return f != NULL;
}
