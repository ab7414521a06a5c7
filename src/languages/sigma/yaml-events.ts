// The fast way to read YAML: one pass over a parser's events, for documents that hold nothing but maps,
// lists and scalars. It gives the very tree, places included, that yaml.ts makes of them, in a third of
// the time; of anything else (an anchor, a tag, a merge, a repeated key, a mistake) it gives nothing,
// and yaml.ts reads the text and says what there is to say.

import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  EVENT_ID,
  SCALAR_STYLE,
  getScalarValue,
  parseEvents,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import { YAML_DEPTH_MAX, YAML_KEYS_MAX } from '#kernel/limits.ts'
import { resolvePlain } from './scalar.ts'
import type { Range } from './source.ts'
import type { YamlDocument, YamlEntry, YamlNode, YamlScalar } from './yaml.ts'

/** Undefined when the text is not plain enough; never throws. The text is bounded by the caller. */
export function readEvents(text: string): readonly YamlDocument[] | undefined {
  // Where parsers differ most, in places and in what they accept: tabs, carriage returns, ends.
  if (/[\t\r\u0085\u2028\u2029\ufeff]|^(?:%|\.\.\.)/m.test(text)) return undefined
  let events: readonly Event[]
  try {
    events = parseEvents(text, { maxDepth: YAML_DEPTH_MAX })
  } catch {
    return undefined // yaml.ts will say what is wrong, and where
  }
  return new EventReader(text, events).read()
}

class EventReader {
  readonly #text: string
  readonly #events: readonly Event[]
  #at = 0
  #keys = 0

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  read(): readonly YamlDocument[] | undefined {
    const documents: YamlDocument[] = []
    while (this.#at < this.#events.length) {
      const event = this.#events[this.#at++]!
      if (event.type !== EVENT_ID.DOCUMENT || event.directives.length > 0 || event.explicitEnd) {
        return undefined
      }
      const before = documents.pop()
      const start = before === undefined ? 0 : this.#markerAfter(before.root!.end)
      if (start === undefined) return undefined
      if (before !== undefined) documents.push({ ...before, end: start })
      this.#keys = 0
      const root = this.#node(0, false)
      if (root === undefined || this.#events[this.#at++]?.type !== EVENT_ID.POP) return undefined
      documents.push({ root, start, end: this.#text.length })
    }
    return documents
  }

  /** The `---` that begins the next document: the first behind all that this one holds. */
  #markerAfter(end: number): number | undefined {
    const found = /^---(?=[ \n]|$)/m.exec(this.#text.slice(end))
    return found ? end + found.index : undefined
  }

  #node(depth: number, inFlow: boolean): YamlNode | undefined {
    const event = this.#events[this.#at++]
    if (event === undefined || depth > YAML_DEPTH_MAX) return undefined
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return isMarked(event) ? undefined : this.#scalar(event, inFlow)
      case EVENT_ID.SEQUENCE:
        return isMarked(event) ? undefined : this.#list(event, depth)
      case EVENT_ID.MAPPING:
        return isMarked(event) ? undefined : this.#map(event, depth)
      default:
        return undefined
    }
  }

  #list(event: SequenceEvent, depth: number): YamlNode | undefined {
    const isFlow = event.style === COLLECTION_STYLE.FLOW
    const items: YamlNode[] = []
    while (this.#events[this.#at]?.type !== EVENT_ID.POP) {
      const item = this.#node(depth + 1, isFlow)
      if (item === undefined) return undefined
      items.push(item)
    }
    this.#at++
    const last = items.at(-1)?.end ?? event.start + 1
    const end = isFlow ? this.#behindBracket(last, ']') : last
    return end === undefined ? undefined : { kind: 'list', items, start: event.start, end }
  }

