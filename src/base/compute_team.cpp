#include "base/compute_team.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

#include "base/flush_denormals.h"
#include "base/log_once.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace alexnet {
namespace {

/// How long a thread looks for work, or for the end of others' work, before it sleeps. Longer than the pause
/// between two operations of a network and than waking a thread; short beside the time for which the
/// kernel takes a processor away.
constexpr std::chrono::microseconds kPatience{50};

/// No piece of work takes so long on a processor of its own; the kernel takes a processor away for longer.
constexpr std::chrono::milliseconds kLongWait{1};
/// How long a long wait is remembered.
constexpr std::chrono::milliseconds kMemory{200};

using Clock = std::chrono::steady_clock;
/// When the last one ended.
std::atomic<Clock::duration> last_long_wait{Clock::duration::min() / 2};

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Work of one calling thread.
struct Job {
  int members;
  void (*function)(void* context, int member);
  void* context;
  unsigned denormal_mode;  // of the caller: what is computed must not depend on who computes
};

/// Where a job is offered. Whoever is inside holds the job in existence.
struct alignas(64) Offer {
  std::atomic<bool> taken = false;
  std::atomic<Job*> job = nullptr;
  std::atomic<int> inside = 0;
};

thread_local bool in_team = false;

class Team {
 public:
  /// Never destroyed: its threads may outlive main(). A child process, which has none of them, gets its own.
  static Team& instance() {
    static Team* team = new Team;
    [[maybe_unused]] static const int registered = pthread_atfork(nullptr, nullptr, [] {
      team = new Team;
      in_team = false;
    });
    return *team;
  }

  void run(Job& job) noexcept {
    grow(job.members - 1);
    Offer* offer = free_offer();
    if (offer == nullptr) {
      job.function(job.context, 0);
      return;
    }
    offer->job.store(&job);
    news_.fetch_add(1);
    news_.notify_all();
    job.function(job.context, 0);
    offer->job.store(nullptr);
    for (int inside = offer->inside.load(); inside != 0; inside = offer->inside.load())
      wait_while_equal(offer->inside, inside);
    offer->taken.store(false, std::memory_order_release);
  }

 private:
  static constexpr int kOffers = 64;

  Offer* free_offer() {
    for (Offer& offer : offers_)
      if (!offer.taken.load(std::memory_order_relaxed) &&
          !offer.taken.exchange(true, std::memory_order_acquire))
        return &offer;
    return nullptr;
  }

  void grow(int wanted) {
    if (threads_.load(std::memory_order_acquire) >= wanted) return;
    const std::lock_guard lock(growing_);
    try {
      for (int started = threads_.load(std::memory_order_relaxed); started < wanted; ++started)
        std::thread([this, member = started + 1] { work(member); }).detach();
    } catch (const std::system_error& error) {
      log_info_once("Computing with fewer threads than asked for: the system does not start more (" +
                    std::string(error.what()) + ").");
    }
    threads_.store(wanted, std::memory_order_release);
  }

  /// A thread is the same member of every job, so that what it read for one job can be in its cache for the
  /// next one. The caller is member 0.
  [[noreturn]] void work(int member) {
    in_team = true;
    for (;;) {
      const int seen = news_.load();
      bool worked = false;
      for (Offer& offer : offers_) worked |= help(offer, member);
      if (!worked) wait_while_equal(news_, seen);
    }
  }

  static bool help(Offer& offer, int member) noexcept {
    if (offer.job.load(std::memory_order_relaxed) == nullptr) return false;
    bool worked = false;
    offer.inside.fetch_add(1);
    if (Job* job = offer.job.load(); job != nullptr && member < job->members) {
      set_denormal_mode(job->denormal_mode);
      job->function(job->context, member);
      offer.job.compare_exchange_strong(job, nullptr);  // nothing is left for those who come later
      worked = true;
    }
    if (offer.inside.fetch_sub(1) == 1) offer.inside.notify_all();
    return worked;
  }

  std::array<Offer, kOffers> offers_;
  std::atomic<int> news_ = 0;  // changes when a job is offered
  std::atomic<int> threads_ = 0;
  std::mutex growing_;
};

}  // namespace

void wait_while_equal(const std::atomic<int>& value, int old) {
  const auto end = Clock::now() + kPatience;
  do {
    for (int i = 0; i < 16; ++i) {
      if (value.load(std::memory_order_acquire) != old) return;
      pause();
    }
  } while (Clock::now() < end);
  value.wait(old, std::memory_order_acquire);
}

void wait_for_others(const std::atomic<int>& value, int old) {
  const auto begin = Clock::now();
  wait_while_equal(value, old);
  if (const auto now = Clock::now(); now - begin > kLongWait) last_long_wait = now.time_since_epoch();
}

bool processors_are_shared() {
  return Clock::now().time_since_epoch() - last_long_wait.load(std::memory_order_relaxed) < kMemory;
}

void run_team(int members, void (*function)(void* context, int member), void* context) {
  if (members <= 1 || in_team) {
    function(context, 0);
    return;
  }
  Job job{members, function, context, denormal_mode()};
  in_team = true;
  Team::instance().run(job);
  in_team = false;
}

}  // namespace alexnet
