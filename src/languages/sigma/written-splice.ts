// Changes to a written document as splices of its text: parts taken out of a collection and put into
// it, a value replaced. What no splice covers stays as it is, byte for byte. Whoever applies them reads
// the result again: a splice that an anchor or an odd layout makes wrong shows as another meaning.

import { type Written, type WrittenEntry, type WrittenPart, lineBreakOf } from './written.ts'
import {
  type WritingStyle,
  writeEntry,
  writeFlow,
  writeFlowEntry,
  writeHeld,
  writeItem,
} from './written-value.ts'

export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

export type WrittenParts = Exclude<Written, { kind: 'leaf' }>

export interface PartChanges {
  readonly removed: ReadonlySet<number>
  /** Behind the part of that number, -1 for the beginning: whole lines at the collection's indent, or
   *  single values without commas when it is a flow collection. */
  readonly inserted: ReadonlyMap<number, readonly string[]>
}

/** Splices do not overlap; those at one place keep their order. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end)
  let result = ''
  let at = 0
  for (const { start, end, text: inserted } of sorted) {
    result += text.slice(at, start) + inserted
    at = Math.max(at, end)
  }
  return result + text.slice(at)
}

/** How new parts of this document are laid out. */
export function styleOf(text: string, root: Written): WritingStyle {
  const children = root.kind === 'leaf' ? [] : root.parts.map(({ value }) => value)
  const inner = children.find((child) => child.kind !== 'leaf' && !child.isFlow && child.indent > 0)
  const step = inner !== undefined && inner.kind !== 'leaf' ? inner.indent : 4
  return { step: Math.min(step, 8), lineBreak: lineBreakOf(text) }
}

/** A part to insert, for `inserted`. */
export function writePart(
  into: WrittenParts,
  name: string | undefined,
  value: unknown,
  style: WritingStyle,
): string {
  if (name === undefined) {
    return into.isFlow ? writeFlow(value) : writeItem(value, into.indent, style)
  }
  return into.isFlow ? writeFlowEntry(name, value) : writeEntry(name, value, into.indent, style)
}

export function changeParts(
  text: string,
  node: WrittenParts,
  { removed, inserted }: PartChanges,
  style: WritingStyle,
): readonly Splice[] {
  const kept = node.parts.flatMap((_, at) => (removed.has(at) ? [] : [at]))
  const isEmpty = kept.length === 0 && [...inserted.values()].every((texts) => texts.length === 0)
  const change = { node, removed, inserted, kept, text, style }
  if (node.isFlow || node.parts.length === 0) return changeFlow(change)
  return isEmpty ? emptyBlock(change) : changeBlock(change)
}

