// The page: what it asks the worker, and what it shows. Text is only ever inserted as text.

const byId = (id) => document.getElementById(id);
const engine = new Blob([byId("engine").textContent], { type: "text/javascript" });
const worker = new Worker(URL.createObjectURL(engine));
const pending = new Map();   // number of a request -> what to do with its answer

function ask(name, options = {}, onPart = () => {}) {
  const number = (ask.number = (ask.number ?? 0) + 1);
  worker.postMessage({ number, name, options });
  return new Promise((resolve, reject) => pending.set(number, { resolve, reject, onPart }));
}

worker.onmessage = ({ data: { number, part, result, error } }) => {
  const { resolve, reject, onPart } = pending.get(number);
  if (part) return onPart(part);
  pending.delete(number);
  if (error) reject(new Error(error));
  else resolve(result);
};

// Each story: the tokens that are shown, and the one that is chosen
const stories = [0, 1].map((which) => ({ which, tokens: [], chosen: null, box: byId(`story${which}`) }));

function tokenElement(story, index) {
  const token = story.tokens[index], element = document.createElement("span");
  element.className = token.isPrompt ? "token prompt" : "token";
  element.id = `token${story.which}-${index}`;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.dataset.index = index;
  element.textContent = token.isEnd ? " (end)" : token.text;
  element.title = `${token.surprise.toFixed(1)} bits`;
  element.style.setProperty("--strength", `${Math.round(Math.min(80, 7 * token.surprise))}%`);
  return element;
}

function addTokens(story, tokens) {
  for (const token of tokens) {
    story.tokens.push(token);
    story.box.append(tokenElement(story, story.tokens.length - 1));
  }
}

function replaceTokens(story, tokens) {
  story.tokens = [];
  story.chosen = null;
  story.box.replaceChildren();
  addTokens(story, tokens);
}

function showFacts(story, { numTokens, seconds, isEnd } = {}) {
  const bits = story.tokens.reduce((sum, token) => sum + token.surprise, 0);
  const facts = [`${story.tokens.length} tokens`];
  if (story.tokens.length) facts.push(`${(bits / story.tokens.length).toFixed(1)} bits per token`);
  if (numTokens > 1) facts.push(`${Math.round(numTokens / seconds)} tokens/s`);
  if (isEnd) facts.push("the story has ended");
  byId(`facts${story.which}`).textContent = facts.join(" · ");
}

// ---- reading and generating

function params(temperatureId = "temperature") {
  return {
    temperature: Number(byId(temperatureId).value),
    topK: byId("topK").value ? Number(byId("topK").value) : null,
    topP: Number(byId("topP").value),
  };
}

let numRuns = 0;   // runs in progress
function setBusy(change) {
  numRuns += change;
  byId("stop").disabled = numRuns === 0;
  byId("status").textContent = numRuns ? "Generating …" : "";
}

async function read(story) {
  const options = { which: story.which, text: byId("prompt").value, seed: Number(byId("seed").value) };
  replaceTokens(story, (await ask("read", options)).tokens);
  showFacts(story);
}

async function continueStory(story, maxTokens) {
  const temperatureId = story.which ? "temperature2" : "temperature";
  const options = { which: story.which, maxTokens, params: params(temperatureId) };
  setBusy(+1);
  const result = await ask("generate", options, (part) => addTokens(story, part.tokens));
  setBusy(-1);
  if (result.isReplaced) return;   // another run shows the story now
  addTokens(story, result.tokens);
  showFacts(story, result);
  if (story.which === 0) await showCandidates(story, story.tokens.length - (result.isEnd ? 1 : 0));
}

async function generate(story) {
  await read(story);
  await continueStory(story, Number(byId("maxTokens").value));
}

// ---- candidates: what was likely at a token; a choice continues the story from there

const visible = (token) => (token.isEnd ? "(end)" : token.text.replaceAll("\n", "↵"));
const showPercent = (share) => (share < 0.0005 ? "<0.1%" : `${(100 * share).toFixed(1)}%`);

async function showCandidates(story, index) {
  const candidates = await ask("candidates", { which: story.which, position: index + 1 });
  const token = story.tokens[index];
  byId("candidatesTitle").textContent = token ? `Instead of “${visible(token).trim()}”` : "The next token";
  byId("candidates").replaceChildren(...candidates.map((candidate) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const text = document.createElement("code"), bar = document.createElement("span"), percent = document.createElement("span");
    text.textContent = visible(candidate);
    bar.className = "bar";
    bar.style.width = `${100 * candidate.probability}%`;
    percent.className = "percent";
    percent.textContent = showPercent(candidate.probability);
    button.type = "button";
    button.append(text, bar, percent);
    button.addEventListener("click", () => fork(story, index, candidate.id));
    item.append(button);
    return item;
  }));
}

