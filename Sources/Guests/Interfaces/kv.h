// A key-value service: rows in memory, gone when it ends. No part of any boot; programs find it by its name.
// All functions return a non-negative result or a negated error number, and never wait.
#pragma once
#include "env.h"
#include "gate.h"
#pragma clang assume_nonnull begin

typedef struct kv kv;

// In bytes, a key has at least one; and how many rows there are.
enum { KV_MAXIMUM_KEY = 32, KV_MAXIMUM_VALUE = 128, KV_ROWS = 64 };

uint64_t kv_size(void);
// Empties it.
int64_t kv_init(kv *service);
// The bytes of the value, of which as many are copied as there is room for; notFound when there is no such key.
int64_t kv_get(kv *service, uint64_t client, user_address key, uint64_t key_length, user_address destination,
               uint64_t length);
// A new row, or a new value for an old one; noSpace when all rows are taken.
int64_t kv_put(kv *service, uint64_t client, user_address key, uint64_t key_length, user_address value,
               uint64_t value_length);
int64_t kv_delete(kv *service, uint64_t client, user_address key, uint64_t key_length);
// How many rows are taken.
int64_t kv_count(kv *service);

// Messages. The bytes sent are the key; with put, the key of words[0] bytes and behind it the value.
enum { KV_LABEL_GET = 1, KV_LABEL_PUT, KV_LABEL_DELETE, KV_LABEL_COUNT };
int64_t kv_gate(void *service, const gate_call *call);

#pragma clang assume_nonnull end
