// Blocks to and from the disk, one request at a time.
//
// Each call returns only when the disk is done with it, so the request lives on the caller's stack.

import Interfaces

/// The disk as blocks instead of sectors.
struct BlockDevice {
  private let disk: OpaquePointer

  init(disk: OpaquePointer) {
    self.disk = disk
  }

  /// The disk's size in whole blocks.
  func blockCount() throws(ErrorCode) -> UInt64 {
    let sectors = blk_capacity(disk)
    guard sectors >= 0 else { throw .inputOutput }
    return UInt64(sectors) / UInt64(DiskFormat.sectorsPerBlock)
  }

  /// Reads block `number` into `bytes`, which is device memory.
  func read(_ number: UInt32, into bytes: UnsafeMutableRawPointer) throws(ErrorCode) {
    try transfer(number, sectors: DiskFormat.sectorsPerBlock, bytes, write: false)
  }

  /// Writes block `number` from `bytes`, which is device memory.
  func write(_ number: UInt32, from bytes: UnsafeMutableRawPointer) throws(ErrorCode) {
    try transfer(number, sectors: DiskFormat.sectorsPerBlock, bytes, write: true)
  }

  /// Reads only the first sector of block `number`.
  func readFirstSector(_ number: UInt32, into bytes: UnsafeMutableRawPointer) throws(ErrorCode) {
    try transfer(number, sectors: 1, bytes, write: false)
  }

  /// Writes only the first sector of block `number`: a disk does that wholly or not at all.
  func writeFirstSector(_ number: UInt32, from bytes: UnsafeMutableRawPointer) throws(ErrorCode) {
    try transfer(number, sectors: 1, bytes, write: true)
  }

  private func transfer(
    _ number: UInt32, sectors: Int, _ bytes: UnsafeMutableRawPointer, write: Bool
  ) throws(ErrorCode) {
    var request = blk_request(
      base: env_request(), sector: UInt64(number) * UInt64(DiskFormat.sectorsPerBlock), count: UInt64(sectors),
      write: write ? 1 : 0, buffer: bytes)
    guard submitAndAwait(&request) >= 0 else { throw .inputOutput }
  }

  private func submitAndAwait(_ request: UnsafeMutablePointer<blk_request>) -> Int64 {
    let refusal = blk_submit(disk, request)
    guard refusal == 0 else { return refusal }
    // The environment's part is the request's first member.
    return env_await(UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self))
  }
}
