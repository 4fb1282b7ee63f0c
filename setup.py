"Hands the facts of settings.ini and README.md to setuptools; a missing key stops the build."
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup

config = ConfigParser(delimiters=["="])
with open("settings.ini", encoding="utf-8") as f: config.read_file(f)
ini = config["DEFAULT"]
lines = lambda key: ini[key].split("\n")[1:]
readme = Path("README.md").read_text(encoding="utf-8").replace("](nbs/", "](https://github.com/tanaydesai/pluto/blob/main/nbs/").replace(".png)", ".png?raw=true)")  # PyPI has no nbs/

setup(long_description=readme, long_description_content_type="text/markdown",
      author=ini["author"], author_email=ini["author_email"], license=ini["license"], keywords=ini["keywords"].split(),
      classifiers=[ini["status"], ini["audience"], "Programming Language :: Python :: 3"],
      install_requires=lines("requirements"), extras_require={name: lines(f"{name}_requirements") for name in ("dev", "onnx", "gguf", "judge")},
      entry_points={"console_scripts": lines("console_scripts"), "nbdev": ["pluto=pluto._modidx:d"]})
