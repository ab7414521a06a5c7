// The lines behind a merge of parts: a part as whole lines that can be compared between documents and
// carried from one into another, and the comments around it. Comments never conflict: where both sides
// changed one, both are kept.

import {
  linesOf,
  replaceLines,
  type Splice,
  type WrittenParts,
} from '#languages/sigma/written-splice.ts'
import { lineBreakOf, type WrittenPart } from '#languages/sigma/written.ts'

/** One side: its text and what was read from it. */
export interface Hand {
  readonly text: string
  readonly root: WrittenParts
}

export interface HeldPart {
  readonly holder: WrittenParts
  readonly part: WrittenPart
}

/** All lines of a part as if it stood at column 0: equal between documents however deep each has it. */
export function wholeOf({ text }: Hand, { holder, part }: HeldPart): string {
  return shiftLines(linesOf(text, holder, part), -holder.indent)
}

export function replaceWhole(mine: Hand, { holder, part }: HeldPart, whole: string): Splice {
  const at = holder.parts.indexOf(part as never)
  return replaceLines(mine.text, holder, at, shiftLines(whole, holder.indent))
}

/** Key or dash, value and trailing comment, without the comments before it; at column 0. */
export function bodyOf(hand: Hand, held: HeldPart): string {
  const whole = wholeOf(hand, held)
  return whole.slice(leadOf(whole).length)
}

/** A comment that mine wrote behind the value that goes moves before what comes. */
export function replaceBody(
  mine: Hand,
  held: HeldPart,
  body: string,
  [base, was]: readonly [Hand, HeldPart | undefined],
): Splice {
  const remark = remarkOf(mine, held)
  const isOwn = remark !== '' && remark !== (was && remarkOf(base, was))
  const lead = leadOf(wholeOf(mine, held)) + (isOwn ? remark + lineBreakOf(mine.text) : '')
  return replaceWhole(mine, held, lead + body)
}

/** A value on one line, so that another can stand in its place between key and comment. */
export function isInline({ text }: Hand, { part: { value } }: HeldPart): boolean {
  if ((value.kind !== 'leaf' && !value.isFlow) || value.end === value.start) return false
  const written = text.slice(value.start, value.end)
  return !written.includes('\n') && !/^[|>]/.test(written)
}

export function valueText({ text }: Hand, { part: { value } }: HeldPart): string {
  return text.slice(value.start, value.end)
}

/** The comments and blank lines before a part. */
export function leadOf(whole: string): string {
  return /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*/.exec(whole)![0]
}

/** Moves lines to the right, or to the left as far as their white space goes. */
export function shiftLines(lines: string, columns: number): string {
  if (columns === 0) return lines
  if (columns > 0) return lines.replace(/^(?=[^\r\n])/gm, ' '.repeat(columns))
  return lines.replace(new RegExp(`^ {1,${-columns}}`, 'gm'), '')
}

type Sides = readonly [Hand, Hand, Hand]
type HeldSides = readonly [HeldPart | undefined, HeldPart, HeldPart]

export const mergeRemarks = {
  /** `covered` are the splices that the value already has; what they replace is left alone. */
  ofPart([base, mine, theirs]: Sides, held: HeldSides, covered: readonly Splice[]): Splice[] {
    const [b, m, t] = held
    const splices: Splice[] = []
    const leads = [
      b && leadOf(wholeOf(base, b)),
      leadOf(wholeOf(mine, m)),
      leadOf(wholeOf(theirs, t)),
    ]
    const [was, ours, other] = leads as [string | undefined, string, string]
    const lead = chooseRemarks(was ?? '', ours, other)
    const isWhole = covered.some(({ start }) => start <= m.part.start)
    const isCompact = m.part.start > 0 && mine.text[m.part.start - 1] !== '\n'
    if (lead !== ours && !isWhole && !isCompact) {
      const end = m.part.start + shiftedLength(mine.text, m.part.start, ours)
      splices.push({ start: m.part.start, end, text: shiftLines(lead, m.holder.indent) })
    }
    const end = covered.reduce((most, splice) => Math.max(most, splice.end), m.part.start)
    const tails = [b && tailOf(base, b), tailOf(mine, m), tailOf(theirs, t)] as const
    if (tails[1] === undefined || tails[2] === undefined) return splices
    const tail = chooseRemarks(tails[0]?.text ?? '', tails[1].text, tails[2].text)
    if (tail === tails[1].text || end > tails[1].start) return splices
    const lineBreak = lineBreakOf(mine.text)
    const text = tail === '' || tail.endsWith('\n') ? tail : tail + lineBreak
    splices.push({ start: tails[1].start, end: m.part.end, text: text === '' ? lineBreak : text })
    return splices
  },

  /** Before the first part of the document and behind its last. */
  aroundRoot(base: Hand, mine: Hand, theirs: Hand): Splice[] {
    const splices: Splice[] = []
    const [b, m, t] = [base, mine, theirs].map(edgesOf) as [Edges, Edges, Edges]
    const head = chooseRemarks(b.head, m.head, t.head)
    if (head !== m.head) splices.push({ start: 0, end: m.head.length, text: head })
    const tail = chooseRemarks(b.tail, m.tail, t.tail)
    const end = mine.text.length
    if (tail !== m.tail) splices.push({ start: end - m.tail.length, end, text: tail })
    return splices
  },
}

interface Edges {
  readonly head: string
  readonly tail: string
}

function edgesOf({ text, root }: Hand): Edges {
  const [first, last] = [root.parts[0], root.parts.at(-1)]
  if (root.isFlow || first === undefined || last === undefined) return { head: '', tail: '' }
  return { head: text.slice(0, first.start), tail: text.slice(last.end) }
}

/** Behind the value of a part on one line: blanks and comment. Undefined for other values. */
function tailOf(
  { text }: Hand,
  { part }: HeldPart,
): { readonly start: number; readonly text: string } | undefined {
  const { value } = part
  const isBlockText = /^[|>]/.test(text.slice(value.start, value.start + 1))
  if ((value.kind !== 'leaf' && !value.isFlow) || isBlockText || value.end === value.start)
    return undefined
  return { start: value.end, text: text.slice(value.end, part.end) }
}

/** The comment behind a value on one line, '' for none. */
function remarkOf(hand: Hand, held: HeldPart): string {
  return /^[ \t]*(#[^\r\n]*)/.exec(tailOf(hand, held)?.text ?? '')?.[1] ?? ''
}

/** The side that changed; both where both did, each line once. */
function chooseRemarks(base: string, mine: string, theirs: string): string {
  if (mine === base || mine === theirs) return theirs
  if (theirs === base) return mine
  const known = new Set(mine.split('\n').map((line) => line.trim()))
  const more = theirs.split('\n').filter((line) => line.includes('#') && !known.has(line.trim()))
  if (more.length === 0) return mine
  const ended = mine === '' || mine.endsWith('\n') ? mine : `${mine}\n`
  return `${ended}${more.map((line) => `${line}\n`).join('')}`
}

/** How much of the text is the lead that was read from it at column 0. */
function shiftedLength(text: string, from: number, lead: string): number {
  const lines = lead.split('\n').length - 1
  let at = from
  for (let line = 0; line < lines; line++) at = text.indexOf('\n', at) + 1
  return at - from
}
