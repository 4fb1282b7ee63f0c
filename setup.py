"Hands the facts of settings.ini to setuptools; a missing key stops the build."
from configparser import ConfigParser
from setuptools import setup

config = ConfigParser(delimiters=["="])
with open("settings.ini", encoding="utf-8") as f: config.read_file(f)
ini = config["DEFAULT"]
lines = lambda key: ini[key].split("\n")[1:]

setup(author=ini["author"], author_email=ini["author_email"], license=ini["license"], keywords=ini["keywords"].split(),
      classifiers=[ini["status"], ini["audience"], "Programming Language :: Python :: 3"],
      install_requires=lines("requirements"), extras_require={name: lines(f"{name}_requirements") for name in ("dev", "onnx", "gguf", "judge")},
      entry_points={"console_scripts": lines("console_scripts"), "nbdev": ["pluto=pluto._modidx:d"]})
