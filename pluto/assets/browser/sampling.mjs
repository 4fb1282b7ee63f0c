// result[i] = exp(logits[i]) / sum of all of them
export function softmax(result, logits) {
  let largest = -Infinity, sum = 0;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  for (let i = 0; i < logits.length; i++) sum += result[i] = Math.exp(logits[i] - largest);
  for (let i = 0; i < logits.length; i++) result[i] /= sum;
  return result;
}

// The logits of removed tokens become -Infinity.
export function filterLogits(logits, { temperature = 1, topK = null, topP = null }) {
  if (temperature !== 0) for (let i = 0; i < logits.length; i++) logits[i] /= temperature;
  if (topK !== null && topK < logits.length) {
    const smallestKept = logits.slice().sort().at(-topK);
    for (let i = 0; i < logits.length; i++) if (logits[i] < smallestKept) logits[i] = -Infinity;
  }
  if (topP !== null && topP < 1) {
    const probabilities = softmax(new Float64Array(logits.length), logits);
    const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a]);
    let massBefore = 0;
    for (const id of order) {
      if (massBefore >= topP) logits[id] = -Infinity;
      massBefore += probabilities[id];
    }
  }
}

// Place the probabilities end to end on a line; return the token whose part contains the random point.
export function sample(probabilities, uniform) {
  const length = probabilities.reduce((sum, probability) => sum + probability, 0);
  const point = uniform * length;
  let end = 0;
  for (let id = 0; id < probabilities.length; id++) {
    end += probabilities[id];
    if (end > point) return id;
  }
  return probabilities.length - 1;
}

export function argmax(logits) {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

// The random numbers of torch.rand: a Mersenne Twister, of which 24 bits are used
export class RandomNumbers {
  constructor(seed) {
    this.state = new Uint32Array(624);
    this.state[0] = seed;
    for (let i = 1; i < 624; i++) {
      const previous = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
      this.state[i] = Math.imul(previous, 1812433253) + i;
    }
    this.index = 0;
  }

  next() {
    const { state, index: i } = this, following = (i + 1) % 624;
    const joined = (state[i] & 0x80000000) | (state[following] & 0x7fffffff);
    state[i] = state[(i + 397) % 624] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    this.index = following;
    let bits = state[i];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    bits ^= bits >>> 18;
    return (bits & 0xffffff) / 2 ** 24;
  }
}
