// Events of the Windows event log: as XML (Event Viewer, wevtutil) and as the JSON that evtx-dump makes
// of it. Both become one flat object with the names rules use: `EventID`, `Channel`, `Provider_Name`,
// and what the event's data are called. Old names of process creation get their Sysmon names beside.

import { countLineEnds, isEventObject, type EventObject, type EventReader } from './format.ts'

export function isEvtxDump({ Event }: EventObject): boolean {
  return isEventObject(Event) && isEventObject(Event['System'])
}

/** Shape: `{Event: {System: {…}, EventData | UserData: {…}}}`, attributes under `#attributes`. */
export function unpackEvtxDump(dump: EventObject): EventObject {
  const { System: system, EventData, UserData } = dump['Event'] as Record<string, unknown>
  const flat: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(system as EventObject)) putSystem(flat, name, value)
  putData(flat, EventData)
  if (isEventObject(UserData)) {
    for (const inner of Object.values(UserData)) putData(flat, inner)
  }
  return finish(flat)
}

function putSystem(flat: Record<string, unknown>, name: string, value: unknown): void {
  if (!isEventObject(value)) {
    if (value !== null && value !== '') flat[name] = value
    return
  }
  const { '#text': text, '#attributes': attributes } = value
  if (text !== undefined) flat[name] = text
  const given = isEventObject(attributes) ? attributes : value
  for (const [key, one] of Object.entries(given)) {
    if (key.startsWith('#') || one === null || one === '') continue
    putAttribute(flat, name, key, one)
  }
}

function putAttribute(flat: Record<string, unknown>, name: string, key: string, value: unknown) {
  if (name === 'TimeCreated' && key === 'SystemTime') flat['@timestamp'] = value
  else flat[`${name}_${key}`] = value
}

function putData(flat: Record<string, unknown>, data: unknown): void {
  if (!isEventObject(data)) return
  for (const [name, value] of Object.entries(data)) {
    if (name === '#attributes' || value === null) continue
    const isUnnamed = name === 'Data' && isEventObject(value)
    flat[name] = isUnnamed ? (value['#text'] ?? value) : value
  }
}

export function isWinlogbeat({ winlog }: EventObject): boolean {
  return isEventObject(winlog) && typeof winlog['channel'] === 'string'
}

/** As Winlogbeat writes it, with the names that rules use beside its own. */
export function nameWinlogbeat(event: EventObject): EventObject {
  const { event_id, channel, provider_name, computer_name, event_data } = event[
    'winlog'
  ] as EventObject
  const flat: Record<string, unknown> = { ...event }
  putData(flat, event_data)
  const names = { Channel: channel, Provider_Name: provider_name, Computer: computer_name }
  for (const [name, value] of Object.entries(names)) if (value !== undefined) flat[name] = value
  const id = typeof event_id === 'string' ? numberOr(event_id) : event_id
  if (id !== undefined) flat['EventID'] = id
  return finish(flat)
}

const PROCESS_NAMES: Readonly<Record<string, string>> = {
  NewProcessName: 'Image',
  ParentProcessName: 'ParentImage',
  ProcessCommandLine: 'CommandLine',
}

function finish(flat: Record<string, unknown>): EventObject {
  if (Number(flat['EventID']) !== 4688) return flat
  for (const [old, name] of Object.entries(PROCESS_NAMES)) {
    if (flat[old] !== undefined && flat[name] === undefined) flat[name] = flat[old]
  }
  if (flat['User'] === undefined && typeof flat['SubjectUserName'] === 'string') {
    const domain = flat['SubjectDomainName']
    const name = flat['SubjectUserName']
    flat['User'] = typeof domain === 'string' ? `${domain}\\${name}` : name
  }
  return flat
}

const EVENT_END = Buffer.from('</Event>')

export const windowsXmlReader: EventReader = {
  read({ bytes, firstLine, isLast }, sink) {
    let [used, line] = [0, firstLine]
    for (;;) {
      const end = bytes.indexOf(EVENT_END, used)
      if (end < 0) break
      const text = bytes.toString('utf8', used, end)
      const start = text.search(/<Event[\s>]/)
      const before = start < 0 ? 0 : text.slice(0, start).split('\n').length - 1
      const event = start < 0 ? undefined : readXml(text.slice(start))
      if (event === undefined) sink.refuse(line + before, 'is no event of Windows')
      else sink.take(event, JSON.stringify(event), line + before)
      const next = end + EVENT_END.length
      line += countLineEnds(bytes, used, next)
      used = next
    }
    if (isLast) {
      const rest = bytes.toString('utf8', used)
      if (/<Event[\s>]/.test(rest)) sink.refuse(line, 'does not end')
      used = bytes.length
    }
    return { used, lines: countLineEnds(bytes, 0, used) }
  },
}

const ELEMENT =
  /<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?:\/>|>([^<]*)<\/\1\s*>)/g
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

function readXml(text: string): EventObject | undefined {
  const system = /<System>([^]*?)<\/System>/.exec(text)
  if (system === null) return undefined
  const flat: Record<string, unknown> = {}
  for (const { name, attributes, value } of elementsOf(system[1]!)) {
    if (value !== '') flat[name] = name === 'EventID' ? numberOr(value) : value
    for (const [key, one] of attributes) if (one !== '') putAttribute(flat, name, key, one)
  }
  const data = text.slice(system.index + system[0].length)
  const unnamed: string[] = []
  for (const { name, attributes, value } of elementsOf(data)) {
    const own = name === 'Data' ? attributes.get('Name') : name
    if (own === undefined) unnamed.push(value)
    else flat[own] = value
  }
  if (unnamed.length > 0) flat['Data'] = unnamed.length === 1 ? unnamed[0] : unnamed
  return finish(flat)
}

/** Those that hold no others, which is where values stand. */
function* elementsOf(text: string) {
  for (const [, name, written, value = ''] of text.matchAll(ELEMENT)) {
    const attributes = new Map<string, string>()
    for (const [, key, double, single] of written!.matchAll(ATTRIBUTE)) {
      attributes.set(key!, unescapeXml(double ?? single ?? ''))
    }
    yield { name: name!, attributes, value: unescapeXml(value) }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

/** The five entities of XML and numbered characters; nothing a document defines is looked at. */
function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (all, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex as string, 16) : undefined
    if (code === undefined) return ENTITIES[name as string] ?? all
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : all
  })
}

function numberOr(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}
