// A file system of the application's own, on an extent of the disk that nobody else can read or write. It is gone when
// the application is.

import ExoLibrary
import Interfaces

/// 512 KiB.
private var sectors: UInt64 { 1024 }

/// The mounted file system; made when it is first asked for, nil when there is no extent left.
func scratchFiles() -> OpaquePointer? {
  if let files = exo_program.scratch_files { return files }
  let extent = exo_extent_allocate(sectors)
  guard extent > 0 else { return nil }
  // The second driver finds the extent where the first one found the boot extent.
  let disk = exo_program.scratch_disk ?? instance(blk_size())
  exo_program.extent = UInt64(extent)
  let found = blk_init(disk)
  exo_program.extent = 0
  exo_program.scratch_disk = disk
  let files = instance(fs_size())
  guard found == 0, fs_format(disk, exo_scratch_layout()) == 0,
    withCacheMemory({ fs_init(files, disk) }) == 0
  else {
    _ = exo_extent_release(UInt64(extent))
    return nil
  }
  exo_program.scratch_files = files
  return files
}
