"""Builds an older commit of this program beside it, for bench/compare --against."""
import subprocess, sys


def build(root, commit):
    """The program of a commit, in a worktree below build/against that stays for the next time."""
    def git(*words):
        done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True)
        if done.returncode != 0: sys.exit(f"git {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout.strip()

    name = git("rev-parse", "--short", "--verify", f"{commit}^{{commit}}")
    tree = root / "build/against" / name
    if not tree.exists():
        git("worktree", "prune")
        git("worktree", "add", "--detach", tree, name)
    program = tree / "build/release/alexnet"
    if not program.exists():
        print(f"building {name} in {tree}", file=sys.stderr)
        for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", "alexnet_program"]):
            if subprocess.run(command, cwd=tree, stdout=subprocess.DEVNULL).returncode != 0: sys.exit(f"{name}: {' '.join(command)} failed")
    return name, program


def rows(row, o, ours, name, older, trains_in, last_json, sum_of_two, seconds_of):
    """Rows whose values are speeds, per second: a ratio below 1 is slower than the older commit."""
    def pair(work, unit, measure): return row(work, name, unit, lambda: measure(ours), lambda: measure(older))

    def command(program, *words): return [program, "bench", *words, "--seconds", o.seconds, "--json"]

    def bench(work, *words): return pair(work, "img/s", lambda program: last_json(command(program, *words))["images_per_s"])

    for precision in trains_in:
        training = ("train", "--batch", 128, "--precision", precision)
        yield bench(f"training, {precision}, batch 128", *training)
        yield pair(f"two trainings at once, {precision}, sum", "img/s", lambda program, words=training: sum_of_two(command(program, *words)))
    yield bench("training, f32, 64x64x1, batch 128", "train", "--batch", 128, "--size", 64, "--channels", 1, "--classes", 10)
    for batch in (64, 1):
        for precision in ("f32", "bf16", "int8"):
            yield bench(f"inference, {precision}, batch {batch}", "infer", "--batch", batch, "--precision", precision)
    if o.images:
        for key, work in (("images_per_s", "reading JPEG files"), ("cached_images_per_s", "reading, from the second epoch on")):
            yield pair(work, "img/s", lambda program, key=key: last_json([program, "bench", "data", o.images, "--images", 3000, "--json"])[key])
    if o.images and o.model:
        yield pair("start to first answer", "/s", lambda program: 1 / seconds_of([program, "classify", o.model, o.image]))
    yield pair("`alexnet --help`", "/s", lambda program: 1 / seconds_of([program, "--help"]))
