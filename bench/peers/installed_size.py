"""Megabytes of a package and of all it needs, as installed beside this Python; what only serves GPUs is left out.

  installed_size.py PACKAGE
"""
import importlib.metadata, json, re, sys
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

FOR_GPUS = re.compile(r"cuda|nvidia|triton|nccl|nvshmem|cudnn", re.IGNORECASE)


def needed(name, found):
    """Adds the package's distribution and those it requires here to `found`, by name."""
    if name in found or FOR_GPUS.search(name): return
    found[name] = importlib.metadata.distribution(name)
    for text in found[name].requires or []:
        one = Requirement(text)
        if not one.marker or one.marker.evaluate({"extra": ""}): needed(canonicalize_name(one.name), found)


packages = {}
needed(sys.argv[1], packages)
files = {file.locate() for package in packages.values() for file in package.files or [] if not FOR_GPUS.search(str(file))}
print(json.dumps({"packages": sorted(packages), "megabytes": sum(file.stat().st_size for file in files if file.is_file()) / 1e6}))
