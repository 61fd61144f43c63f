# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, by gnuplot."""
import subprocess

HEAD = """set terminal svg size 640,400 font 'sans-serif,12' background '#ffffff'
set key top left
set grid
"""


def draw(out, title, across, up, series, extra=""):
    """series: label -> [(x, y)...]"""
    blocks, lines = [], []
    for at, (label, points) in enumerate(series.items()):
        blocks.append(f"$s{at} << EOD\n" + "".join(f"{x} {y}\n" for x, y in points) + "EOD\n")
        lines.append(f"$s{at} with linespoints pointtype {at + 4} title '{label}'")
    script = HEAD + "".join(blocks) + f"set title '{title}'\nset xlabel '{across}'\nset ylabel '{up}'\nset xtics 1\n{extra}set output '{out}'\n"
    subprocess.run(["gnuplot"], input=script + "plot " + ", ".join(lines) + "\n", text=True, check=True)


def bars(out, title, up, rows):
    """rows: label -> value"""
    block = "$d << EOD\n" + "".join(f'"{label}" {value}\n' for label, value in rows.items()) + "EOD\n"
    script = (HEAD + block + f"set title '{title}'\nset ylabel '{up}'\nunset key\nset style fill solid 0.6\nset boxwidth 0.6\nset logscale y\n"
              f"set xtics rotate by -20\nset output '{out}'\nplot $d using 0:2:xtic(1) with boxes lc rgb '#4477aa'\n")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def plots(results, out):
    bars(out / "life.svg", "claim and give up", "us, median", {lock: row["life"] for lock, row in results["locks"].items()})
    whole = [row for row in results["growth"]["processes"] if row["verdict"] == "holds"]
    kills = sorted({row["kills"] for row in whole})
    for name, key, up in [("processes_states", "states", "states"), ("processes_seconds", "seconds", "s"), ("processes_memory", "mib", "MiB")]:
        draw(out / f"{name}.svg", "growth over processes", "processes", up,
             {f"{k} kills": [(row["processes"], max(row[key], 1e-3)) for row in whole if row["kills"] == k] for k in kills}, "set logscale y\n")
    whole = [row for row in results["growth"]["calls"] if row["verdict"] == "holds"]
    draw(out / "calls.svg", "growth over calls: 3 processes, 1 kill", "calls", "states", {"states": [(row["calls"], row["states"]) for row in whole]},
         "set logscale y\nset xtics 4\n")
