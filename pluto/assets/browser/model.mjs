// 16-bit floats to 32 bits: & selects some of the bits, >> moves them to the right
export function halfToFloat(half) {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// A safetensors file: the length of a JSON header, the header, the numbers.
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));   // true: lowest byte first
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  // all 65,536 numbers of 16 bits, converted
  const floats = Float32Array.from({ length: 1 << 16 }, (_, half) => halfToFloat(half));
  const tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets.map((offset) => 8 + headerLength + offset);
    const tensor = new Float32Array((end - start) / 2);
    for (let i = 0; i < tensor.length; i++) tensor[i] = floats[view.getUint16(start + 2 * i, true)];
    tensors[name] = tensor;
  }
  return tensors;
}

// weight (n, m) with four rows side by side: the inner loop reads one number after the other
export function packRows(weight, n, m) {
  const packed = new Float32Array(Math.ceil(n / 4) * 4 * m);
  for (let i = 0; i < n; i++) {
    const first = (i - i % 4) * m + i % 4;
    for (let j = 0; j < m; j++) packed[first + 4 * j] = weight[i * m + j];
  }
  return packed;
}

// y = W x + b
export function linear(y, x, layer) {
  const { weight, bias, numOutputs, numInputs } = layer;
  let p = 0;
  for (let i = 0; i < numOutputs; i += 4) {
    let y0 = bias[i], y1 = bias[i + 1], y2 = bias[i + 2], y3 = bias[i + 3];
    for (let j = 0; j < numInputs; j++) {
      const xj = x[j];
      y0 += weight[p] * xj;
      y1 += weight[p + 1] * xj;
      y2 += weight[p + 2] * xj;
      y3 += weight[p + 3] * xj;
      p += 4;
    }
    y[i] = y0; y[i + 1] = y1; y[i + 2] = y2; y[i + 3] = y3;
  }
}

export function layerNorm(y, x, { weight, bias }) {
  const C = weight.length;
  let mean = 0, variance = 0;
  for (let i = 0; i < C; i++) mean += x[i] / C;
  for (let i = 0; i < C; i++) variance += (x[i] - mean) ** 2 / C;
  const scale = 1 / Math.sqrt(variance + 1e-5);
  for (let i = 0; i < C; i++) y[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}

export function gelu(x, approximate) {
  for (let i = 0; i < x.length; i++) x[i] *= approximate === "tanh" ? sigmoidOfTanh(x[i]) : normalCdf(x[i]);
}

// (1 + tanh z) / 2 for z = √(2 / π) (v + 0.044715 v³)
function sigmoidOfTanh(v) {
  return 1 - 1 / (1 + Math.exp(1.5957691216057308 * (v + 0.044715 * v * v * v)));
}

// How much of a normal distribution lies below v: exact to seven digits (Abramowitz and Stegun, 7.1.26)
function normalCdf(v) {
  const x = Math.abs(v) / Math.SQRT2, t = 1 / (1 + 0.3275911 * x);
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0];
  const series = coefficients.reduce((sum, coefficient) => sum * t + coefficient);
  const tail = series * Math.exp(-x * x) / 2;
  return v < 0 ? tail : 1 - tail;
}

export class KVCache {
  constructor(config) {
    const size = (config.block_size + 3) * config.d_model;
    const perLayer = () => Array.from({ length: config.n_layer }, () => new Float32Array(size));
    this.queries = perLayer();   // only to look at attention later
    this.keys = perLayer();
    this.values = perLayer();
    this.length = 0;
  }
}

// weights[t] = softmax over t of q k_t / sqrt(D), for one head at one position, four t at a time
export function attentionWeights(weights, queries, keys, position, head, C, D) {
  const q = position * C + head * D, scale = 1 / Math.sqrt(D);
  let largest = -Infinity;
  for (let t = 0; t <= position; t += 4) {
    const k = t * C + head * D;
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (let d = 0; d < D; d++) {
      const qd = queries[q + d] * scale;
      s0 += qd * keys[k + d];
      s1 += qd * keys[k + C + d];
      s2 += qd * keys[k + 2 * C + d];
      s3 += qd * keys[k + 3 * C + d];
    }
    weights[t] = s0; weights[t + 1] = s1; weights[t + 2] = s2; weights[t + 3] = s3;
  }
  for (let t = 0; t <= position; t++) if (weights[t] > largest) largest = weights[t];
  let sum = 0;
  for (let t = 0; t <= position; t++) sum += weights[t] = Math.exp(weights[t] - largest);
  for (let t = 0; t <= position; t++) weights[t] /= sum;
  weights.fill(0, position + 1, position + 4);
}

