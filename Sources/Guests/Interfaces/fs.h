// The file system service. Paths are absolute, `/` separates, at most 255 bytes, names at most 56.
// All functions return a non-negative result or a negated error number, and may wait for the disk.
#pragma once
#include "env.h"
#include "blk.h"
#pragma clang assume_nonnull begin

typedef struct fs fs;

uint64_t fs_size(void);
// Mounts the disk. Everything it needs (buffer cache, tables) it takes from env_pages / env_device_pages.
int64_t fs_init(fs *service, blk *disk);
// Mounts a disk that must not be written: every change is refused with readOnly.
int64_t fs_init_read_only(fs *service, blk *disk);
// Makes an empty file system of a whole disk, with or without a journal. It takes one page of memory.
int64_t fs_format(blk *disk, uint64_t layout);
enum { FS_LAYOUT_JOURNALED = 0, FS_LAYOUT_PLAIN = 1 };
// A handle (0 and up) that belongs to `client`. `flags` as OpenFlags. A directory may be opened for reading entries.
int64_t fs_open(fs *service, uint64_t client, user_address path, uint64_t length, uint64_t flags);
int64_t fs_close(fs *service, uint64_t client, uint64_t handle);
// Bytes transferred; 0 at the end of the file. `offset` in bytes.
int64_t fs_read(fs *service, uint64_t client, uint64_t handle, uint64_t offset, user_address destination, uint64_t length);
int64_t fs_write(fs *service, uint64_t client, uint64_t handle, uint64_t offset, user_address source, uint64_t length);
// The file's size in bytes.
int64_t fs_length(fs *service, uint64_t client, uint64_t handle);
// Directory entries (DirectoryEntryLayout) from entry number `index` on; bytes written, 0 at the end.
int64_t fs_readdir(fs *service, uint64_t client, uint64_t handle, uint64_t index, user_address destination, uint64_t length);
int64_t fs_mkdir(fs *service, uint64_t client, user_address path, uint64_t length);
int64_t fs_remove(fs *service, uint64_t client, user_address path, uint64_t length);
int64_t fs_rename(fs *service, uint64_t client, user_address from, uint64_t from_length, user_address to, uint64_t to_length);
// Fills a FileStatus at `destination`.
int64_t fs_stat(fs *service, uint64_t client, user_address path, uint64_t length, user_address destination);
// Everything written so far is on the disk when this returns.
int64_t fs_sync(fs *service);
// A second handle for the same file, to read it; it belongs to `other`, 0: to whoever calls.
int64_t fs_reopen(fs *service, uint64_t client, uint64_t handle, uint64_t other);
// All handles of the parent are its child's as well. The file is closed when both have closed the handle.
int64_t fs_inherit(fs *service, uint64_t parent, uint64_t child);
// How the block cache chooses what goes (a CachePolicy), for all clients from now on; the policy before.
int64_t fs_policy(fs *service, uint64_t policy);
// Fills CacheStatistics at `destination`, or as much of it as `length` bytes hold; bytes written.
int64_t fs_statistics(fs *service, uint64_t client, user_address destination, uint64_t length);
// The client is gone: all its handles are closed.
void fs_forget(fs *service, uint64_t client);

enum {
  FS_LABEL_OPEN = 1, FS_LABEL_CLOSE, FS_LABEL_READ, FS_LABEL_WRITE, FS_LABEL_LENGTH, FS_LABEL_READDIR, FS_LABEL_MKDIR,
  FS_LABEL_REMOVE, FS_LABEL_RENAME, FS_LABEL_STAT, FS_LABEL_SYNC, FS_LABEL_FORGET, FS_LABEL_REOPEN, FS_LABEL_INHERIT,
  FS_LABEL_POLICY = 20, FS_LABEL_STATISTICS
};
#pragma clang assume_nonnull end