async function fork(story, index, id) {
  const { tokens } = await ask("fork", { which: story.which, position: index + 1, id });
  replaceTokens(story, tokens);
  if (tokens.at(-1).isEnd) return showFacts(story, { isEnd: true });
  await continueStory(story, Number(byId("maxTokens").value));
}

// ---- choosing a token, attention

async function choose(story, index) {
  if (index < 0 || index >= story.tokens.length) return;
  for (const other of stories) {
    other.box.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    other.chosen = null;
  }
  story.chosen = index;
  const element = story.box.children[index];
  element.setAttribute("aria-selected", "true");
  story.box.setAttribute("aria-activedescendant", element.id);
  await Promise.all([showCandidates(story, index), showAttention(story, index)]);
}

async function showAttention(story, index) {
  const layer = byId("layer").selectedIndex, head = byId("head").selectedIndex;
  const { first, weights } = await ask("attention", { which: story.which, position: index + 1, layer, head });
  for (const element of document.querySelectorAll(".attended")) element.classList.remove("attended");
  const shares = [];
  weights.forEach((weight, i) => {
    const element = story.box.children[first + i - 1];   // none for the end of text before the story
    if (!element) return;
    shares.push({ weight, text: element.textContent });
    if (weight < 0.02) return;
    element.classList.add("attended");
    element.style.setProperty("--attention", `${Math.round(100 * Math.min(1, 2 * weight))}%`);
  });
  shares.sort((a, b) => b.weight - a.weight);
  const most = shares.slice(0, 3).map(({ weight, text }) => `“${text.trim()}” ${Math.round(100 * weight)}%`);
  const token = story.tokens[index].text.trim();
  byId("attentionText").textContent = `At “${token}”, this head attends most to ${most.join(", ")}.`;
}

for (const story of stories) {
  const indexOf = (event) => event.target.closest(".token")?.dataset.index;
  story.box.addEventListener("click", (event) => {
    if (indexOf(event) !== undefined) choose(story, Number(indexOf(event)));
  });
  story.box.addEventListener("mouseover", (event) => {
    if (indexOf(event) !== undefined && numRuns === 0) showAttention(story, Number(indexOf(event)));
  });
  story.box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = (story.chosen ?? -1) + step;
    choose(story, Math.max(0, Math.min(story.tokens.length - 1, index)));
  });
}

// ---- controls

for (const output of document.querySelectorAll("output")) {
  const input = byId(output.htmlFor);
  const show = () => { output.textContent = input.value; };
  input.addEventListener("input", show);
  show();
}

const shown = () => (byId("compare").checked ? stories : stories.slice(0, 1));

byId("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  shown().forEach(generate);
});
byId("one").addEventListener("click", () => shown().forEach((story) => continueStory(story, 1)));
byId("stop").addEventListener("click", () => ask("stop"));
byId("edit").addEventListener("click", () => {
  byId("prompt").value = stories[0].tokens.map((token) => (token.isEnd ? "" : token.text)).join("");
  byId("prompt").focus();
  readPrompt();
});
byId("compare").addEventListener("change", () => {
  const isOn = byId("compare").checked;
  byId("temperature2").disabled = !isOn;
  stories[1].box.parentElement.hidden = !isOn;
  readPrompt();
});
for (const id of ["layer", "head"]) {
  byId(id).addEventListener("change", () => {
    for (const story of stories) if (story.chosen !== null) showAttention(story, story.chosen);
  });
}

async function readPrompt() {
  for (const story of shown()) await read(story);
  await showCandidates(stories[0], stories[0].tokens.length);
}

let typing;
byId("prompt").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(readPrompt, 150);
});
byId("seed").addEventListener("change", readPrompt);

// ---- start

async function start() {
  const files = {};
  for (const element of document.querySelectorAll("script[data-file]")) {
    files[element.dataset.file] = element.textContent;
    element.remove();
  }
  const { config } = await ask("load", { files });
  for (const [id, count] of [["layer", config.n_layer], ["head", config.n_head]]) {
    for (let i = 0; i < count; i++) byId(id).append(new Option(String(i)));
  }
  byId("status").textContent = "";
  await readPrompt();
}

start().catch((error) => { byId("status").textContent = `The model can't be loaded: ${error.message}`; });
