// What a name, or the first bytes of a file, say of a file in a data folder.
#pragma once

#include <functional>
#include <string_view>

namespace alexnet {

/// Hidden, or left behind by a file manager, an archiver or a notebook: neither an image nor a class.
bool is_hidden_name(std::string_view name);

/// Ends like an image: a format that is read here or any other. What such a file holds, if it is no image
/// that can be read, is a bad image.
bool is_named_like_image(std::string_view name);

/// Begins like an image of any format; drawings, printed pages and icons are none.
bool begins_like_image(std::string_view first_bytes);

/// Whether a folder is that of a run or study, by its files. `has` tells whether it has a file of that name.
bool is_results_folder(const std::function<bool(std::string_view)>& has);

}  // namespace alexnet
