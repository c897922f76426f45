#include <algorithm>

#include "alexnet/bench.h"
#include "base/stopwatch.h"
#include "data/loader/loader.h"

namespace alexnet {

LoaderBench bench_loader(std::shared_ptr<const ImageSource> source, const LoaderBenchOptions& options) {
  const auto available = static_cast<std::int64_t>(source->size());
  LoaderOptions loading;
  loading.preprocessing.resize = options.resize;
  loading.preprocessing.crop_width = loading.preprocessing.crop_height = options.crop;
  // Any values serve.
  loading.preprocessing.mean.assign(static_cast<std::size_t>(options.channels), 0.45F);
  loading.preprocessing.stddev.assign(static_cast<std::size_t>(options.channels), 0.225F);
  loading.channels = options.channels;
  loading.batch = static_cast<int>(std::min<std::int64_t>(options.batch, available));
  loading.workers = options.workers;
  loading.augment.crops = Augment::kArticle;
  loading.shuffle = false;  // the same images both times, however few
  loading.training = true;
  loading.cache = Cache::kRam;
  Loader loader(std::move(source), loading);

  const std::int64_t wanted = options.images > 0 ? std::min(options.images, available) : available;
  LoaderBench bench;
  const auto epoch = [&](std::uint32_t number) {
    const Stopwatch watch;
    loader.start(number);
    std::int64_t images = 0;
    while (const Batch* batch = images < wanted ? loader.next() : nullptr) {
      images += static_cast<std::int64_t>(batch->labels.size());
      if (options.progress) options.progress((number - 1) * wanted + images, 2 * wanted);
    }
    bench.images = images;
    return static_cast<double>(images) / watch.seconds();
  };
  bench.first = epoch(1);
  bench.cached = epoch(2);
  return bench;
}

}  // namespace alexnet
