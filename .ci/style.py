"""Check how pluto is written: line length, one statement per line, and the field's vocabulary.

`python .ci/style.py` reads every notebook; `python .ci/style.py nbs/04_attention.ipynb` reads one."""
import ast, json, re, sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
MAX_LINE = 110
MAX_UNPACKED = 4

# Terms that pluto does not use, and what it uses instead.
UNIT = "bits?|nats?|tokens?|steps|stories|bytes|sequences|MB|GB|ms|seconds|minutes"
PER = "byte|token|second|minute|step|story|character|row|position|layer|word|text|batch|model|line|sequence|rung|way|answer|question|epoch"
REPLACED = {
    rf"\b({UNIT}) an? ({PER})\b": "per",
    r"\bon others\b": "held-out stories, the validation set",
    r"\b(comes?|came|coming) along\b": "bundled",
    r"\bdarts?\b": "uniform random numbers",
    r"\b(likeliest|likelier)\b": "most likely, more likely",
    r"\bknobs?\b": "sampling parameters",
    r"\b(tamer|wilder)\b": "less random, more random",
    r"\b(go|goes|going|gone|went|going) on with\b": "continue, resume",
    r"\btaken up again\b": "resumed",
    r"\bat its highest\b": "peak",
    r"\bby heart\b": "memorized",
    r"\bleft[- ]out tokens?\b": "dropped tokens",
    r"\b(spoilt|spoiled) stor(y|ies)\b": "malformed stories",
    r"\bin small\b(?! (steps|batches|groups|parts|letters|print|caps))": "scaled-down",
    r"\bin full size\b": "full-scale",
    r"\bwhoever\b": "anyone who",
    r"\bwho knows\b": "readers who know",
    r"\bstands? (at|in|there)\b": "is shown, is given, appears",
    r"\btimes the original\b": "speedup over the original",
    r"\bbeside the others\b": "comparison, benchmark",
    r"\bkept in\b": "saved to",
    r"\bgoes? wrong by half\b": "partially written",
    r"\bthe first pluto\b": "the original pluto",
    r"\boptimis|\bcolour|\bgrey\b|\bbehaviour|memoris|normalis|initialis|\blabell|\bspelt\b|\blearnt\b|\bsummaris": "American spelling",
    r"\bthe end of text in front\b": "starts with the end-of-text token",
}
REPLACED = {re.compile(pattern, re.I): better for pattern, better in REPLACED.items()}


def cells(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        yield cell["cell_type"], cell["id"], "".join(cell["source"])


def code_problems(source, hidden=False):
    "What is dense in a cell of code, a line each; of a hidden cell only the long lines."
    for line in source.split("\n"):
        if len(line) > MAX_LINE and not line.startswith(("#|", "!")) and "http" not in line:
            yield f"line of {len(line)} characters: {line.strip()[:70]}…"
    if hidden: return
    try: tree = ast.parse(source)
    except SyntaxError: return  # shell lines
    for node in ast.walk(tree):
        for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if not isinstance(body, list): continue
            for first, second in zip(body, body[1:]):
                if first.end_lineno == second.lineno:
                    yield f"two statements on one line: {ast.unparse(second)[:70]}"
        if isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise) and node.body[0].lineno == node.lineno:
            yield f"if and raise on one line: {ast.unparse(node.test)[:70]}"
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) > MAX_UNPACKED:
            yield f"{len(node.elts)} names unpacked at once: {ast.unparse(node)[:70]}"
        comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        if isinstance(node, comprehensions):
            inner = [n for n in ast.walk(node) if n is not node and isinstance(n, comprehensions)]
            if inner: yield f"comprehension in a comprehension: {ast.unparse(node)[:70]}"
        entries = []
        if isinstance(node, ast.Dict): entries = node.values
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict": entries = node.keywords
        if len(entries) > 4 and len({e.lineno for e in entries}) < len(entries):
            yield f"{len(entries)} entries of a dictionary share lines: {ast.unparse(node)[:70]}"


def word_problems(source):
    for pattern, better in REPLACED.items():
        for match in pattern.finditer(source):
            yield f"{match[0]!r}: write {better!r}"


def problems(path):
    for kind, cell_id, source in cells(path):
        found = list(word_problems(source))
        if kind == "code": found += code_problems(source, hidden="#| hide" in source)
        yield from (f"{path.relative_to(root)} {cell_id}: {text}" for text in found)


def main(names):
    paths = [Path(name).resolve() for name in names] or sorted((root/"nbs").rglob("*.ipynb"))
    paths = [path for path in paths if ".ipynb_checkpoints" not in path.parts]
    found = [text for path in paths for text in problems(path)]
    if found: sys.exit("\n".join(found) + f"\n{len(found)} problems")
    print(f"{len(paths)} notebooks: no long lines, no dense statements, no replaced terms")


if __name__ == "__main__": main(sys.argv[1:])
