/** Avalanche of 32 bits (the finaliser of MurmurHash3, public domain): neighbouring inputs give unrelated outputs. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/**
 * A seeded generator (SFC32 of Chris Doty-Humphrey's PractRand). The same keys give the same numbers on every machine;
 * it can be re-keyed at no cost, so that each trace has a stream of its own and a fault elsewhere does not shift it.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  constructor(...keys: readonly number[]) {
    const [first = 0, second = 0, third = 0, fourth = 0] = keys;
    this.reseed(first, second, third, fourth);
  }

  reseed(first: number, second: number, third: number, fourth: number): void {
    this.a = mix(first + 0x9e3779b9);
    this.b = mix(second + 0x7f4a7c15 + this.a);
    this.c = mix(third + 0x6a09e667 + this.b);
    this.a ^= mix(fourth + 0x3c6ef372 + this.c);
    this.counter = 1;
    for (let i = 0; i < 8; i++) this.bits();
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in [0, count). */
  index(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** @throws RangeError when there is nothing to pick from */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[this.index(items.length)]!;
  }

  /** Standard normal (Box and Muller 1958); two uniforms each, so the stream stays aligned. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Log-normal with that median and standard deviation of the logarithm. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }
}

/** FNV-1a of a text: a key for `Random` from a name. */
export function textKey(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
