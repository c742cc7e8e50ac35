// The network service: one Internet address (version 4), obtained with the first use, and TCP connections.
// Addresses are numbers, the first of the four bytes uppermost. All functions return a non-negative result or a
// negated error number; without an adapter that is noNetwork.
#pragma once
#include "env.h"
#include "nic.h"
#pragma clang assume_nonnull begin

typedef struct net net;

// What takes long. Completed with the result of its operation.
typedef struct net_request {
  env_request base;
  uint64_t operation;   // NET_…
  uint64_t handle;      // of a socket; for ping and connect the address
  user_address buffer;  // of a read
  uint64_t length;      // of the buffer; for connect the port
  // Of the service while the request is pending.
  uint64_t deadline;
  uint64_t state;
} net_request;
enum {
  NET_ADDRESS = 1,  // the system's own address
  NET_ACCEPT,       // a handle of the next connection to a listening socket
  NET_CONNECT,      // a handle of a connection to a port of an address, when the other side has taken it
  NET_READ,         // bytes received, 0 when the other side has closed
  NET_WRITABLE,     // 0 when net_write can take bytes
  NET_PING          // the time to an address and back, in microseconds
};

uint64_t net_size(void);
int64_t net_init(net *service, nic *driver);
// The driver has completed something, or the alarm has come.
void net_interrupt(net *service);
// 0: the request will be completed; negated error: it was refused and will not be.
int64_t net_submit(net *service, net_request *request);
// A socket that listens on a port; a handle that belongs to `client`.
int64_t net_listen(net *service, uint64_t client, uint64_t port);
// Takes as many bytes as there is room for; none: tryAgain.
int64_t net_write(net *service, uint64_t client, uint64_t handle, user_address source, uint64_t length);
// What was written still reaches the other side.
int64_t net_close(net *service, uint64_t client, uint64_t handle);
// What would not wait: a set of NET_READY_… bits.
int64_t net_ready(net *service, uint64_t client, uint64_t handle);
// The client is gone: its sockets are closed, and its requests completed.
void net_forget(net *service, uint64_t client);

enum { NET_READY_READ = 1, NET_READY_WRITE = 2 };
// Sockets that can exist at a time: connections, and behind them those that listen.
enum { NET_CONNECTIONS = 16, NET_LISTENERS = 4 };
// Message labels between stub and server: the operations above, and the rest.
enum {
  NET_LABEL_LISTEN = 16, NET_LABEL_WRITE, NET_LABEL_CLOSE, NET_LABEL_READY, NET_LABEL_FORGET
};
#pragma clang assume_nonnull end
