"""Execute every cell of the course and the walkthroughs, as *Run all* does in Colab.

It runs in an environment that has pluto, its requirements and what Colab has, without the dev extras,
and in a folder that has only the stored results. `python .ci/colab.py 04_attention walkthrough/tell_stories` runs two pages."""
import os, sys, tempfile, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

root = Path(__file__).resolve().parent.parent
NUM_WORKERS = 2
TIMEOUT = 300  # seconds per cell


def run(path):
    "Execute the page `path`; return whether no cell failed."
    name = path.relative_to(root/"nbs").with_suffix("")
    notebook = nbformat.read(path, as_version=4)
    start = time.time()
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        (Path(folder)/"results").symlink_to(root/"nbs"/"results")  # Colab downloads these from GitHub
        client = NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources=resources)
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError) as error:
            print(f"FAILED in Colab's environment: {name}\n{str(error)[-3000:]}", flush=True)
            return False
    print(f"ok in Colab's environment: {name} ({time.time() - start:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    if sys.argv[1:]:
        paths = [root/"nbs"/f"{name}.ipynb" for name in sys.argv[1:]]
    else:
        paths = sorted((root/"nbs").glob("0*.ipynb")) + sorted((root/"nbs"/"walkthrough").glob("*.ipynb"))
    os.environ.update(PLUTO_HOME=tempfile.mkdtemp(), IN_TEST="1")  # as nbdev-test: 00_start trains briefly
    with ProcessPoolExecutor(NUM_WORKERS) as pool:
        results = list(pool.map(run, paths))
    print(f"{sum(results)} of {len(results)} pages pass Run all")
    sys.exit(not all(results))
