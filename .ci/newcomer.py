"""Time the README's two commands from a fresh clone in a fresh virtual environment, with the Hub out of reach.

`python .ci/newcomer.py` writes nbs/results/install-times.json, from which README.md takes its times. torch is installed
first, in its CPU build, as the README advises for machines without a GPU."""
import datetime, json, os, platform, subprocess, sys, tempfile, time
from pathlib import Path

root = Path(__file__).resolve().parent.parent
torch = sys.argv[1] if len(sys.argv) > 1 else "torch==2.13.0"

STEPS = {
    "install torch for the CPU": f"pip install -q {torch}",
    "`pip install .`": "pip install -q .",
    "the first sentence of `pluto-generate`": 'pluto-generate "Once upon a time" --stop .',
    "`pluto-train`": "pluto-train",
    '`pip install -e ".[dev]"`': 'pip install -q -e ".[dev]"',
    "`nbdev-test --n-workers 2 --do-print`": "nbdev-test --n-workers 2 --do-print",
}

def environment(folder):
    programs = folder/"venv"/("Scripts" if os.name == "nt" else "bin")
    env = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PLUTO_HOME": str(folder/"home"),
        "HF_HUB_OFFLINE": "1",
    }
    env.pop("PLUTO_REAL_DATA", None)
    return env

def main():
    steps = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run(["git", "clone", "-q", str(root), str(folder/"pluto")], check=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder/"venv")], check=True)
        for step, command in STEPS.items():
            start = time.perf_counter()
            subprocess.run(command, shell=True, check=True, cwd=folder/"pluto", env=environment(folder))
            steps.append({"step": step, "minutes": round((time.perf_counter() - start) / 60, 3)})
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}, no GPU"
    result = {"machine": machine, "date": str(datetime.date.today()), "steps": steps}
    text = json.dumps(result, indent=1)
    (root/"nbs"/"results"/"install-times.json").write_text(text + "\n", encoding="utf-8")
    print(text)

if __name__ == "__main__":
    main()
