"""Writes the small files of tests/formats/golden/pytorch with torch, and what torch reads from them as safetensors."""
import io
import pathlib
import pickle
import struct
import tarfile

import torch
from safetensors.torch import save_file

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/formats/golden/pytorch"


def tensors():
    """Every type and every way to look at a storage."""
    values = torch.tensor([1.5, -2.25, 0.1, 65504.0, 6.1e-5, -5.9e-8, 3e-7, 0.0, -0.0, 1e4])
    grid = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    return {
        "f32": values.reshape(2, 5),
        "f16": values.half(),
        "bf16": values.bfloat16(),
        "f64": values.double() / 3,
        "i8": torch.tensor([-7, 127], dtype=torch.int8),
        "i16": torch.tensor([-7, 30000], dtype=torch.int16),
        "i32": torch.tensor([-7, 1 << 30], dtype=torch.int32),
        "i64": torch.tensor([-7, 1 << 40]),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(4.25),
        "empty": torch.zeros(0, 3),
        "grid": grid,
        "transposed": grid.t(),  # Fortran order, the storage of "grid"
        "part": grid[1:, 2:5:2],
        "permuted": grid.half().reshape(2, 2, 6).permute(2, 0, 1),
        "expanded": grid[0, :3].expand(2, 3),
    }


def old_tar(path, state):
    """The layout of torch.save in PyTorch 0.1, which torch.load still reads."""
    storages, entries = {}, {}
    for key, tensor in enumerate(state.values()):
        storage = tensor.untyped_storage()
        storages[storage.data_ptr() or -key - 1] = (tensor, storage)
        entries[key] = (tensor, storage.data_ptr() or -key - 1)
    dump = lambda value, out: pickle.dump(value, out, protocol=2)
    storage_class = lambda tensor: tensor.storage()._get_legacy_storage_class()
    parts = {"sys_info": io.BytesIO(), "storages": io.BytesIO(), "tensors": io.BytesIO(), "pickle": io.BytesIO()}
    dump({"protocol_version": 1000, "little_endian": True}, parts["sys_info"])
    out = parts["storages"]
    dump(len(storages), out)
    for key, (tensor, storage) in storages.items():
        dump((key, "cpu", storage_class(tensor)), out)
        out.write(struct.pack("<q", storage.nbytes() // tensor.element_size()))
        out.write(torch.empty(0, dtype=torch.uint8).set_(storage).numpy().tobytes())
    dump([], out)
    out = parts["tensors"]
    dump(len(entries), out)
    for key, (tensor, storage) in entries.items():
        dump((key, storage, torch.FloatTensor), out)
        out.write(struct.pack("<i4x", tensor.dim()))
        out.write(struct.pack(f"<{tensor.dim()}q", *tensor.shape) + struct.pack(f"<{tensor.dim()}q", *tensor.stride()))
        out.write(struct.pack("<q", tensor.storage_offset()))

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return next((k for k, (tensor, _) in entries.items() if tensor is value), None)

    Pickler(parts["pickle"], protocol=2).dump(state)
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = content.tell()
            content.seek(0)
            tar.addfile(info, content)


def containers():
    state = tensors()
    torch.save(state, GOLDEN / "zip.pt")
    torch.save(state, GOLDEN / "zip_protocol_4.pt", pickle_protocol=4)
    torch.save(state, GOLDEN / "legacy.pt", _use_new_zipfile_serialization=False)
    old_tar(GOLDEN / "tar.pt", state)
    for name in ("zip", "zip_protocol_4", "legacy", "tar"):
        read = torch.load(GOLDEN / f"{name}.pt", weights_only=False)
        assert all(torch.equal(read[key], tensor) for key, tensor in state.items()), name
    save_file({key: tensor.float().contiguous() for key, tensor in state.items()}, GOLDEN / "containers.safetensors")


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(8, 3))


def checkpoints():
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    parallel = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": parallel, "optimizer": optimizer.state_dict(), "best": 0.5, "arch": "tiny"},
               GOLDEN / "checkpoint.pt")
    torch.save(dict(net.named_parameters()), GOLDEN / "parameters.pt")
    torch.save(torch.arange(3.0), GOLDEN / "tensor.pt")
    torch.jit.save(torch.jit.script(net.eval()), GOLDEN / "script.pt")
    torch.export.save(torch.export.export(net.eval(), (torch.ones(1, 1, 4, 4),)), GOLDEN / "export.pt2")
    torch.save(net, GOLDEN / "module.pt")
    save_file({key: tensor.float().contiguous() for key, tensor in net.state_dict().items()},
              GOLDEN / "network.safetensors")


GOLDEN.mkdir(parents=True, exist_ok=True)
containers()
checkpoints()
