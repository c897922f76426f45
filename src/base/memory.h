// How much memory there is to use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace alexnet {

/// Bytes this process may still take without pushing anything out: what the kernel calls available, or less
/// where the process is in a limited control group (a container, a service; versions 1 and 2, and the groups
/// around it), and less promised_memory(). Takes milliseconds.
std::size_t available_memory();

/// The same without promises; `with_swap` counts what other programs' memory may be pushed out to as well.
/// `root` is where /proc and /sys are looked for.
std::size_t available_memory_of(const std::filesystem::path& root, bool with_swap = false);

/// DeviceError, `fix` saying what to do, unless so many bytes, and a little more, can be had, swap included.
/// Linux overcommits: asking for more than there is succeeds, and the process is killed later, when it uses
/// it.
void require_memory(std::size_t bytes,
                    std::string_view fix = "use a smaller --batch or --size, or end other programs");

/// Pages that were mapped are available for the kernel until they are used. Who maps many says so: they are
/// no longer available for others here. Withdraw before the pages, which begin at `start`, are unmapped.
void promise_memory(const void* start, std::size_t bytes);
void withdraw_promise(const void* start);
/// Bytes of promised pages that are not in memory: never used, or swapped out.
std::size_t promised_memory();

/// Gives the kernel back what was freed here. The C library keeps freed memory for later, of large tensors
/// too, and a control group counts it as used.
void return_freed_memory();

/// "64.0 GB"; below 1 GB "154 MB".
std::string memory_text(std::size_t bytes);

}  // namespace alexnet
