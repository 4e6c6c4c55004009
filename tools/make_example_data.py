"""The packaged example data: draws about 5,000 Debian packages from the full catalogue.

    python tools/make_example_data.py /path/to/packages.parquet [--rows 5000] [--seed 20]

Facts and figures only (names, versions, sizes, tags, dependencies) and the embedding: the column that holds
the catalogue's prose is never read. The same input and seed give the same file, byte for byte.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TARGET = Path(__file__).parent.parent / "examples" / "data" / "debian_packages.parquet"
MAX_BYTES = 4_000_000  # what the repository is willing to carry

# Names readers know: the tour and the examples search near them.
HOUSEHOLD_NAMES = (
    "apache2", "bash", "blender", "curl", "emacs", "ffmpeg", "firefox-esr", "gcc", "gimp", "git", "grep",
    "inkscape", "mariadb-server", "nginx", "nginx-core", "nodejs", "openssh-server", "postgresql",
    "postgresql-15", "python3", "python3-numpy", "python3-requests", "redis-server", "ruby", "rustc",
    "sqlite3", "thunderbird", "tmux", "vim", "vlc", "wget", "wireshark", "zsh",
)  # fmt: skip
RARE_PRIORITIES = ("required", "important", "standard")  # 76 of 41,582 packages: keep them all

SOURCE_COLUMNS = [
    "id", "package", "version", "section", "priority", "architecture", "installed_kb", "size_bytes",
    "homepage", "tags", "depends", "kind", "embedding_scale", "embedding_int8",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    catalogue = one_row_per_package(pq.read_table(arguments.source, columns=SOURCE_COLUMNS))
    chosen = choose(catalogue, arguments.rows, np.random.default_rng(arguments.seed))
    write(catalogue.take(pa.array(chosen)), arguments.target)
    size = arguments.target.stat().st_size
    print(f"{arguments.target}: {len(chosen)} rows, {size:,} bytes")
    if size > MAX_BYTES:
        raise SystemExit(f"larger than {MAX_BYTES:,} bytes: take fewer rows")


def one_row_per_package(catalogue: pa.Table) -> pa.Table:
    """Each package once, sorted by name; its synopsis' embedding where there is one."""
    rank = pc.if_else(pc.equal(catalogue["kind"], pa.scalar("synopsis")), 0, 1)
    ordered = catalogue.append_column("rank", rank).sort_by(
        [("package", "ascending"), ("rank", "ascending"), ("id", "ascending")]
    )
    names = ordered["package"].to_numpy(zero_copy_only=False)
    is_first = np.concatenate([[True], names[1:] != names[:-1]])
    return ordered.filter(pa.array(is_first))


def choose(catalogue: pa.Table, rows: int, random: np.random.Generator) -> list[int]:
    """Positions: the known names, the rare priorities, then a fair share of each section."""
    names = catalogue["package"].to_pylist()
    priorities = catalogue["priority"].to_pylist()
    sections = np.array(catalogue["section"].to_pylist())
    wanted = set(HOUSEHOLD_NAMES)
    must = {
        position
        for position, (name, priority) in enumerate(zip(names, priorities, strict=True))
        if name in wanted or priority in RARE_PRIORITIES
    }
    chosen = set(must)
    for section, share in shares(sections, rows - len(must)).items():
        candidates = [int(i) for i in np.flatnonzero(sections == section) if int(i) not in must]
        taken = random.choice(len(candidates), size=min(share, len(candidates)), replace=False)
        chosen.update(candidates[i] for i in taken)
    return sorted(chosen)


def shares(sections: np.ndarray, rows: int) -> dict[str, int]:
    """How many rows of each section: by the square root of its size, so that small ones are seen."""
    names, counts = np.unique(sections, return_counts=True)
    weights = np.sqrt(counts)
    return {
        str(name): round(share) for name, share in zip(names, rows * weights / weights.sum(), strict=True)
    }


def write(chosen: pa.Table, target: Path) -> None:
    columns = {
        "name": chosen["package"],
        "version": chosen["version"],
        "section": chosen["section"].dictionary_encode(),
        "priority": chosen["priority"].dictionary_encode(),
        "architecture": chosen["architecture"].dictionary_encode(),
        "installed_kb": chosen["installed_kb"].cast(pa.int32()),
        "size_bytes": chosen["size_bytes"],
        "homepage": chosen["homepage"],
        "tags": chosen["tags"],
        "depends": chosen["depends"],
        "embedding_scale": chosen["embedding_scale"],
        "embedding_int8": chosen["embedding_int8"],
    }
    table = pa.table(columns).replace_schema_metadata(None)
    pq.write_table(table, target, compression="zstd", compression_level=19)


if __name__ == "__main__":
    main()
