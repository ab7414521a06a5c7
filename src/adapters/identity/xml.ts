// A strict reader of the XML that identity providers send. It knows the plain part of XML 1.0 with
// namespaces and refuses whatever two readers could take for two things: document types, entities of
// one's own, processing instructions, comments, CDATA, repeated attributes, prefixes nobody declared.
// What a signature covers is read by this one alone, so no other reading of it matters.

export interface XmlElement {
  /** Without prefix. */
  readonly name: string
  readonly namespace: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlElement[]
  /** The text directly in it, its pieces joined. */
  readonly text: string
}

interface XmlAttribute {
  readonly name: string
  readonly namespace: string
  readonly value: string
}

/** Why a text is not read. The message is for an admin and quotes nothing of the text. */
export class XmlRefusal extends Error {
  override readonly name = 'XmlRefusal'
}

const DEPTH_MAX = 64
const ELEMENTS_MAX = 20_000
const ATTRIBUTES_MAX = 64

const NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y
const SPACE = /[ \t\r\n]*/y
const DECLARATION = /^\uFEFF?<\?xml[ \t\r\n][^?<>]*\?>/
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'
/** What XML 1.0 allows, as far as UTF-16 code units can tell. */
// oxlint-disable-next-line no-control-regex -- these are the ones that are refused
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/

type Prefixes = ReadonlyMap<string, string>
interface Cursor {
  readonly text: string
  at: number
  elements: number
}

/** The root element. Throws `XmlRefusal`. Time and memory grow with the length of the text alone. */
export function readXml(source: string): XmlElement {
  if (FORBIDDEN.test(source)) throw new XmlRefusal('a character that XML does not allow')
  const declaration = DECLARATION.exec(source)?.[0].length ?? 0
  const cursor: Cursor = { text: source.replaceAll(/\r\n?/g, '\n'), at: 0, elements: 0 }
  cursor.at = declaration === 0 ? 0 : cursor.text.indexOf('?>') + 2
  skipSpace(cursor)
  const root = readElement(cursor, new Map([['xml', XML_NAMESPACE]]), 1)
  skipSpace(cursor)
  if (cursor.at < cursor.text.length)
    throw new XmlRefusal('something after the end of the document')
  return root
}

function readElement(cursor: Cursor, outer: Prefixes, depth: number): XmlElement {
  if (depth > DEPTH_MAX) throw new XmlRefusal('elements nested too deeply')
  cursor.elements += 1
  if (cursor.elements > ELEMENTS_MAX) throw new XmlRefusal('too many elements')
  expect(cursor, '<')
  const tag = readName(cursor)
  const { attributes, prefixes } = readAttributes(cursor, outer)
  const [prefix, name] = splitName(tag)
  const element = { name, namespace: namespaceOf(prefixes, prefix, ''), attributes }
  if (skip(cursor, '/>')) return { ...element, children: [], text: '' }
  expect(cursor, '>')
  const children: XmlElement[] = []
  const pieces: string[] = []
  for (;;) {
    pieces.push(readText(cursor))
    if (skip(cursor, '</')) break
    children.push(readElement(cursor, prefixes, depth + 1))
  }
  if (readName(cursor) !== tag) throw new XmlRefusal('an end tag that fits no start tag')
  skipSpace(cursor)
  expect(cursor, '>')
  return { ...element, children, text: pieces.join('') }
}

function readAttributes(cursor: Cursor, outer: Prefixes) {
  const raw = new Map<string, string>()
  for (;;) {
    const before = cursor.at
    skipSpace(cursor)
    if (/[>/]/.test(cursor.text[cursor.at] ?? '>')) break
    if (cursor.at === before) throw new XmlRefusal('a tag that cannot be read')
    const name = readName(cursor)
    if (raw.has(name)) throw new XmlRefusal('an attribute that stands twice')
    if (raw.size >= ATTRIBUTES_MAX) throw new XmlRefusal('too many attributes')
    skipSpace(cursor)
    expect(cursor, '=')
    skipSpace(cursor)
    raw.set(name, readValue(cursor))
  }
  const prefixes = declarePrefixes(raw, outer)
  const attributes = [...raw]
    .filter(([name]) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(([name, value]) => {
      const [prefix, local] = splitName(name)
      const namespace = prefix === '' ? '' : namespaceOf(prefixes, prefix)
      return { name: local, namespace, value }
    })
  const whole = new Set(attributes.map(({ name, namespace }) => `${namespace} ${name}`))
  if (whole.size < attributes.length) throw new XmlRefusal('an attribute that stands twice')
  return { attributes, prefixes }
}

function declarePrefixes(raw: ReadonlyMap<string, string>, outer: Prefixes): Prefixes {
  const declared = [...raw].filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'))
  if (declared.length === 0) return outer
  const prefixes = new Map(outer)
  for (const [name, value] of declared) {
    const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length)
    const isReserved = prefix === 'xml' || prefix === 'xmlns' || value === XML_NAMESPACE
    if (isReserved || (value === '' && prefix !== '')) {
      throw new XmlRefusal('a namespace that may not be declared')
    }
    prefixes.set(prefix, value)
  }
  return prefixes
}

