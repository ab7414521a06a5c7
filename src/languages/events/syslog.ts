// Lines of syslog: RFC 5424, RFC 3164 with and without its priority, and what rsyslog writes with a full
// date. The parts become fields; the message stays whole in `message`.

import { formatInstant, instant, parseInstant } from '#kernel/time.ts'
import { readLines, type EventReader } from './format.ts'

const NEW =
  /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+) ?([^]*)$/
const OLD =
  /^(?:<(\d{1,3})>)?((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (\S+) ([^]*)$/
const TAG = /^([\w./@-]{1,200})(?:\[(\d+)\])?: ?([^]*)$/

export function isSyslogLine(line: string): boolean {
  return NEW.test(line) || OLD.test(line)
}

/** `now` decides the year, which the old format leaves out: the last one that is not in the future. */
export function syslogReader(now: number): EventReader {
  return {
    read: (piece, sink) =>
      readLines(piece, (line, number) => {
        const event = readNew(line) ?? readOld(line, now)
        if (event === undefined) sink.refuse(number, 'is no line of syslog')
        else sink.take(event, JSON.stringify(event), number)
      }),
  }
}

type Fields = Record<string, string | number>

function readNew(line: string): Fields | undefined {
  const found = NEW.exec(line)
  if (found === null) return undefined
  const [, priority, time, host, app, process, id, data, message] = found
  const at = parseInstant(time!)
  return {
    ...(at === undefined ? {} : { '@timestamp': formatInstant(at) }),
    ...severityOf(priority),
    ...given({ hostname: host!, appname: app!, procid: process!, msgid: id! }),
    ...structuredData(data!),
    message: message!.replace(/^\uFEFF/, ''),
  }
}

function readOld(line: string, now: number): Fields | undefined {
  const found = OLD.exec(line)
  if (found === null) return undefined
  const [, priority, time, host, rest] = found
  const at = /^\d/.test(time!) ? parseInstant(time!) : yearless(time!, now)
  const tag = TAG.exec(rest!)
  return {
    ...(at === undefined ? {} : { '@timestamp': formatInstant(at) }),
    ...severityOf(priority),
    hostname: host!,
    ...(tag === null ? {} : given({ appname: tag[1]!, procid: tag[2] ?? '-' })),
    message: tag === null ? rest! : tag[3]!,
  }
}

const DAY_MS = 86_400_000

function yearless(text: string, now: number) {
  const year = new Date(now + DAY_MS).getUTCFullYear()
  for (const one of [year, year - 1]) {
    const ms = Date.parse(`${text} ${one} UTC`)
    if (Number.isFinite(ms) && ms <= now + DAY_MS) return instant(ms)
  }
  return undefined
}

function severityOf(priority: string | undefined): Fields {
  const value = Number(priority ?? Number.NaN)
  return Number.isNaN(value) || value > 191
    ? {}
    : { facility: Math.floor(value / 8), severity: value % 8 }
}

/** A dash says that there is none. */
function given(fields: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '-'))
}

/** `[id name="value"]` becomes `id.name`. */
function structuredData(text: string): Fields {
  const fields: Fields = {}
  for (const [, id, pairs] of text.matchAll(
    /\[([^\s\]="]+)((?:\s+[^\s\]="]+="(?:[^"\\]|\\.)*")*)\]/g,
  )) {
    for (const [, name, value] of pairs!.matchAll(/([^\s\]="]+)="((?:[^"\\]|\\.)*)"/g)) {
      fields[`${id}.${name}`] = value!.replaceAll(/\\(["\\\]])/g, '$1')
    }
  }
  return fields
}