  #map(event: MappingEvent, depth: number): YamlNode | undefined {
    const isFlow = event.style === COLLECTION_STYLE.FLOW
    const entries: YamlEntry[] = []
    const seen = new Set<string>()
    while (this.#events[this.#at]?.type !== EVENT_ID.POP) {
      const key = this.#key(isFlow)
      if (key === undefined || seen.has(key.text)) return undefined
      seen.add(key.text)
      const value = this.#value(key, depth, isFlow)
      if (value === undefined || ++this.#keys > YAML_KEYS_MAX) return undefined
      entries.push({ key, value })
    }
    this.#at++
    const last = entries.at(-1)?.value.end ?? event.start + 1
    const end = isFlow ? this.#behindBracket(last, '}') : last
    return end === undefined ? undefined : { kind: 'map', entries, start: event.start, end }
  }

  /** On one line, directly before its colon, and no merge. */
  #key(inFlow: boolean): YamlScalar | undefined {
    const event = this.#events[this.#at++]
    if (event?.type !== EVENT_ID.SCALAR || isMarked(event)) return undefined
    const key = this.#scalar(event, inFlow)
    if (key === undefined || key.text === '<<' || key.text === '') return undefined
    const isSingle = !this.#text.slice(key.start, key.end).includes('\n')
    return isSingle && this.#text[key.end] === ':' ? key : undefined
  }

  #value(key: YamlScalar, depth: number, inFlow: boolean): YamlNode | undefined {
    const event = this.#events[this.#at]
    const isMissing = event?.type === EVENT_ID.SCALAR && event.valueStart < 0
    if (!isMissing) return this.#node(depth + 1, inFlow)
    this.#at++
    const at = key.end + 1
    if (inFlow || isMarked(event) || this.#text[at] !== '\n') return undefined
    return { kind: 'scalar', value: null, text: '', isPlain: true, start: at, end: at }
  }

  #scalar(event: ScalarEvent, inFlow: boolean): YamlScalar | undefined {
    if (event.valueStart < 0) return undefined
    const range = this.#rangeOf(event)
    if (range === undefined) return undefined
    const text = getScalarValue(this.#text, event)
    const isPlain = event.style === SCALAR_STYLE.PLAIN
    if (inFlow && isPlain && text.includes('\n')) return undefined
    const value = isPlain ? resolvePlain(text) : text
    return { kind: 'scalar', value, text, isPlain, ...range }
  }

  #rangeOf(event: ScalarEvent): Range | undefined {
    const { valueStart: start, valueEnd: end, style } = event
    if (style === SCALAR_STYLE.PLAIN) return { start, end }
    const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED
    return isQuoted ? { start: start - 1, end: end + 1 } : this.#rangeOfBlock(event)
  }

  /** From its `|` or `>` to the end of its last line that is not blank. */
  #rangeOfBlock({ valueStart: start, valueEnd: end, chomping }: ScalarEvent): Range | undefined {
    if (chomping === CHOMPING_MODE.KEEP) return undefined
    const lineStart = this.#text.lastIndexOf('\n', start - 2) + 1
    const line = this.#text.slice(lineStart, start - 1)
    const header = line.includes(' #') ? null : /[|>]-?[ ]*$/.exec(line)
    const content = this.#text.slice(start, end).trimEnd()
    if (header === null || content === '') return undefined
    const last = start + content.length
    // Spaces behind the last word may be content or not, by their number.
    if (this.#text.slice(last, end).includes(' ')) return undefined
    return { start: lineStart + header.index, end: Math.min(last + 1, this.#text.length) }
  }

  /** Undefined when a comment stands inside, or more space than anybody writes. */
  #behindBracket(last: number, bracket: string): number | undefined {
    const rest = /^[ \n]*,?[ \n]*/.exec(this.#text.slice(last, last + 1_000))![0]
    const at = last + rest.length
    return this.#text[at] === bracket ? at + 1 : undefined
  }
}

/** Anchored or tagged. */
function isMarked(event: ScalarEvent | SequenceEvent | MappingEvent): boolean {
  return event.anchorStart >= 0 || event.tagStart >= 0
}
