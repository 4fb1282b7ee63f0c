"""Time the README's two commands from a fresh clone in a fresh virtual environment, with the hub out of reach.

`python .ci/newcomer.py` writes nbs/results/newcomer.json, from which README.md has its times. torch is installed first,
in its CPU build, as the README advises for machines without a GPU."""
import datetime, json, os, platform, subprocess, sys, tempfile, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
torch = sys.argv[1] if len(sys.argv) > 1 else "torch==2.13.0"

def main():
    with tempfile.TemporaryDirectory() as place:
        place, minutes = Path(place), {}
        programs = place/"venv"/("Scripts" if os.name == "nt" else "bin")
        env = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PLUTO_HOME": str(place/"home"), "HF_HUB_OFFLINE": "1"}
        env.pop("PLUTO_REAL_DATA", None)
        def run(name, command):
            start = time.perf_counter()
            subprocess.run(command, shell=True, check=True, cwd=place/"pluto", env=env)
            minutes[name] = round((time.perf_counter() - start) / 60, 3)
        subprocess.run(["git", "clone", "-q", str(root), str(place/"pluto")], check=True)
        subprocess.run([sys.executable, "-m", "venv", str(place/"venv")], check=True)
        run("install torch for the CPU", f"pip install -q {torch}")
        run("`pip install .`", "pip install -q .")
        run("the first sentence of `pluto-generate`", 'pluto-generate "Once upon a time" --stop .')
        run("`pluto-train`", "pluto-train")
        run('`pip install -e ".[dev]"`', 'pip install -q -e ".[dev]"')
        run("`nbdev-test --n-workers 2 --do-print`", "nbdev-test --n-workers 2 --do-print")
    facts = dict(machine=f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}, no GPU", date=str(datetime.date.today()), minutes=minutes)
    (root/"nbs"/"results"/"newcomer.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(facts, indent=1))

if __name__ == "__main__": main()
