// \p{L}: a letter, \p{N}: a digit, \p{White_Space}: a space or line break; \P: anything else
const PIECES = new RegExp(
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+" +
  "|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+", "gu");

export function byteCharacters() {
  const isPrintable = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const characters = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    characters.push(String.fromCodePoint(isPrintable(byte) ? byte : next++));
  }
  return characters;
}

export class Tokenizer {
  constructor(file) {  // file: the object in tokenizer.json
    const characters = byteCharacters();
    this.ids = new Map(Object.entries(file.model.vocab));          // token -> id
    this.tokens = [];                                              // id -> token
    for (const [token, id] of this.ids) this.tokens[id] = token;
    this.special = new Set(file.added_tokens.map((token) => token.id));
    this.byteIds = characters.map((character) => this.ids.get(character));
    this.bytes = new Map(characters.map((character, byte) => [character, byte]));
    this.ranks = new Map();                                        // "left right" -> rank
    file.model.merges.forEach((merge, rank) => {
      this.ranks.set(Array.isArray(merge) ? merge.join(" ") : merge, rank);
    });
    this.known = new Map();                                        // piece -> ids
  }

  encode(text) {
    const ids = [];
    for (const [piece] of text.matchAll(PIECES)) {
      if (!this.known.has(piece)) this.known.set(piece, this.encodePiece(piece));
      ids.push(...this.known.get(piece));
    }
    return ids;
  }

  encodePiece(piece) {
    let ids = Array.from(new TextEncoder().encode(piece), (byte) => this.byteIds[byte]);
    for (;;) {   // while True
      let best = Infinity, bestPair = "";
      for (let i = 0; i + 1 < ids.length; i++) {
        const pair = this.tokens[ids[i]] + " " + this.tokens[ids[i + 1]];
        const rank = this.ranks.get(pair) ?? Infinity;
        if (rank < best) [best, bestPair] = [rank, pair];
      }
      if (best === Infinity) return ids;
      ids = this.merge(ids, bestPair);
    }
  }

  merge(ids, pair) {  // replace each occurrence of the pair by its token
    const [left, right] = pair.split(" ").map((token) => this.ids.get(token));
    const merged = this.ids.get(pair.replace(" ", ""));
    const result = [];
    for (let i = 0; i < ids.length; i++) {
      const found = ids[i] === left && ids[i + 1] === right;
      result.push(found ? merged : ids[i]);
      if (found) i++;
    }
    return result;
  }

  bytesOf(id) {
    if (this.special.has(id)) return new TextEncoder().encode(this.tokens[id]);
    return Uint8Array.from(this.tokens[id], (character) => this.bytes.get(character));
  }

  decode(ids) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parts = ids.map((id) => decoder.decode(this.bytesOf(id), { stream: true }));
    return parts.join("") + decoder.decode();
  }
}
