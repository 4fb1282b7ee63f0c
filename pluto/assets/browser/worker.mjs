// The model runs in a worker, so that the page stays responsive while it computes.
import { GPT2, readSafetensors } from "./model.mjs";
import { Tokenizer } from "./tokenizer.mjs";
import { Story } from "./story.mjs";

let config, tokenizer, stories;

async function unpack(base64) {   // base64 of a gzip file -> bytes
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// What the page shows of the tokens from `start` on: text, id, surprise in bits
function describe(story, start = 1) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const described = story.tokens.slice(1).map((id, i) => ({
    id,
    text: decoder.decode(tokenizer.bytesOf(id), { stream: true }),   // empty inside a character
    surprise: story.surprises[i + 1],
    isPrompt: i + 1 < story.promptLength,
    isEnd: id === config.eos_token_id,
  }));
  return described.slice(start - 1);
}

const breath = () => new Promise((resolve) => {   // let messages in
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { channel.port1.close(); resolve(); };
  channel.port2.postMessage(0);
});

const handlers = {
  async load({ files }) {
    const bytes = {};
    for (const name of Object.keys(files)) bytes[name] = await unpack(files[name]);
    const parse = (name) => JSON.parse(new TextDecoder().decode(bytes[name]));
    config = parse("config.json");
    tokenizer = new Tokenizer(parse("tokenizer.json"));
    const model = new GPT2(config, readSafetensors(bytes["model.safetensors"]));
    stories = [new Story(model), new Story(model)];   // two, to compare temperatures
    return { config };
  },

  read({ which = 0, text, seed = 0 }) {
    const story = stories[which];
    story.run = {};
    story.begin(tokenizer.encode(text), seed);
    return { tokens: describe(story) };
  },

  // Generate, and send the new tokens about 60 times a second.
  async generate({ which = 0, maxTokens, params }, send) {
    const story = stories[which], start = performance.now();
    const run = story.run = { isStopped: false };   // if another begins, this one ends
    let sent = story.tokens.length, lastSent = start, numTokens = 0, isEnd = false;
    while (numTokens < maxTokens && !isEnd && story.run === run && !run.isStopped) {
      isEnd = story.next(params) === config.eos_token_id;
      numTokens++;
      if (performance.now() - lastSent > 15) {
        send({ tokens: describe(story, sent) });
        sent = story.tokens.length;
        lastSent = performance.now();
        await breath();
      }
    }
    const seconds = (performance.now() - start) / 1000;
    if (story.run !== run) return { isReplaced: true };
    return { tokens: describe(story, sent), numTokens, seconds, isEnd };
  },

  stop() {
    for (const story of stories) story.run.isStopped = true;
  },

  // A question about tokens that were replaced in the meantime has an empty answer.
  candidates({ which = 0, position }) {
    if (position > stories[which].tokens.length) return [];
    return stories[which].candidates(position).map(({ id, probability }) => ({
      id, probability, text: tokenizer.decode([id]), isEnd: id === config.eos_token_id,
    }));
  },

  fork({ which = 0, position, id }) {
    const story = stories[which];
    story.run = {};
    if (position <= story.tokens.length) story.fork(position, id);
    return { tokens: describe(story) };
  },

  attention({ which = 0, position, layer, head }) {
    if (position >= stories[which].tokens.length) return { first: 0, weights: [] };
    return stories[which].attention(position, layer, head);
  },
};

// Each request has a number; its answers carry the same number.
self.onmessage = async ({ data: { number, name, options } }) => {
  const send = (part) => self.postMessage({ number, part });
  try {
    self.postMessage({ number, result: await handlers[name](options, send) });
  } catch (error) {
    self.postMessage({ number, error: error.message });
  }
};