function namespaceOf(prefixes: Prefixes, prefix: string, otherwise?: string): string {
  const namespace = prefixes.get(prefix) ?? (prefix === '' ? otherwise : undefined)
  if (namespace === undefined) throw new XmlRefusal('a prefix that nobody declared')
  return namespace
}

function splitName(name: string): readonly [string, string] {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

// Up to the next tag, which is one of an element: everything else that begins with `<` is refused.
function readText(cursor: Cursor): string {
  const end = cursor.text.indexOf('<', cursor.at)
  if (end < 0) throw new XmlRefusal('an element without an end')
  const piece = cursor.text.slice(cursor.at, end)
  if (piece.includes(']]>')) throw new XmlRefusal('a text that cannot be read')
  const next = cursor.text[end + 1] ?? ''
  if (next === '!') throw new XmlRefusal('a comment, CDATA section or document type')
  if (next === '?') throw new XmlRefusal('a processing instruction')
  cursor.at = end
  return resolve(piece)
}

function readValue(cursor: Cursor): string {
  const quote = cursor.text[cursor.at]
  if (quote !== '"' && quote !== "'") throw new XmlRefusal('an attribute without quotes')
  const end = cursor.text.indexOf(quote, cursor.at + 1)
  if (end < 0) throw new XmlRefusal('an attribute without an end')
  const piece = cursor.text.slice(cursor.at + 1, end)
  if (piece.includes('<')) throw new XmlRefusal('an attribute that cannot be read')
  cursor.at = end + 1
  return resolve(piece.replaceAll(/[\t\n]/g, ' '))
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function resolve(piece: string): string {
  return piece.replaceAll(/&([^;&]{0,12};?)?/g, (_whole, reference: string | undefined) => {
    const named = /^(amp|lt|gt|quot|apos);$/.exec(reference ?? '')?.[1]
    if (named !== undefined) return ENTITIES[named]!
    const [, decimal, hex] = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}));$/.exec(reference ?? '') ?? []
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    const isAllowed = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    const character = isAllowed ? String.fromCodePoint(code) : '\u0000'
    if (FORBIDDEN.test(character))
      throw new XmlRefusal('an entity that XML does not know by itself')
    return character
  })
}

function readName(cursor: Cursor): string {
  NAME.lastIndex = cursor.at
  const name = NAME.exec(cursor.text)?.[0]
  if (name === undefined) throw new XmlRefusal(strangeness(cursor))
  cursor.at += name.length
  return name
}

function strangeness({ text, at }: Cursor): string {
  if (text[at] === '!') return 'a comment, CDATA section or document type'
  return text[at] === '?' ? 'a processing instruction' : 'a name that cannot be read'
}

function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at
  cursor.at += SPACE.exec(cursor.text)?.[0].length ?? 0
}

function skip(cursor: Cursor, wanted: string): boolean {
  if (!cursor.text.startsWith(wanted, cursor.at)) return false
  cursor.at += wanted.length
  return true
}

function expect(cursor: Cursor, wanted: string): void {
  if (!skip(cursor, wanted)) throw new XmlRefusal('a text that is not XML')
}

export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === '')?.value
}

export function childrenOf(element: XmlElement, namespace: string, name: string) {
  return element.children.filter((one) => one.name === name && one.namespace === namespace)
}

/** It and everything below it, in the order of the document. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element
  for (const child of element.children) yield* everyElement(child)
}