// context[head] = sum over t of weights[t] v_t, four t at a time
export function weightedSum(context, weights, values, position, head, C, D) {
  const c = head * D;
  for (let d = 0; d < D; d++) context[c + d] = 0;
  for (let t = 0; t <= position; t += 4) {
    const v = t * C + c;
    const w0 = weights[t], w1 = weights[t + 1], w2 = weights[t + 2], w3 = weights[t + 3];
    for (let d = 0; d < D; d++) {
      context[c + d] += w0 * values[v + d] + w1 * values[v + C + d] +
        w2 * values[v + 2 * C + d] + w3 * values[v + 3 * C + d];
    }
  }
}

export class GPT2 {
  constructor(config, tensors) {  // a Preset's fields; name -> Float32Array
    this.config = config;
    this.contextLength = Math.min(config.block_size, config.n_positions);
    const C = config.d_model, V = config.k + 1;
    const norm = (name) => ({ weight: tensors[`${name}.weight`], bias: tensors[`${name}.bias`] });
    const linearLayer = (name, numOutputs, numInputs) => ({
      weight: packRows(tensors[`${name}.weight`], numOutputs, numInputs),
      bias: tensors[`${name}.bias`] ?? new Float32Array(numOutputs),
      numOutputs, numInputs,
    });
    this.wte = tensors["wte.weight"];
    this.wpe = tensors["wpe.weight"];
    this.blocks = Array.from({ length: config.n_layer }, (_, i) => ({
      ln1: norm(`h.${i}.ln_1`),
      attn: linearLayer(`h.${i}.attn.c_attn`, 3 * C, C),
      attnProj: linearLayer(`h.${i}.attn.c_proj`, C, C),
      ln2: norm(`h.${i}.ln_2`),
      mlp: linearLayer(`h.${i}.mlp.c_fc`, 4 * C, C),
      mlpProj: linearLayer(`h.${i}.mlp.c_proj`, C, 4 * C),
    }));
    this.lnF = norm("ln_f");
    if (!("lm_head.weight" in tensors)) tensors["lm_head.weight"] = this.wte;
    this.lmHead = linearLayer("lm_head", V, C);
    this.x = new Float64Array(C);          // buffers, so that a token allocates nothing
    this.y = new Float64Array(C);
    this.qkv = new Float64Array(3 * C);
    this.hidden = new Float64Array(4 * C);
    this.weights = new Float64Array(config.block_size + 3);
    this.logits = new Float64Array(Math.ceil(V / 4) * 4);
  }

  // Add one token to the cache. Its logits are in `this.logits`.
  step(id, cache, needsLogits = true) {
    const { x, y, hidden } = this, C = this.config.d_model, position = cache.length;
    for (let i = 0; i < C; i++) x[i] = this.wte[id * C + i] + this.wpe[position * C + i];
    this.blocks.forEach((block, layer) => {
      layerNorm(y, x, block.ln1);
      this.attention(block, layer, cache, position);
      for (let i = 0; i < C; i++) x[i] += y[i];
      layerNorm(y, x, block.ln2);
      linear(hidden, y, block.mlp);
      gelu(hidden, this.config.gelu_approximate);
      linear(y, hidden, block.mlpProj);
      for (let i = 0; i < C; i++) x[i] += y[i];
    });
    cache.length++;
    if (!needsLogits) return;
    layerNorm(y, x, this.lnF);
    linear(this.logits, y, this.lmHead);
  }

  // y = attention(y)
  attention(block, layer, cache, position) {
    const { y, qkv, weights } = this, { d_model: C, n_head: H } = this.config, D = C / H;
    const keys = cache.keys[layer], values = cache.values[layer], queries = cache.queries[layer];
    linear(qkv, y, block.attn);
    for (let i = 0; i < C; i++) {
      queries[position * C + i] = qkv[i];
      keys[position * C + i] = qkv[C + i];
      values[position * C + i] = qkv[2 * C + i];
    }
    const context = qkv;   // its first C numbers are free again
    for (let head = 0; head < H; head++) {
      attentionWeights(weights, queries, keys, position, head, C, D);
      weightedSum(context, weights, values, position, head, C, D);
    }
    linear(y, context, block.attnProj);
  }
}
