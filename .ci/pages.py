"""Make README.md from nbs/index.ipynb and check every page of the docs, with pandoc alone (Quarto publishes them).

`python .ci/pages.py` rewrites README.md; with `--check` it must already be what the index gives."""
import json, os, posixpath, re, subprocess, sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import pypandoc
from nbdev.serve import proc_nbs

root, site = Path(__file__).resolve().parent.parent, "https://tanaydesai.github.io/pluto/"
resources = re.search(r"^  resources: \[(.*)\]", (root/"nbs"/"_quarto.yml").read_text(), re.M)[1].split(", ")

def pandoc(text, *args):
    done = subprocess.run([pypandoc.get_pandoc_path(), *args], input=text, capture_output=True, text=True, encoding="utf-8")
    if done.returncode: sys.exit(f"pandoc: {done.stderr.strip()}")
    return done.stdout

def lines(cell): return "".join(cell["source"])

def outputs(cell):
    for out in cell.get("outputs", []):
        data = out.get("data", {})
        if "text/markdown" in data: yield "".join(data["text/markdown"])
        elif "text/html" in data: yield "".join(data["text/html"])
        elif "text/plain" in data or "text" in out: yield "```\n" + "".join(out.get("text", data.get("text/plain", ""))).rstrip() + "\n```"

def markdown(page):
    "The page as Markdown: prose, code that is shown, and what it printed."
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    front, parts = lines(cells[0]), []
    title = re.search(r"^title: (.*)$", front, re.M)[1].strip("'\"")
    description = re.search(r"^description: (.*?)^output-file", front, re.M | re.S)
    parts.append(f"# {title}")
    if description: parts.append("> " + " ".join(description[1].split()).strip("'\""))
    for cell in cells[1:]:
        if cell["cell_type"] == "markdown": parts.append(lines(cell))
        elif cell["cell_type"] == "code":
            if not re.search(r"^#\| echo: false", lines(cell), re.M):
                parts.append("```python\n" + re.sub(r"^#\|.*\n", "", lines(cell), flags=re.M) + "\n```")
            parts += outputs(cell)
    return "\n\n".join(p for p in parts if not p.startswith("<!--"))

class Links(HTMLParser):
    "All links, images and anchors of a page, and the images that have no alternative text."
    def __init__(self, html):
        super().__init__(); self.links, self.ids, self.images = [], set(), []
        self.feed(html)
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "id" in attrs: self.ids.add(attrs["id"])
        if tag == "a" and "href" in attrs: self.links.append(attrs["href"])
        if tag == "img": self.images.append(attrs.get("src", ""))

def target_of(link, page):
    "The page that `link` on `page` leads to, as a path below the site's root, and its anchor; None for another site."
    url = urlparse(link.removeprefix(site) if link.startswith(site) else link)
    if url.scheme or url.path.startswith("/"): return None, None
    folder = "" if link.startswith(site) else posixpath.dirname(page)
    path = posixpath.normpath(posixpath.join(folder, unquote(url.path))) if url.path else page
    if link.rstrip("/") == site.rstrip("/"): path = "index.html"
    head, name = posixpath.split(path)
    name = re.sub(r"^(\d+[a-z]?_)?(.*)\.ipynb$", r"\2.html", name)  # nbdev drops the number of a chapter
    return posixpath.join(head, name), unquote(url.fragment)

def problems(pages):
    "What is broken on `pages`, a dict of paths below the site's root and their `Links`, a line each."
    for name, page in pages.items():
        for link in page.links:
            target, anchor = target_of(link, name)
            if target is None: continue
            if target in resources: continue  # built when the site is built
            if target not in pages:
                yield f"{name}: the link {link} leads nowhere"
            elif anchor and anchor.lower() not in {i.lower() for i in pages[target].ids}:
                yield f"{name}: {link} names an anchor that {target} does not have"
        for image in page.images:
            path = root/"nbs"/posixpath.dirname(name)/unquote(image)
            if not urlparse(image).scheme and not path.exists():
                yield f"{name}: image {image} not found"

pandoc_markdown = "markdown+lists_without_preceding_blankline-blank_before_header-blank_before_blockquote-citations"

def read_page(source, wrong):
    "The path of the page made from the notebook `source` below the site's root, and its `Links`."
    relative = source.relative_to(root/"nbs")
    page = root/"_proc"/relative
    if not page.exists():
        wrong.append(f"{relative} was not processed")
        return None, None
    html = pandoc(markdown(page), "-f", pandoc_markdown, "-t", "html", "--mathml", "--fail-if-warnings")
    front = lines(json.loads(page.read_text(encoding="utf-8"))["cells"][0])
    name = re.search(r"^output-file: (.*)$", front, re.M)[1]
    if re.search(r"^\s*<p>:::|:::</p>", html, re.M): wrong.append(f"{relative}: a ::: block is not closed")
    return (relative.parent/name).as_posix(), Links(html)

def in_sidebar(sources, wrong):
    "Every page is in the sidebar, and nothing else is."
    listed = set(re.findall(r"^ *- ([\w/]+\.ipynb)$", (root/"nbs"/"sidebar.yml").read_text(encoding="utf-8"), re.M))
    there = {source.relative_to(root/"nbs").as_posix() for source in sources}
    wrong += [f"nbs/sidebar.yml lacks {name}" for name in sorted(there - listed)]
    wrong += [f"nbs/sidebar.yml lists {name}, which does not exist" for name in sorted(listed - there)]

def main(check):
    os.chdir(root)
    proc_nbs(root/"nbs", force=True)  # what nbdev-proc-nbs does, without installing Quarto
    sources = sorted(p for p in (root/"nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    wrong = []
    in_sidebar(sources, wrong)
    pages = dict(read_page(source, wrong) for source in sources)
    pages.pop(None, None)
    wrong += problems(pages)
    text = re.sub(r"\]\(([\w/]+)\.(ipynb|png|svg)", r"](nbs/\1.\2", markdown(root/"_proc"/"index.ipynb"))
    readme = pandoc(text, "-f", "gfm", "-t", "gfm", "--wrap=preserve")
    path = root/"README.md"
    if not check: path.write_text(readme, encoding="utf-8")
    elif path.read_text(encoding="utf-8") != readme:
        wrong.append("README.md is not what nbs/index.ipynb gives; run python .ci/pages.py")
    if wrong: sys.exit("\n".join(wrong))
    print(f"{len(pages)} pages, {sum(len(p.links) for p in pages.values())} links: all fine")

if __name__ == "__main__": main("--check" in sys.argv)
