import { KVCache, attentionWeights } from "./model.mjs";
import { RandomNumbers, argmax, filterLogits, sample, softmax } from "./sampling.mjs";

// The first position that the model looks at: when its context is full, it drops the first half.
export function windowStart(numTokens, contextLength) {
  if (numTokens <= contextLength) return 0;
  const stride = contextLength + 1 - Math.max(1, contextLength >> 1);
  return stride * (1 + Math.floor((numTokens - contextLength - 1) / stride));
}

export class Story {
  constructor(model) {
    this.model = model;
    this.cache = new KVCache(model.config);
    this.first = 0;   // the first token in the cache
    this.buffer = new Float64Array(model.config.k + 1);
    this.run = {};    // the run that adds tokens to it
    this.begin([]);
  }

  begin(ids, seed = 0) {
    this.tokens = [this.model.config.eos_token_id];   // a story follows an end of text
    this.surprises = [0];    // of each token, in bits
    this.promptLength = 0;
    for (const id of ids) this.append(id, this.nextLogits());
    this.promptLength = this.tokens.length;
    this.random = new RandomNumbers(seed);
    this.uniforms = [];      // one random number per new token
  }

  append(id, logits) {
    const probabilities = softmax(this.buffer, logits);
    this.surprises.push(-Math.log2(probabilities[id]));
    this.tokens.push(id);
  }

  // Compute the logits after the first `length` tokens. What the cache already holds is used.
  logitsAt(length) {
    if (length > this.tokens.length) throw new RangeError(`the story has ${this.tokens.length} tokens`);
    const first = windowStart(length, this.model.contextLength);
    if (first !== this.first) this.cache.length = 0;
    this.first = first;
    this.cache.length = Math.min(this.cache.length, length - first - 1);
    for (let i = first + this.cache.length; i < length; i++) {
      this.model.step(this.tokens[i], this.cache, i === length - 1);
    }
    return this.model.logits.subarray(0, this.model.config.k + 1);
  }

  nextLogits() {
    return this.logitsAt(this.tokens.length);
  }

  // Choose a token and append it: greedy at temperature 0.
  next(params) {
    const logits = this.nextLogits(), index = this.tokens.length - this.promptLength;
    while (this.uniforms.length <= index) this.uniforms.push(this.random.next());
    let id = argmax(logits);
    if (params.temperature !== 0) {
      const filtered = this.buffer;
      filtered.set(logits);
      filterLogits(filtered, params);
      id = sample(softmax(filtered, filtered), this.uniforms[index]);
    }
    this.append(id, logits);
    return id;
  }

  // Replace the token at `position` by `id` and forget what follows.
  fork(position, id) {
    const logits = this.logitsAt(position);
    this.tokens.length = this.surprises.length = position;
    this.promptLength = Math.min(this.promptLength, position + 1);
    this.append(id, logits);
  }

  // The most likely tokens at `position`, with their probabilities
  candidates(position, num = 10) {
    const probabilities = softmax(this.buffer, this.logitsAt(position));
    const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
    return order.slice(0, num).map((id) => ({ id, probability: probabilities[id] }));
  }

  // How much one head, at `position`, looks at each token before it and at itself
  attention(position, layer, head) {
    const { d_model: C, n_head: H } = this.model.config;
    const first = windowStart(position + 1, this.model.contextLength);
    if (first !== this.first || this.cache.length <= position - first) this.logitsAt(position + 1);
    const weights = this.model.weights;
    attentionWeights(weights, this.cache.queries[layer], this.cache.keys[layer],
      position - first, head, C, C / H);
    return { first, weights: Array.from(weights.subarray(0, position - first + 1)) };
  }
}
