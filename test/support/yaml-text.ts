// Data as YAML in many hands: block and flow, quotes of each kind, comments, blank lines, lists in and
// out of their key's column, either line end. One seed, one text.

export type Random = () => number

/** Mulberry32: small, and the same on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

export function yamlInSomeHand(data: object, random: Random): string {
  const step = pick(random, [2, 4])
  const isFlat = random() < 0.3
  const lineBreak = random() < 0.2 ? '\r\n' : '\n'
  const hand: Hand = { random, step, isFlat }
  const head = random() < 0.3 ? '# A header.\n' : ''
  const text = head + blockOf(data, 0, hand) + (random() < 0.2 ? '# The end.\n' : '')
  const ended = random() < 0.1 ? text.trimEnd() : text
  return ended.replaceAll('\n', lineBreak)
}

interface Hand {
  readonly random: Random
  readonly step: number
  readonly isFlat: boolean
}

function blockOf(value: object, indent: number, hand: Hand, isCompact = false): string {
  const margin = ' '.repeat(indent)
  const parts = Array.isArray(value)
    ? value.map((item: unknown) => ['-', item] as const)
    : Object.entries(value).map(([name, item]) => [`${keyOf(name, hand)}:`, item] as const)
  const lines = parts.map(([mark, item], at) => {
    const isFirst = isCompact && at === 0
    const lead = isFirst ? '' : remark(hand, margin) + margin
    return lead + mark + heldBy(mark, item, indent, hand)
  })
  return lines.join('')
}

function heldBy(mark: string, item: unknown, indent: number, hand: Hand): string {
  const { random, step, isFlat } = hand
  if (typeof item !== 'object' || item === null)
    return ` ${scalarOf(item, hand)}${trailing(hand)}\n`
  if (Object.keys(item).length === 0 || random() < 0.25)
    return ` ${flowOf(item, hand)}${trailing(hand)}\n`
  if (mark === '-' && random() < 0.7) return ` ${blockOf(item, indent + 2, hand, true)}`
  const deeper = isFlat && Array.isArray(item) && mark !== '-' ? indent : indent + step
  return `${trailing(hand)}\n${blockOf(item, deeper, hand)}`
}

function flowOf(value: unknown, hand: Hand): string {
  if (typeof value !== 'object' || value === null) return scalarOf(value, hand, true)
  const blank = hand.random() < 0.3 ? ' ' : ''
  if (Array.isArray(value)) {
    return `[${blank}${value.map((item) => flowOf(item, hand)).join(`${blank}, `)}${blank}]`
  }
  const entries = Object.entries(value).map(([name, item]) => {
    return `${keyOf(name, hand)}: ${flowOf(item, hand)}`
  })
  return `{${blank}${entries.join(', ')}${blank}}`
}

function keyOf(name: string, { random }: Hand): string {
  return random() < 0.15 ? `'${name}'` : name
}

function scalarOf(value: unknown, { random }: Hand, inFlow = false): string {
  if (typeof value !== 'string')
    return value === null && !inFlow && random() < 0.5 ? '' : String(value)
  if (value.includes('\n') || random() < 0.2) return JSON.stringify(value)
  const isPlain =
    /^[a-z][a-z0-9. ]*[a-z0-9]$/.test(value) && !/^(?:yes|no|on|off|true|false|null)$/.test(value)
  return isPlain && random() < 0.7 ? value : `'${value.replaceAll("'", "''")}'`
}

function remark({ random }: Hand, margin: string): string {
  const roll = random()
  if (roll < 0.08) return '\n'
  return roll < 0.18 ? `${margin}# remark ${Math.floor(random() * 100)}\n` : ''
}

function trailing({ random }: Hand): string {
  return random() < 0.1 ? ` # note ${Math.floor(random() * 100)}` : ''
}
