// The network driver: Ethernet frames without preamble and checksum, 14 to 1514 bytes.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct nic nic;

typedef struct nic_request {
  env_request base;
  void *buffer;     // from env_device_pages of the requester's environment
  uint64_t length;  // of the frame to send, or of the room for one: NIC_MAXIMUM_FRAME at least
} nic_request;

uint64_t nic_size(void);
// Finds and resets the adapter. 0 or a negated error (notFound: there is none). May be called again: a restart.
int64_t nic_init(nic *driver);
// The adapter's Ethernet address as a number of 48 bits, or a negated error.
int64_t nic_address(nic *driver);
// Sends a frame. 0: the request will be completed; negated error: it was refused and will not be (tryAgain: as many
// requests as the device takes are under way). It may be completed as late as with the next frame.
int64_t nic_submit(nic *driver, nic_request *request);
// Offers room for a frame; completed with the frame's length. Frames come in the order in which room was offered.
int64_t nic_receive(nic *driver, nic_request *request);
// The device raised its interrupt; where the driver is reached by messages: it says that frames have arrived.
void nic_interrupt(nic *driver);

enum { NIC_MINIMUM_FRAME = 14, NIC_MAXIMUM_FRAME = 1514 };
// Requests of each direction that the driver takes at a time.
enum { NIC_REQUESTS = 8 };
// Message labels between stub and server. An answer to receive is the frame's length, 0 for none, and NIC_MORE if
// another frame waits.
enum { NIC_LABEL_ADDRESS = 1, NIC_LABEL_SEND = 2, NIC_LABEL_RECEIVE = 3 };
enum { NIC_MORE = 0x10000 };
#pragma clang assume_nonnull end
