// A short text in which a regular expression is found: the pattern is walked once and the plainest
// choice is written at each step. It need not know every construct, because whoever uses a text has
// the engine look at it first.

import { compileRegex } from '#languages/regex.ts'

/** Which alternative is taken, and how often a part stands that may stand any number of times. */
interface Taste {
  readonly alternative: number
  readonly extra: number
}

const TASTES: readonly Taste[] = [
  { alternative: 0, extra: 0 },
  { alternative: 0, extra: 1 },
  { alternative: 1, extra: 0 },
  { alternative: 2, extra: 2 },
]

/** Candidates, each once, in the order in which they should be tried; perhaps none fits. */
export function textsOfRegex(pattern: string): readonly string[] {
  const texts = TASTES.flatMap((taste) => new TextWriter(pattern, taste).write() ?? [])
  return [...new Set(texts)]
}

const TEXT_CHARS_MAX = 4_000
const REPEAT_MAX = 200
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' }
const ANCHORS = new Set(['b', 'B', 'A', 'z', 'Z', 'G'])

class TextWriter {
  readonly #pattern: string
  readonly #taste: Taste
  #at = 0

  constructor(pattern: string, taste: Taste) {
    this.#pattern = pattern
    this.#taste = taste
  }

  /** Undefined when the pattern is read to its end by no rule of this reader. */
  write(): string | undefined {
    const text = this.#alternatives()
    return this.#at < this.#pattern.length || text.length > TEXT_CHARS_MAX ? undefined : text
  }

  #alternatives(): string {
    const texts = [this.#sequence()]
    while (this.#peek() === '|') {
      this.#at++
      texts.push(this.#sequence())
    }
    return texts[this.#taste.alternative % texts.length]!
  }

  #sequence(): string {
    let text = ''
    while (this.#at < this.#pattern.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const atom = this.#atom()
      text += atom.repeat(this.#times(atom))
      if (text.length > TEXT_CHARS_MAX) break
    }
    return text
  }

  #atom(): string {
    const start = this.#at
    const character = this.#pattern[this.#at++]!
    switch (character) {
      case '^':
      case '$':
        return ''
      case '(':
        return this.#group()
      case '[':
        this.#skipClass()
        return memberOf(this.#pattern.slice(start, this.#at))
      case '.':
        return 'x'
      case '\\':
        return this.#escape(start)
      default:
        return character
    }
  }

  #group(): string {
    const head = /^\?(?:P?<\w+>|[a-zA-Z-]*[:)])/.exec(this.#pattern.slice(this.#at, this.#at + 80))
    this.#at += head?.[0].length ?? 0
    if (head?.[0].endsWith(')')) return ''
    const text = this.#alternatives()
    if (this.#peek() === ')') this.#at++
    return text
  }

  #escape(start: number): string {
    const letter = this.#pattern[this.#at++] ?? ''
    if (ANCHORS.has(letter)) return ''
    if (letter === 'x' || letter === 'p' || letter === 'P') {
      const rest = this.#pattern.slice(this.#at)
      const code = letter === 'x' ? /^(?:\{[\da-f]+\}|[\da-f]{2})/i : /^(?:\{\^?\w+\}|\w)/
      this.#at += code.exec(rest)?.[0].length ?? 0
      return memberOf(this.#pattern.slice(start, this.#at))
    }
    if (letter === 'Q') {
      const end = this.#pattern.indexOf('\\E', this.#at)
      const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end)
      this.#at = end < 0 ? this.#pattern.length : end + 2
      return text
    }
    if (/[dDsSwWhH]/.test(letter)) return memberOf(`\\${letter}`)
    return ESCAPED[letter] ?? letter
  }

  #skipClass(): void {
    if (this.#peek() === '^') this.#at++
    if (this.#peek() === ']') this.#at++
    for (; this.#at < this.#pattern.length && this.#peek() !== ']'; this.#at++) {
      if (this.#peek() === '\\') this.#at++
      else if (this.#pattern.startsWith('[:', this.#at)) {
        this.#at = Math.max(this.#at, this.#pattern.indexOf(':]', this.#at) + 1)
      }
    }
    this.#at++
  }

  #times(atom: string): number {
    const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})[?+]?/.exec(
      this.#pattern.slice(this.#at, this.#at + 20),
    )
    if (!found) return 1
    this.#at += found[0].length
    const [written, min, comma, max] = found
    const least = min === undefined ? (written.startsWith('+') ? 1 : 0) : Number(min)
    const most = written.startsWith('?')
      ? 1
      : min !== undefined && !comma
        ? least
        : Number(max || REPEAT_MAX)
    const room = atom.length === 0 ? 1 : Math.floor(TEXT_CHARS_MAX / atom.length)
    return Math.min(least + this.#taste.extra, most, room)
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at]
  }
}

/** The plain ones first, then all of ASCII that can be printed. */
const MEMBERS = Array.from(
  `axAX05-_ .${String.fromCodePoint(...Array.from({ length: 95 }, (_, at) => 0x20 + at))}\t\né`,
)
const known = new Map<string, string>()
const KNOWN_MAX = 1_000

/** A character of a class, as the engine itself sees it; none when the usual ones are not in it. */
function memberOf(source: string): string {
  const found = known.get(source)
  if (found !== undefined) return found
  const compiled = compileRegex(`^(?:${source})$`, [])
  const own = Array.from(source).filter((one) => one !== '\\')
  const member =
    'refusal' in compiled ? '' : ([...MEMBERS, ...own].find((one) => compiled.test(one)) ?? '')
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(source, member)
  return member
}