/** Replaces what `part` holds, keeping its key, the comments around it and, where it can, its style. */
export function replaceValue(
  text: string,
  holder: WrittenParts,
  part: WrittenPart,
  value: unknown,
  style: WritingStyle,
): readonly Splice[] {
  const old = part.value
  const written = writeFlow(value)
  if (holder.isFlow && holder.kind === 'list') {
    return [{ start: old.start, end: old.end, text: written }]
  }
  if (holder.isFlow) return [inPlace(text, part, written)]
  const held = writeHeld(value, holder.indent, style)
  const isOneLine = held.trimEnd() === ` ${written}`
  const isBlockText = old.kind === 'leaf' && /^[|>]/.test(text.slice(old.start, old.start + 1))
  const wasInline = !isBlockText && (old.kind === 'leaf' || old.isFlow)
  if (wasInline && (isOneLine || old.kind !== 'leaf')) return [inPlace(text, part, written)]
  const behind = behindMark(text, part)
  const comment = wasInline
    ? /^[ \t]*(#[^\r\n]*)/.exec(text.slice(old.end, part.end))?.[1]
    : undefined
  const lead = comment === undefined ? '' : ` ${comment}`
  // The comment ends the line of the key: behind the mark of a text of several lines, if there is one.
  const marked = held.replace(/^(?: \|-?)?(?=\r?\n)/, (mark) => mark + lead)
  return [{ start: behind, end: part.end, text: marked === held ? lead + held : marked }]
}

/** The lines of a part, as if it stood alone at the collection's indent; a flow part's bare text. */
export function linesOf(text: string, node: WrittenParts, part: WrittenPart): string {
  if (node.isFlow) return text.slice(part.start, part.end).trim()
  const lines = text.slice(part.start, part.end)
  const whole = isMidLine(text, part.start) ? ' '.repeat(node.indent) + lines : lines
  return whole.endsWith('\n') ? whole : whole + lineBreakOf(text)
}

/** Puts whole lines in the place of a part of a block collection. */
export function replaceLines(text: string, node: WrittenParts, at: number, lines: string): Splice {
  const { start, end } = node.parts[at]!
  return { start, end, text: isMidLine(text, start) ? unindented(lines, node.indent, text) : lines }
}

/** The place of key or value, behind comments and dash. */
function contentStart(part: WrittenPart): number {
  return 'key' in part ? (part as WrittenEntry).key.start : part.value.start
}

interface Change extends PartChanges {
  readonly text: string
  readonly node: WrittenParts
  readonly kept: readonly number[]
  readonly style: WritingStyle
}

function changeFlow({ node, removed, inserted, kept }: Change): readonly Splice[] {
  const { parts } = node
  const all = [...inserted].toSorted(([a], [b]) => a - b)
  if (kept.length === 0) {
    const texts = all.flatMap(([, some]) => some).join(', ')
    return [{ start: node.start + 1, end: node.end - 1, text: texts }]
  }
  const first = kept[0]!
  const splices: Splice[] = []
  if (first > 0) splices.push(cut(parts[0]!.start, contentStart(parts[first]!)))
  for (const at of removed) if (at > first) splices.push(cut(parts[at - 1]!.end, parts[at]!.end))
  for (const [behind, texts] of all) {
    if (texts.length === 0) continue
    const anchor = kept.findLast((at) => at <= behind)
    const place = anchor === undefined ? contentStart(parts[first]!) : parts[anchor]!.value.end
    const joined = texts.join(', ')
    const insertion = anchor === undefined ? `${joined}, ` : `, ${joined}`
    splices.push({ start: place, end: place, text: insertion })
  }
  return splices
}

function changeBlock({ text, node, removed, inserted, kept, style }: Change): readonly Splice[] {
  const { parts } = node
  const first = kept[0] ?? parts.length
  const isCompact = isMidLine(text, parts[0]!.start)
  const splices: Splice[] = []
  const early: string[] = []
  for (const [behind, texts] of [...inserted].toSorted(([a], [b]) => a - b)) {
    if (behind < first) early.push(...texts)
    else if (texts.length > 0) splices.push(insertLines(text, parts[behind]!.end, texts, style))
  }
  for (const at of removed) if (at > first) splices.push(cut(parts[at]!.start, parts[at]!.end))
  // Everything before the first part that stays is one splice, so that a compact start stays one.
  const start = parts[0]!.start
  const end = first === 0 ? start : (parts[first]?.start ?? parts.at(-1)!.end)
  if (!isCompact) {
    if (early.length > 0 || end > start) splices.push({ start, end, text: early.join('') })
    return splices
  }
  const next = parts[first]
  if (early.length > 0) {
    const behind = first === 0 ? ' '.repeat(node.indent) : ''
    splices.push({ start, end, text: unindented(early.join(''), node.indent, text) + behind })
  } else if (first > 0 && next !== undefined) {
    const lead = text.slice(next.start, contentStart(next))
    const hasComment = lead.includes('#')
    splices.push(
      hasComment ? { start, end, text: style.lineBreak } : cut(start, next.start + node.indent),
    )
  }
  return splices
}

function emptyBlock({ text, node, style }: Change): readonly Splice[] {
  const start = node.parts[0]!.start
  const brackets = node.kind === 'map' ? '{}' : '[]'
  const margin = isMidLine(text, start) ? '' : ' '.repeat(node.indent + 2)
  const end = node.parts.at(-1)!.end
  return [{ start, end, text: margin + brackets + style.lineBreak }]
}

function insertLines(
  text: string,
  at: number,
  lines: readonly string[],
  { lineBreak }: WritingStyle,
): Splice {
  const joined = lines.join('')
  const isUnended = at > 0 && text[at - 1] !== '\n'
  return { start: at, end: at, text: isUnended ? lineBreak + joined.trimEnd() : joined }
}

function inPlace(text: string, part: WrittenPart, written: string): Splice {
  const { start, end } = part.value
  const behind = behindMark(text, part)
  if (start > behind && end > start) return { start, end, text: written }
  const colon = 'key' in part && text[behind - 1] !== ':' ? ':' : ''
  return { start: behind, end: end > start ? end : behind, text: `${colon} ${written}` }
}

/** Behind the colon of a key, or the dash of an item. */
function behindMark(text: string, part: WrittenPart): number {
  if (!('key' in part)) {
    const dash = /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*-/.exec(text.slice(part.start, part.end))
    return part.start + (dash?.[0].length ?? 0)
  }
  const { end } = (part as WrittenEntry).key
  const colon = /^\s*:/.exec(text.slice(end, part.end))
  return end + (colon?.[0].length ?? 0)
}

function unindented(lines: string, indent: number, text: string): string {
  return lines.slice(0, indent).trim() === '' && !lines.trimStart().startsWith('#')
    ? lines.slice(indent)
    : lineBreakOf(text) + lines
}

function isMidLine(text: string, at: number): boolean {
  return at > 0 && text[at - 1] !== '\n'
}

function cut(start: number, end: number): Splice {
  return { start, end, text: '' }
}
